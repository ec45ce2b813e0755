"""Datasette over SQLite's FTS5, served by a process of its own, asked by its JSON API.

It gets the best it offers: indexes on every column that is filtered, arrays for facets with
several values, an immutable database, no suggestions of facets, only the columns that a list shows,
and time limits that nothing reaches.
"""

import json
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

from tests.bench.rivals.program import Answer, Batch, Line
from tests.bench.rivals.questions import (
    FACETS,
    FIRST,
    LAST,
    LIKE,
    PHRASE,
    SIZE,
    TEXTS,
    TYPO,
    Question,
    Row,
)
from tests.nodes import free_port

_SEVERAL: Final = ("theme", "language")
_COLUMNS: Final = ("id", "uri", *TEXTS, *FACETS, "latitude", "longitude", "modified")
_SETTINGS: Final = {
    "sql_time_limit_ms": "300000",
    "facet_time_limit_ms": "300000",
    "suggest_facets": "off",
    "default_cache_ttl": "0",
}


class Table:
    """A table of records with their texts in FTS5."""

    name = "Datasette"

    def __init__(self, folder: Path) -> None:
        self.file = folder / "bench.db"
        self._base = sqlite3.connect(self.file)
        texts = ", ".join(f"{name} TEXT" for name in (*TEXTS, *FACETS))
        self._base.executescript(f"""
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            CREATE TABLE records (id INTEGER PRIMARY KEY, uri TEXT, {texts},
                latitude REAL, longitude REAL, modified INTEGER);
            CREATE VIRTUAL TABLE records_fts USING fts5({", ".join(TEXTS)}, content="records",
                content_rowid='id', tokenize='porter unicode61 remove_diacritics 2');
        """)

    def add(self, batch: Batch) -> None:
        """Insert rows."""
        marks = ", ".join("?" * len(_COLUMNS))
        with self._base:
            self._base.executemany(
                f"INSERT INTO records ({', '.join(_COLUMNS)}) VALUES ({marks})",
                map(_values, batch.rows),
            )

    def finish(self) -> None:
        """Make the indexes."""
        for columns in (*(name for name in FACETS if name not in _SEVERAL),
                        "latitude, longitude", "modified"):  # fmt: skip
            name = columns.replace(", ", "_")
            self._base.execute(f"CREATE INDEX records_{name} ON records ({columns})")
        self._base.execute("INSERT INTO records_fts (records_fts) VALUES ('rebuild')")
        self._base.execute("INSERT INTO records_fts (records_fts) VALUES ('optimize')")
        self._base.execute("ANALYZE")
        self._base.commit()
        self._base.close()

    def megabytes(self) -> float:
        """Return the size of the database, which holds the records too."""
        return self.file.stat().st_size / 1e6

    def before_last_page(self) -> str:
        """Return where the last page begins, as Datasette says it in `_next`."""
        with closing(sqlite3.connect(self.file)) as base:
            return ",".join(
                map(
                    str,
                    base.execute(
                        "SELECT modified, id FROM records ORDER BY modified LIMIT 1 OFFSET ?",
                        (SIZE,),
                    ).fetchone(),
                )
            )


def _values(row: Row) -> tuple[object, ...]:
    codes = [
        json.dumps(list(row.facets[name])) if name in _SEVERAL else next(iter(row.facets[name]), "")
        for name in FACETS
    ]
    texts = [row.texts[name] for name in TEXTS]
    return (row.number, row.uri, *texts, *codes, row.latitude, row.longitude, row.modified)


class Datasette:
    """A serving Datasette."""

    name = "Datasette, HTTP"
    cannot = frozenset((TYPO, LIKE))

    def __init__(self, executable: str, table: Table) -> None:
        port = free_port()
        settings = [word for pair in _SETTINGS.items() for word in ("--setting", *pair)]
        self._last = table.before_last_page()
        self.server = subprocess.Popen(
            [executable, "serve", "-i", str(table.file), "-p", str(port), *settings],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._line = Line(port)
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def prepare(self, question: Question) -> str:
        """Return the path to ask for."""
        pairs = [("_size", str(SIZE)), ("_shape", "objects"), ("_nosuggest", "1")]
        pairs += [("_col", name) for name in ("uri", "title", "summary", "modified")]
        if question.words:
            words = " ".join(question.words)
            pairs.append(("_search", f'"{words}"' if question.kind == PHRASE else words))
        for name, code in question.filters.items():
            pairs.append((f"{name}__arraycontains" if name in _SEVERAL else name, code))
        if question.box is not None:
            west, south, east, north = map(str, question.box)
            pairs += [("latitude__gte", south), ("latitude__lte", north)]
            pairs += [("longitude__gte", west), ("longitude__lte", east)]
        for name in question.facets:
            pairs.append(("_facet_array" if name in _SEVERAL else "_facet", name))
        if question.kind in (FIRST, LAST):
            pairs.append(("_sort_desc", "modified"))
        if question.kind == LAST:
            pairs.append(("_next", self._last))
        return f"/bench/records.json?{urlencode(pairs)}"

    def send(self, prepared: str) -> bytes:
        """Ask."""
        return self._line.get(prepared)

    def read(self, raw: bytes) -> Answer:
        """Return what was said."""
        said: Any = json.loads(raw)
        assert not said.get("facets_timed_out"), said["facets_timed_out"]
        counts = {
            facet["name"]: {
                str(one["value"]): one["count"] for one in facet["results"] if one["value"]
            }
            for facet in said["facet_results"].values()
        }
        return Answer(said["filtered_table_rows_count"], counts)

    def close(self) -> None:
        """End the server."""
        self._line.close()
        self.server.terminate()
        self.server.wait(timeout=30)

    def _wait(self) -> None:
        until = time.monotonic() + 60
        while True:
            try:
                self._line.get("/-/versions.json")
            except OSError:
                if self.server.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
            else:
                return
