"""Parts of a foreign record: texts, keywords, days, steps, organisations."""

import re
from collections.abc import Iterable
from typing import Final

from vocab.foreign.graph import Literal, Node, Value
from vocab.foreign.making import Making, names
from vocab.foreign.note import (
    NAMES,
    ORGANISATIONS,
    PERSONS,
    Reading,
    is_organisation,
    is_person,
    name_of,
)
from vocab.foreign.text import day, one_line, plain, web
from vocab.terms import JsonObject, JsonValue

_PERIODS: Final = ("s:temporalCoverage", "s:temporal", "dct:temporal")
_STARTS: Final = ("s:startDate", "s:foundingDate", "dcat:startDate")
_ENDS: Final = ("s:endDate", "s:dissolutionDate", "dcat:endDate")
_LISTED_WORDS: Final = ("s:keywords", "s:keyword")
_WORDS: Final = (
    *(*_LISTED_WORDS, "dcat:keyword", "s:about", "s:articleSection", "s:genre"),
    *("dct:subject", "dcat:theme"),
)
_SECTIONS: Final = frozenset(("s:HowToSection", "s:ItemList", "s:ListItem"))
_MAX_TITLE: Final = 100


def texts(making: Making, *properties: str) -> dict[str, JsonValue]:
    """Return whole texts per language; several of the same language follow one another."""
    found: dict[str, dict[str, None]] = {}
    for _, literal in making.reading.literals(*properties):
        text = plain(literal.text)
        if text:
            found.setdefault(making.tag_of(literal), {})[text] = None
    return {language: "\n\n".join(parts) for language, parts in found.items()}


def keywords(making: Making) -> None:
    """Fill `keyword`."""
    found: dict[str, dict[str, None]] = {}
    for name, value in making.reading.take(*_WORDS):
        if isinstance(value, Node) and is_person(value):
            making.note.add(name, [value])
            continue
        literals = [value] if isinstance(value, Literal) else _labels(making, name, value)
        for literal in literals:
            split = name in _LISTED_WORDS and isinstance(value, Literal)
            for word in literal.text.split(",") if split else [literal.text]:
                if one_line(word):
                    found.setdefault(making.tag_of(literal), {})[one_line(word)] = None
    if found:
        making.document["keyword"] = {language: [*words] for language, words in found.items()}


def _labels(making: Making, name: str, node: Node) -> list[Literal]:
    reading = Reading(node)
    found = [literal for _, literal in reading.literals(*NAMES)]
    making.note.add_rest(name, reading, address=True)
    return found


def days(making: Making) -> None:
    """Fill `startDate` and `endDate`; what is no whole date is kept in the note."""
    for key, properties in (("startDate", _STARTS), ("endDate", _ENDS)):
        for name, value in making.reading.take(*properties):
            _day(making, key, name, value)
    for name, value in making.reading.take(*_PERIODS):
        if isinstance(value, Literal):
            ends = value.text.strip().split("/")
            if len(ends) != 2:
                _unclear(making, name, value.text)
                continue
            for key, text in zip(("startDate", "endDate"), ends, strict=True):
                if text.strip(" .") not in ("", "…"):
                    _day(making, key, key, Literal(text))
            continue
        period = Reading(value)
        for key, properties in (("startDate", _STARTS), ("endDate", _ENDS)):
            for inner, end in period.take(*properties):
                _day(making, key, inner, end)
        making.note.add_rest(name, period, address=True)


def _day(making: Making, key: str, name: str, value: Value) -> None:
    if isinstance(value, Node):
        making.note.add(name, [value])
        return
    written = value.text.strip()
    found = day(written)
    if not found:
        _unclear(making, name, written)
    elif making.document.setdefault(key, found) != found or re.search(r"T.*[1-9]", written):
        making.note.add(name, [value])


def _unclear(making: Making, name: str, written: str) -> None:
    if written.strip():
        making.note.line(name, one_line(written))
        making.tell("foreign-date", "/importNote", value=written)


def steps(making: Making) -> None:
    """Fill `step` with the steps of a HowTo, those of its sections included."""
    found: list[JsonValue] = []
    waiting = [*making.reading.take("s:step", "s:steps")][::-1]
    seen: set[Node] = set()
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, Node) and value in seen:
            continue
        reading = Reading(value if isinstance(value, Node) else Node())
        seen.add(reading.node)
        if reading.node.types.keys() & _SECTIONS:
            waiting += [*reading.take("s:itemListElement", "s:item")][::-1]
        else:
            step = _step(making, reading, value)
            if step:
                found.append({"type": "Step", "order": len(found) + 1, **step})
        reading.drop("s:position")
        making.note.add_rest(name, reading)
    if found:
        making.document["step"] = found


def _step(making: Making, reading: Reading, value: Value) -> JsonObject:
    """Return title and description of one step, the texts of its directions included."""
    called = names(making, reading, *NAMES)
    text: dict[str, JsonValue] = {}
    literals = [value] if isinstance(value, Literal) else []
    literals += [literal for _, literal in reading.literals("s:text", "s:description")]
    for _, part in reading.take("s:itemListElement"):
        inner = Reading(part if isinstance(part, Node) else Node())
        literals += [part] if isinstance(part, Literal) else []
        literals += [literal for _, literal in inner.literals("s:text", *NAMES)]
        inner.drop("s:position")
        making.note.add_rest("s:itemListElement", inner)
    for literal in literals:
        code, words = making.tag_of(literal), plain(literal.text)
        if words:
            text[code] = f"{text[code]}\n\n{words}" if code in text else words
    if not called and text:
        called = {code: _start(words) for code, words in text.items()}
        text = {code: words for code, words in text.items() if words != called[code]}
    return {"title": called, **({"description": text} if text else {})} if called else {}


def _start(text: JsonValue) -> str:
    line = one_line(str(text))
    return line if len(line) <= _MAX_TITLE else line[: _MAX_TITLE - 1].rsplit(" ", 1)[0] + "…"


def organisations(making: Making, around: Node | None) -> None:
    """Fill `organisationName` and `credit`; persons are never taken over.

    Args:
        making: the record.
        around: the list or catalogue that the record stands in, credited where it names nobody.
    """
    found = dict(_organisations(making, making.reading.take(*ORGANISATIONS, *PERSONS)))
    if found:
        making.document["organisationName"] = [*found]
    said = names(making, making.reading, "s:creditText")
    credited = [name for name, role in found.items() if role in _CREDITED]
    if not credited and around is not None:
        inside = Reading(around).take("s:publisher", "s:provider", "dct:publisher")
        credited = [
            name_of(v) if isinstance(v, Node) else one_line(v.text)
            for _, v in inside
            if isinstance(v, Literal) or not is_person(v)
        ]
    credit = [*map(str, said.values())] or [name for name in credited if name] or [*found]
    if credit:
        making.document["credit"] = "; ".join(dict.fromkeys(credit))


_CREDITED: Final = (
    *("s:publisher", "dct:publisher", "s:author", "s:creator", "dct:creator", "s:provider"),
    "s:sourceOrganization",
)


def _organisations(
    making: Making, values: Iterable[tuple[str, Value]]
) -> Iterable[tuple[str, str]]:
    for role, value in values:
        if isinstance(value, Literal):
            name = one_line(value.text) if role in ORGANISATIONS else ""
            if name and web(name):
                making.note.add(role, [value])
            elif name:
                yield name, role
            else:
                making.note.add(role, [value])
            continue
        named = name_of(value)
        if named and (is_organisation(value) or (role in ORGANISATIONS and not is_person(value))):
            yield named, role
            reading = Reading(value)
            for name in (*NAMES, "s:legalName"):
                spelt = [one_line(v.text) for _, v in reading.take(name) if isinstance(v, Literal)]
                for other in spelt:
                    if other != named:
                        making.note.keep(role, other)
            making.note.add_rest(role, reading, address=True)
        else:
            making.note.add(role, [value])
