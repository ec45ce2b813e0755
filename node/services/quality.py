"""How well one's own practices are described, and which of them are due to be looked at again."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from federation.records import Entry
from node.runtime import Runtime
from node.services.addresses import page_path
from node.services.drafts import own_records
from node.services.reading import read
from vocab.headline import headline_text
from vocab.replicability import Answer, answers
from vocab.terms import PRACTICE_TYPES, JsonObject


@dataclass(frozen=True, slots=True)
class Described:
    """One own practice.

    Attributes:
        uri: record URI.
        path: of its page.
        title: its title.
        answered: how many of the ten questions it answers.
        gaps: the questions that it does not answer in full.
        changed: day of its newest version, None when not stated.
        review: day on which it was to be looked at again, None when none is set.
        due: whether that day has come.
    """

    uri: str
    path: str
    title: str
    answered: int
    gaps: tuple[Answer, ...]
    changed: date | None
    review: date | None
    due: bool


@dataclass(frozen=True, slots=True)
class Quality:
    """The practices of some origins, those with most gaps first.

    Attributes:
        practices: all of them.
        questions: (code, question, practices that answer it in full).
    """

    practices: tuple[Described, ...]
    questions: tuple[tuple[str, str, int], ...]


def quality(runtime: Runtime, origins: Sequence[str], language: str) -> Quality:
    """Return how well the practices of some origins of this node are described."""
    found: list[Described] = []
    counted: Counter[str] = Counter()
    names: dict[str, str] = {}
    for did in origins:
        for entry, body in own_records(runtime, did):
            if entry.type not in PRACTICE_TYPES or body.get("source"):
                continue  # only listed here: others describe it
            said = answers(body)
            names |= {one.code: one.question(language) for one in said}
            counted.update(one.code for one in said if one.degree == "yes")
            found.append(_described(runtime, entry, body, said, language))
    found.sort(key=lambda one: (not one.due, one.answered, one.title.casefold()))
    return Quality(tuple(found), tuple((code, name, counted[code]) for code, name in names.items()))


def _described(
    runtime: Runtime, entry: Entry, body: JsonObject, said: Sequence[Answer], language: str
) -> Described:
    record = read(body, language)
    review, changed = record.day("nextReview"), record.moment("modified")
    return Described(
        uri=entry.uri,
        path=page_path(entry.uri, runtime.settings.base_url),
        title=headline_text(body, language),
        answered=sum(one.degree == "yes" for one in said),
        gaps=tuple(one for one in said if one.degree != "yes"),
        changed=changed.date() if changed else None,
        review=review,
        due=review is not None and review <= runtime.clock().date(),
    )
