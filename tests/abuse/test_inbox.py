"""What strangers and members can try with the inbox: floods, forgeries, bombs, requests to join."""

import gzip
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from werkzeug.test import TestResponse

from federation import proof
from federation.identity import Identity, SigningKey
from federation.joining import membership
from federation.journal.journal import Draft
from federation.journal.requests import MOST
from federation.own_head import own_head
from federation.places import new_identity
from federation.records import PeerState
from node import clock
from node.web import limits
from tests.unit.web.conftest import build, town
from tests.unit.web.towns import Town, make_town, practice
from vocab.terms import JsonObject

pytestmark = pytest.mark.abuse
__all__ = ["build", "town"]

ENTRY, LINES = "application/ld+json", "application/x-ndjson"


@pytest.fixture
def village(build: Callable[..., Town]) -> Town:
    return build("https://village.example", name="Village")


@pytest.fixture
def hub(build: Callable[..., Town], village: Town) -> Town:
    """A hub that has accepted the village."""
    made = build("https://hub.example", name="Hub")
    own = village.runtime.identity
    made.runtime.journal.pin(
        did=own.did, base=own.base, key=own.key.public_multikey, method=own.method
    )
    return made


def head(town: Town) -> bytes:
    return own_head(town.runtime.journal, town.runtime.identity, f"{town.base}/feed", clock.now())


def post(hub: Town, body: bytes, kind: str = LINES, **headers: str) -> TestResponse:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return hub.client.post("/inbox", data=body, content_type=kind, headers=named)


def bodies(town: Town) -> list[bytes]:
    return [entry.body for entry in town.runtime.journal.changes(0, 10_000).entries]


def held(hub: Town) -> int:
    return hub.runtime.journal.count()


def test_a_push_is_taken_in_once_however_often_it_comes(hub: Town, village: Town) -> None:
    village.publish(*(practice(f"Number {n}") for n in range(120)))
    body = b"\n".join([head(village), *bodies(village)])
    first = post(hub, gzip.compress(body, mtime=0), Content_Encoding="gzip").get_json()
    assert (first["new"], first["refused"], first["contiguous"]) == (120, 0, 120)
    again = post(hub, zstandard.compress(body), Content_Encoding="zstd").get_json()
    assert (again["unchanged"], again["announced"], again["contiguous"]) == (120, 120, 120)
    (one, *_rest) = bodies(village)
    answer = post(hub, one, ENTRY)
    assert (answer.status_code, answer.headers["Location"]) == (200, json.loads(one)["id"])
    assert held(hub) == 120
    village.publish(practice("One more"))
    answer = post(hub, bodies(village)[-1], ENTRY)
    assert answer.status_code == 201


def test_inbox_takes_only_accepted_origins(hub: Town, build: Callable[..., Town]) -> None:
    stranger = build("https://stranger.example", name="Stranger")
    stranger.publish(practice("Please take me in"))
    for body, kind in ((bodies(stranger)[0], ENTRY), (b"\n".join(bodies(stranger)), LINES)):
        answer = post(hub, body, kind)
        assert answer.status_code == 403
        assert "lonja join" in answer.get_json()["detail"]
    assert held(hub) == 0


def test_a_member_cannot_push_what_it_has_not_signed(hub: Town, village: Town) -> None:
    village.publish(practice("Genuine"), practice("Also genuine"))
    good, other = bodies(village)
    forged = orjson.dumps({**json.loads(other), "title": {"en": "Forged"}})
    answer = post(hub, b"\n".join([good, forged])).get_json()
    assert (answer["new"], answer["refused"], answer["contiguous"]) == (1, 1, 1)
    assert [one["rule"] for one in answer["refusals"]] == ["bad-proof"]
    single = post(hub, forged, ENTRY)
    assert (single.status_code, single.get_json()["errors"][0]["rule"]) == (422, "bad-proof")


def test_a_member_cannot_push_for_another_that_is_not_accepted(
    hub: Town, village: Town, build: Callable[..., Town]
) -> None:
    stranger = build("https://stranger.example", name="Stranger")
    stranger.publish(practice("Smuggled"))
    village.publish(practice("Genuine"))
    lines = [head(village), *bodies(village), *bodies(stranger)]
    answer = post(hub, b"\n".join(lines)).get_json()
    assert (answer["new"], [one["rule"] for one in answer["refusals"]]) == (1, ["unknown-origin"])


@pytest.mark.parametrize(
    ("body", "kind", "encoding", "status"),
    [
        (b"", LINES, "", 422),
        (b"\xff\xfe", ENTRY, "", 422),
        (b"[" * 100_000 + b"]" * 100_000, ENTRY, "", 422),
        (b'{"origin": "did:web:x.example", "origin": "did:web:y.example"}', ENTRY, "", 422),
        (b'{"origin": NaN}', ENTRY, "", 422),
        (b'"text"', ENTRY, "", 422),
        (b"{}", ENTRY, "", 403),
        (b'{"origin": ["did:web:village.example"]}', ENTRY, "", 403),
        (b"{}", "text/plain", "", 415),
        (b"{}", "application/x-www-form-urlencoded", "", 415),
        (b"no gzip", LINES, "gzip", 400),
        (gzip.compress(b"{}", mtime=0)[:-4], LINES, "gzip", 400),
        (b"{}", LINES, "br", 400),
        (gzip.compress(b" " * 100_000_000, mtime=0), LINES, "gzip", 413),
        (zstandard.compress(b" " * 100_000_000), LINES, "zstd", 413),
        (b" " * 9_000_000, LINES, "", 413),
    ],
)
def test_bodies_that_are_none_get_an_answer(
    hub: Town, body: bytes, kind: str, encoding: str, status: int
) -> None:
    headers = {"Content_Encoding": encoding} if encoding else {}
    answer = post(hub, body, kind, **headers)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.get_json()["title"]
    assert held(hub) == 0


def test_lines_that_are_no_entries_keep_out_no_others(hub: Town, village: Town) -> None:
    village.publish(practice("First"), practice("Second"))
    first, second = bodies(village)
    rubbish = [b"{", b"[1]", b"[" * 50 + b"]" * 50, b'{"a":1,"a":2}', b"x" * 300_000, b"{}"]
    answer = post(hub, b"\n".join([first, *rubbish, second])).get_json()
    assert (answer["new"], answer["refused"]) == (2, len(rubbish))
    assert answer["announced"] == 2 + len(rubbish)


def test_an_inbox_flood_is_slowed_down(
    hub: Town, village: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MEMBER_A_MINUTE", 3)
    village.publish(practice("Genuine"))
    answers = [post(hub, bodies(village)[0], ENTRY) for _ in range(5)]
    assert [one.status_code for one in answers] == [201, 200, 200, 429, 429]
    assert answers[-1].headers["Retry-After"] == "60"


def test_nobody_uses_up_how_often_another_may_push(
    hub: Town, village: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STRANGER_A_MINUTE", 3)
    village.publish(practice("Genuine"))
    named = orjson.dumps({"origin": village.runtime.identity.did})
    for _ in range(5):
        post(hub, named, ENTRY)
    assert post(hub, bodies(village)[0], ENTRY).status_code == 201


def test_a_suspended_member_pushes_in_vain(hub: Town, village: Town) -> None:
    own = village.runtime.identity
    peer = hub.runtime.peers.add(own.base, did=own.did, key=own.key.public_multikey)
    hub.runtime.peers.suspend(peer.id)
    village.publish(practice("Spam"))
    assert post(hub, bodies(village)[0], ENTRY).status_code == 403


def test_an_inbox_tells_nothing_of_what_it_got(hub: Town, village: Town) -> None:
    village.publish(practice("Genuine"))
    post(hub, bodies(village)[0], ENTRY)
    answer = hub.client.get("/inbox")
    assert (answer.status_code, answer.get_json()["ldp:contains"]) == (200, [])
    assert LINES in answer.headers["Accept-Post"]


# -- requests to join ------------------------------------------------------------------------


def request_of(
    folder: Path, hub: Town, identity: Identity, *, hub_did: str = "", **changes: Any
) -> bytes:
    """Return the signed membership with which a node asks to join."""
    place = make_town(folder, "https://unused.example")
    journal = place.runtime.journal
    journal.ensure_local_origin(identity, "Aldea")
    body: JsonObject = membership(identity, hub_did or hub.runtime.identity.did, "Aldea", "es")
    draft = Draft({**body, **changes}, None, "Membership")
    (entry,) = journal.append_local([draft], identity)
    place.runtime.close()
    return entry.body


@pytest.fixture
def aldea(hub: Town) -> Identity:
    return new_identity(hub.base)


def pending(hub: Town) -> list[tuple[str, str]]:
    return [(one.did, one.key) for one in hub.runtime.peers.list() if one.state == "pending"]


def test_a_request_waits_for_the_operator_and_gives_no_rights(
    hub: Town, aldea: Identity, tmp_path: Path
) -> None:
    body = request_of(tmp_path / "a", hub, aldea)
    answer = post(hub, body, ENTRY)
    assert (answer.status_code, answer.get_json()) == (202, {"state": "pending"})
    assert post(hub, body, ENTRY).status_code == 202
    assert pending(hub) == [(aldea.did, aldea.key.public_multikey)]
    assert [one.kind for one in hub.runtime.journal.alerts()] == ["join-request"]
    assert hub.runtime.journal.origin(aldea.did) is None
    assert held(hub) == 0


def test_a_request_for_the_place_of_another_key_is_refused(
    hub: Town, aldea: Identity, tmp_path: Path
) -> None:
    other = new_identity(hub.base)
    stolen = request_of(tmp_path / "a", hub, aldea, memberBase=other.base)
    assert post(hub, stolen, ENTRY).status_code == 422
    own = json.loads(request_of(tmp_path / "b", hub, aldea))
    resigned = proof.sign(
        {**own, "memberDid": other.did, "origin": other.did},
        aldea.key,
        f"{other.did}#x",
        clock.now(),
    )
    assert post(hub, orjson.dumps(resigned), ENTRY).status_code == 422
    swapped = proof.sign(
        {**own, "memberKey": other.key.public_multikey}, other.key, aldea.method, clock.now()
    )
    assert post(hub, orjson.dumps(swapped), ENTRY).status_code == 422
    unsigned = {key: value for key, value in own.items() if key != "proof"}
    assert post(hub, orjson.dumps(unsigned), ENTRY).status_code == 422
    assert pending(hub) == []


def test_a_request_meant_for_another_hub_is_refused(
    hub: Town, aldea: Identity, tmp_path: Path
) -> None:
    body = request_of(tmp_path / "a", hub, aldea, hub_did="did:web:elsewhere.example")
    assert post(hub, body, ENTRY).status_code == 403
    assert pending(hub) == []


def test_a_flood_of_requests_is_turned_away(
    hub: Town, aldea: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "STRANGER_A_MINUTE", 10_000)
    monkeypatch.setattr("federation.journal.requests.MOST", 2)
    assert MOST > 2
    answers = []
    for number in range(4):
        identity = new_identity(hub.base)
        body = request_of(tmp_path / f"asks-{number}", hub, identity)
        answers.append(post(hub, body, ENTRY).status_code)
    assert answers == [202, 202, 503, 503]


def test_what_an_operator_has_found_is_not_overwritten_by_a_request(
    hub: Town, aldea: Identity, tmp_path: Path
) -> None:
    known = SigningKey.generate().public_multikey
    hub.runtime.peers.add(aldea.base, did=aldea.did, key=known)
    post(hub, request_of(tmp_path / "a", hub, aldea), ENTRY)
    (peer,) = hub.runtime.peers.list()
    assert (peer.key, peer.state) == (known, PeerState.PENDING)


# -- places ----------------------------------------------------------------------------------


def test_a_hub_cannot_sign_into_the_place_of_a_key(hub: Town, village: Town) -> None:
    """Nothing under /n/ is accepted from the hub, even from readers that know no such member."""
    place = new_identity(hub.base)
    forged = hub.publish(practice("Forged"), uri=f"{place.base}/practices/x")
    own = hub.runtime.identity
    village.runtime.journal.pin(
        did=own.did, base=own.base, key=own.key.public_multikey, method=own.method
    )
    checked = village.runtime.journal.verifier().check_member(json.loads(forged[0].body))
    assert getattr(checked, "rule", "") == "foreign-address"


@pytest.mark.parametrize("path", ["/n/x", "/n/", "/n/../practices/x", "/n/" + "0" * 32])
def test_places_that_are_nobody_s_are_not_there(hub: Town, path: str) -> None:
    assert hub.client.get(path).status_code in (404, 308)
    assert hub.client.get(f"{path}/did.json").status_code == 404
    assert hub.client.get(f"{path}/practices/x").status_code == 404


def test_a_bomb_of_another_kind_is_no_gzip(hub: Town) -> None:
    answer = post(hub, zlib.compress(b"{}"), Content_Encoding="gzip")
    assert answer.status_code == 400
