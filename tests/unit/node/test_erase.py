"""Erase: what is gone, what is left, who is asked, and what is said."""

import os
import random
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from click.testing import CliRunner

from federation import feed as feeds
from federation.errors import JournalError
from federation.feed import PAGE_SIZE
from federation.fetch import FetchError
from federation.identity import SigningKey, did_of
from federation.journal.journal import Draft
from federation.records import Entry, EntryState, Origin
from federation.trust import Candidate
from node.cli import erase as command
from node.cli.main import cli
from node.runtime import Runtime, running
from node.services import erase as service
from node.services.backup import backup, backups_made, remove_unfinished
from node.services.cleaning import owes_cleaning
from node.services.create import create_node
from node.services.erase import Answer, erase, status, versions_to_erase
from node.services.errors import ServiceError
from node.services.export import EXPORT_FORMATS, export
from node.services.indexer import Indexer, follow_once, rebuild, wait_until_clean
from node.services.publish import Submission, publish_one, retract
from node.services.sentences import SENTENCES
from node.settings import Settings
from search.api import SearchRequest
from tests.nodes import practice
from vocab.language import LANGUAGES

pytestmark = pytest.mark.integration

CANARY = "zyxcanaryqv"


both_engines = pytest.mark.parametrize("engine", ["tantivy", "whoosh"])


@pytest.fixture
def engine() -> str:
    return "tantivy"


@pytest.fixture
def settings(tmp_path: Path, engine: str) -> Settings:
    return create_node(Settings(data=tmp_path / "town", name="Town", search=engine))


@pytest.fixture
def runtime(settings: Settings) -> Iterator[Runtime]:
    with running(settings) as runtime:
        yield runtime


def published(runtime: Runtime, title: str, **more: Any) -> str:
    outcome = publish_one(runtime, Submission("test", practice(title, **more)))
    assert not outcome.refused, outcome.findings
    return outcome.uri


def secret(runtime: Runtime) -> str:
    """Publish a record with two versions, in a text long enough for pages of its own."""
    more = {
        "description": {"en": f"{CANARY} and what was done. " * 400},
        "identifier": f"{CANARY}-1",
        "source": f"https://{CANARY}.example/1",
        "credit": CANARY,
    }
    uri = published(runtime, f"By {CANARY}", **more)
    published(runtime, f"Of {CANARY}", id=uri, **more)
    return uri


def fill(runtime: Runtime, count: int) -> None:
    """Publish small practices in one go."""
    own = runtime.settings.organisation_uri
    bodies = [practice(f"Practice number {i}", publisher=own) for i in range(count)]
    drafts = [Draft(body, None, "Practice") for body in bodies]
    runtime.journal.append_local(drafts, runtime.identity)


def traces(folder: Path, word: str = CANARY) -> list[str]:
    """Return the files that hold a word, compressed ones included."""
    return [
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and word.encode() in unpacked(file)
    ]


def segments(settings: Settings) -> set[str]:
    """Return the names of the files of an index that hold something, each with its own number."""
    names = {file.name for file in settings.index_folder.rglob("*") if file.is_file()}
    return {name for name in names if re.search(r"[0-9a-f]{32}|MAIN_[0-9a-z]{16}", name)}


def unpacked(file: Path) -> bytes:
    data = file.read_bytes()
    if file.name.endswith(".zstd"):
        return data + zstandard.ZstdDecompressor().decompressobj().decompress(data)
    return data


def current(runtime: Runtime, uri: str) -> Entry:
    found = runtime.journal.current(uri)
    assert found is not None
    return found


def exported(runtime: Runtime) -> bytes:
    return b"".join(piece for form in EXPORT_FORMATS for piece in export(runtime, form))


@both_engines
def test_nothing_is_left_in_any_file(runtime: Runtime, settings: Settings) -> None:
    uri = secret(runtime)
    fill(runtime, PAGE_SIZE)
    follow_once(runtime)
    for encoding in ("", "zstd"):
        assert runtime.feed.page(0, encoding=encoding) is not None
    assert runtime.engine.search(SearchRequest(text=CANARY)).total == 1
    assert len(traces(settings.data)) >= 3
    before = segments(settings)
    done = erase(runtime, uri)
    assert (done.journal_clean, done.files_clean, done.backups) == (True, True, ())
    assert traces(settings.data) == []
    assert before & segments(settings) == set()
    assert runtime.engine.search(SearchRequest(text=CANARY)).total == 0
    assert runtime.engine.search(SearchRequest(text="number")).total == PAGE_SIZE
    assert CANARY.encode() not in exported(runtime)
    assert runtime.feed.page(0) is None
    assert runtime.feed.is_gone(0)
    assert runtime.feed.page(0, revision=2) is not None
    assert runtime.journal.verify_all().faults == []
    assert [one.state for one in runtime.journal.history(uri)[:2]] == [EntryState.ERASED] * 2


def test_the_tombstone_says_nothing_but_numbers(runtime: Runtime) -> None:
    uri = secret(runtime)
    numbers = versions_to_erase(runtime, uri)
    done = erase(runtime, uri)
    document = orjson.loads(current(runtime, uri).body)
    assert document["erases"] == list(done.erases) == list(numbers)
    assert (document["type"], document["formerType"]) == ("Tombstone", "Practice")
    assert "reason" not in document


def test_a_reason_is_said_in_its_language_and_can_be_erased_too(runtime: Runtime) -> None:
    uri = secret(runtime)
    erase(runtime, uri, f"asked for by {CANARY}", language="gl")
    document = orjson.loads(current(runtime, uri).body)
    assert document["reason"] == {"gl": f"asked for by {CANARY}"}
    again = erase(runtime, uri)
    assert again.entry.version == 4
    assert len(again.erases) == 3
    assert traces(runtime.settings.data) == []
    assert runtime.journal.verify_all().faults == []
    with pytest.raises(ServiceError, match="already erased"):
        erase(runtime, uri)


def test_a_withdrawn_record_is_erased_with_the_reason_of_its_withdrawal(runtime: Runtime) -> None:
    uri = secret(runtime)
    tombstone = retract(runtime, uri, f"{CANARY} asked for it")
    done = erase(runtime, uri)
    assert tombstone.seq in done.erases
    assert orjson.loads(done.entry.body)["formerType"] == "Practice"
    assert traces(runtime.settings.data) == []
    assert runtime.journal.verify_all().faults == []


def test_after_a_tombstone_only_an_erasure_may_come(runtime: Runtime) -> None:
    uri = published(runtime, "To be withdrawn")
    tombstone = retract(runtime, uri)
    body = {"@context": practice("x")["@context"], "type": "Tombstone", "formerType": "Practice"}
    for bad in (Draft(practice("Back"), uri, "Practice"), Draft(body, uri, "Tombstone")):
        with pytest.raises(JournalError, match="never used again"):
            runtime.journal.append_local([bad], runtime.identity)
    good = Draft({**body, "erases": [tombstone.seq]}, uri, "Tombstone")
    (entry,) = runtime.journal.append_local([good], runtime.identity)
    assert entry.version == 3


def test_what_cannot_be_erased_is_said(runtime: Runtime) -> None:
    with pytest.raises(ServiceError, match="another node"):
        erase(runtime, "https://other.example/practices/1")
    with pytest.raises(ServiceError, match="no record"):
        erase(runtime, f"{runtime.identity.base}/practices/nothing")
    uri = published(runtime, "Once")
    position = runtime.journal.position()
    erase(runtime, uri)
    with pytest.raises(ServiceError, match=r"already erased.*--status"):
        erase(runtime, uri)
    assert runtime.journal.position() == position + 1


def test_what_proves_signatures_cannot_be_erased(runtime: Runtime) -> None:
    body = {"@context": practice("x")["@context"], "type": "KeyRotation"}
    (entry,) = runtime.journal.append_local([Draft(body, None, "KeyRotation")], runtime.identity)
    with pytest.raises(ServiceError, match="proves the signatures"):
        erase(runtime, entry.uri)


def test_many_erasures_leave_no_byte_in_pages_of_the_database(runtime: Runtime) -> None:
    """Bodies in one page and in several, index pages that were split and joined meanwhile."""
    dice = random.Random(7)
    own = runtime.settings.organisation_uri
    erased: list[bytes] = []
    for number in range(150):
        word = f"{CANARY}{number:04d}x"
        text = {"en": f"{word} " * dice.choice([1, 20, 80, 200, 300, 800, 4000])}
        body = practice(word, publisher=own, description=text, identifier=f"{word}-id")
        draft = Draft(body, None, "Practice")
        (entry,) = runtime.journal.append_local([draft], runtime.identity)
        if dice.random() < 0.5:
            erased_but_not_cleaned(runtime, entry.uri)
            erased.append(word.encode())
    assert runtime.journal.scrub()
    files = [file.read_bytes() for file in runtime.settings.data.glob("journal*")]
    assert len(erased) > 50
    assert [word for word in erased if any(word in data for data in files)] == []
    assert any(f"{CANARY}".encode() in data for data in files)


def test_a_version_that_comes_in_between_is_erased_too(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = published(runtime, "First")
    asked = service.versions_to_erase

    def late(parts: Runtime, address: str) -> tuple[int, ...]:
        found = asked(parts, address)
        published(runtime, f"{CANARY} at the last moment", id=uri)
        return found

    monkeypatch.setattr(service, "versions_to_erase", late)
    done = erase(runtime, uri)
    states = [one.state for one in runtime.journal.history(uri)]
    assert states == [*[EntryState.ERASED] * (len(states) - 1), EntryState.HELD]
    assert done.entry.seq == current(runtime, uri).seq
    assert traces(runtime.settings.data) == []
    assert runtime.journal.verify_all().faults == []


def erased_but_not_cleaned(runtime: Runtime, uri: str) -> Entry:
    """Erase as if the program had been killed right after the transaction."""
    body = {
        "@context": practice("x")["@context"],
        "type": "Tombstone",
        "formerType": "Practice",
        "erases": list(versions_to_erase(runtime, uri)),
    }
    (entry,) = runtime.journal.append_local([Draft(body, uri, "Tombstone")], runtime.identity)
    return entry


@both_engines
@pytest.mark.parametrize("way", ["follow", "reindex", "worker"])
def test_cleaning_is_caught_up_after_a_crash(runtime: Runtime, way: str) -> None:
    uri = secret(runtime)
    fill(runtime, PAGE_SIZE)
    follow_once(runtime)
    runtime.feed.page(0, encoding="zstd")
    settings = runtime.settings
    kept = {file: file.read_bytes() for file in settings.feed_cache.iterdir()}
    erased_but_not_cleaned(runtime, uri)
    assert [name for name in traces(settings.data) if name.startswith(("journal", "cache"))] == []
    for file, content in kept.items():
        file.write_bytes(content)
    (settings.feed_cache / ".000000-0.jsonld.1.2").write_bytes(CANARY.encode())
    before = settings.index_folder.with_name("engine-of-before")
    before.mkdir()
    (before / "segment").write_bytes(CANARY.encode())
    os.utime(settings.feed_cache / ".000000-0.jsonld.1.2", (0, 0))
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    unfinished = settings.data / f"backup-{dead.pid}-x"
    unfinished.mkdir()
    (unfinished / "journal.sqlite3").write_bytes(CANARY.encode())
    assert owes_cleaning(runtime)
    if way == "follow":
        follow_once(runtime)
    elif way == "reindex":
        rebuild(runtime)
    else:
        indexer = Indexer(runtime)
        indexer.start()
        assert wait_until_clean(runtime, 30)
        indexer.stop()
    assert not owes_cleaning(runtime)
    assert traces(settings.data) == []
    assert runtime.engine.search(SearchRequest(text="number")).total == PAGE_SIZE
    assert runtime.engine.position() == runtime.journal.position()


@both_engines
def test_the_index_answers_while_it_is_built_anew(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from node.services import catch_up, cleaning

    uri = secret(runtime)
    fill(runtime, 30)
    follow_once(runtime)
    monkeypatch.setattr(catch_up, "BATCH", 10)
    seen: list[int] = []
    genuine = catch_up.catch_up

    def watched(parts: Runtime, *words: Any, **more: Any) -> int:
        seen.append(parts.engine.search(SearchRequest(text="number")).total)
        if len(seen) == 4:
            published(runtime, "Practice number 30, published meanwhile")
        return genuine(parts, *words, **more)

    monkeypatch.setattr(cleaning, "catch_up", watched)
    erase(runtime, uri)
    assert len(seen) > 4
    assert min(seen) == 30
    assert runtime.engine.search(SearchRequest(text="number")).total == 31
    assert runtime.engine.position() == runtime.journal.position()


@both_engines
def test_a_worker_that_is_stopped_leaves_the_cleaning_for_later(runtime: Runtime) -> None:
    from node.services.cleaning import clean

    uri = secret(runtime)
    follow_once(runtime)
    erased_but_not_cleaned(runtime, uri)
    writer = runtime.engine.writer()
    clean(runtime, writer, stopping=lambda: True)
    writer.close()
    assert owes_cleaning(runtime)
    assert [file.name for file in runtime.settings.index_folder.parent.iterdir()] == [
        runtime.settings.search
    ]
    assert wait_until_clean(runtime)
    assert traces(runtime.settings.data) == []


def test_the_log_of_the_database_is_cut_as_soon_as_nobody_reads_an_older_state(
    runtime: Runtime,
) -> None:
    uri = secret(runtime)
    with runtime.store.read() as connection:
        connection.exec_driver_sql("SELECT count(*) FROM entry").fetchall()
        erased_but_not_cleaned(runtime, uri)
        assert not runtime.journal.scrub()
        assert traces(runtime.settings.data) != []
    assert runtime.journal.scrub()
    assert [name for name in traces(runtime.settings.data) if name.startswith("journal")] == []


def test_a_page_that_was_being_made_is_not_kept(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = secret(runtime)
    fill(runtime, PAGE_SIZE)
    genuine = feeds._document

    def slow(body: bytes, *, nquads: bool) -> Any:
        made = genuine(body, nquads=nquads)
        monkeypatch.undo()
        erase(runtime, uri)
        return made

    monkeypatch.setattr(feeds, "_document", slow)
    assert runtime.feed.page(0) is None
    assert traces(runtime.settings.data) == []


def test_backups_made_before_are_named_and_later_ones_hold_nothing(
    runtime: Runtime, tmp_path: Path
) -> None:
    backup(runtime, tmp_path / "empty.tar.zst")
    uri = secret(runtime)
    for name in ("one", "two"):
        backup(runtime, tmp_path / f"{name}.tar.zst")
    done = erase(runtime, uri)
    assert [Path(one.file).name for one in done.backups] == ["one.tar.zst", "two.tar.zst"]
    backup(runtime, tmp_path / "after.tar.zst")
    assert len(backups_made(runtime.settings)) == 4
    assert CANARY.encode() in packed(tmp_path / "one.tar.zst")
    assert CANARY.encode() not in packed(tmp_path / "after.tar.zst")


def packed(file: Path) -> bytes:
    with file.open("rb") as raw, zstandard.ZstdDecompressor().stream_reader(raw) as stream:
        return stream.read()


def test_a_list_of_backups_that_cannot_be_read_is_no_obstacle(runtime: Runtime) -> None:
    for broken in (b"", b"[1]", b'[{"file": "x"}]', b"{}"):
        (runtime.settings.data / "backups.json").write_bytes(broken)
        assert backups_made(runtime.settings) == []
    assert erase(runtime, published(runtime, "x")).backups == ()


def test_what_a_killed_backup_left_behind_is_removed(runtime: Runtime) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    data = runtime.settings.data
    for name in (f"backup-{dead.pid}-x", f"backup-{os.getpid()}-y", "backup-notes"):
        (data / name).mkdir()
        (data / name / "journal.sqlite3").write_bytes(b"x")
    remove_unfinished(runtime.settings)
    assert not (data / f"backup-{dead.pid}-x").exists()
    assert (data / f"backup-{os.getpid()}-y").exists()
    assert (data / "backup-notes").exists()


# -- what others published -------------------------------------------------------------------


def receive(runtime: Runtime, *documents: dict[str, Any]) -> None:
    verifier = runtime.journal.verifier()
    checked = [verifier.check_member(one) for one in documents]
    runtime.journal.append_foreign([one for one in checked if isinstance(one, Candidate)])


@pytest.fixture
def city(runtime: Runtime, tmp_path: Path) -> Iterator[Runtime]:
    """Another node, whose key the first one has pinned."""
    made = create_node(
        Settings(data=tmp_path / "city", name="City", base_url="https://city.example")
    )
    with running(made) as other:
        identity = other.identity
        runtime.journal.pin(
            did=identity.did,
            base=identity.base,
            key=identity.key.public_multikey,
            method=identity.method,
        )
        yield other


def everything(runtime: Runtime) -> list[dict[str, Any]]:
    return [orjson.loads(one.body) for one in runtime.journal.changes(0, 1000).entries if one.body]


def test_ledgers_and_names_quote_nothing_that_was_erased(runtime: Runtime, city: Runtime) -> None:
    from federation.records import Refusal
    from federation.refusals import refusal

    organisation = {
        "@context": practice("x")["@context"],
        "type": "Organisation",
        "name": {"en": f"House of {CANARY}"},
        "homepage": "https://city.example/",
        "helix": "government",
        "id": city.settings.organisation_uri,
    }
    outcome = publish_one(city, Submission("test", organisation))
    assert outcome.entry is not None, outcome.findings
    receive(runtime, *everything(city))
    held = runtime.journal.origin(city.identity.did)
    assert held is not None
    assert CANARY in held.name
    peer = runtime.peers.add(
        "https://city.example", did=city.identity.did, key="z", name="City", interval_seconds=60
    )
    run = runtime.runs.start(peer.id)
    quoted = refusal("not-a-document", outcome.entry.version_uri, detail=f"saw {CANARY}")
    quoted = replace(quoted, messages={"en": f"“{CANARY}” is no date", "es": CANARY})

    def note(connection: Any, _verdicts: list[Any]) -> None:
        from federation.journal.runs import note_verdicts

        note_verdicts(connection, run, [quoted], runtime.clock())

    runtime.journal.append_foreign([], note_progress=note)
    assert CANARY in str(runtime.runs.get(run))
    erase(city, city.settings.organisation_uri)
    receive(runtime, *everything(city))
    ledger = runtime.runs.get(run)
    assert ledger is not None
    assert isinstance(ledger.refusals[0], Refusal)
    assert CANARY not in str(ledger)
    assert ledger.refusals[0].messages["de"]
    after = runtime.journal.origin(city.identity.did)
    assert isinstance(after, Origin)
    assert after.name == ""
    assert wait_until_clean(runtime)
    assert traces(runtime.settings.data) == []


# -- who has followed ------------------------------------------------------------------------


class Said:
    """A door out behind which peers say what they are told to."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def get(self, url: str, **_options: Any) -> Any:
        self.asked.append(url)
        said = self.answers[url.partition("/inbox")[0]]
        if isinstance(said, FetchError):
            raise said
        body = said if isinstance(said, bytes) else orjson.dumps(said)
        return type("Answer", (), {"body": body})()

    def close(self) -> None:
        """Nothing is open."""


def accepted(runtime: Runtime, *urls: str) -> None:
    for url in urls:
        key = SigningKey.generate().public_multikey
        peer = runtime.peers.add(url, did=did_of(url), key=key, name="", interval_seconds=60)
        runtime.peers.accept(peer.id)


def test_each_peer_is_asked_once_and_judged_by_what_this_node_signed(runtime: Runtime) -> None:
    first, second = published(runtime, "One"), published(runtime, "Two")
    early, late = erase(runtime, first).entry, erase(runtime, second).entry
    did = runtime.identity.did

    def says(number: int, digest: str | None = None, origin: str = did) -> dict[str, Any]:
        own = runtime.journal.digest_of(did, number) or ""
        return {"origin": origin, "contiguous": number, "digest": own if digest is None else digest}

    answers: dict[str, Any] = {
        "https://all.example": says(late.seq),
        "https://some.example": says(early.seq),
        "https://behind.example": says(1),
        "https://erased.example": says(late.seq, ""),
        "https://none.example": FetchError("bad-status", "x", status=404),
        "https://empty.example": says(0),
        "https://broken.example": FetchError("bad-status", "x", status=500),
        "https://away.example": FetchError("unreachable", "x"),
        "https://forked.example": says(late.seq, "zQmOther"),
        "https://ahead.example": says(late.seq + 5, "zQmOther"),
        "https://other.example": says(late.seq, origin="did:web:other.example"),
        "https://words.example": {"origin": did, "contiguous": "all", "digest": ""},
        "https://true.example": {"origin": did, "contiguous": True, "digest": ""},
        "https://list.example": [1],
        "https://torn.example": b'{"contig',
    }
    accepted(runtime, *answers)
    pending = runtime.peers.add(
        "https://pending.example", did="did:web:p", key="z", name="", interval_seconds=60
    )
    said = Said(answers)
    parts = replace(runtime, fetcher=said)  # type: ignore[arg-type]  # only `get` is called
    newest = {
        answer.peer.url: str(answer.answer)
        for one in status(parts, second)
        for answer in one.answers
    }
    assert newest == {
        "https://all.example": "confirmed",
        "https://some.example": "behind",
        "https://behind.example": "behind",
        "https://erased.example": "confirmed",
        "https://none.example": "nothing",
        "https://empty.example": "nothing",
        "https://broken.example": "unreachable",
        "https://away.example": "unreachable",
        **dict.fromkeys(list(answers)[8:], "doubtful"),
    }
    assert len(said.asked) == len(answers)
    assert pending.url not in " ".join(said.asked)
    assert all(url.endswith("?origin=did%3Aweb%3A127.0.0.1%253A8100") for url in said.asked)
    both = {one.entry.uri: one.answers for one in status(parts)}
    assert list(both) == [first, second]
    (some,) = (one for one in both[first] if one.peer.url == "https://some.example")
    assert (some.answer, some.number) == (Answer.CONFIRMED, early.seq)
    with pytest.raises(ServiceError, match="was not erased"):
        list(status(parts, runtime.settings.organisation_uri))


def test_withdrawals_are_no_erasures(runtime: Runtime) -> None:
    retract(runtime, published(runtime, "One"))
    assert list(status(runtime)) == []


# -- the command -----------------------------------------------------------------------------


@pytest.fixture
def run(runtime: Runtime) -> Callable[..., Any]:
    """Run a command on the node, which stays open."""

    def call(*words: str, **options: Any) -> Any:
        environment = {"LONJA_DATA": str(runtime.settings.data), "LANG": "C", "LC_ALL": ""}
        return CliRunner().invoke(cli, words, env=environment, **options)

    return call


def test_the_command_asks_on_a_terminal(
    runtime: Runtime, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    uri = published(runtime, "One")
    monkeypatch.setattr(command, "_is_terminal", lambda: True)
    no = run("erase", uri, "--lang", "de", input="n\n")
    assert no.exit_code == 1
    assert "Das lässt sich nicht zurücknehmen" in no.stderr
    assert "Löschen?" in no.stderr
    assert current(runtime, uri).type == "Practice"
    yes = run("erase", uri, input="y\n")
    assert (yes.exit_code, yes.stdout) == (0, f"{uri}\n")
    assert current(runtime, uri).type == "Tombstone"


def test_the_command_asks_nobody_with_yes(
    runtime: Runtime, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "_is_terminal", lambda: True)
    done = run("erase", published(runtime, "One"), "--yes")
    assert done.exit_code == 0, done.output
    assert "Erase it?" not in done.stderr


def test_the_command_says_what_happened(
    runtime: Runtime, run: Callable[..., Any], tmp_path: Path
) -> None:
    uri = published(runtime, "One")
    backup(runtime, tmp_path / "before.tar.zst")
    done = run("erase", uri, "--reason", "por error", "--lang", "es", "--json")
    assert done.exit_code == 0, done.output
    report = orjson.loads(done.stdout)
    assert (report["erased"], report["version"], report["erases"]) == (uri, 2, [2])
    assert (report["journal_clean"], report["files_clean"]) == (True, True)
    assert report["backups"][0]["file"] == str(tmp_path / "before.tar.zst")
    said = " ".join(report["messages"])
    for words in ("Borrada", "El motivo es público", "before.tar.zst", "(hace días: 0)"):
        assert words in said
    assert "Las copias que se descargaron no se pueden recuperar." in said


def test_the_command_shows_who_has_followed(
    runtime: Runtime, run: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "has erased nothing" in run("erase", "--status").stderr
    uri = published(runtime, "One")
    entry = erase(runtime, uri).entry
    alone = run("erase", "--status", uri)
    assert alone.stdout.startswith(f"{uri}\t{entry.seq}\t")
    assert "no accepted peer" in alone.stderr
    accepted(runtime, "https://one.invalid")
    shown = run("erase", "--status", "--lang", "fr")
    assert "https://one.invalid\u202f: ne peut pas être joint." in shown.stderr
    assert "Les copies qui ont été téléchargées ne peuvent pas être rappelées." in shown.stderr
    report = orjson.loads(run("erase", "--status", "--json").stdout)
    (row,) = report["erasures"]
    assert (row["record"], row["seq"], row["digest"]) == (uri, entry.seq, entry.digest)
    (peer,) = row["peers"]
    assert (peer["peer"], peer["state"]) == ("https://one.invalid", "unreachable")
    assert report["note"] == "Copies that were downloaded cannot be called back."


def test_the_command_needs_to_know_what(run: Callable[..., Any]) -> None:
    done = run("erase")
    assert done.exit_code == 2
    assert "lonja erase URI" in done.output


def test_every_sentence_exists_in_all_languages_with_the_same_names() -> None:
    for rule in (one for one in SENTENCES.rules() if one.startswith(("erase-", "inbox-"))):
        messages, fixes = SENTENCES.messages(rule), SENTENCES.fixes(rule)
        assert set(messages) == set(LANGUAGES), rule
        assert set(fixes) in (set(), set(LANGUAGES)), rule
        for said in (messages, fixes):
            names = {frozenset(re.findall(r"{(\w+)}", text)) for text in said.values()}
            assert len(names) <= 1, (rule, names)
    for answer in Answer:
        assert f"erase-{answer}" in SENTENCES.rules()
