"""Keys, addresses and codes: what is refused everywhere, and what only from authors."""

from typing import Any

import pytest

from vocab import keys
from vocab.document import check_keys
from vocab.findings import Severity, violations

pytestmark = pytest.mark.unit

Record = dict[str, Any]


def rules(document: Record, *, authoring: bool = False) -> dict[str, str]:
    """Return the rule per pointer of everything that refuses the document."""
    found = violations(check_keys(document, authoring=authoring))
    return {item.pointer: item.rule for item in found}


def test_complete_records_have_nothing_to_tell(best: Record, imported: Record) -> None:
    assert check_keys(best, authoring=True) == []
    assert check_keys(imported, authoring=True) == []


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("@graph", []),
        ("@included", []),
        ("@reverse", {}),
        ("@id", "https://lugo.example/x"),
        ("dct:title", "x"),
        ("https://schema.org/name", "x"),
        (":", 1),
    ],
)
def test_keywords_and_prefixed_keys_are_always_refused(
    practice: Record, key: str, value: object
) -> None:
    pointer = "/" + key.replace("/", "~1")
    for authoring in (True, False):
        assert rules({**practice, key: value}, authoring=authoring)[pointer] == "forbidden-key"


def test_keywords_are_refused_wherever_they_hide(practice: Record) -> None:
    practice["place"] = {"name": {"es": "x"}, "@nest": {}}
    practice["ours"] = {"deep": [{"@import": "x"}]}
    practice["title"] = {"@none": "x"}
    assert rules(practice) == {
        "/place/@nest": "forbidden-key",
        "/ours/deep/0/@import": "forbidden-key",
        "/title/@none": "forbidden-key",
    }


@pytest.mark.parametrize(
    "context",
    [
        {"title": "https://evil.example/"},
        ["https://w3id.org/lonja/context/v1"],
        "https://w3id.org/lonja/context/v2",
        "file:///etc/passwd",
        None,
    ],
)
def test_no_other_context_is_accepted(practice: Record, context: object) -> None:
    assert rules({**practice, "@context": context}) == {"/@context": "context"}
    practice["place"] = {"name": {"es": "x"}, "@context": context}
    assert rules(practice) == {"/place/@context": "context"}


def test_a_proof_may_carry_the_context_of_its_document(practice: Record) -> None:
    practice["proof"] = {"@context": practice["@context"], "proofPurpose": "assertionMethod"}
    assert rules(practice) == {}


def test_authors_may_leave_the_context_to_the_node(practice: Record) -> None:
    del practice["@context"]
    assert rules(practice, authoring=True) == {}
    assert rules(practice) == {"/@context": "context"}


def test_unknown_keys_are_an_authors_mistake_but_may_come_from_newer_peers(
    practice: Record,
) -> None:
    practice["titel"] = {"de": "x"}
    practice["place"] = {"altitude": 400}
    [title, place] = check_keys(practice, authoring=True)
    assert (title.rule, title.pointer, title.severity) == (
        "unknown-key",
        "/titel",
        Severity.VIOLATION,
    )
    assert title.fix("es") == "¿Quería decir «title»?"
    assert place.pointer == "/place/altitude"
    assert {item.severity for item in check_keys(practice, authoring=False)} == {Severity.WARNING}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lead", "the council"),
        ("lead", "/organisations/1"),
        ("lead", "lonja:Practice"),
        ("license", "CC-BY-4.0"),
        ("license", "javascript:alert(1)"),
        ("license", "urn:isbn:1"),
        ("license", "https://"),
        ("license", "https:///path"),
        ("license", "https://user@lugo.example/"),
        ("license", "https://lugo.example:port/"),
        ("license", "https://lugo.example/a b"),
        ("license", "https://lugo.example/%zz"),
        ("license", "https://[zz]/"),
        ("license", "https://lugo.example/\u202e<x>"),
        ("origin", "https://lugo.example/"),
        ("isVersionOf", "urn:x:1"),
        ("publisher", "did:web:lugo.example"),
    ],
)
def test_addresses_must_be_complete_and_of_the_right_sort(
    practice: Record, key: str, value: str
) -> None:
    assert rules({**practice, key: value}) == {f"/{key}": "bad-link"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("lead", "urn:uuid:0b1f2c3d"),
        ("license", "http://lugo.example/licence?x=1#y"),
        ("license", "https://lugo.example:8443"),
        ("license", "https://[::1]:8101/licence"),
        ("lead", "https://cañón.example/órgano"),
    ],
)
def test_complete_addresses_pass(practice: Record, key: str, value: str) -> None:
    assert rules({**practice, key: value}) == {}


@pytest.mark.parametrize(
    "email", ["mobility@lugo.example", "mailto:", "mailto:a@b", "mailto:a b@c.d"]
)
def test_a_mailbox_is_a_mailto_address(practice: Record, email: str) -> None:
    assert rules({**practice, "contact": {"email": email}}) == {"/contact/email": "bad-link"}


def test_parts_speak_of_the_record_only(practice: Record) -> None:
    own = practice["isVersionOf"]
    practice["coCreation"] = {"id": f"{own}#process"}
    assert rules(practice) == {}
    for foreign in ("https://amarante.example/practices/7", own, f"{own}/v/1", "_:b0", 7):
        practice["coCreation"] = {"id": foreign}
        assert rules(practice) == {"/coCreation/id": "foreign-subject"}


def test_unknown_codes_may_be_newer_but_other_things_are_no_codes(practice: Record) -> None:
    practice["theme"] = ["moblity"]
    [finding] = check_keys(practice, authoring=False)
    assert (finding.rule, finding.severity) == ("unknown-concept", Severity.WARNING)
    assert finding.fix() == "Did you mean “mobility”?"
    assert rules(practice, authoring=True) == {"/theme/0": "unknown-concept"}


@pytest.mark.parametrize(
    "code",
    [
        "javascript:alert(1)",
        "https://w3id.org/lonja/cs/theme/mobility",
        "title",  # JSON-LD would make it the property
        "dct",
        "Practice",
        "../sdg/11",
        "a b",
        "",
        7,
        {"id": "x"},
    ],
)
def test_values_that_are_no_codes_are_refused(practice: Record, code: object) -> None:
    assert rules({**practice, "theme": [code]}) == {"/theme/0": "wrong-concept"}


@pytest.mark.parametrize(
    ("code", "good"), [("gl", True), ("ast", True), ("lat", False), ("ES", False)]
)
def test_languages_are_codes_too(practice: Record, code: str, good: bool) -> None:
    expected = {} if good else {"/language/0": "wrong-concept"}
    assert rules({**practice, "language": [code]}) == expected


@pytest.mark.parametrize("tag", ["EN", "pt-br", "english", "x", "sdg-x", "title"])
def test_language_tags_have_one_spelling(practice: Record, tag: str) -> None:
    assert rules({**practice, "title": {tag: "x"}}) == {f"/title/{tag}": "bad-language"}


def test_persons_are_never_described(practice: Record) -> None:
    practice["contact"] = {"type": "Person", "email": "mailto:a@lugo.example"}
    assert rules(practice) == {"/contact/type": "no-person"}
    practice["contact"]["type"] = ["foaf:Person"]
    assert rules(practice, authoring=True) == {"/contact/type": "no-person"}


def test_whole_records_and_parts_stand_only_in_their_place(practice: Record) -> None:
    for name in ("Result", "Practice", ["Tombstone"]):
        assert rules({**practice, "about": {"type": name}}) == {"/about": "misplaced-type"}
    assert rules({**practice, "about": {"type": "Dataset"}}) == {}


def test_numbers_that_systems_round_are_refused(practice: Record) -> None:
    practice["setupMonths"] = 2**53
    practice["ours"] = [1e300, float("nan")]
    assert rules(practice) == {
        "/setupMonths": "bad-number",
        "/ours/0": "bad-number",
        "/ours/1": "bad-number",
    }


def test_deep_documents_are_refused_without_being_followed(practice: Record) -> None:
    for key in ("place", "ours"):
        deep: Record = {}
        for _ in range(5000):
            deep = {key: deep}
        assert "too-deep" in rules({**practice, key: deep}).values()


def test_a_flood_of_mistakes_gives_a_short_list(practice: Record) -> None:
    practice |= {f"a:{number}": 1 for number in range(5000)}
    assert len(check_keys(practice, authoring=True)) == 100


@pytest.mark.parametrize(
    ("key", "value", "meant"),
    [
        ("license", "CC-BY-4.0", "https://creativecommons.org/licenses/by/4.0/"),
        ("license", "cc by-sa 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        ("contact", "mobility@lugo.example", '{"email": "mailto:mobility@lugo.example"}'),
        ("landingPage", "www.lugo.example/bus", "https://www.lugo.example/bus"),
    ],
)
def test_an_address_that_can_be_guessed_is_offered(
    practice: Record, key: str, value: str, meant: str
) -> None:
    (found,) = violations(check_keys({**practice, key: value}, authoring=True))
    assert found.rule == "bad-link"
    assert meant in found.fix("en")


def test_a_mailbox_without_its_scheme_is_offered_with_it(practice: Record) -> None:
    contact = {"email": "mobility@lugo.example"}
    (found,) = violations(check_keys({**practice, "contact": contact}, authoring=True))
    assert "mailto:mobility@lugo.example" in found.fix("de")


def test_a_flood_of_mistakes_is_not_compared_word_by_word(
    practice: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(keys, "did_you_mean", lambda value, _known: asked.append(value))
    flood = {f"unknown{number}": 1 for number in range(5000)}
    found = check_keys({**practice, **flood, "theme": ["x"] * 5000}, authoring=True)
    assert len(found) == len(asked) == keys.MAX_FINDINGS
