"""Why a practice fits, in sentences."""

from collections.abc import Mapping
from typing import Any

from babel import Locale, numbers

from node.services import labels
from node.services.cards import Card
from node.services.coded import label
from node.services.fit import Fits, Match
from node.services.sentences import SENTENCES
from node.services.text import one_line
from search.fit import Factor, Town
from vocab.concepts import label as concept
from vocab.language import pick
from vocab.terms import JsonObject, JsonValue


def factor_name(name: str, language: str) -> str:
    """Return what a factor is called."""
    return _say(f"fit-factor-{name}", {}, language)


def reason(factor: Factor, match: Match, town: Town, language: str) -> str:
    """Return the sentence that says what was compared."""
    said = _sentence(factor, town, language)
    if factor.member and factor.value is not None:
        place = _place_of(match.family[factor.member - 1])
        if place:
            said = f"{said} {_say('fit-member', {'place': place}, language)}"
    return said


def lacking(match: Match, language: str) -> list[tuple[str, str]]:
    """Return the essential conditions that the town lacks: label, and the record's own words."""
    return [
        (
            concept("condition", str(one.get("type")), language),
            one_line(pick(one.get("description"), (language,))[0]),
        )
        for one in match.fit.blocked
    ]


def _sentence(factor: Factor, town: Town, language: str) -> str:
    rule, values = _SAYERS[factor.name](factor, town, language) or ("fit-unknown", {})
    return _say(rule, values, language)


def _say(rule: str, values: Mapping[str, object], language: str) -> str:
    messages = SENTENCES.messages(rule, values)
    return messages.get(language) or messages["en"]


_Said = tuple[str, dict[str, object]] | None


def _need(factor: Factor, _town: Town, language: str) -> _Said:
    if factor.value is None:
        return None
    met, missing = (
        _labelled(factor.said["met"], language),
        _labelled(factor.said["missing"], language),
    )
    rule = "fit-need-some" if met and missing else "fit-need-met" if met else "fit-need-none"
    return rule, {"met": met, "missing": missing}


def _labelled(pairs: Any, language: str) -> str:
    schemes = {"theme": "theme", "group": "target-group"}
    return ", ".join(concept(schemes[kind], code, language) for kind, code in pairs)


def _size(factor: Factor, town: Town, language: str) -> _Said:
    if factor.value is None:
        return None
    there, here = factor.said["population"], town.population or 0
    return "fit-size", {"there": _number(there, language), "here": _number(here, language)}


def _settlement(factor: Factor, town: Town, language: str) -> _Said:
    there = factor.said.get("settlement", "")
    if factor.value is None:
        return None
    rule = "fit-settlement-same" if there == town.settlement else "fit-settlement"
    return rule, {
        "there": concept("settlement", there, language),
        "here": concept("settlement", town.settlement, language),
    }


def _budget(factor: Factor, town: Town, language: str) -> _Said:
    said, here = factor.said, _money(town.budget or 0, town.currency, language)
    if "amount" in said:
        there = _money(said["amount"], said["currency"], language)
        rule = "fit-budget-currency" if factor.value is None else "fit-budget"
        return rule, {"there": there, "here": here}
    if "band" in said:
        there = label("cost-band", said["band"], language)
        rule = "fit-budget-currency" if factor.value is None else "fit-budget-band"
        return rule, {"there": there, "here": here}
    return None


def _conditions(factor: Factor, town: Town, language: str) -> _Said:
    if factor.value is None:
        return None
    needed, unsure = factor.said["needed"], factor.said["open"]
    named = ", ".join(concept("condition", code, language) for code in needed)
    lack = [code for code in needed if town.conditions.get(code) is False]
    if lack:
        named = ", ".join(concept("condition", code, language) for code in lack)
        return "fit-conditions-lack", {"needed": named}
    if not needed:
        return "fit-conditions-none", {}
    if not unsure:
        return "fit-conditions-met", {"needed": named}
    open_ = ", ".join(concept("condition", code, language) for code in unsure)
    return "fit-conditions-open", {"needed": named, "open": open_}


def _evidence(factor: Factor, _town: Town, language: str) -> _Said:
    if factor.value is None:
        return None
    return "fit-evidence", {"there": concept("evidence-level", factor.said["evidence"], language)}


def _language(factor: Factor, _town: Town, language: str) -> _Said:
    if factor.value is None:
        return None
    named = ", ".join(labels.language_name(code, language) for code in factor.said["languages"])
    return ("fit-language" if factor.value == 1 else "fit-language-other"), {"there": named}


def _country(factor: Factor, _town: Town, language: str) -> _Said:
    if factor.value is None:
        return None
    if factor.value == 1:
        return "fit-country-same", {}
    return "fit-country", {"there": labels.country_name(factor.said["country"], language)}


_SAYERS = {
    "need": _need,
    "size": _size,
    "settlement": _settlement,
    "budget": _budget,
    "conditions": _conditions,
    "evidence": _evidence,
    "language": _language,
    "country": _country,
}


def _number(value: int, language: str) -> str:
    return str(numbers.format_decimal(value, locale=language))


def _money(value: int, currency: str, language: str) -> str:
    """Return an amount in whole units, the sign where the reader's language puts it."""
    locale = Locale.parse(language)
    pattern = locale.currency_formats["standard"].pattern.replace(".00", "")
    return str(
        numbers.format_currency(
            value, currency, format=pattern, locale=locale, currency_digits=False
        )
    )


def _place_of(card: Card) -> str:
    return ", ".join(part for part in (card.place, card.country) if part)


def as_json(found: Fits, town: Town, language: str) -> JsonObject:
    """Return the answer as `/api/v1/fit` and `lonja fit --json` give it."""
    groups = {"fitting": found.fitting, "blocked": found.blocked, "little_known": found.unknown}
    body: JsonObject = {"total": found.total, "compared": found.compared}
    for name, matches in groups.items():
        listed: list[JsonValue] = [_match_json(match, town, language) for match in matches]
        body[name] = listed
    return body


def _match_json(match: Match, town: Town, language: str) -> JsonObject:
    factors: list[JsonValue] = [
        {
            "factor": factor.name,
            "value": None if factor.value is None else round(factor.value, 3),
            "weight": round(factor.weight, 3),
            "reason": reason(factor, match, town, language),
            "from": match.family[factor.member - 1].uri if factor.member else match.card.uri,
        }
        for factor in match.fit.factors
    ]
    blocked: list[JsonValue] = [
        {"condition": str(one.get("type")), "label": name, "description": text}
        for one, (name, text) in zip(match.fit.blocked, lacking(match, language), strict=True)
    ]
    return {
        "uri": match.card.uri,
        "title": match.card.title.text,
        "type": match.card.type,
        "place": match.card.place,
        "country": match.card.country,
        "rank": round(match.fit.rank, 4),
        "fit": round(match.fit.fit, 4),
        "known": round(match.fit.known, 4),
        "blocked": blocked,
        "beyond_budget": match.fit.beyond_budget,
        "factors": factors,
    }
