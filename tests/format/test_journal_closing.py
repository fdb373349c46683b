"""What is damage at the end of a closed journal, and what a writer that died in the act of closing leaves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import FormatTooNew
from runstore.format import journal
from tests.disk import build

CLOSED = build.journal(build.some_points(0, 10), checked=4)


@pytest.mark.parametrize("nuls", [0, 1, 100, 5000])
def test_an_allocation_not_cut_yet_is_a_torn_tail_of_a_closed_journal(nuls: int) -> None:
    found = journal.read(CLOSED + b"\0" * nuls)
    assert (found.closed, found.torn, found.next, found.damage) == (True, nuls, 10, [])


@given(st.integers(0, len(CLOSED) - 1), st.integers(1, 255))
def test_every_flipped_byte_of_a_closed_journal_is_found(at: int, mask: int) -> None:
    assert damaged(CLOSED, at, mask)


def test_every_byte_that_turns_to_nul_is_found() -> None:
    assert all(damaged(CLOSED, at, CLOSED[at]) for at in range(len(CLOSED)))


@given(st.integers(0, len(CLOSED) + 49), st.integers(1, 255))
def test_every_flipped_byte_before_or_in_the_nuls_is_found(at: int, mask: int) -> None:
    padded = CLOSED + b"\0" * 50
    nulled_end = at == len(CLOSED) - 1 and padded[at] == mask  # as if the closing line were not whole yet
    assert damaged(padded, at, mask) or nulled_end


def damaged(data: bytes, at: int, mask: int) -> bool:
    changed = bytearray(data)
    changed[at] ^= mask
    try:
        return bool(journal.read(bytes(changed)).damage)
    except FormatTooNew:
        return True  # the version in the header says more than it should


def test_a_closing_line_that_lacks_only_its_newline_was_cut() -> None:
    assert journal.read(CLOSED[:-1]).damage
    assert not journal.read(CLOSED[:-1] + b"\0" * 5).damage  # a writer that died while it stored the line


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"run":', b'"rum":'),
        (b'"attempt":1', b'"attempt":[]'),
        (b'"number":0', b'"number":"0"'),
        (b'"first":0', b'"f":0'),
    ],
)
def test_a_header_of_another_shape_is_no_header(old: bytes, new: bytes) -> None:
    found = journal.read(CLOSED.replace(old, new, 1))
    assert (found.header, found.spans) == ({}, [])
    assert found.damage


def test_a_header_is_believed_where_a_checksum_covers_it() -> None:
    second = CLOSED.index(b'{"sum"') + 60
    assert journal.read(CLOSED).believable
    later = CLOSED[:second] + bytes([CLOSED[second] ^ 1]) + CLOSED[second + 1 :]
    assert journal.read(later).damage and journal.read(later).believable
    assert not journal.read(CLOSED.replace(b"loss", b"lozz", 1)).believable
