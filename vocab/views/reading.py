"""What the views read out of a record: of each value only what is of the right kind.

A record may come from anybody. Whatever is of another kind than it should be, or is no address
of the web where one is wanted, is left out; nothing here ever raises.
"""

import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, Final

from vocab import concepts
from vocab.addresses import is_iri
from vocab.headline import headline
from vocab.keys import CODE_PATTERN, LANGUAGE_PATTERN, MAX_INTEGER
from vocab.language import LANGUAGES, pick
from vocab.terms import COLLECTIONS, LOCAL_TYPES, TRUST_TYPES, JsonObject, type_of

SHOWN_TYPES: Final = frozenset(COLLECTIONS) - frozenset(TRUST_TYPES)
"""Types of records that have something to say to other catalogues."""

_NEVER: Final = frozenset(("Tombstone", *TRUST_TYPES, *LOCAL_TYPES))
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_WEB: Final = re.compile(
    r"https?://(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(?::[0-9]{1,5})?(?:[/?#]\S*)?", re.ASCII
)
_HIDDEN: Final = re.compile(
    "[\x00-\x20\x7f-\xa0\xad\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\uffff]"
)
_MAIL: Final = re.compile(r"mailto:[^@\s?]+@[^@\s?]+\.[^@\s?]+", re.ASCII)
_LANGUAGE: Final = re.compile(LANGUAGE_PATTERN)
_CODE: Final = re.compile(CODE_PATTERN)
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH: Final = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")
_MOMENT: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?(?:Z|[+-]\d\d:\d\d)"
)
_MEDIA: Final = re.compile(r"[a-z]+/[A-Za-z0-9.+-]+")


def shown_type(document: JsonObject) -> str:
    """Return the type of a record that the views show, "" for what they keep silent about."""
    declared = document.get("type")
    names = declared if isinstance(declared, list) else [declared]
    if any(isinstance(name, str) and name in _NEVER for name in names):
        return ""
    found = type_of(document)
    return found if found in SHOWN_TYPES else ""


def uri_of(document: JsonObject) -> str:
    """Return the record's address on the web, "" if it has none."""
    return web(document.get("isVersionOf")) or web(document.get("id"))


def many(value: object) -> list[Any]:
    """Return the values under a key that may hold one or many."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def parts(value: object) -> list[JsonObject]:
    """Return the objects among the values under a key."""
    return [item for item in many(value) if isinstance(item, dict)]


def clean(text: str) -> str:
    """Return a text without the characters that XML 1.0 (section 2.2) cannot hold."""
    return _NO_XML.sub("", text)


def plain(value: object) -> str:
    """Return a single text or number as text, "" for anything else."""
    if isinstance(value, str):
        return clean(value)
    known = number(value)
    return "" if known is None else str(known)


def texts(value: object) -> dict[str, str]:
    """Return text per language, where both are what they should be."""
    if not isinstance(value, dict):
        return {}
    found = {code: clean(text) for code, text in value.items() if isinstance(text, str)}
    return {code: text for code, text in found.items() if text.strip() and _is_language(code)}


def titles(document: JsonObject) -> dict[str, str]:
    """Return what a record is called per language: an observation has no title but a text."""
    return texts(headline(document))


def lists(value: object) -> dict[str, list[str]]:
    """Return lists of words per language, as keywords have them."""
    if not isinstance(value, dict):
        return {}
    found = {code: words(item) for code, item in value.items() if _is_language(code)}
    return {code: item for code, item in found.items() if item}


def words(value: object) -> list[str]:
    """Return the texts that are not empty among the values under a key."""
    found = [clean(item) for item in many(value) if isinstance(item, str)]
    return [text for text in found if text.strip()]


def pick_text(document: JsonObject, key: str, language: str) -> str:
    """Return the text under a key that suits readers of a language best."""
    return pick(texts(document.get(key)), [language])[0]


def web(value: object) -> str:
    """Return an address if it is an absolute http or https one, "" for anything else."""
    if not isinstance(value, str) or _HIDDEN.search(value) or not _WEB.fullmatch(value):
        return ""
    return value if is_iri(value) else ""


def webs(value: object) -> list[str]:
    """Return the web addresses under a key, each once; a part counts by its `id`."""
    found = (web(item.get("id") if isinstance(item, dict) else item) for item in many(value))
    return list(dict.fromkeys(address for address in found if address))


def mail(value: object) -> str:
    """Return a mailto address, "" for anything else."""
    if not isinstance(value, str) or _HIDDEN.search(value) or not _MAIL.fullmatch(value):
        return ""
    return value if is_iri(value) else ""


def number(value: object) -> int | float | None:
    """Return a number that JSON can hold (RFC 7493, section 2.2); true and false are none."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if abs(value) <= MAX_INTEGER else None


def point(place: object) -> tuple[float, float] | None:
    """Return longitude and latitude of a place in degrees (WGS 84)."""
    if not isinstance(place, dict):
        return None
    east, north = number(place.get("long")), number(place.get("lat"))
    if east is None or north is None or abs(east) > 180 or abs(north) > 90:
        return None
    return east, north


def day(value: object) -> str:
    """Return a date (xsd:date without a zone) that exists in the calendar."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return ""
    return value if _exists(value, date.fromisoformat) else ""


def moment(value: object) -> str:
    """Return a point in time (xsd:dateTime with its zone) that exists in the calendar."""
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return ""
    return value if _exists(value, datetime.fromisoformat) else ""


def dated(value: object) -> str:
    """Return a date, a point in time or a month, as they stand in the record."""
    if isinstance(value, str) and _MONTH.fullmatch(value):
        return value
    return day(value) or moment(value)


def media_type(value: object) -> str:
    """Return the name of a media type ("application/pdf")."""
    return value if isinstance(value, str) and _MEDIA.fullmatch(value) else ""


def languages(document: JsonObject) -> list[str]:
    """Return the codes of the languages of a record, else those of its heading."""
    own = [code for code in words(document.get("language")) if _is_language(code)]
    return list(dict.fromkeys(own)) or list(titles(document))


def codes(document: JsonObject, *keys: str) -> Iterator[tuple[str, str]]:
    """Yield the concepts under some keys as (scheme, code); the code may be unknown."""
    for key in keys:
        scheme = concepts.key_scheme(key) or ""
        for code in dict.fromkeys(words(document.get(key))):
            if _CODE.fullmatch(code):
                yield scheme, code


def labels(document: JsonObject, language: str, *keys: str) -> list[str]:
    """Return the labels in a language of the concepts under some keys."""
    return [concepts.label(scheme, code, language) for scheme, code in codes(document, *keys)]


def all_labels(scheme: str, code: str) -> dict[str, str]:
    """Return the label of a concept in each language of the vocabulary; {} if it is unknown."""
    known = concepts.labels(scheme, code)
    return {language: known[language][0] for language in LANGUAGES if known.get(language)}


def filled(mapping: dict[str, Any]) -> JsonObject:
    """Return an object without what is empty."""
    return {key: value for key, value in mapping.items() if value not in (None, "", [], {})}


def _is_language(code: object) -> bool:
    return isinstance(code, str) and _LANGUAGE.fullmatch(code) is not None


def _exists(text: str, read: Any) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True
