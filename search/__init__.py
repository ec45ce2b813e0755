"""How records are found: one interface, several engines."""
