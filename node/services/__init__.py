"""What a node can do: one use case a file, used alike by pages, API, commands and the worker."""
