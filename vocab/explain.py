"""Turns the errors of the JSON Schema into findings that people understand."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from vocab.context import Kind, Term, terms
from vocab.findings import Finding
from vocab.keys import escape
from vocab.messages import SENTENCES, finding, shorten

_XSD: Final = "http://www.w3.org/2001/XMLSchema#"


class SchemaError(Protocol):
    """What is read of an error of jsonschema-rs."""

    @property
    def instance_path(self) -> Sequence[str | int]: ...  # noqa: D102
    @property
    def schema_path(self) -> Sequence[str | int]: ...  # noqa: D102
    @property
    def instance(self) -> Any: ...  # noqa: D102
    @property
    def kind(self) -> Any: ...  # noqa: D102
    @property
    def message(self) -> str: ...  # noqa: D102


def explain(schema: Mapping[str, Any], error: SchemaError) -> Iterator[Finding]:
    """Yield the findings that one schema error stands for.

    Args:
        schema: the whole schema, in which the error's path is followed to its `x-mend`.
        error: as jsonschema-rs reports it.
    """
    path = list(error.instance_path)
    pointer = "".join(f"/{escape(str(token))}" for token in path)
    place = list(error.schema_path)
    owner = _follow(schema, place[:-1])
    keyword = str(place[-1])
    if keyword == "required":
        key = error.kind.property
        mend = owner.get("x-required", {}).get(key)
        yield finding("required", f"{pointer}/{escape(key)}", None, mend, key=key)
    elif keyword == "additionalProperties":
        for code in error.kind.unexpected:
            yield finding("bad-language", f"{pointer}/{escape(code)}", value=code)
    elif keyword == "anyOf":
        yield finding("incomplete", pointer or _lacking(owner), None, owner.get("x-mend"))
    else:
        yield _value(pointer, path, keyword, error, owner)


def _follow(schema: Mapping[str, Any], path: Sequence[str | int]) -> Mapping[str, Any]:
    found: Any = schema
    for step in path:
        found = found[step]
    return found if isinstance(found, dict) else {}


def _lacking(owner: Mapping[str, Any]) -> str:
    """Return the pointer of the key that the last alternative asks for."""
    parts = owner["anyOf"][-1]["allOf"]
    return "/" + next((key for part in parts for key in part.get("required", ())), "")


def _value(
    pointer: str,
    path: Sequence[str | int],
    keyword: str,
    error: SchemaError,
    owner: Mapping[str, Any],
) -> Finding:
    key = next((step for step in reversed(path) if step in terms() or step == "type"), "")
    term = terms().get(str(key))
    rule = _rule(keyword, term, owner)
    wanted: str | Mapping[str, str] = _beginning(owner)
    if rule == "wrong-shape":
        wanted = SENTENCES.messages(f"wanted-{_json_type(owner)}")
    limit = getattr(error.kind, "limit", "")
    return finding(
        rule,
        pointer,
        None,
        owner.get("x-mend"),
        key=key,
        value=shorten(str(error.instance)),
        limit=limit,
        wanted=wanted,
    )


def _json_type(owner: Mapping[str, Any]) -> str:
    declared = owner.get("type", "string")
    return str(declared[0] if isinstance(declared, list) else declared)


def _rule(keyword: str, term: Term | None, owner: Mapping[str, Any]) -> str:
    by_keyword = {
        "minItems": "required",
        "maxItems": "too-many",
        "uniqueItems": "repeated",
        "minProperties": "empty-text",
        "maxLength": "too-long",
        "minimum": "out-of-range",
        "maximum": "out-of-range",
        "enum": "bad-value",
        "not": "not-here",
    }
    if keyword in by_keyword:
        return by_keyword[keyword]
    if term is None:
        return "bad-value"
    if keyword == "type":
        return "bad-texts" if term.kind is Kind.TEXTS else "wrong-shape"
    return _rule_of_form(term, owner)


def _rule_of_form(term: Term, owner: Mapping[str, Any]) -> str:
    """Return the rule that a value of the right JSON type but the wrong form breaks."""
    if term.datatype == _XSD + "date":
        return "bad-date"
    if term.datatype == _XSD + "dateTime":
        return "bad-time"
    by_kind = {Kind.TEXTS: "empty-text", Kind.LINK: "bad-link", Kind.CODE: "wrong-concept"}
    if term.kind in by_kind:
        return by_kind[term.kind]
    return "empty-text" if "u0020" in str(owner.get("pattern", "")) else "bad-value"


def _beginning(owner: Mapping[str, Any]) -> str:
    """Return what a link must begin with, as the pattern has it."""
    pattern = str(owner.get("pattern", "")).removeprefix("^")
    return {"https?://": "https://"}.get(pattern, pattern) or "https://"
