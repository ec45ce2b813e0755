"""Sets of record numbers as long integers: bit n is set when record n belongs to the set.

Intersecting two sets of 10,000 records is one operation of the processor's on 1.2 kB.
"""

from collections.abc import Iterable, Iterator


def from_numbers(numbers: Iterable[int], size: int) -> int:
    """Return the set of some numbers below `size`."""
    held = bytearray(size // 8 + 1)
    for number in numbers:
        held[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(held, "little")


def numbers(bits: int) -> Iterator[int]:
    """Yield the numbers of a set, ascending."""
    for start, byte in enumerate(bits.to_bytes(bits.bit_length() // 8 + 1, "little")):
        if byte:
            for bit in range(8):
                if byte >> bit & 1:
                    yield start * 8 + bit


def everything(size: int) -> int:
    """Return the set of all numbers below `size`."""
    return (1 << size) - 1
