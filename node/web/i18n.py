"""The language of a page: asked for in its address, else kept in a cookie, else the browser's."""

from dataclasses import dataclass
from itertools import islice
from typing import Final
from urllib.parse import urlencode

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, Response, current_app, request
from flask_babel import Babel, Domain, get_locale
from werkzeug.datastructures import LanguageAccept

from node.services.labels import own_language_name
from node.services.translate import catalogue
from node.web.current import absolute

PARAMETER: Final = "lang"
COOKIE: Final = "lang"
_MOST_PARAMETERS: Final = 200  # that a page repeats in its links; no form of ours has more
_YEAR_SECONDS: Final = 365 * 24 * 3600


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """A language that pages can be read in, and where this page is in it."""

    code: str
    name: str
    url: str
    current: bool


class _Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """Flask-Babel's translations, read from the .po files that ship with the code."""

    def get_translations(self) -> NullTranslations:
        """Return the translations into the language of this request."""
        return catalogue(current_language())


class _OurBabel(Babel):  # type: ignore[misc]  # Flask-Babel has no types
    @property
    def domain_instance(self) -> Domain:
        """Return the one domain of this program."""
        return _Catalogues()


def _languages() -> tuple[str, ...]:
    languages: tuple[str, ...] = current_app.config["LANGUAGES"]
    return languages


def _choose() -> str:
    known = _languages()
    for wish in (request.args.get(PARAMETER), request.cookies.get(COOKIE)):
        if wish in known:
            return wish
    accepted: LanguageAccept = request.accept_languages
    return accepted.best_match(known) or known[0]


def current_language() -> str:
    """Return the language code of this request's page."""
    locale = get_locale()
    return str(locale.language) if locale else _languages()[0]


def language_url(code: str) -> str:
    """Return the address of this page in another language."""
    pairs = [*kept_parameters(), (PARAMETER, code)]
    return f"{request.script_root}{request.path}?{urlencode(pairs)}"


def language_links() -> list[LanguageLink]:
    """Return this page in every language of the node."""
    current = current_language()
    return [
        LanguageLink(code, own_language_name(code), language_url(code), code == current)
        for code in _languages()
    ]


def site_address(url: str = "") -> str:
    """Return the public address of a link of this page, of the page itself by default."""
    pairs = urlencode(kept_parameters())
    own = f"{request.script_root}{request.path}{'?' if pairs else ''}{pairs}"
    return absolute((url or own).removeprefix(request.script_root))


def kept_parameters() -> list[tuple[str, str]]:
    """Return the parameters that the language form has to carry along."""
    pairs = ((name, value) for name, value in request.args.items(multi=True) if name != PARAMETER)
    return list(islice(pairs, _MOST_PARAMETERS))


def init_app(app: Flask, languages: tuple[str, ...], *, https: bool) -> None:
    """Choose a language for each request of `app`, remember it, and say it in the answer."""
    app.config["LANGUAGES"] = languages
    _OurBabel(app, default_locale=languages[0], locale_selector=_choose)

    @app.context_processor
    def offer() -> dict[str, object]:
        language = current_language()
        return {
            "lang": language,
            "dir": Locale.parse(language).text_direction,
            "language_links": language_links,
            "kept_parameters": kept_parameters,
            "site_address": site_address,
        }

    @app.after_request
    def remember(response: Response) -> Response:
        if response.mimetype != "text/html":
            return response
        response.headers.setdefault("Content-Language", current_language())
        response.headers.setdefault("Cache-Control", "no-cache")
        response.vary.update(("Accept", "Accept-Language", "Cookie"))
        wish = request.args.get(PARAMETER)
        if wish in languages:
            response.set_cookie(
                COOKIE,
                wish,
                max_age=_YEAR_SECONDS,
                path=request.script_root + "/",
                secure=https,
                httponly=True,
                samesite="Lax",
            )
        return response
