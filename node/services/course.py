"""How an adaptation went: what each of its versions added to the story, the first one first."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import orjson

from federation.records import Entry
from node.services.coded import Coded, coded
from node.services.reading import Prose, Reader, read

_TOLD = ("changed", "difficulty", "lesson")


@dataclass(frozen=True, slots=True)
class Turn:
    """One version that says something new.

    Attributes:
        day: when it was signed, None when it does not say.
        stage: where the adaptation stood then, None when it does not say.
        told: texts of that version which the one before did not have, by their keys.
    """

    day: date | None
    stage: Coded | None
    told: tuple[tuple[str, Prose], ...]


def course(versions: Iterable[Entry], language: str) -> tuple[Turn, ...]:
    """Return what the versions of an adaptation tell, for readers of `language`.

    Args:
        versions: with their texts, the newest first.
        language: of the readers.
    """
    found: list[Turn] = []
    before = Reader({}, (language,))
    for entry in reversed([*versions]):
        record = read(orjson.loads(entry.body), language)
        told = tuple(
            (key, record.prose(key))
            for key in _TOLD
            if record.prose(key) and record.prose(key) != before.prose(key)
        )
        if told or record.string("stage") != before.string("stage"):
            moment = record.moment("modified") or record.moment("issued")
            stage = next(iter(coded(record, "stage", "adaptation-stage", language)), None)
            found.append(Turn(moment.date() if moment else None, stage, told))
        before = record
    return tuple(found)
