"""Decompress an answer piece by piece, so that a bomb is noticed before it has gone off."""

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

import zstandard

_STEP: Final = 1_000_000
_ZSTD_STEP: Final = 128  # a block of 4 bytes may stand for 128 kB


class Decoder(Protocol):
    """Turns received pieces into pieces of the content, of a few megabytes at most."""

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
        """Yield the content; an input step of 128 bytes inflates to 4 MB at most."""
        for start in range(0, len(piece), _ZSTD_STEP):
            if self._decoder.eof:
                return
            yield self._decoder.decompress(piece[start : start + _ZSTD_STEP])

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
