"""Errors of the use cases: one readable line with the way out."""

from collections.abc import Mapping


class ServiceError(Exception):
    """A use case cannot be carried out; the message says why and what to do."""


class UserError(ServiceError):
    """One that a page tells too: its sentence stands in the catalogues of all languages.

    Args:
        sentence: in English, with %(name)s for what it names. It is a literal, so that it is found
            when the catalogues are made.
        values: what it names: texts, numbers, or texts by language.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        super().__init__(fill(sentence, values, "en"))
        self.sentence = sentence
        self.values = values

    def told(self, sentence: str, language: str) -> str:
        """Return the error in a language, from its sentence in that language."""
        return fill(sentence, self.values, language)


def fill(sentence: str, values: Mapping[str, object], language: str) -> str:
    """Return a sentence with its values."""
    said = {
        name: value.get(language) or value["en"] if isinstance(value, Mapping) else value
        for name, value in values.items()
    }
    return sentence % said if said else sentence
