"""What templates need to write numbers, dates and addresses as the reader expects them."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Final

from babel import Locale, numbers
from babel.dates import format_date, format_time
from flask import Flask, g, request
from flask_babel import gettext as _

from node.services import labels
from node.services.cards import Card
from node.services.facets import origin_names
from node.services.fields import Month, Plain
from node.services.text import one_line
from node.web.current import runtime
from node.web.i18n import current_language
from vocab import glossary

_SECONDS_A_MINUTE: Final = 60
_QUOTED: Final = re.compile(r"([“«„]\s?)(\w+)(\s?[”»“])")
_HABITS: Final = {"en": "en_GB"}
"""Where a language is written in several ways: the one most readers of these pages know."""


def _locale() -> Locale:
    language = current_language()
    return Locale.parse(_HABITS.get(language, language))


def number(value: float) -> str:
    """Return a number with the reader's separators and at most three decimals."""
    return str(numbers.format_decimal(value, locale=_locale()))


def money(amount: int, currency: str) -> str:
    """Return an amount in whole units, the sign where the reader's language puts it."""
    locale = _locale()
    if len(currency) != 3 or not currency.isalpha():
        return f"{number(amount)} {currency}".strip()
    pattern = locale.currency_formats["standard"]
    return str(
        numbers.format_currency(
            amount,
            currency,
            format=pattern.pattern.replace(".00", ""),
            locale=locale,
            currency_digits=False,
        )
    )


def day(value: date) -> str:
    """Return a day in words ("15 November 2026")."""
    return format_date(value, format="long", locale=_locale())


def plain(value: Plain) -> str:
    """Return a value of a record as people write it."""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, Month):
        return str(format_date(value, format="MMMM yyyy", locale=_locale()))
    if isinstance(value, date):
        return day(value)
    return str(value) if isinstance(value, str) else number(value)


def moment(value: datetime) -> str:
    """Return a moment, UTC, to the minute."""
    locale = _locale()
    clock = format_time(value, format="short", locale=locale)
    return f"{format_date(value, format='medium', locale=locale)}, {clock} UTC"


def stamp(value: date) -> str:
    """Return a day or a moment, to the second, as HTML's `datetime` attribute takes it."""
    return value.isoformat(timespec="seconds") if isinstance(value, datetime) else value.isoformat()


def duration(seconds: float) -> str:
    """Return a duration as seconds, or as minutes and seconds when it is long."""
    if seconds < _SECONDS_A_MINUTE:
        return f"{number(round(seconds, 1))} s"
    minutes, rest = divmod(round(seconds), _SECONDS_A_MINUTE)
    return f"{number(minutes)} min {rest} s"


def short(address: str) -> str:
    """Return an address without what every address has."""
    return address.removeprefix("https://").removeprefix("http://").removesuffix("/")


def page_url(path: str) -> str:
    """Return the address of a path of this node, also where it is served under a sub-path."""
    return request.script_root + path


def publisher_name(card: Card) -> str:
    """Return what the publisher of a record calls itself, and its host, which nobody imitates."""
    if "origin_names" not in g:
        g.origin_names = origin_names(runtime().journal.origins())
    name = str(g.origin_names.get(card.origin, ""))
    return f"{name} ({card.host})" if name and name != card.host else card.host


def language_name(code: str) -> str:
    """Return the name of a language in the language of the page."""
    return labels.language_name(code, current_language())


def sentence(messages: Mapping[str, str]) -> str:
    """Return the sentence in the language of the page, English where there is none."""
    return one_line(messages.get(current_language()) or messages.get("en", ""))


def worded(text: str) -> str:
    """Return a sentence about a field with the field's name in the place of its key."""
    known, language = glossary.entries(), current_language()
    return _QUOTED.sub(
        lambda found: (
            found[1]
            + (known[found[2]].label(language) if found[2] in known else found[2])
            + found[3]
        ),
        text,
    )


def init_app(app: Flask) -> None:
    """Offer the filters to templates."""
    app.jinja_env.filters.update(
        number=number,
        plain=plain,
        day=day,
        moment=moment,
        stamp=stamp,
        duration=duration,
        one_line=one_line,
        language_name=language_name,
        sentence=sentence,
        short=short,
        worded=worded,
    )
    app.jinja_env.globals.update(money=money, page_url=page_url, publisher_name=publisher_name)
