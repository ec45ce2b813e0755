"""A peer that lies: each lie is in the ledger with its reason, nothing else is lost, it ends."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from federation import proof
from federation.fetch import FetchLimits
from federation.harvest.pages import MAX_VALUES
from federation.records import OriginStanding, RunState
from tests.peers import Handler, TestPeer, serving
from tests.reader import Reader, make_reader, rules
from vocab.terms import CONTEXT_URL

pytestmark = pytest.mark.abuse

Document = dict[str, Any]
Spoil = Callable[[Document, TestPeer], Document]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    limits = FetchLimits(max_bytes=2_000_000, deadline_seconds=1.0, connect_seconds=1.0)
    made = make_reader(tmp_path / "reader", limits=limits)
    yield made
    assert made.faults() == []
    made.store.close()


@pytest.fixture
def peer(tmp_path: Path, reader: Reader) -> Iterator[TestPeer]:
    with serving(tmp_path / "peer") as made:
        reader.accept(made)
        yield made


def fill(peer: TestPeer, count: int = 250) -> None:
    peer.publish(*[f"Practice number {number}" for number in range(count)])


def resign(peer: TestPeer, document: Document, **changes: Any) -> Document:
    """Return a document with changes, signed with the peer's own key."""
    body = {key: value for key, value in {**document, **changes}.items() if key != "proof"}
    key, method = peer.identity.key, peer.identity.method
    return dict(proof.sign(body, key, method, datetime.now(UTC)))


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda d, _p: {**d, "title": {"en": "Changed on the way"}}, "bad-proof"),
        (lambda d, _p: {**d, "seq": 999}, "bad-proof"),
        (lambda d, _p: {**d, "proof": {**d["proof"], "proofValue": "z1"}}, "bad-proof"),
        (lambda d, _p: {k: v for k, v in d.items() if k != "proof"}, "bad-proof"),
        (lambda d, _p: {**d, "proof": [d["proof"], d["proof"]]}, "bad-proof"),
        (lambda d, _p: {**d, "origin": "did:web:nobody.example"}, "unknown-origin"),
        (lambda d, _p: {**d, "origin": {"a": []}}, "unknown-origin"),
        (lambda d, _p: {k: v for k, v in d.items() if k != "origin"}, "unknown-origin"),
        (lambda d, _p: {k: v for k, v in d.items() if k != "id"}, "no-envelope"),
        (lambda d, _p: {k: v for k, v in d.items() if k != "isVersionOf"}, "no-envelope"),
        (lambda d, _p: {**d, "seq": "7"}, "no-envelope"),
        (lambda d, _p: {**d, "seq": True}, "no-envelope"),
        (lambda d, _p: {**d, "seq": 2**60}, "no-envelope"),
        (lambda d, _p: {**d, "seq": 7.0}, "no-envelope"),
        (lambda d, _p: {**d, "version": -1}, "no-envelope"),
        (lambda d, _p: {**d, "extra": 2**63}, "not-canonical"),
        (
            lambda d, p: resign(p, d, isVersionOf=f"{p.url}/../x", id=f"{p.url}/../x/v/1"),
            "foreign-address",
        ),
        (
            lambda d, p: resign(
                p, d, isVersionOf="https://lugo.example/p/1", id="https://lugo.example/p/1/v/1"
            ),
            "foreign-address",
        ),
        (lambda d, p: resign(p, d, version=2, id=d["isVersionOf"] + "/v/2"), "broken-chain"),
        (lambda _d, _p: {}, "unknown-origin"),
    ],
)  # fmt: skip
def test_one_spoilt_member_costs_nothing_else(
    reader: Reader, peer: TestPeer, spoil: Spoil, rule: str
) -> None:
    fill(peer, 120)
    page = peer.page(0)
    page["member"][7] = spoil(page["member"][7], peer)
    peer.lie("/feed/0", page)
    run = reader.harvest(peer)
    assert (run.state, run.new, rules(run)) == (RunState.DONE, 119, {rule: 1})
    del peer.lies["/feed/0"]
    peer.publish("One more")
    again = reader.harvest(peer)
    if rule in ("bad-proof", "broken-chain") and again.announced > 1:
        assert again.new == 2  # what was forged on the way has come from its origin at last
    assert again.state is RunState.DONE


@pytest.mark.parametrize("member", [None, 7, "text", [], [[]], True, 1e300])
def test_a_member_that_is_no_object_is_refused(
    reader: Reader, peer: TestPeer, member: object
) -> None:
    fill(peer, 30)
    page = peer.page(0)
    page["member"].insert(3, member)
    peer.lie("/feed/0", page)
    run = reader.harvest(peer)
    assert (run.new, rules(run)) == (30, {"not-a-document": 1})


def test_a_key_that_stands_twice_is_refused(reader: Reader, peer: TestPeer) -> None:
    entries = peer.publish("First", "Second", "Third")
    body = peer.answer("/feed/0")[1]
    twice = entries[1].body.replace(b'"title":', b'"title":{"en":"What others read"},"title":')
    peer.lie("/feed/0", body.replace(entries[1].body, twice))
    run = reader.harvest(peer)
    assert (run.new, rules(run)) == (2, {"duplicate-key": 1})
    assert run.refusals[0].version_uri == entries[1].version_uri


def test_another_way_of_writing_the_same_page_is_fine(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 30)
    peer.lie("/feed/0", orjson.dumps(peer.page(0), option=orjson.OPT_INDENT_2))
    assert reader.harvest(peer).new == 30


def test_a_foreign_entry_cannot_be_signed_by_the_relay(
    reader: Reader, peer: TestPeer, tmp_path: Path
) -> None:
    with serving(tmp_path / "town") as town:
        reader.accept(town)
        (genuine,) = town.publish("From the town")
        fill(peer, 3)
        document = orjson.loads(genuine.body)
        own_key = resign(peer, document, title={"en": "Forged"})
        page = peer.page(0)
        stolen_name = {**own_key, "proof": {**own_key["proof"]}}
        stolen_name["proof"]["verificationMethod"] = town.identity.method
        page["member"] += [own_key, stolen_name, document]
        peer.lie("/feed/0", page)
        run = reader.harvest(peer)
    assert (run.new, rules(run)) == (4, {"foreign-key": 1, "bad-proof": 1})
    assert reader.title(genuine) == "From the town"


def test_an_old_version_does_not_come_back(reader: Reader, peer: TestPeer) -> None:
    (first,) = peer.publish("First")
    second = peer.revise(first, "Second")
    reader.harvest(peer)
    page = peer.page(0)
    page["member"] = [orjson.loads(first.body)]
    page["entries"] = []  # without numbers, so that it is not skipped as read
    peer.lie("/feed/0", page)
    peer.publish("Something, so that the feed changes")
    run = reader.harvest(peer)
    assert (run.unchanged, run.refused) == (1, 0)
    assert reader.title(first) == "Second"
    assert second.version_uri in reader.entries()


def test_a_fork_of_the_log_freezes_the_origin(reader: Reader, peer: TestPeer) -> None:
    entries = peer.publish("One", "Two", "Three")
    reader.harvest(peer)
    forked = resign(peer, orjson.loads(entries[1].body), title={"en": "Another two"})
    peer.publish("Four")
    page = peer.page(0)
    page["member"].insert(0, forked)
    page["entries"] = []
    peer.lie("/feed/0", page)
    run = reader.harvest(peer)
    assert rules(run) == {"equivocation": 1, "origin-frozen": 4}
    assert [one.kind for one in reader.journal.alerts()] == ["equivocation"]
    origin = reader.journal.origin(peer.identity.did)
    assert origin is not None
    assert origin.standing is OriginStanding.FROZEN
    assert reader.title(entries[1]) == "Two"
    peer.lies.clear()
    peer.publish("Five")
    assert rules(reader.harvest(peer)).keys() == {"origin-frozen"}


def test_a_head_of_another_log_freezes_the_origin(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 3)
    reader.harvest(peer)
    root = orjson.loads(peer.answer("/feed")[1])
    root["head"] = resign(peer, root["head"], last="zQmNothingThatWasEverSigned")
    peer.lie("/feed", root)
    reader.harvest(peer)
    assert [one.kind for one in reader.journal.alerts()] == ["equivocation"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _head, _p: None,
        lambda head, _p: {**head, "seq": 999},
        lambda head, _p: {**head, "proof": {}},
        lambda head, p: resign(p, head, origin="did:web:lugo.example"),
        lambda head, p: resign(p, head, seq=-1),
        lambda head, p: resign(p, head, seq=True),
        lambda head, p: resign(p, head, generated="yesterday"),
        lambda head, p: resign(p, head, validUntil=None),
        lambda head, p: resign(p, head, type="Practice"),
        lambda head, _p: {**head, "x": 2**63},
    ],
)
def test_a_forged_head_ends_the_run(
    reader: Reader, peer: TestPeer, spoil: Callable[[Document, TestPeer], object]
) -> None:
    fill(peer, 3)
    root = orjson.loads(peer.answer("/feed")[1])
    root["head"] = spoil(root["head"], peer)
    peer.lie("/feed", root)
    run = reader.harvest(peer)
    assert (run.state, run.error, run.announced) == (RunState.FAILED, "bad-head", 0)
    peer.lies.clear()
    assert reader.harvest(peer).new == 3


@pytest.mark.parametrize(
    "heads",
    [
        b"", b"{}", b"[1,null,{}]", b"[" * 5000, b'[{"type":"FeedHead","origin":7}]',
        b'[{"type":"FeedHead","origin":"did:web:nobody.example","seq":1}]',
    ],
)  # fmt: skip
def test_nonsense_among_relayed_heads_says_nothing(
    reader: Reader, peer: TestPeer, tmp_path: Path, heads: bytes
) -> None:
    with serving(tmp_path / "town") as town:
        reader.accept(town)
        (entry,) = town.publish("From the town")
        page = peer.page(0)
        page["member"] = [orjson.loads(entry.body)]
        root = orjson.loads(peer.answer("/feed")[1])
        node = {"type": "tree:Relation", "node": f"{peer.url}/feed/0"}
        root["entries"] = [{"id": f"{peer.url}/feed", "relation": [node]}]
        peer.lie("/feed", root)
        peer.lie("/feed/0", page)
        peer.lie("/feed/heads", heads, "application/json")
        run = reader.harvest(peer)
    assert (run.state, run.new) == (RunState.DONE, 1)
    assert "/feed/heads" in peer.asked


# -- pages -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        b"<html>maintenance</html>", b"", b"null", b"[]", b'"text"', b"{", b'{"member":7}',
        b'{"member":"x"}', b"\xff\xfe", b'{"member":[{"a":"\xed\xa0\x80"}]}',
        b'{"member":[{"a":"\\ud800"}]}', b'{"member":[NaN]}', b"[" * 100_000,
        b'{"member":[' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"]}",
        b'{"member":[' + b"9" * 5000 + b"]}x",
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_read_does_not_hide_the_others(
    reader: Reader, peer: TestPeer, body: bytes
) -> None:
    fill(peer)
    peer.lie("/feed/1", body)
    run = reader.harvest(peer)
    assert (run.state, run.new, rules(run)) == (RunState.FAILED, 150, {"not-json": 1})
    assert run.refusals[0].version_uri == f"{peer.url}/feed/1"
    peer.lies.clear()
    again = reader.harvest(peer)
    assert (again.state, again.new) == (RunState.DONE, 100)


@pytest.mark.parametrize("body", [b"<html/>", b"[]", b"{}", b"[" * 100_000])
def test_a_root_that_cannot_be_read_ends_the_run(
    reader: Reader, peer: TestPeer, body: bytes
) -> None:
    fill(peer, 3)
    peer.lie("/feed", body)
    run = reader.harvest(peer)
    assert (run.state, run.announced) == (RunState.FAILED, 0)
    assert run.error in ("not-json", "bad-head")


def test_a_page_of_another_media_type_is_refused(reader: Reader, peer: TestPeer) -> None:
    fill(peer)
    peer.lie("/feed/1", peer.page(1), "text/html")
    assert rules(reader.harvest(peer)) == {"bad-type": 1}


def test_a_page_of_too_many_members_is_refused(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 150)
    page = peer.page(0)
    page["member"] = [{"id": str(number)} for number in range(5000)]
    peer.lie("/feed/0", page)
    run = reader.harvest(peer)
    assert (run.new, rules(run)) == (50, {"not-json": 1})


def test_a_page_of_too_many_values_is_refused_before_it_is_read(
    reader: Reader, peer: TestPeer
) -> None:
    fill(peer, 150)
    peer.lie("/feed/0", b'{"member":[' + b"[]," * (MAX_VALUES // 2) + b"[]]}")
    run = reader.harvest(peer)
    assert (run.new, rules(run)) == (50, {"not-json": 1})


def test_a_large_page_is_not_read_to_its_end(reader: Reader, peer: TestPeer) -> None:
    fill(peer)
    peer.lie("/feed/1", b'{"member":["' + b"x" * 3_000_000 + b'"]}')
    run = reader.harvest(peer)
    assert (run.new, rules(run)) == (150, {"too-large": 1})
    assert run.bytes < 2_000_000


def test_a_hundred_megabytes_are_not_read_to_their_end(reader: Reader, peer: TestPeer) -> None:
    reader.limits = FetchLimits()
    fill(peer)
    sent = []

    def pour(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "application/ld+json")
        handler.send_header("Content-Length", "100000000")
        handler.end_headers()
        try:
            for _piece in range(100):
                handler.wfile.write(b" " * 1_000_000)
                sent.append(1)
        except OSError:
            handler.close_connection = True

    peer.lies["/feed/1"] = pour
    run = reader.harvest(peer)
    assert (run.new, rules(run)) == (150, {"too-large": 1})
    assert len(sent) < 60


def test_a_slow_drip_is_cut_off(reader: Reader, peer: TestPeer) -> None:
    fill(peer)
    peer.drip("/feed/1", seconds=20)
    began = time.monotonic()
    run = reader.harvest(peer)
    assert (run.new, rules(run)) == (150, {"too-slow": 1})
    assert time.monotonic() - began < 15


def related(peer: TestPeer, *pages: str) -> bytes:
    """Return a root that lists pages."""
    root = orjson.loads(peer.answer("/feed")[1])
    relations = [{"type": "tree:Relation", "node": page} for page in pages]
    root["entries"] = [{"id": f"{peer.url}/feed", "relation": relations}]
    return orjson.dumps(root)


def test_pages_of_another_host_are_not_read(reader: Reader, peer: TestPeer, tmp_path: Path) -> None:
    with serving(tmp_path / "victim") as victim:
        reader.hosts.add(victim.url.removeprefix("http://"))
        fill(peer, 150)
        own = [f"{peer.url}/feed/0", f"{peer.url}/feed/1"]
        foreign = [f"{victim.url}/feed/{n}" for n in range(500)]
        foreign += [f"{peer.url}.example/feed/0", f"{peer.url}/feed", "file:///etc/passwd", ""]
        peer.lie("/feed", related(peer, *foreign, *own))
        run = reader.harvest(peer)
        assert victim.asked == []
    assert (run.state, run.new) == (RunState.DONE, 150)
    assert rules(run) == {"foreign-page": 20}  # the first of them are told


def test_a_feed_of_foreign_pages_only_has_failed(reader: Reader, peer: TestPeer) -> None:
    fill(peer, 3)
    peer.lie("/feed", related(peer, "https://elsewhere.example/feed/0"))
    run = reader.harvest(peer)
    assert (run.state, run.error) == (RunState.FAILED, "foreign-page")


def chain(peer: TestPeer, number: int, members: list[Document]) -> bytes:
    further = [{"type": "tree:Relation", "node": f"{peer.url}/feed/{number + 1}"}]
    node = {"id": f"{peer.url}/feed/{number}", "relation": further}
    return orjson.dumps({"@context": CONTEXT_URL, "member": members, "entries": [node]})


@pytest.mark.parametrize("same", [False, True])
def test_an_endless_chain_of_pages_ends(reader: Reader, peer: TestPeer, same: bool) -> None:
    fill(peer, 3)
    members = peer.page(0)["member"] if same else []

    class Endless(dict[str, Any]):
        def __contains__(self, path: object) -> bool:
            return isinstance(path, str) and path.removeprefix("/feed/").isdigit()

        def __getitem__(self, path: str) -> Any:
            number = int(path.removeprefix("/feed/"))
            body = chain(peer, number, peer.page(0)["member"] if number == 0 else members)
            return lambda handler: handler.say(200, body)

    peer.lies = Endless()
    run = reader.harvest(peer)
    assert (run.state, run.new, rules(run)) == (RunState.FAILED, 3, {"endless-pages": 1})
    assert len(peer.asked) < 20


def test_a_chain_of_forgeries_ends(
    reader: Reader, peer: TestPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.harvest.reading.MAX_REFUSALS", 250)
    fill(peer, 1000)
    for number in range(10):
        page = peer.page(number)
        page["member"] = [{**one, "title": {"en": "Forged"}} for one in page["member"]]
        peer.lie(f"/feed/{number}", page)
    run = reader.harvest(peer)
    assert (run.state, run.new) == (RunState.FAILED, 0)
    assert rules(run) == {"bad-proof": 300, "too-many-refusals": 1}
    peer.lies.clear()
    for _run in range(2):
        reader.harvest(peer)
    assert len(reader.entries()) == 1000


def test_members_of_strangers_do_not_use_up_the_refusals(
    reader: Reader, peer: TestPeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("federation.harvest.reading.MAX_REFUSALS", 50)
    with serving(tmp_path / "stranger") as stranger:
        fill(stranger, 90)
        fill(peer, 250)
        page = peer.page(0)
        page["member"] = stranger.page(0)["member"]
        peer.lie("/feed/0", page)
        run = reader.harvest(peer)
    assert (run.state, run.new, rules(run)) == (RunState.DONE, 150, {"unknown-origin": 90})


@pytest.mark.parametrize("number", [2**53, 2**63, -1, 0, True, "7", None, 1e300])
def test_nonsense_numbers_lose_nothing(reader: Reader, peer: TestPeer, number: object) -> None:
    fill(peer, 150)
    page = peer.page(0)
    for node in page["entries"][1:]:
        node["receivedSeq"] = number
    peer.lie("/feed/0", page)
    root = orjson.loads(peer.answer("/feed")[1])
    root["position"] = number
    peer.lie("/feed", root)
    assert reader.harvest(peer).new == 150
    peer.lies.clear()
    peer.publish("One more")
    assert reader.harvest(peer).new == 1


# -- records ---------------------------------------------------------------------------------


def deep(levels: int) -> Any:
    value: Any = "x"
    for _level in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "changes",
    [
        {"@context": [CONTEXT_URL, {"title": "https://evil.example/title"}]},
        {"@context": "https://evil.example/context"},
        {"extra": {"@context": {"a": "https://evil.example/"}}},
        {"@graph": []}, {"@included": []}, {"@reverse": {}}, {"schema:name": "x"},
        {"extra": deep(40)}, {"title": "no language"}, {"title": {}}, {"license": None},
        {"type": "KeyRotation"}, {"type": []}, {"visibility": "internal"},
        {"big": 2**53 - 1, "title": 7},
    ],
)  # fmt: skip
def test_genuine_but_wrong_records_become_stubs(
    reader: Reader, peer: TestPeer, changes: Document
) -> None:
    entries = peer.publish("One", "Two", "Three")
    page = peer.page(0)
    page["member"][1] = resign(peer, page["member"][1], **changes)
    wrong = page["member"][1]
    root = orjson.loads(peer.answer("/feed")[1])
    peer.lie("/feed", root)
    peer.lie("/feed/0", page)
    run = reader.harvest(peer)
    assert (run.state, run.new, run.refused) == (RunState.DONE, 2, 1)
    (stub,) = reader.stubs()
    assert orjson.loads(stub.body) == wrong
    assert stub.reason == run.refusals[0].rule
    assert reader.title(entries[1]) is None
    assert reader.journal.version(entries[1].uri, 1) is None
    assert reader.journal.feed_size() == 2
    assert stub.version_uri not in reader.entries()
    origin = reader.journal.origin(peer.identity.did)
    assert origin is not None
    assert origin.contiguous_seq == 3


def test_a_document_larger_than_allowed_is_refused(reader: Reader, peer: TestPeer) -> None:
    peer.publish("One", "Two")
    page = peer.page(0)
    page["member"][1] = resign(peer, page["member"][1], extra="x" * 260_000)
    peer.lie("/feed/0", page)
    assert rules(reader.harvest(peer)) == {"record-too-large": 1}


def test_what_was_erased_does_not_come_back(reader: Reader, peer: TestPeer) -> None:
    (entry,) = peer.publish("To be erased")
    reader.harvest(peer)
    peer.withdraw(entry, erases=[entry.seq])
    assert reader.harvest(peer).deleted == 1
    page = peer.page(0)
    page["member"] = [orjson.loads(entry.body), *page["member"]]
    page["entries"] = []
    peer.lie("/feed/0", page)
    peer.publish("Something, so that the feed changes")
    run = reader.harvest(peer)
    assert rules(run) == {"erased": 1}
    assert entry.body not in reader.entries().values()
    held = reader.journal.version(entry.uri, 1)
    assert held is not None
    assert held.body == b""


def test_what_was_erased_before_it_came_is_not_taken(reader: Reader, peer: TestPeer) -> None:
    (entry,) = peer.publish("To be erased")
    original = orjson.loads(entry.body)
    peer.withdraw(entry, erases=[entry.seq])
    page = peer.page(0)
    page["member"] = [*page["member"], original]
    page["entries"] = []
    peer.lie("/feed/0", page)
    run = reader.harvest(peer)
    assert (run.deleted, rules(run)) == (1, {"erased": 1})
    assert entry.body not in reader.entries().values()


def test_a_tombstone_that_erases_a_hundred_thousand_numbers_is_bounded(
    reader: Reader, peer: TestPeer
) -> None:
    (entry,) = peer.publish("To be erased")
    (other,) = peer.publish("Of another record")
    peer.withdraw(entry, erases=range(1, 35_000))
    run = reader.harvest(peer)
    assert run.state is RunState.DONE
    assert reader.title(other) == "Of another record"
    assert reader.title(entry) is None


def test_a_judge_that_breaks_refuses_one_member_only(
    reader: Reader, peer: TestPeer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from federation import trust

    genuine = trust.check

    def broken(document: Document) -> Any:
        if document["seq"] == 2:
            raise RuntimeError("a mistake in the program")
        return genuine(document)

    fill(peer, 3)
    monkeypatch.setattr(trust, "check", broken)
    run = reader.harvest(peer)
    assert (run.state, run.new, rules(run)) == (RunState.DONE, 2, {"internal": 1})
    monkeypatch.undo()
    peer.publish("Something, so that the feed changes")
    assert reader.harvest(peer).new == 2
