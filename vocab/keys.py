"""Keys, addresses and codes of a document, checked in one walk and whatever its type."""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from vocab import concepts
from vocab.addresses import UUID, WEB, Form, form_of, is_address, is_iri
from vocab.compiled import described_types, part_keys
from vocab.context import Kind, classes, names, terms
from vocab.findings import Finding, Severity
from vocab.licences import licence_address
from vocab.messages import SENTENCES, VIOLATION, WARNING, did_you_mean, finding
from vocab.terms import CONTEXT_URL, LOCAL_TYPES, JsonObject

MAX_DEPTH: Final = 32
MAX_FINDINGS: Final = 100
MAX_INTEGER: Final = 2**53 - 1

CODE_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._-]*"
"""Form of a concept's code, so that appending it to the scheme's address is an address."""
LANGUAGE_CODE: Final = r"[a-z]{2,3}"
LANGUAGE_PATTERN: Final = r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?"
"""Language tags in the one spelling of RFC 5646, section 2.1.1: two keys never mean the same."""
_LANGUAGE: Final = re.compile(LANGUAGE_PATTERN)
_CODE: Final = re.compile(CODE_PATTERN)
_CODES: Final[Mapping[str, re.Pattern[str]]] = MappingProxyType(
    {
        "language": re.compile(LANGUAGE_CODE),
        "originalLanguage": re.compile(LANGUAGE_CODE),
        "mediaType": re.compile(r"[a-z]+/[A-Za-z0-9.+-]+"),
    }
)
PERSONS: Final = frozenset({"Person", "foaf:Person", "schema:Person"})
"""Types by which records of other vocabularies name persons; none of them is ever let in or out."""
_OF_RECORDS: Final = frozenset({"isVersionOf", "origin", "seq", "previous", "proof"})
"""Keys that make a subject a signed version; a part of a record is none."""


@lru_cache(maxsize=1)
def _kinds() -> dict[str, Kind]:
    return {key: term.kind for key, term in terms().items()}


def known_codes(key: str) -> frozenset[str]:
    """Return the codes of a key's list; empty when the key has no list of concepts."""
    return _known_codes().get(key, frozenset())


@lru_cache(maxsize=1)
def _known_codes() -> dict[str, frozenset[str]]:
    """Return, per key, the codes that need no second look."""
    return {
        key: frozenset(concepts.codes(scheme)) for key, scheme in concepts.key_schemes().items()
    }


def escape(token: str) -> str:
    """Return a key as it stands in a JSON Pointer (RFC 6901, section 3)."""
    return token.replace("~", "~0").replace("/", "~1")


class KeyCheck:
    """One walk over one document."""

    def __init__(self, document: JsonObject, *, authoring: bool, local: bool = False) -> None:
        self._document = document
        self._local = local
        self._authoring = authoring
        self._findings: list[Finding] = []
        self._kinds = _kinds()
        self._codes = _known_codes()
        uri = document.get("isVersionOf") or document.get("id")
        self._own = f"{uri}#" if isinstance(uri, str) else ""

    def run(self) -> list[Finding]:
        """Return what was found, at most 100 findings."""
        document = self._document
        context = document.get("@context")
        if context != CONTEXT_URL and not (context is None and self._authoring):
            self._add("context", "/@context", url=CONTEXT_URL)
        if "id" in document:
            own = UUID if self._local else WEB
            self._address("id", document["id"], "/id", own)
        self._object(document, "", 0)
        return self._findings

    def _add(
        self,
        rule: str,
        pointer: str,
        severity: Severity | None = None,
        mend: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        if len(self._findings) < MAX_FINDINGS:
            self._findings.append(finding(rule, pointer, severity, mend, **values))

    def _near(self, value: str, known: Iterable[str]) -> dict[str, str] | None:
        """Return what may have been meant, for as long as anything is told at all.

        Comparing words takes time: a flood of mistakes must not take minutes.
        """
        return did_you_mean(value, known) if len(self._findings) < MAX_FINDINGS else None

    def _object(self, value: dict[str, Any], pointer: str, depth: int) -> None:
        if depth > MAX_DEPTH:
            self._add("too-deep", pointer, limit=MAX_DEPTH)
            return
        kinds = self._kinds
        for key, item in value.items():
            kind = kinds.get(key)
            if kind is Kind.TEXTS:
                self._texts(item, pointer, key)
            elif kind is Kind.LINK:
                self._links(key, item, f"{pointer}/{key}", depth)
            elif kind is Kind.CODE:
                self._code_list(key, item, f"{pointer}/{key}")
            elif kind is not None:
                self._literal(key, item, f"{pointer}/{key}", depth)
            elif key == "type":
                self._types(item, pointer, depth)
            elif key == "id":
                if depth:
                    self._part(item, pointer)
            else:
                self._odd_key(key, item, pointer, depth)

    def _no_version(self, part: dict[str, Any], pointer: str) -> None:
        """Judge a part of the record, which must not call itself a version of anything."""
        for key in sorted(_OF_RECORDS & part.keys()):
            self._add("envelope-inside", f"{pointer}/{key}", key=key)

    def _odd_key(self, key: str, item: object, pointer: str, depth: int) -> None:
        """Judge a key that is none of the vocabulary's."""
        place = f"{pointer}/{escape(key)}"
        if key == "@context":
            if depth and not (pointer == "/proof" and item == CONTEXT_URL):
                self._add("context", place, url=CONTEXT_URL)
        elif ":" in key or "@" in key:
            self._add("forbidden-key", place, key=key)
        else:
            if self._authoring:
                self._add("unknown-key", place, VIOLATION, self._near(key, terms()), key=key)
            else:
                self._add("unknown-key", place, WARNING, key=key)
            self._sweep(item, place, depth)

    def _sweep(self, value: object, pointer: str, depth: int) -> None:
        """Look through a value without meaning here for what is refused everywhere."""
        if isinstance(value, dict):
            if depth > MAX_DEPTH:
                self._add("too-deep", pointer, limit=MAX_DEPTH)
                return
            for key, item in value.items():
                place = f"{pointer}/{escape(key)}"
                if ":" in key or "@" in key:
                    self._add("forbidden-key", place, key=key)
                self._sweep(item, place, depth + 1)
        elif isinstance(value, list):
            if depth > MAX_DEPTH:
                self._add("too-deep", pointer, limit=MAX_DEPTH)
                return
            for index, item in enumerate(value):
                self._sweep(item, f"{pointer}/{index}", depth + 1)
        elif isinstance(value, int | float) and not -MAX_INTEGER <= value <= MAX_INTEGER:
            # NaN fails both comparisons; a measurement beyond 2^53 is no measurement either
            self._add("bad-number", pointer, value=value)

    def _literal(self, key: str, value: object, pointer: str, depth: int) -> None:
        """Judge a number, date or plain text: an object would be another subject in RDF."""
        if isinstance(value, dict):
            self._add("bad-value", pointer, key=key, value="{…}")
        elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
            self._add("bad-value", pointer, key=key, value="[{…}]")
        self._sweep(value, pointer, depth)

    def _texts(self, value: object, pointer: str, key: str) -> None:
        if not isinstance(value, dict):
            self._add("bad-texts", f"{pointer}/{key}", key=key)
            return
        for code, text in value.items():
            if ":" in code or "@" in code:
                self._add("forbidden-key", f"{pointer}/{key}/{escape(code)}", key=code)
            elif not _LANGUAGE.fullmatch(code):
                self._add("bad-language", f"{pointer}/{key}/{escape(code)}", value=code)
            elif not isinstance(text, str) and not _is_text_list(text):
                self._add("bad-texts", f"{pointer}/{key}/{escape(code)}", key=key)

    def _links(self, key: str, value: object, pointer: str, depth: int) -> None:
        if isinstance(value, str):
            self._address(key, value, pointer, form_of(key))
        elif isinstance(value, dict):
            if key not in part_keys():
                self._stray(key, value.get("type"), pointer)
            self._no_version(value, pointer)
            self._object(value, pointer, depth + 1)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                if isinstance(item, list):
                    self._add("bad-link", f"{pointer}/{index}", key=key, value="[…]", wanted="…")
                else:
                    self._links(key, item, f"{pointer}/{index}", depth)

    def _stray(self, key: str, declared: object, pointer: str) -> None:
        """Judge the type of an object under a key that leads to no part of a record.

        The shapes judge by type, so a whole result or practice here would be judged unseen.
        """
        for name in declared if isinstance(declared, list) else [declared]:
            if isinstance(name, str) and name in described_types():
                self._add("misplaced-type", pointer, key=key, value=name)

    def _address(self, key: str, value: object, pointer: str, form: Form) -> None:
        if not is_address(value, form):
            mend = _better_address(key, value)
            self._add("bad-link", pointer, None, mend, key=key, value=value, wanted=form.beginning)

    def _part(self, value: object, pointer: str) -> None:
        """Judge the address of an embedded object: nobody may speak for another's subject."""
        if not (self._own and isinstance(value, str) and value.startswith(self._own)):
            self._add("foreign-subject", f"{pointer}/id")
        elif not is_iri(value):
            self._add("bad-link", f"{pointer}/id", key="id", value=value, wanted=self._own)

    def _types(self, value: object, pointer: str, depth: int) -> None:
        declared = value if isinstance(value, list) else [value]
        for name in declared:
            if isinstance(name, str) and name in PERSONS:
                self._add("no-person", f"{pointer}/type")
            elif isinstance(name, str) and name in LOCAL_TYPES:
                if depth or not self._local:
                    self._add("local-only", f"{pointer}/type", value=name)
            elif not depth:
                continue  # the record's own type is judged with the record
            elif not isinstance(name, str):
                self._add("unknown-type", f"{pointer}/type", value=name, known="…")
            elif name not in classes():
                plain = self._authoring or ":" in name or "@" in name
                known = ", ".join(classes())
                severity = VIOLATION if plain else WARNING
                mend = self._near(name, classes()) if self._authoring else None
                self._add(
                    "unknown-type", f"{pointer}/type", severity, mend, value=name, known=known
                )

    def _code_list(self, key: str, value: object, pointer: str) -> None:
        if isinstance(value, list):
            for index, item in enumerate(value):
                if not isinstance(item, str) or item not in self._codes.get(key, ()):
                    self._code(key, item, f"{pointer}/{index}")
        elif not isinstance(value, str) or value not in self._codes.get(key, ()):
            self._code(key, value, pointer)

    def _code(self, key: str, value: object, pointer: str) -> None:
        """Judge a code that is not in its list."""
        known = self._codes.get(key)
        pattern = _CODES.get(key, _CODE)
        meaning = names() - classes().keys() if key == "formerType" else names()
        if not isinstance(value, str) or value in meaning or not pattern.fullmatch(value):
            self._add("wrong-concept", pointer, key=key, value=value)
        elif known is not None:
            severity = VIOLATION if self._authoring else WARNING
            mend = self._near(value, known)
            self._add("unknown-concept", pointer, severity, mend, key=key, value=value)


def _better_address(key: str, value: object) -> dict[str, str] | None:
    """Return the advice to write the address that was meant, None when that is not known."""
    if not isinstance(value, str):
        return None
    meant = ""
    if key == "license":
        meant = licence_address(value)
    elif key == "email" and is_address(f"mailto:{value.strip()}", form_of(key)):
        meant = f"mailto:{value.strip()}"
    elif key == "contact" and is_address(f"mailto:{value.strip()}", form_of("email")):
        meant = f'{{"email": "mailto:{value.strip()}"}}'
    elif value.startswith("www."):
        meant = f"https://{value}"
    return SENTENCES.messages("did-you-mean", {"near": meant}) if meant else None


def _is_text_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
