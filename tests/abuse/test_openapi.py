"""Whatever is sent to the interface, the answer is one that its description allows."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts
from node.services.accounts import COMMAND, Invitation, NewToken
from node.services.worker_state import beat
from node.web.operations import OPERATIONS, Operation
from tests.unit.web.towns import Town, make_town, practice

pytestmark = pytest.mark.abuse

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A node with a practice."""
    folder: Path = tmp_path_factory.mktemp("openapi")
    own = "https://lugo.example/organisations/own"
    made = make_town(folder / "town", "https://lugo.example", organisation_uri=own)
    beat(made.runtime.settings)  # as the worker does
    made.publish(practice("A bus on demand", theme=["mobility"]))
    yield made
    made.runtime.close()


@pytest.fixture(scope="module")
def token(town: Town) -> str:
    """A token that may publish."""
    made = accounts.add_account(
        town.runtime, COMMAND, Invitation("x@lugo.example", "", Role.REVIEWER)
    )
    return accounts.new_token(town.runtime, COMMAND, made, NewToken("x", ["publish"], 1))


@pytest.fixture(scope="module")
def described(town: Town) -> schemathesis.BaseSchema:
    """The description, with the application behind it."""
    app = create_app(town.runtime)
    return schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.mark.parametrize(
    ("one", "mode"),
    [
        *((one, GenerationMode.POSITIVE) for one in OPERATIONS),
        *((one, GenerationMode.NEGATIVE) for one in OPERATIONS if one.parameters),
    ],
    ids=lambda value: getattr(value, "id", None) or value.value,
)
def test_every_answer_is_described(
    described: schemathesis.BaseSchema,
    token: str,
    one: Operation,
    mode: GenerationMode,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("node.web.limits.Pace.allows", lambda *_: True)  # its limit is not the aim

    @given(case=described[one.path][one.method].as_strategy(generation_mode=mode))
    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        more = {"Accept-Encoding": "identity"}  # the test's transport inflates nothing
        if one.scope is not None:
            more["Authorization"] = f"Bearer {token}"
        case.headers = {**dict(case.headers or {}), **more}
        case.call_and_validate(checks=CHECKS)

    ask()
