"""Thousands of records with one thing wrong, judged by the fast check and by the SHACL shapes.

`python -m tests.conformance.mutations [NUMBER]` prints how many each of them accepts, and every
rule by which the fast check is the stricter one.
"""

import copy
import logging
import os
import random
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
from pyld import jsonld
from pyshacl.errors import ReportableRuntimeError

from vocab.accept import faultless
from vocab.canonical import canonical_bytes
from vocab.context import terms
from vocab.document import MAX_BYTES, parse
from vocab.findings import violations
from vocab.shacl import judge
from vocab.validate import check, check_carefully

Record = dict[str, Any]

EXAMPLES: Final = (
    "best-practice",
    "adaptation",
    "citizen-observation",
    "challenge",
    "proposal",
    "co-creation-process",
    "organisation",
    "cluster",
    "training-resource",
    "procurement-model",
    "recognition",
    "self-assessment",
)

STRICTER: Final = {
    "bad-link": "relative and odd addresses, which expansion drops, mends or invents a base for",
    "wrong-concept": "codes that RDF would read as another term, or as any address at all",
    "repeated": "the same value twice, which a graph cannot see",
    "bad-language": "language tags not in their one spelling; a graph folds their case",
    "bad-texts": "a text without a language map, or a list where one text belongs",
    "wrong-shape": "a JSON type that expansion turns into another value or drops",
    "bad-value": "a value outside its list or form, dropped or mended by expansion",
    "version-address": "the version's own address, which the graph of the record leaves out",
    "required": "an empty or null value, or an envelope that lacks something",
    "unknown-type": "types that no shape speaks of",
    "mixed-types": "one record of two kinds, each of which passes by itself",
    "context": "another context than v1, or one inside the record",
    "forbidden-key": "keys with a prefix or of JSON-LD itself",
    "misplaced-type": "a whole record where its address belongs",
    "local-only": "a consent record, under a key that leads to no part",
    "empty-text": "blank texts and control characters",
    "bad-number": "numbers that cannot be kept exactly",
    "bad-date": "dates that rdflib reads too kindly",
    "bad-time": "times that rdflib reads too kindly",
    "out-of-range": "numbers written in another form than their datatype's",
    "too-many": "repetitions, which a graph cannot see",
    "envelope-inside": "a part that calls itself a version",
    "foreign-subject": "a part with an address that is another's",
    "not-here": "an empty list under a key that must be absent",
    "incomplete": "values of the wrong JSON type, dropped by expansion",
    "no-person": "the word for a person, whatever it expands to",
    "too-long": "addresses too long to store",
    "self-lineage": "a version of the record itself",
    "unknown-key": "keys without a meaning, when authoring",
}
"""Why the fast check refuses what the shapes accept, per rule; no other rule may do so."""

# Anything that somebody could put anywhere; the seed makes each run the same.
VALUES: Final[list[Any]] = [
    *(None, True, False, 0, 1, 4, -5, 1.5, 38000.0, -0.0, 1e300, 2**53 - 1),
    *("", "  ", "x", "X Y", "\u0001", "é\u2028", "18", "es", "lat", "title", "lonja", "Practice"),
    *("javascript:alert(1)", "energy", "c1", "setup", "ES", "EUR", "dpv:Consent", "B3"),
    *("application/pdf", "BestPractice", "mailto:a@b.example", "did:web:a.example", "urn:x:1"),
    *("2024-02-29", "2023-02-30", "0000-01-01", "2026-01-01T00:00:00Z", "2024-02-29T23:59:60Z"),
    *("2024-02-29T24:00:00Z", "2026-03", "2026-13", "PT90M", "PT", "https://a.example/"),
    *("https://a.example/%zz", "http://", "https://[x]/", "https://w3id.org/lonja/cs/theme/energy"),
    *("not-selected", "implemented", "ConsentRecord", "https://a.example/ñ#é", "private"),
    *([], ["a"], ["energy", "energy"], [["a"]], ["BestPractice", "Adaptation"], ["B1", "B2"]),
    *({}, {"en": "x"}, {"en": ""}, {"en": ["a", "b"]}, {"pt-br": "x"}, {"x": "y"}),
    *({"type": "Place"}, {"id": "https://z.example/"}, {"type": "Result", "value": 1}),
    {"type": "Response", "responseStatus": "answered"},
    {"type": "ConsentRecord"},
    [{"type": "CommitmentRating", "commitment": ["B3"], "degree": 5}],
    {"type": "CoCreationProcess", "participation": [{"phase": "design"}]},
]


def entry(document: Record, version: int = 1) -> Record:
    """Return a draft record of the examples as a full entry: envelope terms replace its own."""
    own = {key: value for key, value in document.items() if key != "previousVersion"}
    uri = document["id"]
    envelope = {
        "id": f"{uri}/v/{version}",
        "isVersionOf": uri,
        "origin": "did:web:lugo.example",
        "seq": 1,
        "version": version,
    }
    return {"issued": "2026-11-23T08:00:00Z", **own, **envelope}


def example(shared: Path, name: str) -> Record:
    """Return one of the examples as a full entry."""
    return entry(parse((shared / "vocabulary" / "examples" / f"{name}.jsonld").read_bytes()))


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a document."""
    if path:
        yield path
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for step, item in inner:
        if isinstance(item, dict | list):
            yield from places(item, (*path, step))
        else:
            yield (*path, step)


def mutated(document: Record, chance: random.Random) -> Record:
    """Return a copy with one thing removed, replaced, added or repeated."""
    result = copy.deepcopy(document)
    *outer, last = chance.choice(list(places(result)))
    owner: Any = result
    for step in outer:
        owner = owner[step]
    act = chance.random()
    if act < 0.15:
        del owner[last]
    elif act < 0.65:
        owner[last] = copy.deepcopy(chance.choice(VALUES))
    elif isinstance(owner, list):
        owner.append(copy.deepcopy(owner[last]))
    else:
        source = owner[last] if act > 0.85 else chance.choice(VALUES)
        owner[chance.choice(sorted(terms()))] = copy.deepcopy(source)
    return result


_UNREADABLE: Final = (
    jsonld.JsonLdError,
    ReportableRuntimeError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)
"""What the two libraries raise when a document makes no sense to them: it is refused then."""


@dataclass
class Tally:
    """What became of a number of mutants.

    Attributes:
        mutants: how many were made.
        faultless: let through by the narrowed schema at once.
        fast: accepted by the fast check, those included.
        shapes: accepted by the SHACL shapes.
        unread: not readable as RDF at all, so refused.
        stricter: rules by which the fast check alone refused, with how often.
        forbidden: mutants that the fast check accepted and the shapes refused.
        hasty: mutants let through at once in which the careful check finds something.
    """

    mutants: int = 0
    faultless: int = 0
    fast: int = 0
    shapes: int = 0
    unread: int = 0
    stricter: Counter[str] = field(default_factory=Counter)
    forbidden: list[Record] = field(default_factory=list)
    hasty: list[Record] = field(default_factory=list)


def shapes_accept(document: Record) -> bool | None:
    """Say whether the shapes accept a document; None when it cannot be read as RDF."""
    try:
        data = canonical_bytes(document)
        if len(data) > MAX_BYTES:
            return None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rdflib tells of every odd literal
            return not violations(judge(orjson.loads(data)))
    except _UNREADABLE:
        return None


def run(originals: list[Record], number: int, seed: int) -> Tally:
    """Make mutants and let both checks judge them."""
    chance = random.Random(seed)
    tally = Tally()
    for _ in range(number):
        document = mutated(chance.choice(originals), chance)
        tally.mutants += 1
        found = violations(check(document))
        if faultless(document):
            tally.faultless += 1
            if check_carefully(document):
                tally.hasty.append(document)
        accepted = shapes_accept(document)
        tally.fast += not found
        tally.shapes += accepted is True
        tally.unread += accepted is None
        if not found and accepted is not True:
            tally.forbidden.append(document)
        if found and accepted is True:
            tally.stricter.update({item.rule for item in found})
    return tally


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)  # rdflib tells of every odd literal
    default = Path(__file__).resolve().parents[3] / "shared"
    folder = Path(os.environ.get("LONJA_SHARED", default))
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 2400
    result = run([example(folder, name) for name in EXAMPLES], wanted, seed=1)
    print(f"mutants                          {result.mutants}")
    print(f"accepted by the fast check       {result.fast} (at once: {result.faultless})")
    print(f"accepted by the shapes           {result.shapes} (not readable: {result.unread})")
    print(f"fast accepts, shapes refuse      {len(result.forbidden)}")
    print(f"at once, careful check objects   {len(result.hasty)}")
    print("only the fast check refuses, by rule:")
    for rule, count in result.stricter.most_common():
        print(f"  {rule:<22}{count:>6}")
    for document in (*result.forbidden[:3], *result.hasty[:3]):
        print(orjson.dumps(document).decode())
