"""Every sentence exists in every shipped language."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po

from node.services.translate import catalogue

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
CATALOGUES = sorted((ROOT / "node" / "translations").glob("*/LC_MESSAGES/messages.po"))


def sentences() -> set[str]:
    found = extract_from_dir(
        ROOT / "node",
        METHODS,
        options_map={"templates/**.html": {"trim_blocks": "true"}},
        keywords={**DEFAULT_KEYWORDS, "UserError": None, "Sentence": None},
    )
    return {message if isinstance(message, str) else message[0] for _f, _l, message, *_ in found}


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_no_sentence_is_left_in_english(file: Path) -> None:
    with file.open("rb") as source:
        known: Catalog = read_po(source)
    translated = {
        message.id if isinstance(message.id, str) else message.id[0]: message
        for message in known
        if message.id
    }
    wanted = sentences()
    assert len(wanted) > 200
    assert wanted - set(translated) == set(), "run: make translations"
    assert set(translated) - wanted == set(), "no longer used"
    for message in translated.values():
        said = [message.string] if isinstance(message.string, str) else list(message.string)
        assert all(said), message.id
        assert not message.fuzzy, message.id


def _placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s|%%", text))


def _pairs(file: Path) -> Iterator[tuple[str, str]]:
    with file.open("rb") as source:
        for message in read_po(source):
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            said = [message.string] if isinstance(message.string, str) else list(message.string)
            yield from zip(ids, said, strict=True)


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.parts[-3])
def test_translations_keep_the_placeholders(file: Path) -> None:
    for original, said in _pairs(file):
        if original:
            assert _placeholders(said) == _placeholders(original), original


def test_no_sentence_holds_a_lone_percent_sign() -> None:
    for sentence in sentences():
        assert not re.search(r"%(?!\()", sentence.replace("%%", "")), sentence


def test_a_language_without_a_catalogue_falls_back_to_english() -> None:
    assert catalogue("xx").gettext("Theme") == "Theme"
    assert catalogue("../es").gettext("Theme") == "Theme"
    assert catalogue("es").gettext("Theme") == "Tema"
