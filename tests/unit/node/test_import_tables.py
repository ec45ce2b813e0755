"""Tables as offices save them: whatever can be doubted is told with its row and column."""

from pathlib import Path
from typing import Any

import pytest

from node.services.imports.making import Converted
from node.services.imports.read import read_rows
from node.services.imports.rows import convert
from node.services.imports.values import read_day, read_number
from vocab.findings import Finding
from vocab.validate import check

pytestmark = pytest.mark.unit


def table(folder: Path, data: str | bytes) -> tuple[list[Converted], list[Finding]]:
    """Return the rows of a table as documents, and everything that was noticed."""
    file = folder / "rows.csv"
    file.write_bytes(data.encode() if isinstance(data, str) else data)
    documents, said = [], []
    for line in read_rows(file, "csv"):
        if isinstance(line, Finding):
            said.append(line)
        elif line.document is None:
            said += line.findings
        else:
            documents.append(convert(line.document, line.label))
            said += documents[-1].findings
    return documents, said


def row(**cells: Any) -> Converted:
    return convert({"title_en": "A", "source_id": "1", **cells}, "f:2")


def rules(converted: Converted) -> list[tuple[str, str]]:
    return [(one.rule, one.pointer) for one in converted.findings]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("coding", ["utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1"])
def test_any_separator_and_coding(tmp_path: Path, separator: str, coding: str) -> None:
    cells = [["title_es", "place", "source_id"], ["Transición", "Cádiz", "1"]]
    text = "\r\n".join(separator.join(line) for line in cells) + "\r\n"
    (only,), said = table(tmp_path, text.encode(coding))
    assert only.document["title"] == {"es": "Transición"}
    assert only.document["place"] == {"type": "Place", "name": {"es": "Cádiz"}}
    doubted = coding in ("cp1252", "latin-1")
    assert [(one.rule, one.record) for one in said] == (
        [("csv-encoding", "rows.csv:2")] if doubted else []
    )


def test_a_separator_inside_of_quotes_decides_nothing_and_excel_may_name_it(tmp_path: Path) -> None:
    (one,), _ = table(tmp_path, 'title_en,source_id,"a; b; c; d"\nBus,1,\n')
    assert one.document["identifier"] == ":1"
    (other,), _ = table(tmp_path, "sep=|\ntitle_en|source_id\nBus; tram|7\n")
    assert other.document["title"] == {"en": "Bus; tram"}
    assert other.label == "rows.csv:3"


def test_empty_lines_line_breaks_and_empty_cells_keep_the_number_of_the_row(tmp_path: Path) -> None:
    text = '\ntitle_en;summary_en;source_id;;\n;;;;\n"Bus";"one\ntwo";1;;\n\nTram;;2\n;;;;;;;\n'
    (bus, tram), said = table(tmp_path, text)
    assert (bus.label, tram.label) == ("rows.csv:4", "rows.csv:6")
    assert bus.document["summary"] == {"en": "one\ntwo"}
    assert said == []


def test_repeated_and_empty_headings_lose_nothing(tmp_path: Path) -> None:
    text = "title_en;source_id;keyword;keyword;url;url;\nBus;1;a;b;https://a.example/;second;x\n"
    (only,), said = table(tmp_path, text)
    assert only.document["keyword"] == {"en": ["a", "b"]}
    assert only.document["source"] == "https://a.example/"
    assert only.document["importNote"] == "url (2): second; column 7: x"
    assert [(one.rule, one.pointer, one.record) for one in said] == [
        ("unknown-column", "/url (2)", "rows.csv:2"),
        ("unknown-column", "/column 7", "rows.csv:2"),
    ]


def test_a_row_that_is_marked_is_left_out_and_named(tmp_path: Path) -> None:
    documents, said = table(tmp_path, "leave_out;title_en;source_id\nEXAMPLE;A;1\n;B;2\n")
    assert [one.document["title"] for one in documents] == [{"en": "B"}]
    assert [(one.rule, one.record) for one in said] == [("row-left-out", "rows.csv:2")]


def test_an_unclosed_quote_hides_nothing_before_it(tmp_path: Path) -> None:
    documents, said = table(tmp_path, 'title_en,source_id\nA,1\n"B,2\nC,3\n')
    assert len(documents) == 1
    assert [(one.rule, one.record) for one in said] == [("csv-syntax", "rows.csv:3")]


@pytest.mark.parametrize(
    ("written", "iso", "doubtful"),
    [
        ("2024-03-01", "2024-03-01", False),
        ("2024/3/1", "2024-03-01", False),
        ("2024-03-01 00:00:00", "2024-03-01", False),
        ("01.03.2024", "2024-03-01", False),
        ("1-3-2024", "2024-03-01", False),
        ("25/03/2024", "2024-03-25", False),
        ("03/03/2024", "2024-03-03", False),
        ("01/03/2024", "2024-03-01", True),
        ("04/25/2024", None, False),
        ("31.02.2024", None, False),
        ("01/03/24", None, False),
        ("2024", None, False),
        ("45352", None, False),
        ("spring 2024", None, False),
    ],
)
def test_days(written: str, iso: str | None, doubtful: bool) -> None:
    day = read_day(written)
    assert (day.iso if day else None) == iso
    assert bool(day and day.doubtful) == doubtful


@pytest.mark.parametrize(
    ("written", "whole", "value", "doubtful"),
    [
        ("43,01", False, 43.01, False),
        ("-7.55", False, -7.55, False),
        ("1.234,5", False, 1234.5, False),
        ("1,234.5", False, 1234.5, False),
        ("98 000", True, 98000, False),
        ("98\u202f000", True, 98000, False),
        ("98.000", True, 98000, True),
        ("98,000", True, 98000, True),
        ("98.000", False, 98.0, False),
        ("12,5", True, None, False),
        ("about 300", True, None, False),
        ("1e5", True, None, False),
        ("9" * 400, True, None, False),
        ("9" * 30, False, None, False),
        ("43° 00′", False, None, False),
        (4120, True, 4120, False),
        (0.5, False, 0.5, False),
    ],
)
def test_numbers(written: str | float, whole: bool, value: float | None, doubtful: bool) -> None:
    figure = read_number(written, whole=whole)
    assert (figure.value if figure else None) == value
    assert bool(figure and figure.doubtful) == doubtful


def test_what_is_doubtful_is_told_and_what_is_not_understood_is_kept() -> None:
    made = row(start="01/03/2024", end="2025", inhabitants="98.000", lat="43,01", staff="two")
    document = made.document
    assert document["startDate"] == "2024-03-01"
    assert document["place"] == {"type": "Place", "population": 98000}
    assert document["importNote"] == "lat: 43.01; end: 2025; staff: two"
    assert rules(made) == [
        ("needs-other", "/importNote"),
        ("number-read", "/place/population"),
        ("date-order", "/startDate"),
        ("date-unsure", "/endDate"),
        ("number-unsure", "/staff"),
    ]
    assert all(one.record == "f:2" for one in made.findings)
    assert "“inhabitants”" in made.findings[1].message()
    assert "98000" in made.findings[1].message()


def test_themes_groups_and_methods_become_codes_by_their_exact_names() -> None:
    made = row(
        Themes="movilidad y TRANSPORTE; Energie|Wasser; bus; Bees",
        **{"Target group": "Personas mayores", "method": ["survey", "Charrette"]},
    )
    document = made.document
    assert document["theme"] == ["mobility", "energy", "water"]
    assert document["targetGroup"] == ["older-people"]
    assert document["method"] == ["survey"]
    # another word for a concept says too little: it is a keyword, with a hint
    assert document["keyword"] == {"en": ["bus", "Bees", "Charrette"]}
    assert rules(made) == [("concept-near", "/theme"), ("concept-near", "/method")]
    assert "“Mobility and transport”" in made.findings[0].message()
    assert "«Movilidad y transporte»" in made.findings[0].message("es")


def test_a_name_of_another_list_is_no_theme() -> None:
    made = row(themes="Older people; village")
    assert "theme" not in made.document
    assert made.document["keyword"] == {"en": ["Older people", "village"]}


def test_the_fifth_theme_stays_a_keyword() -> None:
    made = row(themes="mobility; energy; energy; water; housing; governance")
    assert made.document["theme"] == ["mobility", "energy", "water", "housing"]
    assert made.document["keyword"] == {"en": ["governance"]}
    assert rules(made) == [("themes-many", "/theme")]


def test_columns_of_one_concept_take_names_and_keep_what_is_none() -> None:
    made = row(
        settlement="Pueblo",
        maturity="En funcionamiento habitual",
        evidence_level="monitored",
        costBand="expensive",
        status="pilot",
    )
    document = made.document
    assert document["place"] == {"type": "Place", "settlement": "village"}
    assert (document["maturity"], document["evidenceLevel"]) == ("operational", "monitored")
    assert "costBand" not in document
    assert document["importNote"] == "costBand: expensive"
    assert document["keyword"] == {"en": ["pilot"]}
    assert rules(made) == [("concept-unsure", "/costBand")]
    assert "10,000 to 50,000" in made.findings[0].fix()


def test_parts_of_several_columns_become_one_and_none_stands_alone() -> None:
    made = row(
        licence="CC BY 4.0",
        credit="Lugo",
        result_es="Viajes",
        place_es="Lugo",
        result_before="92",
        result_after="187,5",
        cost_setup="38.000",
        currency="eur",
        steps="Ask | Choose",
        contact="Mobility office",
        contact_email="bus@lugo.example",
        mentoring="Call us.",
        lead="https://lugo.example/organisations/own",
    )
    document = made.document
    assert document["place"] == {"type": "Place", "name": {"es": "Lugo"}}
    assert document["result"] == [
        {"type": "Result", "indicator": {"es": "Viajes"}, "baseline": 92.0, "value": 187.5}
    ]
    cost = {"type": "Cost", "costKind": "setup", "amount": 38000, "currency": "EUR"}
    assert document["cost"] == [cost]
    assert [step["order"] for step in document["step"]] == [1, 2]  # type: ignore[union-attr, call-overload, index]  # a list of objects
    assert document["contact"] == {
        "contactName": "Mobility office",
        "email": "mailto:bus@lugo.example",
    }
    whole = {**document, "publisher": "https://lugo.example/organisations/own"}
    assert [one for one in check(whole, authoring=True) if one.severity == "violation"] == []
    assert rules(made) == [("number-read", "/cost")]
    alone = row(contact="Office", result_after="3", cost_yearly="5")
    assert alone.document["importNote"] == "result_after: 3; cost_yearly: 5; contact: Office"
    assert [one.rule for one in alone.findings] == ["needs-other"] * 3


def test_values_of_any_shape_are_kept() -> None:
    odd = {"n": [1, {"x": None}], "b": True}
    columns = ("title", "language", "city", "lat", "start", "themes", "links", "result", "steps")
    row = dict.fromkeys(columns, odd) | {"source_id": 7, "maturity": ["pilot"], "sdg": [11]}
    made = convert(row, "f:2")
    note = str(made.document["importNote"])
    assert all(f"{column}: " in note for column in (*columns, "maturity"))
    assert made.document["sdg"] == ["11"]
    assert made.document["identifier"] == ":7"


def test_a_row_that_says_no_language_is_told() -> None:
    made = convert({"title": "Bus", "source_id": "1"}, "f:2")
    assert made.document["title"] == {"en": "Bus"}
    assert rules(made) == [("language-unsaid", "/title")]
    said = convert({"title": "Bus", "language": "ES", "source_id": 1, "place": "Lugo"}, "f:2")
    assert said.document["title"] == {"es": "Bus"}
    assert said.document["identifier"] == ":1"
    assert said.findings == []
