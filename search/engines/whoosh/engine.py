"""Reading a Whoosh index."""

import threading
from pathlib import Path

from search.engines.folders import layout_folder, made_anew, remove_other_layouts
from search.engines.whoosh.library import create_in
from search.engines.whoosh.schema import schema
from search.engines.whoosh.view import WhooshView
from search.engines.whoosh.views import Viewer, opened
from search.engines.whoosh.writer import WhooshWriter


class WhooshIndex:
    """An index on disk. Threads take turns: Whoosh's readers keep places in files."""

    name = "whoosh"

    def __init__(self, folder: Path) -> None:
        self._folder = layout_folder(folder, self.name)
        self._lock = threading.RLock()
        self._viewer = Viewer(self._folder)

    def view(self) -> WhooshView | None:
        """Return the newest committed state, None when there is none or it cannot be read."""
        with self._lock:
            state = self._viewer.newest()
            return WhooshView(state, self._lock) if state else None

    def writer(self) -> WhooshWriter:
        """Return the writer; an index that cannot be read is made anew."""
        remove_other_layouts(self._folder)
        with self._lock:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self._viewer.newest() is None:
                self._make_anew()
        return WhooshWriter(opened(self._folder))

    def clear(self) -> None:
        """Empty the index and set its position to 0."""
        self.writer().close()  # refused while there is another writer
        with self._lock:
            self._make_anew()

    def close(self) -> None:
        """Release files."""
        with self._lock:
            self._viewer.close()

    def _make_anew(self) -> None:
        self._viewer.close()
        made_anew(self._folder)
        create_in(str(self._folder), schema())
