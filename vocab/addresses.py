"""Addresses in records: the form that each key asks for."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

_HOST: Final = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(?::[0-9]{1,5})?"
_HTTP: Final = rf"https?://{_HOST}(?:[/?#]\S*)?"
_DID: Final = r"did:[a-z0-9]+:[A-Za-z0-9._:%-]+"
_LETTER: Final = "[A-Za-z0-9._~:/?@!$&'()*+,;=\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff-]"
_PATH: Final = rf"({_LETTER}|%[0-9A-Fa-f]{{2}})*"
_PLAIN_HTTP: Final = rf"https?://[A-Za-z0-9.-]+(:[0-9]{{1,5}})?([/?]{_PATH})?(#{_PATH})?"
_PLAIN_DID: Final = r"did:[a-z0-9]+:([A-Za-z0-9._:-]|%[0-9A-Fa-f]{2})+"


@dataclass(frozen=True, slots=True)
class Form:
    """One form of address.

    Attributes:
        pattern: what the whole of it matches; it must be an IRI besides.
        beginning: how it begins, for people.
        plain: pattern of those that need no second look: every combination of its characters is
            an absolute IRI (RFC 3987).
    """

    pattern: re.Pattern[str]
    beginning: str
    plain: str


def _form(pattern: str, beginning: str, plain: str) -> Form:
    return Form(re.compile(pattern, re.ASCII), beginning, f"^(?:{plain})$")


WEB: Final = _form(_HTTP, "https://", _PLAIN_HTTP)
ANY: Final = _form(rf"(?:{_HTTP}|urn:[a-z0-9][a-z0-9-]+:\S+)", "https://", _PLAIN_HTTP)
UUID: Final = _form(
    r"urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", "urn:uuid:", "urn:uuid:[0-9a-f-]{36}"
)
_ORIGIN: Final = _form(_DID, "did:", _PLAIN_DID)
_METHOD: Final = _form(_DID + r"#\S+", "did:", _PLAIN_DID + "#[A-Za-z0-9._-]+")
_MAIL: Final = _form(
    r"mailto:[^@\s?]+@[^@\s?]+\.[^@\s?]+",
    "mailto:",
    r"mailto:[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+",
)
_PURPOSE: Final = _form(
    rf"(?:dpv:[A-Za-z][A-Za-z0-9-]*|{_HTTP})",
    "dpv: / https://",
    rf"(dpv:[A-Za-z][A-Za-z0-9-]*|{_PLAIN_HTTP})",
)
_WEB_KEYS: Final = (
    *("license", "url", "landingPage", "homepage", "contactPage", "privacyNotice", "notice"),
    *("platform", "source", "seeAlso", "isVersionOf", "buildsOn", "credential", "memberBase"),
)
_FORMS: Final[Mapping[str, Form]] = MappingProxyType(
    {
        **dict.fromkeys(_WEB_KEYS, WEB),
        **dict.fromkeys(("legalGround", "safeguard", "purpose", "consentStatus"), _PURPOSE),
        **dict.fromkeys(("origin", "memberDid", "hubDid"), _ORIGIN),
        **dict.fromkeys(("verificationMethod", "newMethod", "retiredMethod"), _METHOD),
        "email": _MAIL,
        "subjectRef": UUID,
    }
)


def form_of(key: str) -> Form:
    """Return the form of address that a key asks for: on the web or a URN unless it says more."""
    return _FORMS.get(key, ANY)


def is_address(value: object, form: Form) -> bool:
    """Say whether a value is an address of a form."""
    return isinstance(value, str) and bool(form.pattern.fullmatch(value)) and is_iri(value)


def is_iri(text: str) -> bool:
    """Say whether a text is an absolute IRI by the rules of RFC 3987."""
    import pyoxigraph as ox  # the same parser will later read the record as RDF

    try:
        ox.NamedNode(text)
    except ValueError:
        return False
    return True
