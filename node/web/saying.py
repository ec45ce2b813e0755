"""The form of an observation: a citizen fills it in, or staff for somebody who spoke to them."""

import re
import secrets
from collections.abc import Sequence
from typing import Final

from flask import request
from flask_babel import gettext as _

from federation.records import Entry
from node.forms.inputs import text_languages
from node.local.observations import Said
from node.services.personal import Hint, hints
from node.web.current import runtime
from node.web.i18n import current_language
from node.web.words import hint_kinds
from vocab import concepts

_MONTH: Final = re.compile(r"[12][0-9]{3}-(0[1-9]|1[0-2])")
_FORM: Final = 100  # characters of the word by which a form is known when it comes twice
_CHEAP: Final = ("mail", "phone")
"""Hints that a browser gives before the form is sent."""


def said(about: Entry, entered: str = "citizen", mail: str = "") -> tuple[Said, str]:
    """Return what the form says of a practice, and what is wrong with it in the reader's language.

    Consent and mail address are for the caller to look at.
    """
    form, now = request.form, runtime().clock()
    rating = form.get("rating", "")
    found = Said(
        record=about.uri,
        origin=about.origin,
        kind=form.get("kind", ""),
        text=form.get("text", "").replace("\r\n", "\n"),
        language=form.get("language", current_language()),
        month=form.get("month", "") or now.strftime("%Y-%m"),
        groups=tuple(c for c in form.getlist("group") if concepts.is_code("target-group", c)),
        rating=int(rating) if rating in {"1", "2", "3", "4", "5"} else None,
        entered=entered,
        mail=mail,
    )
    languages = {code for code, _name in text_languages("en")}
    month_is_good = _MONTH.fullmatch(found.month) and found.month <= now.strftime("%Y-%m")
    checks = (
        (concepts.is_code("observation", found.kind), _("Choose what kind of observation it is.")),
        (found.text.strip(), _("Say what you have seen or lived through.")),
        (month_is_good, _("Give the month as in 2026-03, not one that is still to come.")),
        (found.language in languages, _("Choose the language of your text.")),
    )
    return found, next((str(sentence) for good, sentence in checks if not good), "")


def unconfirmed(text: str) -> list[Hint]:
    """Return what looks personal in a text and was not yet shown to whoever sends it."""
    confirmed = set(request.form.get("anyway", "").split())
    found = hints(text)
    return found if any(one.kind not in confirmed for one in found) else []


def shown_hints(found: Sequence[Hint]) -> list[tuple[str, str]]:
    """Return hints as pages show them: what it seems to be, and where."""
    return [(hint_kinds()[one.kind], one.excerpt) for one in found]


def words(seen: Sequence[Hint] = ()) -> dict[str, object]:
    """Return what the template of the form needs.

    Args:
        seen: hints to show before the text is taken.
    """
    language, form = current_language(), request.form
    return {
        "hints": shown_hints(seen),
        "hint_codes": " ".join(dict.fromkeys(one.kind for one in seen)),
        "cheap": [(code, hint_kinds()[code]) for code in _CHEAP],
        "kinds": _labels("observation", language),
        "groups": _labels("target-group", language),
        "languages": text_languages(language),
        "values": form,
        "form": form.get("form", "")[:_FORM] or secrets.token_urlsafe(16),
        "month": form.get("month") or runtime().clock().strftime("%Y-%m"),
        "own_language": form.get("language") or language,
    }


def _labels(scheme: str, language: str) -> list[tuple[str, str]]:
    return [(code, concepts.label(scheme, code, language)) for code in concepts.codes(scheme)]
