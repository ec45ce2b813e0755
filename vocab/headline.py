"""What a record is called in lists and on its page, whatever its type."""

from typing import Final

from vocab.terms import JsonObject

MAX_CHARACTERS: Final = 120
_KEYS: Final = ("title", "name", "text", "description")
"""Where a heading is looked for: an observation has no title, its text begins like one."""


def headline(document: JsonObject) -> dict[str, str]:
    """Return the heading of a record per language, {} where it says nothing of itself.

    Titles and names come whole; longer texts are cut at a word.
    """
    for key in _KEYS:
        value = document.get(key)
        if isinstance(value, dict):
            found = {
                language: text if key in _KEYS[:2] else shortened(text, MAX_CHARACTERS)
                for language, text in value.items()
                if isinstance(text, str) and text.strip()
            }
            if found:
                return found
    return {}


def headline_text(document: JsonObject, language: str) -> str:
    """Return the heading in a language, else in English or any other, "" without one."""
    found = headline(document)
    return found.get(language) or found.get("en") or next(iter(found.values()), "")


def shortened(text: str, limit: int) -> str:
    """Return the text on one line, cut after a whole word and marked with an ellipsis if longer."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = text[:limit]
    cut = head.rfind(" ")
    return head[: cut if cut > limit // 2 else limit].rstrip(" ,;:.–-") + "…"
