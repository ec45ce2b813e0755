"""The page docs/reference/vocabulary.md, written from the ontology, the shapes and the schemes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vocab import concepts, glossary
from vocab.compiled import definition, expected_keys, reference_of, root_of, schema, supported_types
from vocab.context import Kind, terms
from vocab.terms import COLLECTIONS, ENVELOPE_KEYS, LOCAL_TYPES

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "vocabulary.md"
_MINTED = {*ENVELOPE_KEYS, "modified", "conformsTo"}
_WEIGHT = {"violation": "must", "warning": "should", "info": "may"}
_SHARED = ("texts", "textLists", "Envelope", "Public")


def text() -> str:
    """Return the page."""
    return "".join(_page())


def _page() -> Iterator[str]:
    yield "# Reference: the vocabulary\n\n"
    yield "Written from the program by `python -m tests.reference`; a test demands no difference.\n"
    yield f"Version {glossary.version()}; a node serves the same under `/ns`, in six languages.\n\n"
    yield "*must*: a record without it is refused. *should*: its author is told. *may*: a hint.\n"
    yield "The node itself fills in " + ", ".join(f"`{key}`" for key in sorted(_MINTED)) + ".\n"
    yield "\n# Types of records\n"
    for name in supported_types():
        yield from _type(name, root_of(name, envelope=False))
    for name in LOCAL_TYPES:
        yield from _type(name, root_of(name, envelope=False))
    yield "\n# Parts of records\n"
    for name in sorted(set(_parts())):
        yield from _type(name, name)
    yield "\n# Lists of values\n"
    for name in concepts.scheme_names():
        yield f"\n## {concepts.scheme_label(name, 'en')} (`{name}`)\n\n"
        yield "| code | meaning |\n| --- | --- |\n"
        for code in concepts.codes(name):
            yield f"| `{code}` | {concepts.label(name, code, 'en')} |\n"


def _type(name: str, root: str) -> Iterator[str]:
    entry = glossary.entries().get(name)
    title = f"{entry.label('en')} (`{name}`)" if entry else f"`{name}`"
    place = f" Lives under `/{COLLECTIONS[name]}/`." if name in COLLECTIONS else ""
    yield f"\n## {title}\n\n{entry.comment('en') if entry else ''}{place}\n\n"
    yield "| key | name | | value |\n| --- | --- | --- | --- |\n"
    asked = _asked(root)
    for key in terms():
        if key in expected_keys(root) and key not in _MINTED:
            name_of = glossary.label(key, "en")
            yield f"| `{key}` | {name_of} | {asked.get(key, '')} | {_value(key)} |\n"


def _asked(root: str) -> dict[str, str]:
    """Return how much each key is asked for."""
    found: dict[str, str] = {}
    own: dict[str, Any] = dict(definition(root))
    for rule in own.get("x-advice", ()):
        if len(rule["path"]) == 1:
            found[rule["path"][0]] = _WEIGHT[rule["severity"]]
    for part in own.get("allOf", ()):
        if "$ref" in part:
            found |= _asked(reference_of(part))
    return found | {key: "must" for key in own.get("required", ()) if key in terms()}


def _parts() -> Iterator[str]:
    for found in schema()["$defs"].values():
        for inner in found.get("properties", {}).values():
            name = reference_of(inner)
            if name and name not in _SHARED and name not in supported_types():
                yield name


def _value(key: str) -> str:
    term, scheme = terms()[key], concepts.key_scheme(key)
    many = "list of " if term.many and term.kind is not Kind.TEXTS else ""
    if scheme:
        return f"{many}codes of `{scheme}`" if many else f"code of `{scheme}`"
    if term.kind is Kind.TEXTS:
        return "texts per language, several each" if term.many else "text per language"
    if term.kind is Kind.LINK:
        return f"{many}addresses or parts" if many else "address or part"
    if term.kind is Kind.CODE:
        return f"{many}codes" if many else "code"
    return many + term.datatype.rsplit("#", 1)[-1]


if __name__ == "__main__":
    PAGE.write_text(text(), "utf-8")
