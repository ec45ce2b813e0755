"""The description of the interface says what the program does, and nothing else."""

import re
from collections.abc import Iterator

import pytest
from openapi_spec_validator import validate

from node.services.question import read
from node.services.town import read_town
from node.web.operations import OPERATIONS
from tests.unit.web.towns import Town

pytestmark = pytest.mark.integration

DESCRIBED = ("/api/v1/", "/feed", "/inbox", "/.well-known/", "/openapi", "/healthz", "/readyz")


def routes(town: Town) -> Iterator[tuple[str, str]]:
    """Yield (method, path) of every address for programs, as OpenAPI writes it."""
    for rule in town.client.application.url_map.iter_rules():
        if rule.rule.startswith(DESCRIBED):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield method.lower(), re.sub(r"<[^>]*?(\w+)>", "{}", rule.rule)


def test_every_address_is_described_and_every_described_one_exists(town: Town) -> None:
    described = {(one.method, re.sub(r"{\w+}", "{}", one.path)) for one in OPERATIONS}
    asked = {pair for pair in described if pair[1].startswith(DESCRIBED)}
    assert asked == set(routes(town))


def test_the_document_is_valid_and_the_same_for_command_and_page(town: Town) -> None:
    document = town.client.get("/openapi.json").json
    validate(document)
    assert document["openapi"] == "3.1.0"
    assert document["servers"] == [{"url": town.base}]


@pytest.mark.parametrize("name", ["search", "fit"])
def test_no_parameter_is_left_out_or_made_up(name: str) -> None:
    reader = read if name == "search" else read_town
    operation = next(one for one in OPERATIONS if one.id == name)
    own = {"lang", "format"} if name == "search" else {"lang", "limit"}
    for parameter in operation.parameters:
        if parameter.name not in own:
            _found, problems = reader({parameter.name: [""]})
            assert problems == [], parameter.name
    _found, problems = reader({"unknown-name": ["x"]})
    assert problems


@pytest.mark.parametrize(
    "operation", [one for one in OPERATIONS if one.example is not None], ids=lambda one: one.id
)
def test_the_examples_work(town: Town, operation: object) -> None:
    answer = town.client.get(f"{operation.path}{operation.example}")  # type: ignore[attr-defined]
    statuses = operation.answers  # type: ignore[attr-defined]
    assert answer.status_code in statuses
    assert answer.mimetype in statuses[answer.status_code]
