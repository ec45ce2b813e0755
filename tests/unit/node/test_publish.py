"""Publish: new records, new versions, refusals that tell the way out; withdrawal; index."""

from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from node.runtime import Runtime, running
from node.services.create import create_node, publish_anew
from node.services.errors import ServiceError
from node.services.export import export, show
from node.services.indexer import IndexLock, follow_once, rebuild, wait_until_searchable
from node.services.publish import Submission, publish_one, retract
from node.services.replicate import adaptation_draft
from node.settings import Settings
from search.api import SearchRequest
from tests.nodes import practice
from vocab.terms import JsonObject

pytestmark = pytest.mark.integration


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return create_node(Settings(data=tmp_path / "town", name="Town", sector="government"))


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    with running(settings) as runtime:
        yield runtime


def published(runtime: Runtime, document: dict[str, object]) -> str:
    outcome = publish_one(runtime, Submission("test", document))  # type: ignore[arg-type]  # JSON
    assert not outcome.refused, outcome.findings
    return outcome.uri


def test_the_publisher_defaults_to_the_organisation_of_the_node(runtime: Runtime) -> None:
    uri = published(runtime, practice("A"))
    entry = runtime.journal.current(uri)
    assert entry is not None
    assert orjson.loads(entry.body)["publisher"] == runtime.settings.organisation_uri


def test_an_own_address_makes_the_next_version_and_the_same_text_none(runtime: Runtime) -> None:
    uri = published(runtime, practice("A"))
    again = publish_one(runtime, Submission("again", practice("A", id=uri)))
    assert (again.entry, again.refused) == (None, False)
    changed = publish_one(runtime, Submission("changed", practice("B", id=uri)))
    assert changed.entry is not None
    assert changed.entry.version == 2
    first = runtime.journal.version(uri, 1)
    assert first is not None
    assert orjson.loads(changed.entry.body)["previous"] == first.digest
    assert orjson.loads(changed.entry.body)["issued"] == orjson.loads(first.body)["issued"]


def fill_in(draft: JsonObject) -> None:
    draft["summary"] = draft["kept"] = draft["changed"] = {"en": "Taxis instead of a bus."}
    draft["place"] = {"type": "Place", "name": {"en": "Vale Verde"}, "country": "PT"}


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("https://elsewhere.example/practices/x", "foreign-id"),
        ("http://127.0.0.1:8100/practices/nothing", "unknown-id"),
    ],
)
def test_an_address_that_is_not_ours_is_refused_with_the_way_out(
    runtime: Runtime, address: str, rule: str
) -> None:
    outcome = publish_one(runtime, Submission("file.jsonld", practice("A", id=address)))
    assert outcome.refused
    (finding,) = outcome.findings
    assert (finding.rule, finding.record) == (rule, "file.jsonld")
    assert finding.fix("en")
    assert finding.fix("es")


def test_a_withdrawn_record_leaves_search_and_its_address_is_not_used_again(
    runtime: Runtime,
) -> None:
    uri = published(runtime, practice("Rooftop garden"))
    retract(runtime, uri, "superseded")
    follow_once(runtime)
    assert runtime.engine.search(SearchRequest(text="rooftop")).total == 0
    with pytest.raises(ServiceError, match="already withdrawn"):
        retract(runtime, uri)
    outcome = publish_one(runtime, Submission("again", practice("Rooftop garden", id=uri)))
    assert outcome.findings[0].rule == "withdrawn-id"


def test_only_the_publisher_withdraws(runtime: Runtime) -> None:
    with pytest.raises(ServiceError, match="another node"):
        retract(runtime, "https://elsewhere.example/practices/x")


def test_the_index_can_be_lost_and_is_rebuilt(runtime: Runtime) -> None:
    published(runtime, practice("Rooftop garden"))
    assert wait_until_searchable(runtime, runtime.journal.position())
    assert rebuild(runtime) == 2
    assert runtime.engine.search(SearchRequest(text="gardens")).total == 1


def test_the_index_has_one_owner(settings: Settings) -> None:
    first, second = IndexLock(settings.index_lock), IndexLock(settings.index_lock)
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_a_draft_of_an_adaptation_descends_from_its_source(runtime: Runtime) -> None:
    uri = published(runtime, practice("Bus on demand", theme=["mobility"]))
    draft = adaptation_draft(runtime, uri)
    assert draft["adaptedFrom"] == [uri]
    assert draft["theme"] == ["mobility"]
    fill_in(draft)
    made = published(runtime, draft)
    follow_once(runtime)
    found = runtime.engine.search(SearchRequest(links={"adapted_from": [uri]}))
    assert [hit.uri for hit in found.hits] == [made]


def test_export_holds_every_version_and_no_cell_runs_as_a_formula(runtime: Runtime) -> None:
    uri = published(runtime, practice("=HYPERLINK(1)"))
    publish_one(runtime, Submission("v2", practice("=HYPERLINK(2)", id=uri)))
    lines = b"".join(export(runtime, "ndjson")).splitlines()
    assert [orjson.loads(line)["version"] for line in lines] == [1, 1, 2]
    table = b"".join(export(runtime, "csv")).decode()
    assert "'=HYPERLINK(2)" in table
    assert show(runtime, f"{uri}/v/1", "jsonld").strip() == lines[1]
    for form in ("turtle", "rdfxml", "ntriples", "nquads", "csv"):
        assert show(runtime, uri, form)


def test_a_trial_becomes_a_node_and_its_references_follow(settings: Settings) -> None:
    with running(settings) as trial:
        source = published(trial, practice("Bus on demand"))
        draft = adaptation_draft(trial, source)
        fill_in(draft)
        published(trial, draft)
    made, count = publish_anew(settings, "https://practices.example.org")
    assert count == 2
    with running(made) as runtime:
        assert runtime.identity.did == "did:web:practices.example.org"
        (child,) = runtime.journal.records(record_type="Adaptation")
        body = orjson.loads(child.body)
        assert runtime.journal.current(body["adaptedFrom"][0]) is not None
        assert b"127.0.0.1" not in child.body.replace(made.name.encode(), b"")
        assert runtime.journal.verify_all().faults == []
