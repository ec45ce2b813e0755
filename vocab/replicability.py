"""What a town wants to know before it repeats a practice, and whether the record says it.

Ten questions of equal weight, from the templates of Interreg Europe, FAO, WOCAT, URBACT and others.
They measure how well a practice is described, not how good it is; so they are always shown as
answers and gaps, never as a number alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from vocab.messages import SENTENCES
from vocab.terms import JsonObject


@dataclass(frozen=True, slots=True)
class Answer:
    """One of the ten questions.

    Attributes:
        code: stable name of the question.
        degree: "yes", "partly" or "no".
        missing: keys of the record that would answer it better; empty for "yes".
    """

    code: str
    degree: str
    missing: tuple[str, ...]

    def question(self, language: str) -> str:
        """Return the question in a language, English where there is none."""
        return _in(language, SENTENCES.messages(f"replicable-{self.code}"))

    def gap(self, language: str) -> str:
        """Return what to add so that it is answered; "" when it is."""
        if self.degree == "yes":
            return ""
        return _in(language, SENTENCES.fixes(f"replicable-{self.code}"))

    def as_json(self, language: str) -> dict[str, Any]:
        """Return the answer as the CLI and the API print it."""
        return {
            "question": self.code,
            "text": self.question(language),
            "answer": self.degree,
            "missing": list(self.missing),
            "gap": self.gap(language),
        }


def answers(document: JsonObject) -> tuple[Answer, ...]:
    """Return the ten questions with what a practice's record says to each.

    Args:
        document: a Practice, BestPractice or Adaptation, whatever else may be in it.
    """
    return tuple(_answer(code, said(document)) for code, said in _QUESTIONS.items())


def _answer(code: str, said: Mapping[str, bool]) -> Answer:
    missing = tuple(key for key, there in said.items() if not there)
    degree = "yes" if not missing else "no" if len(missing) == len(said) else "partly"
    return Answer(code, degree, missing)


def _in(language: str, texts: Mapping[str, str]) -> str:
    return texts.get(language) or texts["en"]


def _items(value: object) -> list[Any]:
    return [item for item in (value if isinstance(value, list) else [value]) if item]


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _has(*keys: str) -> Callable[[JsonObject], dict[str, bool]]:
    return lambda record: {key: bool(record.get(key)) for key in keys}


def _resources(record: JsonObject) -> dict[str, bool]:
    kinds = {_object(cost).get("costKind") for cost in _items(record.get("cost"))}
    return {
        "costBand": "setup" in kinds or bool(record.get("costBand")),
        "cost": "yearly" in kinds,
        "staff": record.get("staff") is not None,
        "setupMonths": record.get("setupMonths") is not None,
    }


def _place(record: JsonObject) -> dict[str, bool]:
    place = _object(record.get("place"))
    return {
        "place/country": bool(place.get("country") or place.get("countryName")),
        "place/population": place.get("population") is not None,
        "place/settlement": bool(place.get("settlement")),
    }


def _core(record: JsonObject) -> dict[str, bool]:
    return {
        "coreElement": bool(record.get("coreElement") or record.get("kept")),
        "adaptable": bool(record.get("adaptable") or record.get("changed")),
    }


def _material(record: JsonObject) -> dict[str, bool]:
    assets = [_object(part) for part in _items(record.get("asset"))]
    return {"asset": bool(assets), "asset/license": any(part.get("license") for part in assets)}


def _help(record: JsonObject) -> dict[str, bool]:
    return {"mentoring": _object(record.get("mentoring")).get("available") is True}


_QUESTIONS: Final[dict[str, Callable[[JsonObject], Mapping[str, bool]]]] = {
    "need": _has("problem", "solution"),
    "evidence": _has("result", "evidenceLevel"),
    "steps": _has("step"),
    "resources": _resources,
    "place": _place,
    "conditions": _has("condition", "competence"),
    "core": _core,
    "candour": _has("difficulty", "lesson"),
    "material": _material,
    "help": _help,
}
