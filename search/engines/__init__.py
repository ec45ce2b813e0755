"""The engines, opened by name."""

from pathlib import Path

from search.api import SearchEngine
from search.finder.engine import Engine


def open_engine(name: str, folder: Path) -> SearchEngine:
    """Return an engine on the index in `folder`, which need not exist yet.

    Args:
        name: "tantivy" or "whoosh".
        folder: a folder for this engine alone. It must not be writable by others nor come from
            elsewhere: Whoosh unpickles what it finds there.

    Raises:
        ValueError: there is no engine of this name.
    """
    # Each engine's library is only imported where that engine is used.
    if name == "tantivy":
        from search.engines.tantivy.engine import TantivyIndex

        return Engine(TantivyIndex(folder))
    if name == "whoosh":
        from search.engines.whoosh.engine import WhooshIndex

        return Engine(WhooshIndex(folder))
    raise ValueError(f'there is no search engine "{name}"; choose tantivy or whoosh')
