"""The parts of the Whoosh library that are used here, without the types that it only half has."""

from typing import Any, Final, TypeAlias

from search.whoosh_library import whoosh

Index: TypeAlias = Any
Reader: TypeAlias = Any
Searcher: TypeAlias = Any

create_in: Final = whoosh("index").create_in
open_dir: Final = whoosh("index").open_dir
phrase_query: Final = whoosh("query.positional").Phrase
SegmentReader: Final = whoosh("reading").SegmentReader
encode_count: Final = whoosh("formats").pack_uint
