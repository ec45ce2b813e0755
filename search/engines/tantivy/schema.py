"""The fields of a tantivy index."""

from functools import lru_cache
from typing import Final

import tantivy

from search.api import FACETS
from search.finder.lower import facet_field
from search.query.fields import TEXT_FIELDS
from search.query.terms import twin

URI: Final = "uri"
LINKS: Final = "links"
WHEN: Final = "when"
STARTED: Final = "started"
POPULATION: Final = "population"
FAMILY: Final = "family"
TITLE_KEY: Final = "title_key"
TITLE_NUMBER: Final = "title_number"
LATITUDE: Final = "latitude"
LONGITUDE: Final = "longitude"
POINT: Final = "point"
STORED: Final = "stored"
POSITION: Final = "position"

POSITION_URI: Final = "lonja:position"
"""Key of the one document that is no record: it carries the journal position, so that position
and content are committed together."""


@lru_cache(maxsize=1)
def schema() -> tantivy.Schema:
    """Return the schema.

    Texts come analysed, so the tokenizer only splits at spaces. What is sorted, counted or
    compared is a fast field (a column).
    """
    builder = tantivy.SchemaBuilder()
    for name in TEXT_FIELDS:
        builder.add_text_field(name, tokenizer_name="whitespace", index_option="position")
        builder.add_text_field(twin(name), tokenizer_name="whitespace", index_option="freq")
    for name in (URI, LINKS):
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    for name in (*(facet_field(facet) for facet in FACETS), TITLE_KEY, POINT):
        builder.add_text_field(name, tokenizer_name="raw", fast=True, index_option="basic")
    for name in (WHEN, TITLE_NUMBER, FAMILY):
        builder.add_unsigned_field(name, fast=True)
    for name in (STARTED, POPULATION):
        builder.add_integer_field(name, fast=True)
    for name in (LATITUDE, LONGITUDE):
        builder.add_float_field(name, fast=True)
    builder.add_unsigned_field(POSITION, stored=True)
    builder.add_bytes_field(STORED, stored=True)
    return builder.build()
