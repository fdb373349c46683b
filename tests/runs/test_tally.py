"""How far a journal has got is told from its end, whatever its state."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.format import journal, lines
from runstore.runs import tally
from tests.disk import build


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "j"


@pytest.mark.parametrize("count", [0, 1, 10, 5000])
@pytest.mark.parametrize("checked", [0, 3, 4000])
@pytest.mark.parametrize("closed", [True, False])
@pytest.mark.parametrize("padding", [0, 1, 4096, 100_000])
def test_the_tally_is_what_a_full_reading_gives(
    path: Path, count: int, checked: int, closed: bool, padding: int
) -> None:
    data = build.journal(build.some_points(0, count), first=17, checked=checked, closed=closed)
    path.write_bytes(data + b"\0" * (0 if closed else padding))
    assert tally.next_number(path) == journal.read(data).next == 17 + count


def test_a_line_of_many_values_counts_for_each(path: Path) -> None:
    wide = [lines.points({"a": 1, "b": 2, "c": None}, 0, 1)] * 4
    path.write_bytes(build.journal([*build.some_points(0, 2), *wide], closed=False))
    assert tally.next_number(path) == 14


def test_a_line_of_a_list_counts_for_each(path: Path) -> None:
    listed = [lines.series("a", {"list": [1, None, "x"]}, [0], 1)] * 4
    path.write_bytes(build.journal([*build.some_points(0, 2), *listed], closed=False))
    assert tally.next_number(path) == 14


def test_a_torn_last_line_does_not_count(path: Path) -> None:
    path.write_bytes(build.journal(build.some_points(0, 5), closed=False)[:-3])
    assert tally.next_number(path) == 4


def test_a_tail_that_begins_in_the_middle_of_a_row_is_no_header(path: Path) -> None:
    rows = [lines.row("t", {f"a{i:04}": {"b": i}}, i, 1) for i in range(4000)]
    data = build.journal(rows, closed=False)
    at = data.index(b'{"row":', len(data) - (1 << 16))
    path.write_bytes(data + b"[" + b" " * (at - len(data) + (1 << 16) - 1))
    assert tally.next_number(path) == 4000


@pytest.mark.parametrize("checked", [0, 3])
def test_a_torn_checking_line_does_not_count(path: Path, checked: int) -> None:
    whole = build.journal(build.some_points(0, 5), checked=checked, closed=False)
    for torn in (lines.SUM[:3], lines.SUM, lines.SUM + b"12,99,"):
        path.write_bytes(whole + torn)
        assert tally.next_number(path) == 5


def test_nothing_to_read_counts_nothing(path: Path) -> None:
    assert tally.next_number(path) == 0
    path.write_bytes(b"")
    assert tally.next_number(path) == 0
    path.write_bytes(b"\0" * 9)
    assert tally.next_number(path) == 0
