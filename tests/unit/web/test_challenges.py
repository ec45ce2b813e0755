"""The board of challenges: who asks for what until when, and what became of the proposals."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from federation.records import Entry
from node.accounts.roles import EVERY_ORIGIN, Holder, Role
from node.services import challenges, drafts
from node.services.challenges import Standing, answer, answered_by_others, board, standing_of
from node.services.errors import UserError
from node.services.reading import Reader
from tests.samples import DOCUMENTS
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration

ANA = Holder(None, "ana@x.example", "Ana", {EVERY_ORIGIN: Role.EDITOR})
TODAY = date.today()  # noqa: DTZ011  # challenges end on a calendar day


def day(after: int) -> str:
    return (TODAY + timedelta(days=after)).isoformat()


def challenge(title: str, **more: Any) -> dict[str, Any]:
    plain = {key: DOCUMENTS["Challenge"][key] for key in ("@context", "type", "license", "theme")}
    return {**plain, "title": {"en": title}, "description": {"en": "A need."}, **more}


def proposal(title: str, asked: Entry, **more: Any) -> dict[str, Any]:
    plain = {key: DOCUMENTS["Proposal"][key] for key in ("@context", "type", "license")}
    said = {"answers": asked.uri, "proposalStatus": "submitted", **more}
    return {**plain, "title": {"en": title}, **said}


def titles(page: str, level: str = "h2") -> list[str]:
    return re.findall(rf"<{level}><a [^>]*><bdi>([^<]*)</bdi></a></{level}>", page)


def test_what_can_be_answered_comes_first_and_what_ends_soonest_before_it(town: Town) -> None:
    town.publish(
        challenge("Closed long ago", opens=day(-900), closes=day(-800)),
        challenge("Closed lately", opens=day(-90), closes=day(-1)),
        challenge("Opens later", opens=day(2), closes=day(90)),
        challenge("No last day", opens=day(-5)),
        challenge("Ends today", opens=day(-5), closes=day(0)),
        challenge("Ends next month", opens=day(-5), closes=day(30)),
    )
    page = town.page("/challenges?lang=en")
    assert titles(page) == [
        *("Ends today", "Ends next month", "No last day"),
        *("Opens later", "Closed lately", "Closed long ago"),
    ]
    assert "with no last day" in page
    assert "All (6)" in page
    assert "Open (3)" in page
    assert titles(town.page("/challenges?standing=closed")) == ["Closed lately", "Closed long ago"]
    assert len(titles(town.page("/challenges?standing=whatever"))) == 6


def test_a_board_has_pages(town: Town) -> None:
    town.publish(*[challenge(f"Challenge {n}", opens=day(-n)) for n in range(1, 13)])
    first, second = town.page("/challenges"), town.page("/challenges?page=2&standing=open")
    assert (len(titles(first)), len(titles(second))) == (challenges.SIZE, 2)
    assert 'rel="next" href="/challenges?page=2"' in first
    assert 'rel="prev" href="/challenges?standing=open&amp;page=1"' in second
    assert len(titles(town.page("/challenges?page=99"))) == 2
    assert town.client.get("/challenges?page=-1").status_code == 200


def test_a_challenge_says_what_became_of_its_proposals_and_why(town: Town) -> None:
    (asked,) = town.publish(challenge("Night buses", opens=day(-9), helixSought=["business"]))
    (built,) = town.publish(practice("Taxis shared at night"))
    town.publish(
        proposal("A new line", asked, proposalStatus="not-selected", reason={"en": "Too dear"}),
        proposal(
            "A taxi club",
            asked,
            proposalStatus="implemented",
            citizenDesigned=True,
            supporters=143,
            implementedAs=built.uri,
        ),
        proposal("Bicycles", asked),
    )
    for address in ("/challenges", asked.uri.removeprefix(town.base)):
        page = town.page(f"{address}?lang=en")
        order = [page.index(title) for title in ("A taxi club", "Bicycles", "A new line")]
        assert order == sorted(order), address
        said = ("Too dear", "143 supporters", "designed by residents", "Taxis shared at night")
        assert all(one in page for one in said), address
        assert "3 proposals: Implemented 1 · Submitted 1 · Not selected, with reasons 1" in page


def test_what_others_claim_of_a_proposal_is_said_to_be_theirs(
    build: Callable[..., Town],
) -> None:
    asking = build("https://lugo.example")
    other = build("https://teruel.example")
    (asked,) = asking.publish(challenge("Night buses", opens=day(-9)))
    other.copy_from(asking)
    other.publish(proposal("Our own offer", asked, proposalStatus="selected"))
    asking.publish(proposal("Chosen by the town", asked, proposalStatus="selected"))
    asking.copy_from(other)
    page = asking.page("/challenges?lang=en")
    assert page.index("Chosen by the town") < page.index("Our own offer")
    assert page.count("as told by teruel.example") == 1
    did = asking.runtime.identity.did
    ((challenged, found),) = answered_by_others(asking.runtime, [did], "en")
    assert (challenged.title.text, found.title.text) == ("Night buses", "Our own offer")
    assert answered_by_others(asking.runtime, [], "en") == []


def test_a_proposal_begins_at_a_harvested_challenge_and_reaches_whoever_asked(
    build: Callable[..., Town],
) -> None:
    asking = build("https://lugo.example")
    offering = build(
        "https://teruel.example", organisation_uri="https://teruel.example/organisations/own"
    )
    (asked,) = asking.publish(challenge("Night buses", opens=day(-9)))
    offering.copy_from(asking)
    draft = answer(offering.runtime, ANA, asked.uri, offering.runtime.identity.did)
    assert (draft.type, draft.body["answers"]) == ("Proposal", asked.uri)
    saved = drafts.drafts(offering.runtime).save(
        draft.key, 1, body={**draft.body, "title": {"en": "A taxi club"}}
    )
    uri, _findings = drafts.publish(offering.runtime, ANA, saved)
    assert uri.startswith("https://teruel.example/proposals/")
    asking.copy_from(offering)
    assert "A taxi club" in asking.page(asked.uri.removeprefix(asking.base))


def test_closed_and_unknown_challenges_take_no_proposal(town: Town) -> None:
    closed, other = town.publish(
        challenge("Over", opens=day(-9), closes=day(-1)), practice("No challenge")
    )
    did = town.runtime.identity.did
    with pytest.raises(UserError, match="closed"):
        answer(town.runtime, ANA, closed.uri, did)
    for uri in (other.uri, "https://nowhere.example/challenges/1", ""):
        with pytest.raises(UserError, match="known here"):
            answer(town.runtime, ANA, uri, did)
    page = town.page(closed.uri.removeprefix(town.base) + "?lang=en")
    assert "Begin a proposal" not in page
    assert "Propose an answer" not in page


def test_a_challenge_leads_to_practices_of_its_theme(town: Town) -> None:
    asked, _bus, _garden = town.publish(
        challenge("Getting home at night", opens=day(-9), theme=["mobility"]),
        practice("Buses at night", theme=["mobility"]),
        practice("A garden at night", theme=["food"]),
    )
    page = town.page(asked.uri.removeprefix(town.base) + "?lang=en")
    assert "Practices that may answer it" in page
    assert titles(page, "h3") == ["Buses at night"]


@pytest.mark.parametrize(
    ("opens", "closes", "standing"),
    [
        ("2026-05-01", "2026-05-31", Standing.OPEN),
        ("2026-05-01", None, Standing.OPEN),
        ("2026-06-01", "2026-06-30", Standing.COMING),
        ("2026-04-01", "2026-05-09", Standing.CLOSED),
        ("yesterday", ["2026"], Standing.OPEN),
        (7, {"en": "2026-01-01"}, Standing.OPEN),
        (None, None, Standing.OPEN),
    ],
)
def test_the_days_decide_whatever_a_peer_wrote(opens: Any, closes: Any, standing: Standing) -> None:
    record = Reader({"opens": opens, "closes": closes}, ("en",))
    assert standing_of(record, date(2026, 5, 10)) is standing


def test_a_challenge_that_was_withdrawn_leaves_the_board(town: Town) -> None:
    kept, gone = town.publish(challenge("Kept", opens=day(-1)), challenge("Gone", opens=day(-1)))
    town.retract(gone)
    found = board(town.runtime, "en", None, 1)
    assert [one.card.uri for one in found.challenges] == [kept.uri]
    assert found.counts == {Standing.OPEN: 1, Standing.COMING: 0, Standing.CLOSED: 0}


def test_only_those_who_write_begin_a_proposal(town: Town) -> None:
    (asked,) = town.publish(challenge("Night buses", opens=day(-9)))
    page = town.page(asked.uri.removeprefix(town.base) + "?lang=en")
    assert "Begin a proposal" not in page
    assert "/account/enter?next=/challenges/" in page
    refused = town.client.post("/desk/answer", data={"uri": asked.uri})
    assert refused.status_code in (302, 303, 400, 401, 403)
    assert drafts.drafts(town.runtime).list([town.runtime.identity.did]) == []
