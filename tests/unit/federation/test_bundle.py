"""Bundles: entries in a file; what is genuine is taken, and what is missing is said."""

import gzip
import hashlib
import io
import json
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest

from federation.bundle import MAX_LINE, BundleError, Lines, is_signed, read_manifest
from federation.records import RunState
from node.services.bundle import STANDARD, export_bundle, import_bundle
from node.services.errors import ServiceError
from tests.unit.web.towns import Town, make_town, practice
from vocab.canonical import canonical_bytes, multihash

pytestmark = pytest.mark.integration

Build = Callable[..., Town]


@pytest.fixture
def build(tmp_path: Path) -> Iterator[Build]:
    """Make towns by name; their files are closed when the test ends."""
    made: list[Town] = []

    def make(name: str) -> Town:
        made.append(make_town(tmp_path / name, f"https://{name}.example", name))
        return made[-1]

    yield make
    for one in made:
        one.runtime.close()


@pytest.fixture
def city(build: Build) -> Town:
    """A town that has published three practices."""
    town = build("city")
    town.publish(*(practice(f"Number {n}") for n in range(3)))
    return town


@pytest.fixture
def farm(build: Build, city: Town) -> Town:
    """A town that has accepted the city and holds nothing of it."""
    town = build("farm")
    accept(town, city)
    return town


def accept(reader: Town, other: Town) -> None:
    own = other.runtime.identity
    reader.runtime.journal.pin(
        did=own.did, base=own.base, key=own.key.public_multikey, method=own.method
    )


def follow(reader: Town, other: Town) -> int:
    """Make a town a peer of another, and return its number there."""
    own = other.runtime.identity
    peer = reader.runtime.peers.add(own.base, did=own.did, key=own.key.public_multikey)
    return reader.runtime.peers.accept(peer.id).id


def did(town: Town) -> str:
    return town.runtime.identity.did


def bodies(town: Town, origin: Town | None = None) -> list[bytes]:
    """Return the bytes of the log of an origin, by default of the town itself."""
    return [one.body for one in town.runtime.journal.log(did(origin or town), 0, 100_000)]


def lines(file: Path) -> list[bytes]:
    data = file.read_bytes()
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).splitlines(keepends=True)


def manifest_of(file: Path) -> dict[str, Any]:
    return dict(json.loads(lines(file)[0]))


def entries(file: Path) -> list[bytes]:
    """Return the entries in a file, without manifest and heads."""
    return [one for one in lines(file)[1:] if json.loads(one)["type"] != "FeedHead"]


def exported(town: Town, file: Path, **options: Any) -> Path:
    export_bundle(town.runtime, file, **options)
    return file


@pytest.fixture
def stick(city: Town, tmp_path: Path) -> Path:
    """A bundle of the city."""
    return exported(city, tmp_path / "stick.ndjson")


# -- what is in a file -----------------------------------------------------------------------


def test_a_bundle_holds_a_signed_manifest_then_heads_then_entries_verbatim(
    city: Town, farm: Town, stick: Path
) -> None:
    first, *others = lines(stick)
    said = json.loads(first)
    assert canonical_bytes(said) + b"\n" == first
    assert (said["type"], said["origin"], said["entries"]) == ("Bundle", did(city), 3)
    assert (said["from"], said["to"]) == (0, city.runtime.journal.position())
    assert said["digest"] == multihash(hashlib.sha256(b"".join(others)).digest())
    assert said["proof"]["cryptosuite"] == "eddsa-jcs-2022"
    assert is_signed(read_manifest(first), farm.runtime.journal)
    assert [json.loads(one)["type"] for one in others] == ["FeedHead"] + ["Practice"] * 3
    assert [one.rstrip(b"\n") for one in others[1:]] == bodies(city)
    assert json.loads(others[0])["seq"] == 3


def test_a_relay_hands_on_what_it_holds_of_others(
    build: Build, city: Town, farm: Town, stick: Path, tmp_path: Path
) -> None:
    import_bundle(farm.runtime, stick)
    farm.publish(practice("Of the farm"))
    relayed = exported(farm, tmp_path / "relayed.ndjson")
    assert manifest_of(relayed)["entries"] == 4
    third = build("third")
    accept(third, city)
    run = import_bundle(third.runtime, relayed)
    assert (run.state, run.new, run.refused, run.balances()) == (RunState.DONE, 3, 1, True)
    assert [one.rule for one in run.refusals] == ["unknown-origin"]
    assert bodies(third, city) == bodies(city)


def test_origins_can_be_chosen(
    build: Build, city: Town, farm: Town, stick: Path, tmp_path: Path
) -> None:
    import_bundle(farm.runtime, stick)
    farm.publish(practice("Of the farm"))
    chosen = exported(farm, tmp_path / "chosen.ndjson", origins=[did(city)])
    assert {json.loads(one)["origin"] for one in lines(chosen)[1:]} == {did(city)}
    assert manifest_of(chosen)["entries"] == 3
    both = exported(farm, tmp_path / "both.ndjson", origins=[did(city), did(farm)])
    assert manifest_of(both)["entries"] == 4
    third = build("third")
    accept(third, city)
    run = import_bundle(third.runtime, chosen)
    assert (run.state, run.new, run.refused) == (RunState.DONE, 3, 0)
    (doubt,) = run.warnings  # it was the farm that wrote the file
    assert did(farm) in doubt


def test_an_origin_that_is_not_held_is_said_and_no_file_is_made(city: Town, tmp_path: Path) -> None:
    file = tmp_path / "none.ndjson"
    with pytest.raises(ServiceError, match=r"nobody\.example"):
        export_bundle(city.runtime, file, origins=["did:web:nobody.example"])
    assert not file.exists()


def test_a_later_bundle_begins_where_the_earlier_ended(
    city: Town, farm: Town, stick: Path, tmp_path: Path
) -> None:
    position = manifest_of(stick)["to"]
    nothing = exported(city, tmp_path / "nothing.ndjson", since=position)
    assert (manifest_of(nothing)["entries"], manifest_of(nothing)["to"]) == (0, position)
    city.publish(practice("Later"), practice("Last"))
    more = exported(city, tmp_path / "more.ndjson", since=position)
    said = manifest_of(more)
    assert (said["entries"], said["from"], said["to"]) == (2, position, position + 2)
    early = import_bundle(farm.runtime, more)
    assert (early.state, early.new, early.balances()) == (RunState.DONE, 2, True)
    (gap,) = early.warnings
    assert "has signed 5 entries; up to 5 after number 0" in gap
    older = import_bundle(farm.runtime, stick)  # sticks may come in any order
    assert (older.warnings, farm.runtime.journal.alerts()) == ((), [])
    assert bodies(farm, city) == bodies(city)
    empty = import_bundle(farm.runtime, nothing)
    assert (empty.state, empty.announced) == (RunState.DONE, 0)


def test_what_was_erased_is_in_no_bundle(city: Town, farm: Town, tmp_path: Path) -> None:
    (secret,) = city.publish(practice("A name that must go"))
    city.retract(secret, erases=[secret.seq])
    file = exported(city, tmp_path / "stick.ndjson")
    assert b"must go" not in file.read_bytes()
    assert manifest_of(file)["entries"] == 4
    run = import_bundle(farm.runtime, file)
    assert (run.state, run.new, run.deleted, run.warnings) == (RunState.DONE, 3, 1, ())
    held = farm.runtime.journal.origin(did(city))
    assert held is not None
    assert held.contiguous_seq == 5


# -- writing ---------------------------------------------------------------------------------


def test_a_name_that_ends_in_gz_is_compressed_and_says_the_same(
    city: Town, stick: Path, tmp_path: Path
) -> None:
    packed = exported(city, tmp_path / "stick.ndjson.gz")
    assert packed.read_bytes()[:2] == b"\x1f\x8b"
    assert lines(packed)[1:] == lines(stick)[1:]
    assert manifest_of(packed)["digest"] == manifest_of(stick)["digest"]


def test_an_earlier_file_is_replaced_only_by_a_whole_one(
    city: Town, stick: Path, tmp_path: Path
) -> None:
    before = stick.read_bytes()
    city.publish(practice("Later"))
    folder = tmp_path / "folder"
    folder.mkdir()
    for place in (folder, tmp_path / "missing" / "stick.ndjson"):
        with pytest.raises(ServiceError, match="cannot be written"):
            export_bundle(city.runtime, place)
    assert stick.read_bytes() == before
    exported(city, stick)
    assert manifest_of(stick)["entries"] == 4
    assert stat.S_ISREG(stick.stat().st_mode)
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_what_a_killed_export_left_behind_is_in_nobody_s_way(city: Town, tmp_path: Path) -> None:
    """In a container every command may have the same process number."""
    left = tmp_path / f".stick.ndjson.{os.getpid()}"
    left.write_bytes(b"half of a bundle")
    file = exported(city, tmp_path / "stick.ndjson")
    assert manifest_of(file)["entries"] == 3
    assert b"half" not in file.read_bytes()
    assert not left.exists()


def test_a_bundle_goes_through_pipes(
    city: Town, farm: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(sys, "stdout", pipe)
    assert export_bundle(city.runtime, STANDARD) == 3
    written = pipe.buffer.getvalue()  # type: ignore[attr-defined]  # it is the BytesIO above
    assert len(written.splitlines()) == 5
    for data in (written, gzip.compress(written)):
        source = tmp_path / "source"
        source.write_bytes(data)
        with source.open("rb") as raw:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw))
            run = import_bundle(farm.runtime, STANDARD)
        assert (run.state, run.announced, run.refused) == (RunState.DONE, 3, 0)
    assert bodies(farm, city) == bodies(city)


# -- taking in -------------------------------------------------------------------------------


def test_a_bundle_can_be_taken_in_twice(city: Town, farm: Town, stick: Path) -> None:
    first = import_bundle(farm.runtime, stick)
    assert (first.state, first.new, first.refused, first.warnings) == (RunState.DONE, 3, 0, ())
    position = farm.runtime.journal.position()
    again = import_bundle(farm.runtime, stick)
    assert (again.state, again.unchanged, again.announced) == (RunState.DONE, 3, 3)
    assert farm.runtime.journal.position() == position
    assert bodies(farm, city) == bodies(city)
    assert farm.runtime.journal.verify_all().faults == []


@pytest.mark.parametrize("name", ["stick.ndjson", "stick.ndjson.gz", "records.txt"])
def test_gzip_is_known_by_its_content_not_by_its_name(
    farm: Town, stick: Path, tmp_path: Path, name: str
) -> None:
    for data in (stick.read_bytes(), gzip.compress(stick.read_bytes())):
        file = tmp_path / "renamed" / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        run = import_bundle(farm.runtime, file)
        assert (run.state, run.announced, run.refused) == (RunState.DONE, 3, 0)


def test_the_ledger_is_kept_when_the_writer_is_a_peer(city: Town, farm: Town, stick: Path) -> None:
    assert import_bundle(farm.runtime, stick).id == 0
    number = follow(farm, city)
    run = import_bundle(farm.runtime, stick)
    assert run.id > 0
    assert farm.runtime.runs.get(run.id) == run
    assert (run.unchanged, run.bytes, run.balances()) == (3, sum(map(len, lines(stick)[1:])), True)
    assert [one.id for one in farm.runtime.runs.list(number)] == [run.id]


def test_a_writer_that_is_unknown_here_is_doubted_and_its_entries_stand_for_themselves(
    build: Build, city: Town, farm: Town, stick: Path, tmp_path: Path
) -> None:
    carrier = build("carrier")
    accept(carrier, city)
    import_bundle(carrier.runtime, stick)
    carried = exported(carrier, tmp_path / "carried.ndjson", origins=[did(city)])
    run = import_bundle(farm.runtime, carried)
    assert (run.state, run.new, run.refused) == (RunState.DONE, 3, 0)
    (doubt,) = run.warnings
    assert did(carrier) in doubt
    assert "not known here" in doubt
    assert bodies(farm, city) == bodies(city)


def test_publishers_that_are_unknown_here_are_refused(build: Build, stick: Path) -> None:
    stranger = build("stranger")
    run = import_bundle(stranger.runtime, stick)
    assert (run.new, run.refused, run.balances()) == (0, 3, True)
    assert {one.rule for one in run.refusals} == {"unknown-origin"}
    assert stranger.runtime.journal.count() == 0


def test_an_entry_that_was_changed_on_the_way_is_refused(
    city: Town, farm: Town, stick: Path
) -> None:
    stick.write_bytes(stick.read_bytes().replace(b"Number 1", b"Number 9"))
    run = import_bundle(farm.runtime, stick)
    assert (run.state, run.error) == (RunState.FAILED, "bundle-damaged")
    assert (run.new, run.refused, run.balances()) == (2, 1, True)
    assert [one.rule for one in run.refusals] == ["bad-proof"]
    assert any("or was changed" in warning for warning in run.warnings)
    assert bodies(farm, city) == [bodies(city)[0], bodies(city)[2]]


# -- damage ----------------------------------------------------------------------------------


def damaged(farm: Town, file: Path, *, taken: int) -> list[str]:
    """Take in a damaged file of which some entries are whole, and return the warnings."""
    run = import_bundle(farm.runtime, file)
    assert (run.state, run.error, run.id) == (RunState.FAILED, "bundle-damaged", 0)
    assert (run.new, run.balances()) == (taken, True)
    assert run.messages["en"]
    assert farm.runtime.journal.count() == taken
    assert farm.runtime.journal.verify_all().faults == []
    return list(run.warnings)


def test_a_file_that_ends_between_two_lines_is_noticed(farm: Town, stick: Path) -> None:
    stick.write_bytes(b"".join(lines(stick)[:-1]))
    warnings = damaged(farm, stick, taken=2)
    assert any("should hold 3 entries and holds 2" in one for one in warnings)
    assert any("up to 1 after number 2" in one for one in warnings)


def test_a_file_that_ends_within_a_line_is_noticed(farm: Town, stick: Path) -> None:
    stick.write_bytes(stick.read_bytes()[:-100])
    damaged(farm, stick, taken=2)


def test_only_the_manifest_is_left(farm: Town, stick: Path) -> None:
    stick.write_bytes(lines(stick)[0])
    damaged(farm, stick, taken=0)


def many(city: Town, file: Path) -> Path:
    """Return a compressed bundle of 403 entries, more than a reader holds in its buffers."""
    city.publish(*(practice(f"{n}: {os.urandom(300).hex()}") for n in range(400)))
    return exported(city, file)


def test_a_compressed_file_that_was_cut_off_gives_what_is_whole(
    city: Town, farm: Town, tmp_path: Path
) -> None:
    stick = many(city, tmp_path / "stick.ndjson.gz")
    data = stick.read_bytes()
    stick.write_bytes(data[: len(data) // 2])
    run = import_bundle(farm.runtime, stick)
    assert (run.error, run.refused <= 1, run.balances()) == ("bundle-damaged", True, True)
    assert 100 < run.new < 403
    assert bodies(farm, city) == bodies(city)[: run.new]


@pytest.mark.parametrize("wrong", [b"\xff" * 64, b"\x00" * 64, b"\x55" * 4096])
def test_a_compressed_file_with_rotten_bytes_gives_what_stands_before_them(
    city: Town, farm: Town, tmp_path: Path, wrong: bytes
) -> None:
    stick = many(city, tmp_path / "stick.ndjson.gz")
    data = bytearray(stick.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(wrong)] = wrong
    stick.write_bytes(data)
    run = import_bundle(farm.runtime, stick)
    assert (run.error, run.balances()) == ("bundle-damaged", True)
    assert run.new > 100
    assert set(bodies(farm, city)) <= set(bodies(city))
    assert farm.runtime.journal.verify_all().faults == []


def test_a_compressed_file_that_goes_on_as_something_else_gives_what_stands_before(
    city: Town, farm: Town, tmp_path: Path
) -> None:
    stick = many(city, tmp_path / "stick.ndjson")
    half = b"".join(lines(stick)[:250])
    packer = zlib.compressobj(wbits=31)
    begin = packer.compress(half) + packer.flush(zlib.Z_FULL_FLUSH)
    stick.write_bytes(begin + b"\xff" * 1000)  # no kind of block begins like this
    run = import_bundle(farm.runtime, stick)
    assert (run.error, run.balances()) == ("bundle-damaged", True)
    assert 200 < run.new <= 248  # what is unpacked together with the wrong bytes is lost
    assert bodies(farm, city) == bodies(city)[: run.new]


def test_compressed_files_whose_check_sum_is_wrong_are_noticed(
    farm: Town, stick: Path, tmp_path: Path
) -> None:
    packed = bytearray(gzip.compress(stick.read_bytes()))
    packed[-8] ^= 1
    file = tmp_path / "stick.gz"
    file.write_bytes(packed)
    run = import_bundle(farm.runtime, file)
    assert (run.announced, run.new, run.refused) == (3, 3, 0)


@pytest.mark.parametrize("length", [MAX_LINE - 1, MAX_LINE, MAX_LINE + 1, 3 * MAX_LINE + 7])
@pytest.mark.parametrize("end", [b"\n", b""])
def test_a_line_that_is_longer_than_an_entry_is_one_refused_line(
    farm: Town, stick: Path, length: int, end: bytes
) -> None:
    first, head, *others = lines(stick)
    long = b"x" * length + end
    stick.write_bytes(
        b"".join([first, head, *others, long] if not end else [first, head, long, *others])
    )
    run = import_bundle(farm.runtime, stick)
    assert (run.new, run.refused, run.balances()) == (3, 1, True)
    assert [one.rule for one in run.refusals] == ["too-large"]
    assert run.error == "bundle-damaged"


def test_lines_are_cut_and_still_in_the_digest() -> None:
    long = b"y" * (2 * MAX_LINE + 5) + b"\n"
    data = b"a\n" + long + b"b\n" + b"z" * MAX_LINE
    read = Lines(io.BytesIO(data))
    assert [(line[:1], len(line)) for line in read] == [
        (b"a", 2),
        (b"y", MAX_LINE),
        (b"b", 2),
        (b"z", MAX_LINE),
    ]
    assert read.digest == multihash(hashlib.sha256(data).digest())


def test_other_things_in_a_file_are_refused_lines(city: Town, farm: Town, stick: Path) -> None:
    first, *others = lines(stick)
    rubbish = [b"PK\x03\x04 an index folder\n", b"{}\n", b"[]\n", first, b"\n"]
    stick.write_bytes(b"".join([first, *rubbish, *others]))
    run = import_bundle(farm.runtime, stick)
    assert (run.new, run.refused, run.balances()) == (3, 4, True)
    assert run.error == "bundle-damaged"
    assert bodies(farm, city) == bodies(city)


# -- manifests -------------------------------------------------------------------------------


def rewritten(stick: Path, **changes: Any) -> Path:
    """Change the manifest of a bundle without its key."""
    first, *others = lines(stick)
    stick.write_bytes(b"".join([orjson.dumps({**json.loads(first), **changes}) + b"\n", *others]))
    return stick


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"no JSON",
        b"[]",
        b'"Bundle"',
        b"{}",
        b'{"type":"Bundle"}',
        b'{"type":"Practice","origin":"x","digest":"x","generated":"x","entries":1,"to":1}',
        b'{"type":"Bundle","origin":1,"digest":"x","generated":"x","entries":1,"to":1}',
        b'{"type":"Bundle","origin":"x","digest":"x","generated":"x","entries":-1,"to":1}',
        b'{"type":"Bundle","origin":"x","digest":"x","generated":"x","entries":true,"to":1}',
        b'{"type":"Bundle","origin":"x","digest":"x","generated":"x","entries":1.0,"to":1}',
        b'{"type":"Bundle","origin":"x","digest":"x","generated":"x","entries":"1","to":1}',
        b"[" * 100_000,
        b"\xff\xfe\x00",
        b"x" * 1_000_000,
    ],
)
def test_what_is_no_bundle_is_said(farm: Town, tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "none"
    for content in (data, gzip.compress(data)):
        file.write_bytes(content)
        with pytest.raises(BundleError, match="the file is no bundle"):
            import_bundle(farm.runtime, file)
    assert farm.runtime.journal.count() == 0


def test_a_file_that_cannot_be_read_is_said(farm: Town, stick: Path, tmp_path: Path) -> None:
    half = tmp_path / "half.gz"
    half.write_bytes(gzip.compress(stick.read_bytes())[:12])
    rotten = tmp_path / "rotten.gz"
    rotten.write_bytes(gzip.compress(b"{}")[:10] + b"\xff" * 50)
    for file in (tmp_path / "missing", tmp_path, half, rotten):
        with pytest.raises(ServiceError, match="cannot be read"):
            import_bundle(farm.runtime, file)


@pytest.mark.parametrize("count", [0, 2, 4])
def test_a_manifest_that_counts_wrong_is_no_whole_file(farm: Town, stick: Path, count: int) -> None:
    warnings = damaged(farm, rewritten(stick, entries=count), taken=3)
    assert any(f"should hold {count} entries and holds 3" in one for one in warnings)


def test_a_manifest_that_was_changed_is_doubted(city: Town, farm: Town, stick: Path) -> None:
    """Somebody took entries out and wrote a manifest that fits."""
    number = follow(farm, city)
    _first, *others = lines(stick)
    left = others[:-1]
    digest = multihash(hashlib.sha256(b"".join(left)).digest())
    stick.write_bytes(b"".join(lines(stick)[:-1]))
    run = import_bundle(farm.runtime, rewritten(stick, entries=2, digest=digest))
    assert (run.new, run.refused, run.balances()) == (2, 0, True)
    assert any("was not signed by" in warning for warning in run.warnings)
    assert not any("not known here" in warning for warning in run.warnings)
    # It is no ledger of the city's: the city has not written this file.
    assert run.id == 0
    assert farm.runtime.runs.list(number) == []


def test_a_manifest_in_another_s_name_is_doubted(
    build: Build, city: Town, farm: Town, stick: Path
) -> None:
    other = build("other")
    accept(farm, other)
    number = follow(farm, other)
    run = import_bundle(farm.runtime, rewritten(stick, origin=did(other)))
    assert (run.new, run.id) == (3, 0)
    assert any(did(other) in warning for warning in run.warnings)
    assert farm.runtime.runs.list(number) == []


@pytest.mark.parametrize(
    "extra",
    [{"proof": None}, {"proof": []}, {"deep": json.loads("[" * 900 + "]" * 900)}, {"big": 2**60}],
)
def test_no_manifest_stops_the_entries(farm: Town, stick: Path, extra: dict[str, Any]) -> None:
    first, *others = lines(stick)
    written = json.dumps({**json.loads(first), **extra}).encode()
    stick.write_bytes(b"".join([written + b"\n", *others]))
    run = import_bundle(farm.runtime, stick)
    assert (run.new, run.refused) == (3, 0)
    assert len(run.warnings) == 1
