"""Bundles as files: write what this node relays, take in what another one wrote."""

import gzip
import os
import shutil
import sys
import tempfile
import time
import zlib
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, cast

from federation.bundle import Lines, is_signed, manifest, read_manifest, write_lines
from federation.intake import keep_ledger, ledger, take_in
from federation.records import Run
from node.runtime import Runtime
from node.services.errors import ServiceError

STANDARD: Final = Path("-")
_GZIP: Final = b"\x1f\x8b"


def export_bundle(
    runtime: Runtime, file: Path, *, origins: Collection[str] = (), since: int = 0
) -> int:
    """Write a bundle and return how many entries are in it.

    Args:
        runtime: of the node.
        file: "-" for standard output; compressed when its name ends in .gz.
        origins: DIDs whose entries are wanted; none for all.
        since: journal position after which entries are wanted.

    Raises:
        ServiceError: an origin is unknown, or the file cannot be written.
    """
    for did in origins:
        if runtime.journal.origin(did) is None:
            raise ServiceError(f"nothing of {did} is held here")
    _sign_heads(runtime)
    with tempfile.TemporaryFile(dir=runtime.settings.data) as lines:
        count, position, digest = write_lines(
            cast("IO[bytes]", lines), runtime.journal, origins=origins, since=since
        )
        lines.seek(0)
        first = manifest(
            runtime.identity,
            runtime.clock(),
            entries=count,
            position=position,
            since=since,
            digest=digest,
        )
        try:
            with _target(file) as out:
                out.write(first + b"\n")
                shutil.copyfileobj(lines, out, 1_000_000)
        except OSError as error:
            raise ServiceError(f"{file} cannot be written: {error.strerror}") from error
    return count


def _sign_heads(runtime: Runtime) -> None:
    """Make sure that the heads in the file are of now."""
    runtime.feed.head()
    runtime.feed.heads()


@contextmanager
def _target(file: Path) -> Iterator[IO[bytes]]:
    """Yield where to write; the file appears under its name once it is whole."""
    if file == STANDARD:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.unlink(missing_ok=True)  # of a command that was killed and had the same number
        with fresh.open("xb") as raw:
            if file.suffix == ".gz":
                with gzip.GzipFile(filename="", fileobj=raw, mode="wb", mtime=0) as packed:
                    yield cast("IO[bytes]", packed)
            else:
                yield raw
            raw.flush()
            os.fsync(raw.fileno())
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def import_bundle(runtime: Runtime, file: Path) -> Run:
    """Take in a bundle and return its ledger; state failed when the file is not whole.

    What is genuine in it is taken in any case. The ledger is kept when a peer has signed the file.

    Raises:
        ServiceError: the file cannot be read.
        BundleError: it is no bundle.
    """
    began = time.monotonic()
    try:
        with _source(file) as source:
            read = read_manifest(source.readline(100_000))
            lines = Lines(source)
            taken = take_in(lines, journal=runtime.journal, clock=runtime.clock)
    except (OSError, EOFError, zlib.error) as error:
        raise ServiceError(f"{file} cannot be read: {error}") from error
    whole = lines.digest == read.digest and len(taken.verdicts) == read.entries
    signed = is_signed(read, runtime.journal)
    if not signed:
        taken.warnings.append(_doubt(read.origin, runtime))
    if not whole:
        taken.warnings.append(
            f"the file should hold {read.entries} entries and holds {len(taken.verdicts)}, or was "
            "changed"
        )
        return ledger(taken, str(file), began, runtime.clock(), error="bundle-damaged")
    peer = next((p for p in runtime.peers.list() if p.did == read.origin), None)
    if peer is None or not signed:  # anybody can name a peer
        return ledger(taken, str(file), began, runtime.clock())
    return keep_ledger(taken, peer.id, runtime.runs, began, runtime.clock())


def _doubt(writer: str, runtime: Runtime) -> str:
    """Return why it cannot be told whether a file holds everything that its writer put in."""
    if runtime.journal.origin(writer) is None:
        said = f"{writer}, who wrote the file, is not known here"
    else:
        said = f"the first line of the file was not signed by {writer}, whom it names"
    return f"{said}: whether something was left out of it cannot be told"


@contextmanager
def _source(file: Path) -> Iterator[IO[bytes]]:
    """Yield what a file holds, decompressed when it is compressed, whatever its name."""
    with sys.stdin.buffer if file == STANDARD else file.open("rb") as raw:
        begin = raw.peek(2)[:2]  # type: ignore[union-attr]  # both are buffered
        if begin == _GZIP:
            with gzip.GzipFile(fileobj=raw) as packed:
                yield cast("IO[bytes]", packed)
        else:
            yield cast("IO[bytes]", raw)
