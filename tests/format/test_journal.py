"""What of a journal's bytes can be believed: one table of awkward ends, and any damage found."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from runstore.errors import FormatTooNew
from runstore.format import journal, lines
from tests.disk import build

OPEN = build.journal(build.some_points(0, 10), checked=4, closed=False)
CLOSED = build.journal(build.some_points(0, 10), checked=4)
WIDE = build.journal([lines.points({"a": 1, "b": 2}, 0, 5), lines.point("c", 3, 0, 6)], checked=1, closed=False)
HEADER = OPEN[: OPEN.index(b"\n") + 1]


def names(found: journal.Journal) -> list[int]:
    return [step for _, _, step, _ in found.items()]


def test_a_closed_journal_is_one_verified_span() -> None:
    found = journal.read(CLOSED)
    assert (found.closed, found.torn, found.damage, found.next) == (True, 0, [], 10)
    assert [(span.first, span.count, span.verified) for span in found.spans] == [(0, 10, True)]
    assert names(found) == list(range(10))


def test_lines_after_the_last_check_are_there_but_not_verified() -> None:
    found = journal.read(OPEN)
    verified = [(span.first, span.count, span.verified) for span in found.spans]
    assert verified == [(0, 4, True), (4, 4, True), (8, 2, False)]
    assert (found.closed, found.torn, found.damage) == (False, 0, [])


def test_every_value_of_a_line_of_many_has_a_number() -> None:
    found = journal.read(WIDE)
    assert [(span.first, span.count) for span in found.spans] == [(0, 2), (2, 1)]
    assert found.next == 3


@pytest.mark.parametrize(
    ("tail", "torn"),
    [
        (b'["loss",0.5', 11),
        (b"\0" * 100, 0),
        (b'["loss"' + b"\0" * 100, 7),
        (b'{"sum":[4', 9),
    ],
)
def test_an_incomplete_end_is_torn_and_costs_nothing_before_it(tail: bytes, torn: int) -> None:
    found = journal.read(OPEN + tail)
    assert (found.torn, found.damage, found.next) == (torn, [], 10)


@pytest.mark.parametrize(
    ("tail", "what"),
    [
        (b"\0\0x\n", "NUL bytes with data"),
        (b'["loss",0.5\n', "no JSON of its kind"),
        (b"hello\n", "no known kind"),
        (b'{"sum":[0,1,2,3,"00000000"]}\n', "can't be read"),
    ],
)
def test_anything_else_odd_is_damage_and_costs_nothing_before_it(tail: bytes, what: str) -> None:
    found = journal.read(OPEN + tail)
    assert what in found.damage[0].what
    assert found.next >= 8


def test_a_damaged_range_leaves_the_others() -> None:
    at = OPEN.index(b"0.142857")
    found = journal.read(OPEN[:at] + b"1" + OPEN[at + 1 :])
    assert [(span.first, span.count) for span in found.spans] == [(4, 4), (8, 2)]
    assert len(found.damage) == 1


def test_a_range_taken_out_is_found() -> None:
    first, second = OPEN.index(b'{"sum":['), OPEN.index(b'{"sum":[', OPEN.index(b'{"sum":[') + 1)
    assert journal.read(OPEN[:first] + OPEN[second:]).damage


@given(st.data())
def test_any_prefix_of_an_open_journal_is_good_up_to_its_last_whole_line(data: st.DataObject) -> None:
    size = data.draw(st.integers(len(HEADER), len(OPEN)))
    whole = [line for line in OPEN[:size].splitlines(keepends=True) if line.startswith(b"[") and line.endswith(b"\n")]

    found = journal.read(OPEN[:size])

    assert found.damage == []
    assert names(found) == list(range(len(whole)))


@given(st.integers(0, len(CLOSED) - 1), st.integers(0, 7))
def test_no_flipped_bit_of_a_closed_journal_is_missed(at: int, bit: int) -> None:
    changed = CLOSED[:at] + bytes([CLOSED[at] ^ 1 << bit]) + CLOSED[at + 1 :]
    try:
        found = journal.read(changed)
    except FormatTooNew:
        return
    assert found.damage


@given(st.binary())
def test_no_bytes_at_all_make_it_raise(data: bytes) -> None:
    journal.read(data)
    journal.read(HEADER + data)


ODD = rb"""
[null,14,5]
[null,null,5]
[null]
[]
{"sum":{}}
{"sum":["a",1,2,3]}
{"end":[1e400,0,0,0,""]}
{"runstore":1}
{"runstore":[]}
"""
PIECES = st.binary(max_size=3) | st.sampled_from(
    [
        *(OPEN + WIDE + ODD).splitlines(keepends=True),
        CLOSED.splitlines(keepends=True)[-1],
        b"\0",
        b'{"sum":[',
        b"1e400,",
    ]
)


@given(st.lists(PIECES, max_size=12), st.booleans())
@example([b"[null,14,5]\n"], True)
@example([b"[null]\n"], True)
def test_no_pieces_of_journals_in_any_order_make_it_raise(pieces: list[bytes], begun: bool) -> None:
    for part in journal.read_all(HEADER * begun + b"".join(pieces)):
        assert all(isinstance(item, list) for item in part.items())
        assert part.next >= 0 or part.damage


@pytest.mark.parametrize(("data", "torn"), [(b"", 0), (HEADER[:20], 20), (b"\0" * 64, 0)])
def test_a_journal_without_its_header_yet_is_empty(data: bytes, torn: int) -> None:
    found = journal.read(data)
    assert (found.header, found.spans, found.damage, found.torn) == ({}, [], [], torn)


def test_a_newer_format_is_refused_by_name() -> None:
    newer = HEADER.replace(b'"runstore":1', b'"runstore":2')
    with pytest.raises(FormatTooNew, match=r"p-1\.jsonl: format 2"):
        journal.read(newer, "p-1.jsonl")


def test_journals_in_one_file_are_read_one_by_one() -> None:
    other = build.journal([lines.fact("tags", 1, {"a": "b"})], lines.FACTS, writer=build.OTHER)
    parts = journal.read_all(CLOSED + other)
    assert [(part.header["writer"], part.closed, part.next) for part in parts] == [
        (build.WRITER, True, 10),
        (build.OTHER, True, 1),
    ]


def test_reading_looks_at_each_byte_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    class Counted(bytes):
        def find(self, what: bytes, start: int = 0, end: int | None = None) -> int:  # type: ignore[override]
            nonlocal looked
            at = bytes.find(self, what, start, len(self) if end is None else end)
            looked += (at if at >= 0 else len(self)) - start
            return at

    data = build.journal(build.some_points(0, 3000), checked=3, closed=False)
    assert len(journal.read(Counted(data)).spans) == 1000
    assert looked < 10 * len(data)
