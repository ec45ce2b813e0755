"""What an index on the cluster looks like, and what it is called.

The names of one node, with the prefix "lonja-lugo":

    lonja-lugo                          alias that is searched
    lonja-lugo.3f2a90c1d2e3             alias of the index of this layout, which is written to
    lonja-lugo.3f2a90c1d2e3.0b1d99fe    the index itself; a new one gets another last part
    lonja-lugo.lease                    who writes
    lonja-lugo.anew, lonja-lugo.anew.…  aliases of an index that is being built beside

An index of an older layout goes on being searched until the new one has caught up with it.
"""

import hashlib
import secrets
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import orjson

from search.api import FACETS, MAX_OFFSET
from search.engines.folders import layout
from search.finder.fuse import DEPTH
from search.finder.lower import facet_field
from search.paging import MAX_LIMIT
from search.query.fields import TEXT_FIELDS
from search.query.terms import twin

URI: Final = "uri"
KEY: Final = "key"
LINKS: Final = "links"
WHEN: Final = "when"
STARTED: Final = "started"
POPULATION: Final = "population"
FAMILY: Final = "family"
TONGUES: Final = "tongues"
TITLE_KEY: Final = "title_key"
TITLE_NUMBER: Final = "title_number"
LATITUDE: Final = "latitude"
LONGITUDE: Final = "longitude"
POINT: Final = "point"
STORED: Final = "stored"
POSITION: Final = "position"

POSITION_ID: Final = "position"
"""Key of the one document that is no record: it carries the journal position."""

WINDOW: Final = MAX_OFFSET + MAX_LIMIT + 20 * DEPTH
"""Rows that can be reached by counting: the last page, and what was mixed before it."""

_LONGEST: Final = 8_000
"""Characters of a raw value; Lucene refuses a document with a term of more than 32,766 bytes."""


def words_field(field: str) -> str:
    """Return the name of the column with the different words of a text field.

    A cluster lists no terms of a text field, but it can count the values of a column.
    """
    return f"{field}_words"


@lru_cache(maxsize=1)
def mappings() -> dict[str, Any]:
    """Return the fields. Texts come analysed, so the analyser only splits at spaces."""
    raw = {"type": "keyword", "ignore_above": _LONGEST}
    fields: dict[str, Any] = {}
    for name in TEXT_FIELDS:
        fields[name] = {"type": "text", "analyzer": "words", "index_options": "positions"}
        fields[twin(name)] = {"type": "text", "analyzer": "words", "index_options": "freqs"}
        fields[words_field(name)] = {**raw, "index": False}
    fields[LINKS] = {**raw, "doc_values": False}
    fields[URI] = {**raw, "doc_values": False}
    fields[KEY] = {**raw, "index": False}
    fields[TITLE_KEY] = {**raw, "index": False}  # sorts; its number is where a page goes on
    for facet in FACETS:
        fields[facet_field(facet)] = raw
    for name in (WHEN, STARTED, POPULATION):
        fields[name] = {"type": "long"}
    for name in (FAMILY, TONGUES):
        fields[name] = {"type": "long", "index": False}
    fields[TITLE_NUMBER] = {"type": "unsigned_long"}
    for name in (LATITUDE, LONGITUDE):
        fields[name] = {"type": "double"}
    fields[POINT] = {"type": "geo_point", "doc_values": False}
    for name in (STORED, POSITION):
        fields[name] = {"type": "object", "enabled": False}
    return {
        "dynamic": False,
        "_source": {"includes": [STORED, POSITION]},
        "properties": fields,
    }


def settings() -> dict[str, Any]:
    """Return the settings of an index; those of the cluster hold for all else.

    Nothing becomes visible but by a commit. On one machine there is no copy, on more there is one.
    """
    return {
        "index": {
            "refresh_interval": "-1",
            "auto_expand_replicas": "0-1",
            "max_result_window": WINDOW,
        },
        "analysis": {
            "tokenizer": {"spaces": {"type": "whitespace", "max_token_length": 1_000}},
            "analyzer": {"words": {"type": "custom", "tokenizer": "spaces"}},
        },
    }


@lru_cache(maxsize=1)
def layout_code() -> str:
    """Return what changes with the fields, the analysis and the stemmers."""
    made = hashlib.sha256(orjson.dumps([mappings(), settings()["analysis"]])).hexdigest()
    return layout(f"opensearch {made}")


@dataclass(frozen=True, slots=True)
class Names:
    """What the indexes of one node are called.

    Attributes:
        prefix: what all of them begin with.
        slot: "" for the index that is searched, another word for one that is built beside.
    """

    prefix: str
    slot: str = ""

    @property
    def read(self) -> str:
        """Return the alias that is searched."""
        return f"{self.prefix}.{self.slot}" if self.slot else self.prefix

    @property
    def write(self) -> str:
        """Return the alias of the index of the present layout."""
        return f"{self.read}.{layout_code()}"

    @property
    def lease_index(self) -> str:
        """Return the index that says who writes."""
        return f"{self.prefix}.lease"

    @property
    def lease(self) -> str:
        """Return the key of the lease on this index."""
        return self.slot or "current"

    @property
    def all(self) -> str:
        """Return the pattern of all indexes of this node, and of no other's."""
        return f"{self.prefix}.*"

    def fresh(self) -> str:
        """Return a name for a new index."""
        return f"{self.prefix}.{layout_code()}.{secrets.token_hex(4)}"
