"""What belongs to this node alone: kept in its database and its backups, never federated."""
