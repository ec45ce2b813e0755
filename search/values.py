"""Reading values out of a record that may hold anything: what does not fit is left out."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from vocab.terms import JsonObject


def texts(value: object) -> dict[str, str]:
    """Return the non-empty texts of a language map, by language code."""
    if not isinstance(value, dict):
        return {}
    return {
        language: text for language, text in value.items() if isinstance(text, str) and text.strip()
    }


def strings(value: object) -> list[str]:
    """Return the strings of a value that is one string or a list of some, without repeats."""
    if isinstance(value, str):
        return [value] if value else []
    if not isinstance(value, list):
        return []
    return list(dict.fromkeys([item for item in value if isinstance(item, str) and item]))


def string(value: object) -> str:
    """Return the value if it is a string, its first string if it is a list, otherwise ""."""
    if isinstance(value, str):
        return value
    return next(iter(strings(value)), "")


def addresses(value: object) -> list[str]:
    """Return the URIs of a link: strings, or the `id` of embedded objects."""
    if isinstance(value, str):
        return [value] if value else []
    items = value if isinstance(value, list) else [value]
    return strings([item.get("id") if isinstance(item, dict) else item for item in items])


def mapping(value: object) -> dict[str, Any]:
    """Return the value if it is an object, the first object of a list, otherwise {}."""
    return next(objects(value), {})


def objects(value: object) -> Iterator[dict[str, Any]]:
    """Yield the objects of a value that is one object or a list of some."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def number(value: object) -> float | None:
    """Return the value if it is a finite number, otherwise None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e300 else None  # also refuses NaN


def seconds(value: object) -> int | None:
    """Return a date ("2024", "2024-05", "2024-05-06") or date-time as seconds since 1970, UTC."""
    if not isinstance(value, str):
        return None
    text = value.strip()
    text += {4: "-01-01", 7: "-01"}.get(len(text), "")
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
        else:
            moment = datetime.fromisoformat(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=UTC)
        return int(moment.timestamp())
    except (ValueError, OverflowError):
        return None


def languages_of(document: JsonObject) -> list[str]:
    """Return the codes of the languages in which a record has a title or a name."""
    return sorted(texts(document.get("title")) or texts(document.get("name")))
