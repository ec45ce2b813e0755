"""Every message of the shapes speaks all languages."""

import pytest
from rdflib import URIRef

from vocab.language import LANGUAGES
from vocab.shapes import SH, read_shapes

pytestmark = pytest.mark.unit


def test_every_message_speaks_all_languages() -> None:
    said: dict[object, dict[str, str]] = {}
    for shape, message in read_shapes().subject_objects(URIRef(SH + "message")):
        said.setdefault(shape, {})[getattr(message, "language", "")] = str(message)
    assert len(said) > 150
    for texts in said.values():
        assert set(texts) == set(LANGUAGES), texts
        assert len(set(texts.values())) == len(LANGUAGES), texts
