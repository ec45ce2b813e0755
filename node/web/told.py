"""What went wrong, in the language of whoever reads the page."""

from collections.abc import Mapping

from flask import Flask
from flask_babel import gettext

from node.services.errors import UserError
from node.services.sentence import Sentence
from node.web.i18n import current_language


def told(said: Exception | str) -> str:
    """Return an error or a sentence in the reader's language, in English where there is none."""
    text = said.said if isinstance(said, UserError) else said
    if isinstance(text, Sentence):
        found = text.told(gettext(text.sentence), current_language())
    else:
        found = _found(getattr(text, "messages", None)) or str(text)
    return found[:1].upper() + found[1:]


def _found(messages: object) -> str:
    """Return the sentence of an error that carries one per language."""
    if not isinstance(messages, Mapping):
        return ""
    return str(messages.get(current_language()) or messages.get("en") or "")


def init_app(app: Flask) -> None:
    """Offer `told` to templates."""
    app.jinja_env.filters["told"] = told
