"""Who works on this node, what each may do, and what was done."""
