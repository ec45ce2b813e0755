"""The demo: sample practices and a federation of five nodes on one machine."""
