"""The check of whole records: what passes, what is refused, and how it is said."""

import copy
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.samples import DOCUMENTS, PRACTICE
from vocab.findings import Finding, Severity, violations
from vocab.language import LANGUAGES
from vocab.messages import SENTENCES
from vocab.terms import COLLECTIONS
from vocab.validate import check, check_for_publishing

pytestmark = pytest.mark.unit

Record = dict[str, Any]


def refusals(document: Record) -> dict[str, str]:
    """Return the rule per pointer; the fast and the complete check must refuse the same."""
    fast, complete = violations(check(document)), violations(check_for_publishing(document))
    assert {item.pointer for item in fast} == {item.pointer for item in complete}
    return {item.pointer: item.rule for item in complete}


def changed(document: Record, path: str, value: object) -> Record:
    """Return a copy with the value at a slash-separated path replaced, or removed for None."""
    result = copy.deepcopy(document)
    *outer, key = [int(step) if step.isdigit() else step for step in path.split("/")]
    owner: Any = result
    for step in outer:
        owner = owner[step]
    if value is None:
        del owner[key]
    else:
        owner[key] = value
    return result


def test_the_least_that_each_type_asks_for_passes(
    practice: Record,
    imported: Record,
    best: Record,
    organisation: Record,
    membership: Record,
    tombstone: Record,
) -> None:
    for record in (practice, imported, best, organisation, membership, tombstone):
        assert refusals(record) == {}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_every_other_type_passes_complete_without_advice(kind: str) -> None:
    uri = f"https://lugo.example/{COLLECTIONS[kind]}/01j9zk"
    envelope = {"id": f"{uri}/v/1", "isVersionOf": uri, "origin": "did:web:lugo.example"}
    numbers = {"seq": 1, "version": 1, "issued": "2026-11-23T08:00:00Z"}
    record = {**DOCUMENTS[kind], **envelope, **numbers}
    assert refusals(record) == {}
    assert check_for_publishing(record) == []
    assert check(DOCUMENTS[kind], authoring=True) == []


def test_numbers_of_few_people_are_pointed_out_and_not_refused() -> None:
    phase = {"type": "ParticipationPhase", "phase": "framing", "inclusion": ["childcare"]}
    counted = {**phase, "participants": 4, "womenPercent": 50}
    process = {**DOCUMENTS["CoCreationProcess"], "participation": [{**phase, "participants": 5}]}
    assert check(process, authoring=True) == []
    found = check({**process, "participation": [counted]}, authoring=True)
    assert {one.pointer: one.rule for one in found} == {
        "/participation/0/participants": "few-people",
        "/participation/0/womenPercent": "few-women",
    }
    found += check({**DOCUMENTS["CitizenObservation"], "rating": 2}, authoring=True)
    assert found[-1].rule == "one-rating"
    assert found.pop().severity is Severity.INFO  # old records have one, and are not wrong
    for one in found:
        assert one.severity is Severity.WARNING
        assert all(one.fix(code) for code in LANGUAGES)


@pytest.mark.parametrize(
    ("kind", "path", "value", "found"),
    [
        ("CitizenObservation", "rating", 0, {"/rating": "out-of-range"}),
        ("CitizenObservation", "observed", "2026-03-18", {"/observed": "bad-value"}),
        ("CitizenObservation", "lead", "https://a.example/ana", {"/lead": "not-here"}),
        ("CitizenObservation", "place", {"lat": 43.1, "long": -7.5}, {"/place": "not-here"}),
        ("Challenge", "closes", "2026-04-30", {"/closes": "end-before-start"}),
        ("Challenge", "theme", [], {"/theme": "required"}),
        ("Proposal", "proposalStatus", "not-selected", {}),
        ("TrainingResource", "duration", "90 minutes", {"/duration": "bad-value"}),
        ("ProcurementModel", "accountable", None, {"/accountable": "incomplete"}),
        (
            "SelfAssessment",
            "commitmentRating/0/degree",
            5,
            {"/commitmentRating/0/degree": "out-of-range"},
        ),
    ],
)
def test_each_type_has_its_own_rules(
    kind: str, path: str, value: object, found: dict[str, str]
) -> None:
    uri = f"https://lugo.example/{COLLECTIONS[kind]}/01j9zk"
    envelope = {"id": f"{uri}/v/1", "isVersionOf": uri, "origin": "did:web:lugo.example"}
    numbers = {"seq": 1, "version": 1, "issued": "2026-11-23T08:00:00Z"}
    record = changed({**DOCUMENTS[kind], **envelope, **numbers}, path, value)
    assert refusals(record) == found


def test_a_rejected_proposal_says_why_and_an_implemented_one_where() -> None:
    proposal = {**DOCUMENTS["Proposal"], "proposalStatus": "not-selected"}
    del proposal["reason"]
    said = check(proposal, authoring=True)
    assert [(item.pointer, item.rule) for item in said] == [("/reason", "incomplete")]
    proposal["proposalStatus"] = "implemented"
    said = check(proposal, authoring=True)
    assert [(item.pointer, item.severity) for item in said] == [
        ("/implementedAs", Severity.WARNING)
    ]
    assert check({**proposal, "implementedAs": PRACTICE}, authoring=True) == []
    uri = "https://lugo.example/proposals/01j9zk"
    envelope = {"id": f"{uri}/v/1", "isVersionOf": uri, "origin": "did:web:lugo.example"}
    numbers = {"seq": 1, "version": 1, "issued": "2026-11-23T08:00:00Z"}
    assert [item.pointer for item in check_for_publishing({**proposal, **envelope, **numbers})] == [
        "/implementedAs"
    ]


def test_a_title_only_import_has_nothing_to_mend(practice: Record) -> None:
    listed = {"source": "https://catalogue.example/1", "identifier": "c:1", "credit": "Catalogue"}
    assert check_for_publishing({**practice, **listed}) == []


@pytest.mark.parametrize("key", ["title", "publisher", "license"])
def test_a_practice_needs_title_publisher_and_licence(practice: Record, key: str) -> None:
    assert refusals(changed(practice, key, None)) == {f"/{key}": "required"}


@pytest.mark.parametrize("key", ["source", "identifier"])
def test_what_comes_from_elsewhere_names_its_source(practice: Record, key: str) -> None:
    practice[key] = "https://catalogue.example/1"
    assert refusals(practice) == {"/credit": "incomplete"}
    assert refusals({**practice, "credit": "Catalogue of cases"}) == {}


@pytest.mark.parametrize(
    "key",
    [
        "summary",
        "problem",
        "solution",
        "theme",
        "place",
        "lead",
        "result",
        "evidenceLevel",
        "maturity",
        "startDate",
        "contact",
    ],
)
def test_a_best_practice_asks_for_more(best: Record, key: str) -> None:
    assert refusals(changed(best, key, None)) == {f"/{key}": "required"}


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        ("startDate", "September 2023", "bad-date"),
        ("startDate", "2023-02-30", "bad-date"),
        ("startDate", "2023-09-01T00:00:00Z", "bad-date"),
        ("startDate", 2023, "wrong-shape"),
        ("endDate", "2020-01-01", "end-before-start"),
        ("issued", "2026-11-23T08:00:00+01:00", "bad-time"),
        ("issued", "2026-11-23T24:00:00Z", "bad-time"),
        ("title", "Bus", "bad-texts"),
        ("title/es", ["a", "b"], "bad-texts"),
        ("title", {}, "empty-text"),
        ("title/es", "  \n", "empty-text"),
        ("title/es", "a\u0000b", "empty-text"),
        ("theme", "mobility", "wrong-shape"),
        ("theme", [], "required"),
        ("theme", ["energy", "energy"], "repeated"),
        ("theme", ["mobility", "energy", "water", "housing", "governance"], "too-many"),
        ("visibility", "private", "bad-value"),
        ("place/country", "Spain", "bad-value"),
        ("place/country", None, "required"),
        ("place/name", None, "required"),
        ("place/population", "about 4000", "wrong-shape"),
        ("place/population", -1, "out-of-range"),
        ("place/lat", 91, "out-of-range"),
        ("place/type", "Result", "bad-value"),
        ("place", "https://lugo.example/place", "wrong-shape"),
        ("result/0/indicator", None, "required"),
        ("result/0/value", "much", "wrong-shape"),
        ("cost/0/amount", 38000.5, "wrong-shape"),
        ("cost/0/amount", -5, "out-of-range"),
        ("cost/0/currency", "euro", "bad-value"),
        ("cost/0/costKind", "once", "bad-value"),
        ("contact", {"contactName": "Desk"}, "incomplete"),
        ("coCreation/participation/0/womenPercent", 140, "out-of-range"),
        ("coCreation/participation/0/level", "https://lugo.example/level", "wrong-concept"),
        ("privacy/legalGround", None, "incomplete"),
        ("privacy/personalData", "yes", "wrong-shape"),
        ("seq", 0, "out-of-range"),
        ("seq", 1.5, "wrong-shape"),
        ("origin", None, "required"),
        ("previous", "sha256:abc", "bad-value"),
        ("identifier", "x" * 501, "too-long"),
    ],
)
def test_each_mistake_is_found_where_it_is(
    best: Record, path: str, value: object, rule: str
) -> None:
    best = {"credit": "c", "visibility": "public", "identifier": "c:1", "previous": "x", **best}
    best["previous"] = "zQm" + "r" * 44
    found = refusals(changed(best, path, value))
    pointer = "/privacy" if path == "privacy/legalGround" else f"/{path}"
    assert found[pointer] == rule
    assert len(found) == 1 or rule == "wrong-shape"


def test_no_personal_data_needs_no_legal_ground(best: Record) -> None:
    assert refusals(changed(best, "privacy", {"personalData": False})) == {}


def test_contradictory_dates_are_doubtful_in_a_listing_and_wrong_in_a_best_practice(
    imported: Record,
) -> None:
    imported |= {"startDate": "2021-05-01", "endDate": "2020-05-01"}
    [finding] = check_for_publishing(imported)
    assert (finding.rule, finding.pointer) == ("end-before-start", "/endDate")
    assert finding.severity is Severity.WARNING


def test_an_adaptation_does_not_come_from_itself(best: Record) -> None:
    best |= {"type": ["BestPractice", "Adaptation"], "stage": "piloting"}
    assert refusals({**best, "adaptedFrom": ["https://amarante.example/practices/1"]}) == {}
    assert refusals(best) == {"/adaptedFrom": "required"}
    uri = best["isVersionOf"]
    for own in (uri, f"{uri}/v/1"):
        assert refusals({**best, "adaptedFrom": [own]}) == {"/adaptedFrom/0": "self-lineage"}


def test_both_types_of_an_adaptation_with_results_are_checked(best: Record) -> None:
    best |= {"type": ["BestPractice", "Adaptation"], "adaptedFrom": ["https://a.example/p/1"]}
    assert refusals(changed(best, "result", None)) == {"/result": "required", "/stage": "required"}


@pytest.mark.parametrize(
    ("declared", "rule"),
    [
        (None, "required"),
        ([], "required"),
        ("Dataset", "unknown-type"),
        ("ConsentRecord", "local-only"),
        ("practice", "unknown-type"),
        (7, "unknown-type"),
        (["Practice", "schema:Article"], "unknown-type"),
        (["Practice", "Organisation"], "mixed-types"),
        ("Person", "no-person"),
    ],
)
def test_only_types_that_can_be_published_now_pass(
    practice: Record, declared: object, rule: str
) -> None:
    practice["type"] = declared
    assert refusals(practice)["/type"] == rule


def test_a_newer_type_beside_a_known_one_is_kept_from_a_peer(practice: Record) -> None:
    practice["type"] = ["Practice", "Story"]
    assert [item.severity for item in check(practice)] == [Severity.WARNING]
    assert violations(check_for_publishing(practice))


def test_the_version_address_belongs_to_the_record(practice: Record) -> None:
    for wrong in (
        practice["isVersionOf"],
        practice["id"] + "0",
        "https://a.example/practices/1/v/1",
    ):
        assert refusals({**practice, "id": wrong}) == {"/id": "version-address"}


def test_an_authoring_document_needs_no_envelope(practice: Record) -> None:
    body = {key: practice[key] for key in ("type", "title", "publisher", "license")}
    assert check(body, authoring=True) == []
    assert check({**body, "id": practice["isVersionOf"]}, authoring=True) == []
    assert {item.pointer for item in violations(check(body))} >= {"/origin", "/seq", "/id"}


def test_authors_are_told_what_would_help(best: Record) -> None:
    body = changed(best, "place/population", None) | {"country": "ES"}
    advice = {item.pointer: item for item in check(body, authoring=True)}
    assert not violations(list(advice.values()))
    assert advice["/place/population"].severity is Severity.WARNING
    assert advice["/continuity"].severity is Severity.INFO
    assert advice["/result/0/measureMethod"].rule == "recommended"
    assert advice["/country"].rule == "misplaced-key"
    assert [item for item in check(body) if item.rule == "recommended"] == []


def test_shacl_repeats_no_advice(best: Record) -> None:
    found = [(item.pointer, item.rule) for item in check_for_publishing(best)]
    assert len(found) == len(set(found))


def test_publishing_refuses_what_has_no_canonical_bytes(practice: Record) -> None:
    practice["title"] = {"es": "\ud83d"}
    assert [item.rule for item in violations(check_for_publishing(practice))] == ["bad-text"]
    practice["title"] = {"es": "x" * 300_000}
    assert [item.rule for item in violations(check_for_publishing(practice))] == ["too-large"]


def test_endless_nesting_is_refused(practice: Record) -> None:
    deep: Record = {}
    for _ in range(3000):
        deep = {"place": deep}
    assert refusals({**practice, **deep}).popitem()[1] == "too-deep"


def test_every_finding_speaks_all_languages_and_fills_every_blank(best: Record) -> None:
    wrong = [
        changed(best, "title", "Bus"),
        changed(best, "theme", ["moblity"]),
        changed(best, "place/population", "many"),
        changed(best, "license", "x"),
        changed(best, "contact", {}),
        {**best, "type": "Story", "titel": 1, "@id": "x"},
    ]
    found: list[Finding] = [item for record in wrong for item in check(record, authoring=True)]
    assert found
    for item in found:
        for text in (*item.messages.values(), *item.fixes.values()):
            assert text
            assert not {"{key}", "{value}", "{known}", "{wanted}"} & set(text.split())
        assert tuple(item.messages) == LANGUAGES


@pytest.mark.parametrize("rule", sorted(SENTENCES.rules()))
def test_every_rule_speaks_all_languages(rule: str) -> None:
    for texts in (SENTENCES.messages(rule), SENTENCES.fixes(rule)):
        assert tuple(texts) in ((), LANGUAGES)
        names = sorted(re.findall(r"{\w+}", texts.get("en", "")))
        assert all(sorted(re.findall(r"{\w+}", text)) == names for text in texts.values())
    assert SENTENCES.messages(rule)


def test_checking_does_not_load_the_slow_libraries() -> None:
    code = (
        "import sys, vocab.validate, vocab.concepts, vocab.rdf, vocab.views\n"
        "vocab.validate.check({'type': 'Practice'})\n"
        "slow = {'rdflib', 'pyshacl', 'pyld', 'owlrl'} & set(sys.modules)\n"
        "sys.exit(f'loaded: {slow}' if slow else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    "flood",
    [
        {f"unknown{number}": 1 for number in range(3000)},
        {"theme": [f"mobilit{number}" for number in range(3000)]},
        {"result": [{"type": "Result"}] * 3000},
        {"result": [{f"unknown{number}": 1} for number in range(3000)]},
        {"title": {f"x{number}": "text" for number in range(3000)}},
        {"partner": [f"x{number}" for number in range(3000)]},
    ],
    ids=["keys", "codes", "advice", "parts", "languages", "links"],
)
def test_a_flood_of_mistakes_gives_a_list_that_somebody_may_read(
    best: Record, flood: Record
) -> None:
    assert 50 < len(check({**best, **flood}, authoring=True)) < 350
