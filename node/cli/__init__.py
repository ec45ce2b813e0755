"""The command `lonja`."""
