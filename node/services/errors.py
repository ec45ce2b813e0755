"""Errors of the use cases: one readable line with the way out."""

from node.services.sentence import Sentence


class ServiceError(Exception):
    """A use case cannot be carried out; the message says why and what to do."""


class UserError(ServiceError):
    """One that a page tells too: its sentence stands in the catalogues of all languages.

    Args:
        sentence: in English, a literal, with %(name)s for what it names.
        values: what it names: texts, numbers, or texts by language.
    """

    def __init__(self, sentence: str, **values: object) -> None:
        self.said = Sentence(sentence, **values)
        super().__init__(self.said)
