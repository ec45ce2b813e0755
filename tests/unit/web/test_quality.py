"""Quality of one's own records, and the commitments: a table that becomes a self-assessment."""

import orjson
import pytest

from node.accounts.roles import Role
from node.services import accounts, drafts
from tests.unit.web.test_editor import SignIn, revision, send, sign_in, town
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration
__all__ = ["sign_in", "town"]


def test_practices_with_most_to_add_come_first_and_say_what(town: Town, sign_in: SignIn) -> None:
    town.publish(
        practice(
            "Well told",
            problem={"en": "No bus"},
            solution={"en": "A bus"},
            step=[{"type": "Step", "order": 1, "title": {"en": "Ask"}}],
            nextReview="2100-01-01",
        ),
        practice("Hardly told"),
        practice("Due", problem={"en": "x"}, solution={"en": "y"}, nextReview="2020-01-01"),
        practice("Only listed here", source="https://elsewhere.example/1"),
    )
    page = sign_in(Role.EDITOR).get("/desk/quality?lang=en").text
    assert page.index("Due") < page.index("Hardly told") < page.index("Well told")
    for words in ("to be looked at again since 1 January 2020", "2 of 10", "1 of 3"):
        assert words in page
    assert "Only listed here" not in page


def test_the_table_of_commitments_becomes_a_self_assessment(town: Town, sign_in: SignIn) -> None:
    (entry,) = town.publish(practice("Bus", commitment=["B3", "D1"]))
    client, did = sign_in(Role.OWNER), town.runtime.identity.did
    page = client.get("/desk/commitments?lang=en").text
    assert "Citizens involved from the start" in page
    assert page.count("none yet") > 50
    answer = send(client, "/desk/commitments", origin=did, B3="3", G3="0", D1="", E1="9")
    path = answer.headers["Location"].partition("?")[0]
    (draft,) = drafts.drafts(town.runtime).list([did])
    rated = {one["commitment"][0]: one for one in draft.body["commitmentRating"]}  # type: ignore[union-attr,index,call-overload]
    assert rated.keys() == {"B3", "G3"}
    assert rated["B3"]["evidence"] == [entry.uri]
    assert draft.body["assessed"] == town.runtime.settings.organisation_uri
    done = send(client, path + "/publish", revision=revision(client, path))
    assert done.headers["Location"].startswith("/self-assessments/"), client.get(path).text
    page = client.get("/desk/commitments?lang=en").text
    assert 'value="3" selected' in page
    send(client, "/desk/commitments", origin=did, B3="4", G3="1")
    (again,) = drafts.drafts(town.runtime).list([did])
    assert again.record == town.base + done.headers["Location"]  # the same record, one step on
    assert b'"degree":4' in orjson.dumps(again.body)


def test_nothing_rated_is_no_assessment(town: Town, sign_in: SignIn) -> None:
    client = sign_in(Role.EDITOR)
    send(client, "/desk/commitments", origin=town.runtime.identity.did, B3="")
    assert "Rate at least one" in client.get("/desk/commitments").text
    client.get("/desk?lang=es")  # the language stays
    send(client, "/desk/commitments", origin=town.runtime.identity.did)
    assert "Valore al menos un compromiso" in client.get("/desk/commitments").text
    assert send(client, "/desk/commitments", origin="did:web:other.example").status_code == 404


@pytest.mark.parametrize("path", ["/desk/quality", "/desk/commitments"])
def test_a_reader_sees_and_a_visitor_does_not(town: Town, sign_in: SignIn, path: str) -> None:
    assert sign_in(Role.READER).get(path).status_code == 200
    assert town.client.get(path).status_code == 403
    assert send(sign_in(Role.READER, town.runtime.identity.did), path).status_code in (403, 405)


def test_a_role_for_an_origin_that_has_moved_out_leads_nowhere(town: Town, sign_in: SignIn) -> None:
    client = sign_in(Role.EDITOR)
    found = accounts.accounts(town.runtime).by_login(f"{Role.EDITOR}@lugo.example")
    assert found is not None
    accounts.accounts(town.runtime).give(found.id, None, "")
    accounts.accounts(town.runtime).give(found.id, Role.EDITOR, "did:web:moved.example")
    assert client.get("/desk/commitments").status_code == 403
    for path in ("/desk", "/desk/quality", "/desk/villages", "/fits?population=900"):
        assert client.get(path).status_code == 200, path
