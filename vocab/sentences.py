"""The sentences of findings in the languages of the project, one file a language.

A catalogue is a folder with `en.json`, `es.json` …, each a map from the stable name of a rule to
what is wrong and how to mend it ("" where the first sentence says enough). Names in braces are
filled in.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Final

import orjson

from vocab.language import LANGUAGES

MAX_VALUE: Final = 120  # characters of a value that a sentence quotes
_WHOLE: Final = frozenset({"known"})  # the program's own lists are never cut


class Catalogue:
    """The sentences of one package.

    Args:
        folder: where its files are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @cached_property
    def _sentences(self) -> Mapping[str, Mapping[str, tuple[str, str]]]:
        found: dict[str, dict[str, tuple[str, str]]] = {}
        for language in LANGUAGES:
            rows = orjson.loads((self._folder / f"{language}.json").read_bytes())
            for rule, (message, fix) in rows.items():
                found.setdefault(rule, {})[language] = (message, fix)
        return found

    def rules(self) -> frozenset[str]:
        """Return the names of all rules that have sentences."""
        return frozenset(self._sentences)

    def messages(self, rule: str, values: Mapping[str, object] | None = None) -> dict[str, str]:
        """Return what is wrong, per language, with the values filled in.

        Args:
            rule: a name of `rules()`.
            values: what stands for the names in braces; a map is taken as text per language.

        Raises:
            KeyError: no such rule.
        """
        return self._filled(rule, 0, values or {})

    def fixes(self, rule: str, values: Mapping[str, object] | None = None) -> dict[str, str]:
        """Return how to mend it, per language; {} where the message says enough.

        Raises:
            KeyError: no such rule.
        """
        return self._filled(rule, 1, values or {})

    def _filled(self, rule: str, part: int, values: Mapping[str, object]) -> dict[str, str]:
        return {
            language: _fill(sentence[part], values, language)
            for language, sentence in self._sentences[rule].items()
            if sentence[part]
        }


def _fill(text: str, values: Mapping[str, object], language: str) -> str:
    """Put values in; plain replacement, since texts hold braces and values anything at all."""
    for name, value in values.items():
        own = value.get(language, "") if isinstance(value, Mapping) else value
        said = str(own) if name in _WHOLE else shorten(str(own))
        text = text.replace("{" + name + "}", said)
    return text


def shorten(text: str, limit: int = MAX_VALUE) -> str:
    """Return a text short enough for one line of a list."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
