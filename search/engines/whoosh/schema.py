"""The fields of a Whoosh index."""

from collections.abc import Generator
from functools import lru_cache
from typing import Any, Final

from whoosh import fields, formats

from search.engines.whoosh.library import encode_count
from search.query.fields import TEXT_FIELDS
from search.query.terms import twin

URI: Final = "uri"
ROW: Final = "row"
RECORD: Final = "record"
POSITION: Final = "position"

POSITION_URI: Final = "lonja:position"
"""Key of the one document that is no record: it carries the journal position, so that position
and content are committed together."""


class Words(fields.FieldType):
    """Words that were analysed before, separated by spaces; with their places or only counted."""

    def __init__(self, *, places: bool) -> None:
        self.format = formats.Positions() if places else formats.Frequency()
        self.analyzer = None
        self.scorable = True
        self.stored = False
        self.unique = False
        self.vector = None
        self.multitoken_query = "default"
        self._places = places

    def index(  # type: ignore[explicit-override] # typing.override came with Python 3.12
        self, value: str, **_kwargs: Any
    ) -> Generator[tuple[bytes, int, float | int, bytes], Any, None]:
        """Yield (term, frequency, weight, posting) for each different word.

        This replaces Whoosh's own way over one token object a word, which takes three times as
        long.
        """
        if self._places:
            places: dict[str, list[int]] = {}
            for place, word in enumerate(value.split(" ")):
                places.setdefault(word, []).append(place)
            encode = formats.Positions().encode
            for word, every in places.items():
                yield word.encode(), len(every), float(len(every)), encode(every)
        else:
            counts: dict[str, int] = {}
            for word in value.split(" "):
                counts[word] = counts.get(word, 0) + 1
            for word, count in counts.items():
                yield word.encode(), count, float(count), encode_count(count)


@lru_cache(maxsize=1)
def schema() -> fields.Schema:
    """Return the schema. ROW is a column that is read whole; RECORD is read for hits only."""
    named: dict[str, fields.FieldType] = {
        URI: fields.ID(unique=True),
        ROW: fields.COLUMN(),
        RECORD: fields.STORED(),
        POSITION: fields.STORED(),
    }
    for name in TEXT_FIELDS:
        named[name] = Words(places=True)
        named[twin(name)] = Words(places=False)
    return fields.Schema(**named)
