"""The demo: sample records and a federation of five nodes on one machine."""
