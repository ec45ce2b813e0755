"""The privacy notice, and what the owners of a node look after."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from node.accounts.roles import Role
from node.app import create_app
from node.services import accounts, doctor
from node.services.accounts import COMMAND, Invitation
from node.settings import SettingsError, load
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration

PASSWORD = "four quiet herons landing"


def sign_in(town: Town, role: Role) -> FlaskClient:
    made = accounts.add_account(town.runtime, COMMAND, Invitation(f"{role}@x.example", "A", role))
    assert accounts.choose_password(town.runtime, made, PASSWORD) == ""
    client = create_app(town.runtime).test_client()
    client.post("/account/enter", data={"login": made.login, "password": PASSWORD})
    return client


def test_the_notice_says_its_version_whom_to_ask_and_when_it_is_looked_at_again(
    build: Callable[..., Town],
) -> None:
    town = build(privacy_contact="privacy@vallalta.example", privacy_review="2199-06-30")
    page = town.page("/privacy?lang=en")
    assert "version 2" in page
    assert "30 June 2199" in page
    assert 'href="mailto:privacy@vallalta.example"' in page
    assert "version 2" in build("https://plain.example").page("/privacy?lang=en")


def test_the_owners_see_what_is_kept_in_numbers_and_what_was_erased(
    build: Callable[..., Town],
) -> None:
    yesterday = "2020-01-01"
    town = build(privacy_review=yesterday)
    owner, reviewer = sign_in(town, Role.OWNER), sign_in(town, Role.REVIEWER)
    assert reviewer.get("/admin/privacy").status_code == 403
    assert town.client.get("/admin/privacy").status_code == 403
    page = owner.get("/admin/privacy?lang=en").text
    assert "is past" in page
    assert re.search(r"Accounts: name[^<]*</th><td class=\"number\">2</td>", page)
    assert "reviewer@x.example" not in page  # numbers, not people
    assert any(
        one.name == "privacy" and one.level == "warning" for one in doctor.examine(town.runtime)
    )
    (entry,) = town.publish(practice("A secret bench"))
    token = re.search(r'name="form_token" value="([^"]+)"', owner.get("/account").text)
    assert token is not None
    form = {"form_token": token[1], "uri": entry.uri, "act": "erase", "sure": "1"}
    assert owner.post("/desk/end", data=form).status_code == 303
    assert entry.uri in owner.get("/admin/privacy").text
    asked = owner.post("/admin/privacy?lang=en", data={"form_token": token[1]})
    assert entry.uri in asked.text
    assert "No peer is known" in asked.text


def test_a_day_of_review_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="2027-06-30"):
        load(tmp_path, {"LONJA_PRIVACY_REVIEW": "next summer"})


def test_a_node_without_a_backup_is_told_so(build: Callable[..., Town]) -> None:
    town = build()
    (found,) = (one for one in doctor.examine(town.runtime) if one.name == "backups")
    assert (found.level, found.message) == ("warning", "there is no backup of this node")
    row = '[{"file": "x", "made": "%s", "position": 1}]'
    made = town.runtime.settings.data / "backups.json"
    made.write_text(row % town.runtime.clock().isoformat())
    (found,) = (one for one in doctor.examine(town.runtime) if one.name == "backups")
    assert found.level == "ok"
    made.write_text(row % (town.runtime.clock() - timedelta(days=40)).isoformat())
    (found,) = (one for one in doctor.examine(town.runtime) if one.name == "backups")
    assert found.level == "warning"
