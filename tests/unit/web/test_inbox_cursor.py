"""How far a node holds the log of an origin: one number, its digest, nothing else."""

from collections.abc import Callable

import orjson
import pytest

from federation.trust import Candidate
from tests.unit.web.towns import Town, practice

pytestmark = pytest.mark.integration


def test_the_cursor_of_the_node_itself(town: Town) -> None:
    did = town.runtime.identity.did
    answer = town.client.get("/inbox/cursor", query_string={"origin": did})
    assert answer.get_json() == {"origin": did, "contiguous": 0, "digest": ""}
    _first, last = town.publish(practice("One"), practice("Two"))
    answer = town.client.get("/inbox/cursor", query_string={"origin": did})
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.get_json() == {"origin": did, "contiguous": 2, "digest": last.digest}
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    again = town.client.get(
        "/inbox/cursor",
        query_string={"origin": did},
        headers={"If-None-Match": answer.headers["ETag"]},
    )
    assert again.status_code == 304


def test_the_cursor_stops_before_a_gap(build: Callable[..., Town]) -> None:
    city, village = build("https://lugo.example", name="Lugo"), build()
    entries = city.publish(*[practice(f"Number {i}") for i in range(4)])
    identity = city.runtime.identity
    village.runtime.journal.pin(
        did=identity.did,
        base=identity.base,
        key=identity.key.public_multikey,
        method=identity.method,
    )
    verifier = village.runtime.journal.verifier()
    checked = [verifier.check_member(orjson.loads(one.body)) for one in entries]
    found = [one for one in checked if isinstance(one, Candidate)]
    village.runtime.journal.append_foreign([found[0], found[1], found[3]])
    question = {"origin": identity.did}
    body = village.client.get("/inbox/cursor", query_string=question).get_json()
    assert (body["contiguous"], body["digest"]) == (2, entries[1].digest)
    village.runtime.journal.append_foreign([found[2]])
    body = village.client.get("/inbox/cursor", query_string=question).get_json()
    assert (body["contiguous"], body["digest"]) == (4, entries[3].digest)


def test_an_erasure_moves_the_cursor_on(town: Town) -> None:
    (entry,) = town.publish(practice("A name that must go"))
    town.retract(entry, erases=[entry.seq])
    did = town.runtime.identity.did
    body = town.client.get("/inbox/cursor", query_string={"origin": did}).get_json()
    assert body["contiguous"] == 2
    assert body["digest"] == town.runtime.journal.digest_of(did, 2)


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"origin": ""},
        {"origin": "did:web:nobody.example"},
        {"origin": "x" * 5000},
        {"origin": "did:web:\x00' OR 1=1 --"},
    ],
)
def test_an_unknown_origin_is_a_problem_in_words(town: Town, query: dict[str, str]) -> None:
    town.publish(practice("One"))
    answer = town.client.get("/inbox/cursor", query_string=query, headers={"Accept": "text/html"})
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert set(answer.get_json()) == {"type", "title", "status", "detail"}
    assert len(answer.data) < 600
    spanish = town.client.get("/inbox/cursor", headers={"Accept-Language": "es"}).get_json()
    assert "Este nodo" in spanish["title"]


def test_the_cursor_can_only_be_read(town: Town) -> None:
    assert town.client.post("/inbox/cursor").status_code == 405
