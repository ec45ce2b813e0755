"""The default engine: tantivy, a search library in Rust."""
