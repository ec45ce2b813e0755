"""The search engine for more than one machine: an OpenSearch cluster."""
