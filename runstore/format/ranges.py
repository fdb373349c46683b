"""Sets of sequence numbers, as sorted lists of (first, last) pairs, both inclusive. Pure.

Data is identified by (run, writer, kind, first-last), so what covers what is decided here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Range = tuple[int, int]


def join(pieces: Iterable[Range]) -> list[Range]:
    """Give the same numbers as the fewest ranges, in order; empty pieces vanish."""
    joined: list[Range] = []
    for first, last in sorted(piece for piece in pieces if piece[0] <= piece[1]):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return joined


def subtract(pieces: Iterable[Range], without: Sequence[Range]) -> list[Range]:
    """The numbers of ``pieces`` that are not in ``without`` (which must be joined)."""
    left: list[Range] = []
    for first, last in join(pieces):
        for gap_first, gap_last in without:
            if gap_last < first:
                continue
            if gap_first > last:
                break
            if first < gap_first:
                left.append((first, gap_first - 1))
            first = gap_last + 1
        if first <= last:
            left.append((first, last))
    return left


def overlap(one: Iterable[Range], other: Sequence[Range]) -> list[Range]:
    """The numbers in both; ``other`` must be joined."""
    pieces = join(one)
    return subtract(pieces, subtract(pieces, other))


def count(pieces: Iterable[Range]) -> int:
    """How many numbers there are."""
    return sum(last - first + 1 for first, last in join(pieces))
