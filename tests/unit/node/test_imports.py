"""Import: ragged rows of others become honest records; nothing is invented or lost."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from node.cli.main import cli
from node.runtime import Runtime, running
from node.services.create import create_node
from node.services.errors import ServiceError
from node.services.imports.countries import country_code
from node.services.imports.read import read_rows
from node.services.imports.rows import convert
from node.services.imports.run import run_import
from node.services.publish import Submission
from node.settings import Settings
from vocab.validate import check

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("FR", "FR"),
        ("France", "FR"),
        ("Italia", "IT"),
        ("Deutschland", "DE"),
        ("UK", "GB"),
        ("u.s.a.", "US"),
        ("中国", "CN"),
        ("Tchéquia", "CZ"),
        ("Bosnia and Herzegovina", "BA"),
        ("Atlantis", None),
        ("", None),
        ("XX", None),
    ],
)
def test_a_country_is_recognised_only_where_it_is_certain(written: str, code: str | None) -> None:
    assert country_code(written) == code


def test_a_row_with_nothing_but_a_title_enters() -> None:
    row = {
        "title": {"en": "Street meetings"},
        "source": "example",
        "source_id": "7",
        "licence": "CC-BY-4.0",
    }
    converted = convert(row, "row 1")
    assert converted.findings == []
    document = {**converted.document, "publisher": "https://node.example/organisations/a"}
    assert check(document, authoring=True) == []
    assert document["identifier"] == "example:7"
    assert "place" not in document
    assert "startDate" not in document


def test_partial_dates_unsure_countries_and_odd_links_are_kept_as_written() -> None:
    row = {
        "title": {"fr": "Bus du village"},
        "start": "2019",
        "country": "Atlantis",
        "links": ["https://example.org/a", "see the town hall"],
        "colour": "green",
    }
    converted = convert(row, "row 2")
    document = converted.document
    assert document["place"] == {"type": "Place", "countryName": "Atlantis"}
    assert document["seeAlso"] == ["https://example.org/a"]
    note = str(document["importNote"])
    assert "start: 2019" in note
    assert "see the town hall" in note
    assert "colour: green" in note
    assert {f.rule for f in converted.findings} == {
        *("country-unsure", "unknown-column", "no-number", "date-unsure", "link-unsure")
    }


def test_a_certain_country_keeps_its_spelling_beside_the_code() -> None:
    place = convert({"title": {"en": "A"}, "country": "Italia"}, "row").document["place"]
    assert place == {"type": "Place", "country": "IT", "countryName": "Italia"}


def test_an_abandoned_project_says_so_and_other_states_stay_keywords() -> None:
    gone = convert({"title": {"fr": "A"}, "status": "abandon"}, "row").document
    assert gone["maturity"] == "abandoned"
    going = convert({"title": {"fr": "A"}, "status": "acceleration"}, "row").document
    assert "maturity" not in going
    assert going["keyword"] == {"fr": ["acceleration"]}


def lines_of(file: Path, form: str) -> list[Submission]:
    return [line for line in read_rows(file, form) if isinstance(line, Submission)]


def test_csv_reads_both_separators_and_points_at_the_bad_line(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("title;country;language\nBanco;España;es\nUno;dos;es;cuatro\n", "utf-8")
    good, bad = lines_of(file, "csv")
    assert good.document == {"title": "Banco", "country": "España", "language": "es"}
    assert bad.document is None
    assert bad.label == "a.csv:3"
    assert bad.findings[0].rule == "csv-columns"


def test_a_table_without_titles_says_what_to_do(tmp_path: Path) -> None:
    headless = tmp_path / "headless.csv"
    headless.write_text("a,b\n1,2\n", "utf-8")
    with pytest.raises(ServiceError, match="title"):
        list(read_rows(headless, "csv"))


def test_a_bad_json_line_does_not_hide_the_others(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"title":{"en":"A"}}\n{"title":\n\n{"title":{"en":"B"}}\n', "utf-8")
    lines = lines_of(file, "jsonl")
    assert [line.document is not None for line in lines] == [True, False, True]
    assert lines[1].label == "a.jsonl:2"
    assert lines[1].findings


def test_every_real_row_enters_without_loss(shared: Path) -> None:
    lost = []
    lines = (shared / "data" / "practices.jsonl").read_bytes().splitlines()
    for number, line in enumerate(lines):
        row = json.loads(line)
        converted = convert(row, f"row {number}")
        document = {**converted.document, "publisher": "https://node.example/organisations/a"}
        wrong = [f for f in check(document, authoring=True) if f.severity == "violation"]
        said = json.dumps(document, ensure_ascii=False)
        wanted = (*row["title"].values(), *row.get("themes", []), row["url"])
        written = (json.dumps(words, ensure_ascii=False)[1:-1].strip() for words in wanted)
        lost += [(number, words) for words in written if words not in said]
        assert not wrong, (number, wrong[0])
    assert lost == []


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    with running(create_node(Settings(data=tmp_path / "town", name="Town"))) as runtime:
        yield runtime


def catalogue(file: Path, **changes: object) -> Path:
    """Write a catalogue of two datasets as open-data portals give it, and a page as a third."""
    bikes = {
        "@id": "https://data.lugo.example/d/1",
        "@type": "dcat:Dataset",
        "dct:title": {"@value": "Aforos ciclistas", "@language": "es"},
        "dct:description": {"@value": "<p>Por hora &amp; calle</p>", "@language": "es"},
        "dct:spatial": {"@type": "s:Place", "s:name": "Lugo", "s:address": "Galicia, España"},
        "dct:publisher": {"@type": "foaf:Organization", "foaf:name": "Concello de Lugo"},
        "dct:license": {"@id": "https://creativecommons.org/licenses/by/4.0/"},
        **changes,
    }
    without = {"@id": "https://data.lugo.example/d/2", "@type": "dcat:Dataset", "dct:title": "X"}
    page = {
        "@type": "s:Article",
        "s:name": "Huertos",
        "s:url": {"@id": "https://lugo.example/huertos"},
        "s:license": "CC BY 4.0",
        "s:location": {"@type": "s:Country", "s:name": "España"},
        "s:author": {"@type": "s:Person", "s:name": "Ana Pérez"},
    }
    context = {
        "dcat": "http://www.w3.org/ns/dcat#",
        "dct": "http://purl.org/dc/terms/",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "s": "http://schema.org/",
    }
    listed = {"@type": "dcat:Catalog", "dct:title": "Datos", "dcat:dataset": [bikes, without]}
    file.write_text(json.dumps({"@context": context, "@graph": [listed, page]}), "utf-8")
    return file


def test_foreign_json_ld_enters_by_the_same_door(runtime: Runtime, tmp_path: Path) -> None:
    file = catalogue(tmp_path / "c.jsonld")
    foretold = run_import(runtime, file, "jsonld", dry_run=True)
    report = run_import(runtime, file, "jsonld")
    # the dataset without a licence stays out: nobody may give it one
    assert (report.read, report.published, report.refused) == (3, 2, 1)
    assert (foretold.published, foretold.refused) == (2, 1)
    refused = [item for item in report.findings if item.severity == "violation"]
    assert [(item.pointer, item.record) for item in refused] == [
        ("/license", "c.jsonld:https://data.lugo.example/d/2")
    ]
    bikes, page = (json.loads(runtime.journal.current(uri).body) for uri in report.uris)  # type: ignore[union-attr]  # they were just published
    assert bikes["description"] == {"es": "Por hora & calle"}
    assert bikes["credit"] == "Concello de Lugo"
    assert page["place"] == {"type": "Place", "country": "ES", "countryName": "España"}
    assert page["license"] == "https://creativecommons.org/licenses/by/4.0/"
    assert "Ana" not in json.dumps(page)
    assert page["credit"] == page["source"] == "https://lugo.example/huertos"


def test_a_second_import_of_json_ld_changes_nothing_but_what_changed(
    runtime: Runtime, tmp_path: Path
) -> None:
    first = run_import(runtime, catalogue(tmp_path / "c.jsonld"), "jsonld")
    again = run_import(runtime, catalogue(tmp_path / "c.jsonld"), "jsonld")
    assert (again.published, again.unchanged, again.refused) == (0, 2, 1)
    changed = catalogue(tmp_path / "other name.jsonld", **{"dcat:keyword": ["bici"]})
    third = run_import(runtime, changed, "jsonld")
    assert (third.published, third.updated, third.unchanged) == (1, 1, 1)
    assert third.uris == first.uris[:1]


def test_the_command_imports_json_ld_and_tells_what_it_never_fetches(tmp_path: Path) -> None:
    create_node(Settings(data=tmp_path / "town", name="Town"))
    file = tmp_path / "page.jsonld"
    file.write_text('{"@context": "https://evil.example/c", "@type": "Article"}', "utf-8")
    command = ["import", str(file), "--format", "jsonld", "--json"]
    result = CliRunner().invoke(cli, [*command, "--data", str(tmp_path / "town")])
    assert result.exit_code == 1
    told = json.loads(result.stdout)
    assert (told["read"], told["refused"]) == (1, 1)
    assert "https://evil.example/c" in told["findings"][0]["message"]


def test_json_ld_that_cannot_be_opened_says_so(runtime: Runtime, tmp_path: Path) -> None:
    with pytest.raises(ServiceError, match="cannot be read"):
        run_import(runtime, tmp_path / "none.jsonld", "jsonld")
