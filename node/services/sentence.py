"""A sentence in English that can be said in another language: it keeps what it names.

Where it is made it is a literal, so that it is found when the catalogues are made; commands print
it as it is, pages look it up.
"""

from collections.abc import Mapping


class Sentence(str):
    """A text like any other, in English, with the sentence it was made of.

    Args:
        sentence: with %(name)s for what it names.
        values: what it names: texts, numbers, or texts by language.
    """

    sentence: str
    values: Mapping[str, object]

    def __new__(cls, sentence: str, **values: object) -> "Sentence":
        """Return the sentence with its values, in English."""
        made = super().__new__(cls, _filled(sentence, values, "en"))
        made.sentence, made.values = sentence, values
        return made

    def told(self, sentence: str, language: str) -> str:
        """Return it in a language, from its sentence in that language."""
        return _filled(sentence, self.values, language)


def _filled(sentence: str, values: Mapping[str, object], language: str) -> str:
    said = {
        name: value.get(language) or value["en"] if isinstance(value, Mapping) else value
        for name, value in values.items()
    }
    return sentence % said if said else sentence
