"""The documentation says what the program does."""

import ast
import re
import tomllib
from dataclasses import fields
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from node.settings import Settings
from search.api import CHOICES
from tests import reference_vocabulary
from tests.reference import PAGE, text

pytestmark = pytest.mark.unit

ROOT = Path(__file__).parents[3]


def test_the_page_of_commands_is_what_the_command_says() -> None:
    assert PAGE.read_text("utf-8") == text(), "run: python -m tests.reference"


def test_the_page_of_the_vocabulary_is_what_the_ontology_says() -> None:
    page = reference_vocabulary.PAGE.read_text("utf-8")
    assert page == reference_vocabulary.text(), "run: python -m tests.reference"


def test_every_setting_and_every_facet_is_documented() -> None:
    how_to = (ROOT / "docs" / "how-to" / "run-a-node.md").read_text("utf-8")
    derived = {"data", "organisation_uri"}
    missing = [f.name for f in fields(Settings) if f.name not in derived and f.name not in how_to]
    assert missing == []
    http = (ROOT / "docs" / "reference" / "http.md").read_text("utf-8")
    assert [name for name in CHOICES if name not in http] == []


def test_every_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    names = [re.split(r"[<>=\[ ]", line)[0] for line in project["dependencies"]]
    page = (ROOT / "docs" / "reference" / "dependencies.md").read_text("utf-8")
    assert [name for name in names if name not in page] == []


def test_every_link_between_pages_leads_somewhere() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#]+)\)", page.read_text("utf-8"))
        if "://" not in target
    ]
    broken = [(page.name, target) for page, target in links if not (page.parent / target).exists()]
    assert broken == []


def test_every_test_named_in_the_table_of_abuse_exists() -> None:
    rows = [
        line
        for line in (ROOT / "docs" / "reference" / "abuse.md").read_text("utf-8").splitlines()
        if line.startswith("| ") and not line.startswith(("| case", "| ---"))
    ]
    named = {pair for row in rows for pair in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)}
    known = {
        (file, node.name)
        for file in {file for file, _test in named}
        for node in ast.parse((ROOT / file).read_text("utf-8")).body
        if isinstance(node, ast.FunctionDef)
    }
    assert sorted(named - known) == []
    assert len(rows) >= 23
    silent = [row[:60] for row in rows if "`tests/" not in row and "not yet" not in row]
    assert silent == []


@pytest.mark.parametrize("name", ["node", "vocab", "federation", "search"])
def test_no_other_distribution_owns_our_package_names(name: str) -> None:
    assert set(packages_distributions().get(name, [])) <= {"lonja"}


def test_modules_stay_small_enough_to_hold_in_the_head() -> None:
    large = {
        str(file.relative_to(ROOT)): lines
        for package in ("node", "vocab", "federation", "search")
        for file in (ROOT / package).rglob("*.py")
        if (lines := file.read_text("utf-8").count("\n")) > 400
    }
    assert large == {}
