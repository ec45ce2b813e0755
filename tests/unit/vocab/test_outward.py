"""What may leave a node: public types, known keys, no person."""

import pytest

from vocab.outward import withheld


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ({"type": "Practice", "title": {"en": "Bus"}}, ""),
        ({"type": ["BestPractice", "Adaptation"], "visibility": "public"}, ""),
        ({"type": "Tombstone"}, ""),
        ({"type": "Membership"}, ""),
        ({"type": "Practice", "visibility": "private"}, "private"),
        ({"type": "Practice", "visibility": ["public"]}, "private"),
        ({"type": "Practice", "visibility": None}, "private"),
        ({"type": "ConsentRecord"}, "local-only"),
        ({"type": ["Practice", "ConsentRecord"]}, "local-only"),
        ({"type": "TownProfile"}, "local-only"),
        ({"type": []}, "local-only"),
        ({}, "local-only"),
        ({"type": "Practice", "contact": {"type": "Person"}}, "no-person"),
        ({"type": "Practice", "step": [{"asset": [{"type": ["foaf:Person"]}]}]}, "no-person"),
        ({"type": "Practice", "step": {"type": "ConsentRecord"}}, "no-person"),
        ({"type": "Practice", "author": "somebody"}, "unknown-key"),
        ({"type": "Practice", "contact": {"givenName": "Ana"}}, "unknown-key"),
    ],
)
def test_an_own_record_is_looked_at(document: dict[str, object], rule: str) -> None:
    assert withheld(document, own=True) == rule


def test_a_peer_may_use_keys_of_a_later_vocabulary_but_never_a_person() -> None:
    assert withheld({"type": "Practice", "novelty": {"depth": 3}}, own=False) == ""
    hidden = {"type": "Practice", "novelty": {"by": [{"type": "Person"}]}}
    assert withheld(hidden, own=False) == "no-person"


def test_nothing_too_deep_leaves() -> None:
    deep: dict[str, object] = {}
    for _level in range(40):
        deep = {"step": deep}
    assert withheld({"type": "Practice", **deep}, own=True) == "too-deep"
