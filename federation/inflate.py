"""Decompress an answer piece by piece, so that a bomb is noticed before it has gone off."""

import zlib
from collections.abc import Iterator
from typing import Protocol

import zstandard

_STEP = 1_000_000


class Decoder(Protocol):
    """Turns received pieces into pieces of the content, none of them larger than a megabyte."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield what a received piece decompresses to."""
        ...

    def end(self) -> None:
        """Say that everything was received.

        Raises:
            EOFError: the compressed content broke off.
        """
        ...


class Plain:
    """Content that is not compressed."""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield the piece."""
        yield piece

    def end(self) -> None:
        """Accept any end: the length is checked by the HTTP library."""


class Gzip:
    """Content-Encoding gzip (RFC 9110, section 8.4.1.3)."""

    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content in steps of at most a megabyte."""
        while piece and not self._decoder.eof:
            yield self._decoder.decompress(piece, _STEP)
            piece = self._decoder.unconsumed_tail

    def end(self) -> None:
        """Raise EOFError when the stream broke off."""
        if not self._decoder.eof:
            raise EOFError("gzip")


class Zstd:
    """Content-Encoding zstd (RFC 8878); windows of at most 8 MB, as RFC 9659 asks for."""

    def __init__(self) -> None:
        self._decoder = zstandard.ZstdDecompressor(max_window_size=8 * 1024 * 1024).decompressobj()

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """Yield the content; small input steps keep what one of them inflates to bounded."""
        for start in range(0, len(piece), 1024):
            if self._decoder.eof:
                return
            yield self._decoder.decompress(piece[start : start + 1024])

    def end(self) -> None:
        """Raise EOFError when the stream broke off."""
        if not self._decoder.eof:
            raise EOFError("zstd")


def decoder_of(encoding: str) -> Decoder | None:
    """Return the decoder of a Content-Encoding, None for one that was not asked for."""
    match encoding.strip().lower():
        case "" | "identity":
            return Plain()
        case "gzip":
            return Gzip()
        case "zstd":
            return Zstd()
        case _:
            return None
