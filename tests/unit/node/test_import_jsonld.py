"""Documents in Lonja's own context enter as they are; those that others have signed do not."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from node.runtime import Runtime, running
from node.services.create import create_node
from node.services.imports.run import ImportReport, run_import
from node.settings import Settings
from tests.unit.web.towns import practice

pytestmark = pytest.mark.unit


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with running(create_node(Settings(data=tmp_path / "town", name="Town"))) as runtime:
        yield runtime


def own(title: str, **more: Any) -> dict[str, Any]:
    more = {"identifier": title, "credit": "Town", **more}
    return {**practice(title, **more), "publisher": "https://town.example/organisations/own"}


def brought(runtime: Runtime, folder: Path, data: bytes, form: str = "jsonld") -> ImportReport:
    file = folder / f"records.{form}"
    file.write_bytes(data)
    return run_import(runtime, file, form)


def bodies(runtime: Runtime, report: ImportReport) -> list[dict[str, Any]]:
    entries = [runtime.journal.current(uri) for uri in report.uris]
    return [orjson.loads(entry.body) for entry in entries if entry is not None]


def without_context(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != "@context"}


TWO = [own("Bus"), own("Garden")]
SHAPES = {
    "one": json.dumps(TWO[0], indent=1),
    "array": json.dumps(TWO),
    "graph": json.dumps(
        {"@context": TWO[0]["@context"], "@graph": [without_context(one) for one in TWO]}
    ),
    "lines": "\n".join(map(json.dumps, TWO)) + "\n",
    "escaped": json.dumps(TWO).replace("/", "\\/"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_file_is_taken(runtime: Runtime, tmp_path: Path, shape: str) -> None:
    data = b"\xef\xbb\xbf" + SHAPES[shape].encode()
    report = brought(runtime, tmp_path, data)
    count = 1 if shape == "one" else 2
    assert (report.read, report.published, report.refused) == (count, count, 0)
    assert [one["title"] for one in bodies(runtime, report)] == [
        one["title"] for one in TWO[:count]
    ]
    assert "importNote" not in bodies(runtime, report)[0]
    again = brought(runtime, tmp_path, data)
    assert (again.published, again.unchanged) == (0, count)


def test_jsonl_takes_them_too(runtime: Runtime, tmp_path: Path) -> None:
    row = {"title": {"en": "Row"}, "licence": "CC-BY-4.0", "source": "x", "source_id": "1"}
    lines = [json.dumps(TWO[0]), json.dumps(row)]
    report = brought(runtime, tmp_path, "\n".join(lines).encode(), "jsonl")
    assert (report.published, report.refused) == (2, 0)


def test_a_document_without_address_or_identifier_is_new_each_time_and_says_so(
    runtime: Runtime, tmp_path: Path
) -> None:
    document = own("Bus")
    del document["identifier"], document["credit"]
    report = brought(runtime, tmp_path, orjson.dumps(document))
    assert [one.rule for one in report.findings] == ["own-unnumbered"]
    assert brought(runtime, tmp_path, orjson.dumps(document)).uris != report.uris


def test_an_own_version_is_replaced_and_an_unchanged_one_is_left(
    runtime: Runtime, tmp_path: Path
) -> None:
    (signed,) = bodies(runtime, brought(runtime, tmp_path, orjson.dumps(own("Bus"))))
    assert brought(runtime, tmp_path, orjson.dumps(signed)).unchanged == 1
    changed = {**signed, "summary": {"en": "By phone."}}
    report = brought(runtime, tmp_path, orjson.dumps(changed))
    assert (report.updated, report.uris) == (1, [signed["isVersionOf"]])
    by_address = {**own("Bus"), "id": signed["isVersionOf"], "summary": {"en": "By app."}}
    report = brought(runtime, tmp_path, orjson.dumps(by_address))
    assert (report.updated, report.uris) == (1, [signed["isVersionOf"]])


def test_what_another_publisher_has_signed_is_refused_with_a_way_out(
    runtime: Runtime, tmp_path: Path
) -> None:
    (signed,) = bodies(runtime, brought(runtime, tmp_path, orjson.dumps(own("Bus"))))
    elsewhere = create_node(Settings(data=tmp_path / "other", base_url="https://other.example"))
    with running(elsewhere) as other:
        lines = orjson.dumps(signed) + b"\n" + orjson.dumps(own("Garden"))
        report = brought(other, tmp_path, lines)
    assert (report.read, report.published, report.refused) == (2, 1, 1)
    (refused,) = [one for one in report.findings if one.severity == "violation"]
    assert (refused.rule, refused.record) == ("signed-elsewhere", "records.jsonld:1")
    assert signed["isVersionOf"] in refused.message()
    assert "lonja peer add" in refused.fix()


def test_own_and_foreign_things_of_one_file_each_go_their_way(
    runtime: Runtime, tmp_path: Path
) -> None:
    page = {
        "@context": "https://schema.org",
        "@type": "Article",
        "name": "Huertos",
        "url": "https://lugo.example/huertos",
        "license": "CC BY 4.0",
    }
    report = brought(runtime, tmp_path, orjson.dumps([TWO[0], page]))
    assert (report.read, report.published, report.refused) == (2, 2, 0)
    lines = orjson.dumps(TWO[0]) + b"\n" + orjson.dumps(page)
    assert brought(runtime, tmp_path, lines).unchanged == 2


def test_a_key_given_twice_is_refused_and_one_bad_member_does_not_hide_the_others(
    runtime: Runtime, tmp_path: Path
) -> None:
    twice = SHAPES["one"].replace('"type"', '"type": "Practice", "type"', 1)
    (found,) = brought(runtime, tmp_path, twice.encode()).findings
    assert found.rule == "duplicate-key"
    bad = {**TWO[0], "colour": "green"}
    report = brought(runtime, tmp_path, orjson.dumps([bad, TWO[1], 7]))
    assert (report.published, report.refused) == (1, 2)


def test_keys_beside_a_graph_are_not_dropped(runtime: Runtime, tmp_path: Path) -> None:
    data = {**json.loads(SHAPES["graph"]), "title": {"en": "Ours"}}
    report = brought(runtime, tmp_path, orjson.dumps(data))
    assert (report.read, report.published, report.refused) == (3, 2, 1)
