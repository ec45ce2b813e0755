"""From bytes to a checked JSON document: the strict gate in front of everything else."""

import json
from collections.abc import Sequence
from typing import Any, Final, NoReturn

import orjson

from vocab.canonical import canonical_bytes
from vocab.findings import Finding
from vocab.keys import MAX_DEPTH, MAX_INTEGER, KeyCheck
from vocab.messages import finding
from vocab.terms import JsonObject

MAX_BYTES: Final = 256 * 1024


class DocumentError(ValueError):
    """The bytes hold no acceptable JSON document.

    Attributes:
        findings: what is wrong, at least one.
    """

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(findings[0].message())
        self.findings = list(findings)


class _RefusedError(ValueError):
    """A value inside that JSON allows and a record does not."""

    def __init__(self, found: Finding) -> None:
        super().__init__(found.rule)
        self.found = found


def parse(data: bytes, *, record: str = "") -> JsonObject:
    """Return the JSON object in `data`, refusing what readers could understand differently.

    That is: text that is not UTF-8, two equal keys, NaN and infinity, integers beyond
    ±(2^53 - 1), lone surrogates, more than 32 levels, more than 256 kB (RFC 7493, I-JSON).

    Args:
        data: the bytes as received.
        record: how findings name the record to its author.

    Raises:
        DocumentError: with what is wrong.
    """
    if len(data) > MAX_BYTES:
        _refuse(finding("too-large", "", limit=MAX_BYTES // 1024), record)
    document = parse_value(data, record=record)
    if not isinstance(document, dict):
        _refuse(finding("not-object", ""), record)
    return document


def parse_value(data: bytes, *, record: str = "") -> object:
    """Return the JSON value in `data` by the rules of `parse`, of any kind and size.

    Raises:
        DocumentError: with what is wrong.
    """
    document = _load_canonical(data)
    return _load(data, record) if document is None else document


def check_keys(document: JsonObject, *, authoring: bool) -> list[Finding]:
    """Return what is wrong with keys, addresses and codes, whatever the type of the record.

    Args:
        document: a parsed document.
        authoring: whether its author can still mend it: then an unknown key or code is a
            violation; in a harvested record it is a warning (the sender may be newer).
    """
    return KeyCheck(document, authoring=authoring).run()


def _refuse(found: Finding, record: str, detail: str = "") -> NoReturn:
    raise DocumentError(
        [
            Finding(
                rule=found.rule,
                pointer=found.pointer,
                severity=found.severity,
                messages=found.messages,
                fixes=found.fixes,
                record=record,
                detail=detail,
            )
        ]
    )


def _load_canonical(data: bytes) -> object:
    """Return the value if the bytes are its RFC 8785 form, else None.

    What nodes exchange is in that form, and only one value has those bytes: nothing is left to
    check but the depth. This is several times faster than watching each pair go by.
    """
    try:
        value = orjson.loads(data)
        if not too_deep(value) and canonical_bytes(value) == data:
            return value
    except ValueError:
        pass  # the careful way finds out what is wrong
    return None


def _load(data: bytes, record: str) -> object:
    try:
        value = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_float,
            parse_constant=_constant,
        )
        if too_deep(value):
            raise _RefusedError(finding("too-deep", "", limit=MAX_DEPTH))
        orjson.dumps(value)  # raises for a lone surrogate
    except UnicodeDecodeError as error:
        _refuse(finding("not-utf8", ""), record, str(error))
    except json.JSONDecodeError as error:
        found = finding("not-json", "", line=error.lineno, column=error.colno)
        _refuse(found, record, error.msg)
    except _RefusedError as error:
        _refuse(error.found, record)
    except RecursionError:
        _refuse(finding("too-deep", "", limit=MAX_DEPTH), record)
    except TypeError as error:
        _refuse(finding("bad-text", ""), record, str(error))
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _RefusedError(finding("duplicate-key", "", key=key))
            seen.add(key)
    return members


def _integer(text: str) -> int:
    if len(text) > len(str(MAX_INTEGER)) + 1 or abs(int(text)) > MAX_INTEGER:
        raise _RefusedError(finding("bad-number", "", value=text))
    return int(text)


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise _RefusedError(finding("bad-number", "", value=text))
    return number


def _constant(text: str) -> NoReturn:
    raise _RefusedError(finding("bad-number", "", value=text))


def too_deep(value: object, levels: int = MAX_DEPTH) -> bool:
    """Say whether lists and objects are nested more than `levels` deep."""
    if isinstance(value, dict):
        inner: Any = value.values()
    elif isinstance(value, list):
        inner = value
    else:
        return False
    return levels == 0 or any(too_deep(item, levels - 1) for item in inner)
