"""Reading a tantivy index."""

import threading
from pathlib import Path

import tantivy

from search.api import IndexBusyError
from search.engines.folders import layout_folder, made_anew, remove_other_layouts
from search.engines.tantivy import schema as names
from search.engines.tantivy.view import TantivyView
from search.engines.tantivy.writer import TantivyWriter


class TantivyIndex:
    """An index on disk; any number of readers in any processes, one writer."""

    name = "tantivy"

    def __init__(self, folder: Path) -> None:
        self._folder = layout_folder(folder, self.name)
        self._lock = threading.Lock()
        self._index: tantivy.Index | None = None
        self._seen: tuple[int, ...] = ()
        self._current: TantivyView | None = None

    def view(self) -> TantivyView | None:
        """Return the newest committed state, None when there is none.

        One look at a file's date per query finds commits of other processes.
        """
        try:
            found = (self._folder / "meta.json").stat()
        except FileNotFoundError:
            return None
        stamp = (found.st_ino, found.st_mtime_ns, found.st_size)
        with self._lock:
            if stamp != self._seen:
                self._current = self._opened()
                self._seen = stamp
            return self._current

    def writer(self) -> TantivyWriter:
        """Return the writer; an index that cannot be read is made anew."""
        remove_other_layouts(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            index = tantivy.Index(names.schema(), str(self._folder))
        except ValueError:  # torn, or made by another version of the library
            made_anew(self._folder)
            index = tantivy.Index(names.schema(), str(self._folder))
        try:
            return TantivyWriter(index)
        except ValueError as error:
            if "lock" in str(error).lower():
                raise IndexBusyError("another process writes this index") from error
            raise

    def clear(self) -> None:
        """Empty the index and set its position to 0."""
        writer = self.writer()
        try:
            writer.clear()
        finally:
            writer.close()

    def close(self) -> None:
        """Release files and threads."""
        with self._lock:
            self._index = self._current = None
            self._seen = ()

    def _opened(self) -> TantivyView | None:
        try:
            if self._index is None:
                self._index = tantivy.Index.open(str(self._folder))
                self._index.config_reader("manual")
            self._index.reload()
            searcher = self._index.searcher()
        except ValueError:  # unreadable: as good as empty, the writer makes it anew
            self._index = None
            return None
        return TantivyView(searcher)
