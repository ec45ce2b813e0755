"""From fields and a record to what a page shows: inputs with names, values, labels and findings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from babel import Locale

from node.forms.fields import Control, FormField
from node.forms.numbers import shown_number
from node.services.labels import language_name, licence_name, option_name
from vocab import concepts, glossary
from vocab.findings import Finding, Severity
from vocab.language import LANGUAGES
from vocab.licences import licence_address
from vocab.terms import JsonObject, JsonValue

_LICENCES: Final = ("CC-BY-4.0", "CC0-1.0", "CC-BY-SA-4.0", "etalab-2.0", "odbl-1.0", "ogl-uk-3.0")
_MORE_LANGUAGES: Final = (
    *("ar", "bg", "ca", "cs", "cy", "da", "el", "et", "eu", "fi", "ga", "gl", "hr", "hu", "lt"),
    *("lv", "mt", "nl", "no", "pl", "ro", "ru", "sk", "sl", "sv", "tr", "uk"),
)
_CHOSEN_BY_NAME: Final = frozenset({Control.COUNTRY, Control.LICENCE, Control.MAIL})
"""What is explained as it stands in a record, by its code or address; a form asks otherwise."""
_LONG: Final = frozenset(
    (
        *("summary", "problem", "solution", "description", "difficulty", "lesson", "adaptable"),
        *("coreElement", "kept", "changed", "continuity", "legalBasis", "measureMethod"),
    )
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value to choose: its code, its label, and whether it is chosen."""

    code: str
    label: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Input:
    """One input, or a group of them.

    Attributes:
        name: JSON Pointer of the value; it is the input's name, and findings point to it.
        key: of the record.
        control: how the value is asked for.
        label: of the ontology, in the reader's language.
        help: what it means, one sentence; may be "".
        required: whether nothing is published without it.
        value: as text.
        texts: (language, its name, text) where a value has languages.
        choices: to choose from.
        parts: the inputs of each embedded object.
        long: whether a text is likely to have several lines.
        organisation: whether the address is that of an organisation.
        folded: whether it is a detail of which nothing is said, so that it need not be in sight.
        findings: what the checks say of it.
    """

    name: str
    key: str
    control: Control
    label: str
    help: str
    required: bool
    value: str = ""
    texts: tuple[tuple[str, str, str], ...] = ()
    choices: tuple[Choice, ...] = ()
    parts: tuple[tuple["Input", ...], ...] = ()
    long: bool = False
    organisation: bool = False
    folded: bool = False
    findings: tuple[Finding, ...] = ()

    @property
    def wrong(self) -> bool:
        """Say whether it keeps the record from being published."""
        return any(one.severity is Severity.VIOLATION for one in self.findings)

    @property
    def id(self) -> str:
        """Return the name as an identifier of HTML."""
        return identifier(self.name)


def identifier(pointer: str) -> str:
    """Return a JSON Pointer as an identifier of HTML ("/place/name" is "f-place-name")."""
    return "f" + pointer.replace("/", "-")


@dataclass(frozen=True, slots=True)
class Writing:
    """How a form is shown.

    Attributes:
        language: of labels.
        languages: that texts are written in, side by side.
        findings: what the checks say of the record.
        more: JSON Pointers of lists that get an empty part to fill in.
    """

    language: str
    languages: tuple[str, ...]
    findings: Sequence[Finding] = ()
    more: frozenset[str] = field(default_factory=frozenset)


def inputs(
    fields: Sequence[FormField], body: JsonObject, writing: Writing, pointer: str = ""
) -> tuple[Input, ...]:
    """Return the inputs of some fields of an object.

    Args:
        fields: to show.
        body: the object.
        writing: how to show them.
        pointer: JSON Pointer of the object.
    """
    return tuple(_input(one, body.get(one.key), writing, f"{pointer}/{one.key}") for one in fields)


def _input(field: FormField, value: JsonValue, writing: Writing, pointer: str) -> Input:
    entry = glossary.entries()[field.key]
    control = field.control
    said = _said(field, writing.findings, pointer)
    return Input(
        name=pointer,
        key=field.key,
        control=control,
        label=entry.label(writing.language),
        help="" if control in _CHOSEN_BY_NAME else entry.comment(writing.language),
        required=field.required,
        value=_text(control, value, writing.language),
        texts=_texts(value, writing) if control in (Control.TEXTS, Control.TEXT_LISTS) else (),
        choices=_choices(field, value, writing.language),
        parts=_parts(field, value, writing, pointer),
        long=field.key in _LONG,
        organisation=field.organisation,
        folded=field.minor and value in (None, "", {}, []) and not said,
        findings=said,
    )


def _said(field: FormField, findings: Sequence[Finding], pointer: str) -> tuple[Finding, ...]:
    """Return what is said of a field itself; parts show what is said of theirs."""
    parts = field.control in (Control.PART, Control.PARTS)
    return tuple(
        one
        for one in findings
        if one.severity is not Severity.INFO
        and (one.pointer == pointer or (not parts and one.pointer.startswith(pointer + "/")))
    )


def _text(control: Control, value: JsonValue, language: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return shown_number(value, language)
    if isinstance(value, list):
        return "\n".join(str(one) for one in value if not isinstance(one, dict))
    if value is None or isinstance(value, dict):
        return ""
    text = str(value)
    return text.removeprefix("mailto:") if control is Control.MAIL else text


def _texts(value: JsonValue, writing: Writing) -> tuple[tuple[str, str, str], ...]:
    held = value if isinstance(value, dict) else {}
    tags = dict.fromkeys((*writing.languages, *held))
    return tuple(
        (
            tag,
            language_name(tag, writing.language),
            _text(Control.TEXT, held.get(tag), writing.language),
        )
        for tag in tags
    )


def _parts(
    field: FormField, value: JsonValue, writing: Writing, pointer: str
) -> tuple[tuple[Input, ...], ...]:
    if field.control is Control.PART:
        held = value if isinstance(value, dict) else {}
        return (inputs(field.parts, held, writing, pointer),)
    if field.control is not Control.PARTS:
        return ()
    listed = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    if pointer in writing.more or (field.required and not listed):
        listed.append({})
    return tuple(
        inputs(field.parts, one, writing, f"{pointer}/{index}") for index, one in enumerate(listed)
    )


def _choices(field: FormField, value: JsonValue, language: str) -> tuple[Choice, ...]:
    match field.control:
        case Control.CHOICE | Control.CHOICES if field.scheme:
            codes = concepts.codes(field.scheme)
            known = [(code, concepts.label(field.scheme, code, language)) for code in codes]
        case Control.OPTION:
            known = [(code, option_name(code, language)) for code in field.options]
        case Control.COUNTRY:
            known = [*countries(language)]
        case Control.LANGUAGE | Control.LANGUAGES:
            known = [*text_languages(language)]
        case Control.LICENCE:
            known = [(url, licence_name(url)) for url in map(licence_address, _LICENCES)]
        case _:
            return ()
    held = [str(one) for one in value] if isinstance(value, list) else [str(value or "")]
    listed = {code for code, _ in known}
    known += [(code, code) for code in held if code and code not in listed]  # never lost
    return tuple(Choice(code, label, code in held) for code, label in known)


@lru_cache(maxsize=16)
def text_languages(language: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of the languages that a text may be written in, by their name."""
    names = [(code, language_name(code, language)) for code in (*LANGUAGES, *_MORE_LANGUAGES)]
    return tuple(sorted(names, key=lambda pair: pair[1].casefold()))


@lru_cache(maxsize=16)
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of all countries, by their name."""
    named = Locale.parse(language).territories.items()
    real = [
        (code, str(name))
        for code, name in named
        if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES
    ]
    return tuple(sorted(real, key=lambda pair: pair[1].casefold()))


_NO_COUNTRIES: Final = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ", "AC", "CP", "DG", "TA"})


def texts_languages(body: Mapping[str, JsonValue]) -> tuple[str, ...]:
    """Return the languages in which a record has its title or name, in its order."""
    for key in ("title", "name"):
        held = body.get(key)
        if isinstance(held, dict) and held:
            return tuple(held)
    return ()
