"""From what people type to a tree that every engine understands."""

from search.query.parser import parse

__all__ = ["parse"]
