"""What went wrong, in the language of whoever reads the page."""

from collections.abc import Mapping

from flask_babel import gettext

from node.services.errors import UserError
from node.web.i18n import current_language


def told(error: Exception) -> str:
    """Return an error as a sentence in the reader's language, in English where there is none."""
    if isinstance(error, UserError):
        said = error.told(gettext(error.sentence), current_language())
    else:
        said = _found(getattr(error, "messages", None)) or str(error)
    return said[:1].upper() + said[1:]


def _found(messages: object) -> str:
    """Return the sentence of an error that carries one per language."""
    if not isinstance(messages, Mapping):
        return ""
    return str(messages.get(current_language()) or messages.get("en") or "")
