"""From text to terms: the same analysis for every engine, done once, in Python."""
