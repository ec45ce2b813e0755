"""Concept schemes: codes, order, labels, and what the context makes of them."""

import pytest

from vocab import concepts
from vocab.context import names, terms

pytestmark = pytest.mark.unit


def test_every_label_is_there_in_six_languages() -> None:
    for scheme in concepts.scheme_names():
        assert concepts.codes(scheme)
        for code in concepts.codes(scheme):
            assert set(concepts.labels(scheme, code)) == {"en", "es", "fr", "de", "it", "pt"}


def test_codes_come_in_the_order_of_their_list() -> None:
    assert concepts.codes("sdg") == tuple(map(str, range(1, 18)))
    assert concepts.codes("settlement")[:3] == ("city", "town-suburb", "dense-town")
    assert concepts.codes("maturity")[-1] == "abandoned"
    assert concepts.codes("no-such-scheme") == ()


def test_labels_fall_back_to_english_then_to_the_code() -> None:
    assert concepts.label("theme", "mobility", "es") == "Movilidad y transporte"
    assert concepts.label("theme", "mobility", "xx") == "Mobility and transport"
    assert concepts.label("theme", "flying-cars", "es") == "flying-cars"
    assert concepts.scheme_label("theme", "es") == "Tema"
    assert concepts.scheme_label("none-such", "es") == "none-such"


def test_concepts_are_found_by_any_label_without_accents() -> None:
    assert concepts.find("  ENERGÍA ") == concepts.find("energia") == [("theme", "energy")]
    assert ("helix", "civil-society") in concepts.find("Organisation der Zivilgesellschaft")
    assert concepts.find("no such thing") == []


def test_keys_lead_to_their_scheme() -> None:
    assert concepts.key_scheme("targetGroup") == concepts.key_scheme("group") == "target-group"
    assert concepts.key_scheme("sdg") == "sdg"
    assert concepts.key_scheme("language") is None
    assert concepts.key_scheme("title") is None
    assert set(concepts.key_schemes()) <= set(terms())


def test_narrower_codes_know_their_parent() -> None:
    assert concepts.broader("settlement", "village") == "rural"
    assert concepts.broader("settlement", "rural") == ""


def test_no_code_is_spelt_like_a_name_of_the_context() -> None:
    # JSON-LD would read it as that name, and libraries disagree about it without an error
    codes = {code for scheme in concepts.scheme_names() for code in concepts.codes(scheme)}
    assert not codes & names()
