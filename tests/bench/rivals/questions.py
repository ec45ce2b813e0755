"""What is asked of every program, drawn from the records themselves so that there are answers."""

import math
import random
import re
import unicodedata
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from search.analysis.stopwords import stopwords
from search.api import SearchEntry
from tests.bench.corpus import WORDS

FACETS: Final = (
    "theme", "settlement", "country", "cost", "evidence", "maturity", "language", "population",
)  # fmt: skip
TEXTS: Final = ("title", "summary", "keywords", "body")
SIZE: Final = 20
APART: Final = "\n\n"
"""Stands between the texts of two languages: no phrase goes across it."""
FIELD, OTHER, AND, PHRASE = "a word of the field", "any other word", "two words", "a phrase"
FILTERS, FACETED, EVERYTHING = "a word, 2 filters", "a word, 8 facets", "all records, 8 facets"
GEO, TYPO, LIKE = "a box of 50 km", "a typing error", "more like this"
FIRST, LAST = "first page, newest first", "last page, newest first"
KINDS: Final = (
    FIELD, OTHER, AND, PHRASE, FILTERS, FACETED, EVERYTHING, GEO, TYPO, LIKE, FIRST, LAST,
)  # fmt: skip
EXACT: Final = "any other word, in quotes"
"""Only to be counted: in quotes a word has no other forms, and these name no concept."""

REPEATED: Final = (EVERYTHING, FIRST, LAST)
"""Kinds without words: the same question again and again, and so not asked as often."""

_SEED: Final = 7
_HALF_KM: Final = 25.0
_KM_PER_DEGREE: Final = 111.2
_RARE: Final = 5
_COMMON: Final = 0.3
_SHORTEST: Final = 4
_WORD: Final = re.compile(r"\w+")
_PLAIN: Final = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A record as a table has it: the texts of all languages joined, the codes of its facets."""

    number: int
    uri: str
    texts: Mapping[str, str]
    facets: Mapping[str, Sequence[str]]
    latitude: float
    longitude: float
    modified: int


@dataclass(frozen=True, slots=True)
class Question:
    """One question.

    Attributes:
        kind: one of `KINDS`.
        words: words that must be there, next to each other in a phrase.
        filters: one code per facet.
        facets: facets to count.
        box: west, south, east, north.
        meant: the word that a typing error was made in.
        like: number of the record that others should resemble, -1 for none.
    """

    kind: str
    words: tuple[str, ...] = ()
    filters: Mapping[str, str] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    box: tuple[float, float, float, float] | None = None
    meant: str = ""
    like: int = -1


def flat(entry: SearchEntry, number: int) -> Row:
    """Return a record as a row."""
    keywords = (word for words in entry.keywords.values() for word in words)
    return Row(
        number=number,
        uri=entry.uri,
        texts={
            "title": APART.join(entry.title.values()),
            "summary": APART.join(entry.summary.values()),
            "keywords": APART.join(keywords),
            "body": APART.join(entry.body.values()),
        },
        facets={name: entry.facets.get(name, ()) for name in FACETS},
        latitude=entry.latitude or 0.0,
        longitude=entry.longitude or 0.0,
        modified=entry.modified,
    )


def folded(text: str) -> list[str]:
    """Return the words of a text without case and accents."""
    apart = unicodedata.normalize("NFKD", text.lower())
    return _WORD.findall("".join(one for one in apart if not unicodedata.combining(one)))


class Truth:
    """What is right, counted without any search engine; words count in exactly this form."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._postings: dict[str, array[int]] = defaultdict(lambda: array("I"))

    def add(self, row: Row) -> None:
        """Take in a record."""
        self.rows.append(row)
        for word in {word for text in row.texts.values() for word in folded(text)}:
            self._postings[word].append(row.number)

    def frequency(self, word: str) -> int:
        """Return how many records have a word."""
        return len(self._postings.get(word, ()))

    def words(self) -> list[str]:
        """Return the words that are neither in hardly any nor in too many records."""
        most = _COMMON * len(self.rows)
        ignored = {word for code in WORDS for stop in stopwords(code) for word in folded(stop)}
        return sorted(
            word
            for word, rows in self._postings.items()
            if _RARE <= len(rows) <= most
            and len(word) >= _SHORTEST
            and word not in ignored
            and _PLAIN.fullmatch(word)
        )

    def having(self, word: str) -> "array[int]":
        """Return the numbers of the records that have a word."""
        return self._postings[word]

    def matching(self, question: Question) -> list[Row]:
        """Return the records that answer a question."""
        numbers: set[int] | None = None
        for word in question.words:
            here = set(map(int, self._postings.get(folded(word)[0], ())))
            numbers = here if numbers is None else numbers & here
        rows = self.rows if numbers is None else [self.rows[number] for number in numbers]
        return [row for row in rows if _fits(row, question)]

    def counts(self, question: Question) -> dict[str, dict[str, int]]:
        """Return the counts of all facets of a question."""
        rows = self.matching(question)
        return {
            name: dict(Counter(code for row in rows for code in row.facets[name]))
            for name in question.facets
        }


def _fits(row: Row, question: Question) -> bool:
    if any(code not in row.facets[name] for name, code in question.filters.items()):
        return False
    if question.box is not None:
        west, south, east, north = question.box
        return south <= row.latitude <= north and west <= row.longitude <= east
    if question.kind == PHRASE:
        sought = f" {' '.join(folded(' '.join(question.words)))} "
        texts = [text for several in row.texts.values() for text in several.split(APART)]
        return any(sought in f" {' '.join(folded(text))} " for text in texts)
    return True


def questions(truth: Truth, each: int, repeats: int) -> dict[str, list[Question]]:
    """Return the questions of every kind: `each` with words, `repeats` of those without."""
    rng = random.Random(_SEED)
    known = {word for words in WORDS.values() for one in words.split() for word in folded(one)}
    every = truth.words()
    of_field = _drawn(rng, [word for word in every if word in known], each)
    others = _drawn(rng, [word for word in every if word not in known], each)
    mixed = [word for pair in zip(of_field, others, strict=True) for word in pair]
    rows = rng.sample(truth.rows, each)
    return {
        FIELD: [Question(FIELD, (word,)) for word in of_field],
        OTHER: [Question(OTHER, (word,)) for word in others],
        AND: list(_together(truth, rng, each, set(every), adjacent=False)),
        PHRASE: list(_together(truth, rng, each, set(every), adjacent=True)),
        FILTERS: [_filtered(truth, rng, word) for word in mixed[:each]],
        FACETED: [Question(FACETED, (word,), facets=FACETS) for word in mixed[-each:]],
        EVERYTHING: [Question(EVERYTHING, facets=FACETS)] * repeats,
        GEO: [Question(GEO, box=_around(row)) for row in rows],
        TYPO: list(_mistyped(truth, rng, every, each)),
        LIKE: [Question(LIKE, like=row.number) for row in rows],
        FIRST: [Question(FIRST)] * repeats,
        LAST: [Question(LAST)] * repeats,
    }


def _drawn(rng: random.Random, words: Sequence[str], each: int) -> list[str]:
    """Return `each` words, all different as long as there are enough."""
    shuffled = rng.sample(words, len(words))
    return [shuffled[number % len(shuffled)] for number in range(each)]


def _together(
    truth: Truth, rng: random.Random, each: int, known: set[str], *, adjacent: bool
) -> Iterator[Question]:
    seen: set[tuple[str, ...]] = set()
    while len(seen) < each:
        words = folded(rng.choice(truth.rows).texts["summary"].split(APART)[0])
        at = rng.randrange(len(words) - 4)
        pair = (words[at], words[at + (1 if adjacent else 4)])
        if pair in seen or pair[0] == pair[1] or not known.issuperset(pair):
            continue
        seen.add(pair)
        yield Question(PHRASE if adjacent else AND, pair)


def _filtered(truth: Truth, rng: random.Random, word: str) -> Question:
    """Return a word with a theme and a country that some record with the word has."""
    row = truth.rows[rng.choice(truth.having(word))]
    return Question(
        FILTERS, (word,), {"theme": row.facets["theme"][0], "country": row.facets["country"][0]}
    )


def _around(row: Row) -> tuple[float, float, float, float]:
    high = _HALF_KM / _KM_PER_DEGREE
    wide = high / math.cos(math.radians(row.latitude))
    return (
        round(row.longitude - wide, 4), round(row.latitude - high, 4),
        round(row.longitude + wide, 4), round(row.latitude + high, 4),
    )  # fmt: skip


def _mistyped(
    truth: Truth, rng: random.Random, every: Sequence[str], each: int
) -> Iterator[Question]:
    """Yield words of which two neighbouring letters are swapped, so that nothing has them."""
    made = 0
    for word in rng.sample(every, len(every)):
        at = rng.randrange(1, len(word) - 1)
        typed = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        if len(word) >= 6 and not truth.frequency(typed):
            yield Question(TYPO, (typed,), meant=word)
            made += 1
        if made == each:
            return
