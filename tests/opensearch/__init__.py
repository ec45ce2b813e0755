"""A real OpenSearch server for tests and benchmarks."""
