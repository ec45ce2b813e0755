"""The one door to the Whoosh library: imported when used, and without types of its own."""

from importlib import import_module
from typing import Any


def whoosh(module: str) -> Any:
    """Return a module of Whoosh, for example "qparser".

    Lazy, because a node on another engine needs only the query parser (4 MB) and only when
    somebody searches; untyped, because the library's annotations are not complete.
    """
    return import_module(f"whoosh.{module}")
