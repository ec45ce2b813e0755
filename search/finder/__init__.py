"""From a request to its answer, once for all engines."""
