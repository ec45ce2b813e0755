"""Which practices fit my town: a form, its explained answer, and the same for programs."""

from typing import Final
from urllib.parse import urlencode

import orjson
from babel import Locale
from flask import Blueprint, Response, abort, render_template, request

from node.accounts.roles import Scope
from node.gazetteer.lookup import Town as Place
from node.gazetteer.lookup import places, settlement_guess
from node.services import labels
from node.services.accounts import local_origins
from node.services.fit import LISTED, MAX_LISTED, which_fit
from node.services.fit_words import as_json, factor_name, lacking, reason
from node.services.town import MOST_WEIGHT, Asked, default_slider, read_town
from node.web.asked import bad_parameters
from node.web.current import absolute, runtime
from node.web.desk import origin_name
from node.web.i18n import PARAMETER, current_language
from node.web.negotiate import JSON, choose
from node.web.session import holder
from search.fit import WEIGHTS
from vocab.concepts import codes, label
from vocab.language import LANGUAGES

blueprint = Blueprint("fit", __name__)

_CURRENCIES: Final = ("EUR", "BRL", "CHF", "CZK", "DKK", "GBP", "HUF", "NOK", "PLN", "RON", "SEK",
                      "USD")  # fmt: skip

_SHOWN: Final = 10
_PLACES: Final = 8

Choice = tuple[str, str]


@blueprint.get("/fits")
def fits() -> str:
    """The form, and the answer to what it holds; all of it is in the address, nothing is kept."""
    asked, problems = read_town(request.args.to_dict(flat=False), extra=(PARAMETER,))
    language = current_language()
    found = which_fit(runtime(), asked, language, _SHOWN) if asked.said else None
    return render_template(
        "fits.html",
        section="fits",
        canonical=absolute("/fits"),
        asked=asked,
        problems=problems,
        found=found,
        factor_name=lambda name: factor_name(name, language),
        reason=lambda factor, match: reason(factor, match, asked.town, language),
        lacking=lambda match: lacking(match, language),
        country_name=lambda code: labels.country_name(code, language),
        place_query=_place_query,
        keepers=_keepers(),
        kept_query=urlencode(_without_language(), doseq=True),
        settlements=_choices("settlement"),
        themes=_choices("theme"),
        groups=_choices("target-group"),
        conditions=_choices("condition"),
        countries=_countries(language),
        currencies=_CURRENCIES,
        languages=[(code, labels.language_name(code, language)) for code in _languages(asked)],
        factors=list(WEIGHTS),
        most_weight=MOST_WEIGHT,
        moved=any(asked.sliders[name] != default_slider(name) for name in asked.sliders),
    )


@blueprint.get("/api/v1/fit")
def fit_api() -> Response:
    """The same answer as JSON."""
    if choose(request.accept_mimetypes, (JSON,)) is None:
        abort(406)
    asked, problems = read_town(request.args.to_dict(flat=False), extra=(PARAMETER,))
    if problems:
        return bad_parameters(problems)
    limit = min(max(request.args.get("limit", LISTED, int), 1), MAX_LISTED)
    language = current_language()
    body = as_json(which_fit(runtime(), asked, language, limit), asked.town, language)
    response = Response(orjson.dumps(body), content_type=JSON)
    response.headers["Cache-Control"] = "no-store"  # a profile is nobody else's business
    response.headers["Content-Language"] = language
    return response


@blueprint.get("/api/v1/places")
def places_api() -> Response:
    """Places by name: `q` is the name or how it begins, `country` two letters."""
    limit = request.args.get("limit", _PLACES, int)
    found = places(request.args.get("q", ""), request.args.get("country", "").upper(), limit)
    listed = [
        {
            "name": one.name,
            "country": one.country,
            "population": one.population,
            "latitude": one.latitude,
            "longitude": one.longitude,
            "settlement_guess": settlement_guess(one.population),
            "geonames": one.number,
        }
        for one in found
    ]
    response = Response(orjson.dumps({"places": listed}), content_type=JSON)
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _keepers() -> list[Choice]:
    """Return the origins for which who asks may keep the profile of a village."""
    me = holder()
    held = [did for did in local_origins(runtime()) if me and me.may(Scope.WRITE, did)]
    return [(did, origin_name(did)) for did in held]


def _without_language() -> dict[str, list[str]]:
    given = request.args.to_dict(flat=False)
    return {
        name: kept
        for name, values in given.items()
        if name != PARAMETER and (kept := [value for value in values if value])
    }


def _place_query(place: Place) -> str:
    """Return the query string of this page for another place of the same name."""
    kept = {
        name: values
        for name, values in request.args.to_dict(flat=False).items()
        if name not in ("place", "population", "country", "settlement")
    }
    chosen = {
        "place": place.name,
        "population": str(place.population),
        "country": place.country,
        "settlement": settlement_guess(place.population),
    }
    return urlencode({**chosen, **kept}, doseq=True)


def _choices(scheme: str) -> list[Choice]:
    return [(code, label(scheme, code, current_language())) for code in codes(scheme)]


def _languages(asked: Asked) -> list[str]:
    return list(dict.fromkeys([*LANGUAGES, *asked.town.languages]))


def _countries(language: str) -> list[Choice]:
    territories = Locale.parse(language).territories
    found = [
        (code, name) for code, name in territories.items() if len(code) == 2 and code.isalpha()
    ]
    fictitious = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"}
    return sorted((one for one in found if one[0] not in fictitious), key=lambda one: one[1])
