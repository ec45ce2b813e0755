"""How records travel between nodes and why they can be trusted."""
