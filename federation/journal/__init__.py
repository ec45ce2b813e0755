"""The journal: the append-only log of signed entries, and what harvesting keeps beside it."""
