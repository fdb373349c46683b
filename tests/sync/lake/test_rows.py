"""Pieces come back out of the rows that they are, and nothing else does."""

from __future__ import annotations

import io
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runstore.errors import RemoteError
from runstore.sync.lake import rows
from runstore.sync.piece import KINDS, Piece

texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8)
numbers = st.integers(0, 2**62)
spans = st.tuples(texts, numbers, numbers).map(lambda one: (one[0], min(one[1:]), max(one[1:])))
pieces = st.builds(
    Piece, path=texts, kind=st.sampled_from(KINDS), run_id=texts, experiment=texts, offset=numbers, size=numbers,
    sha256=texts, spans=st.lists(spans, max_size=3).map(tuple), needs=st.lists(texts, max_size=2).map(tuple),
    rows=numbers, thinned=st.booleans(), modified=numbers, object=texts, at=numbers, pusher=texts,
    time=st.integers(0, 2**61),
)  # fmt: skip


def _alike(told: list[Piece]) -> list[Piece]:
    """Pieces one after another that differ in their spans only are one: they are the same bytes."""
    found: list[Piece] = []
    for one in told:
        if found and one.spans and found[-1]._replace(spans=()) == one._replace(spans=()):
            found[-1] = found[-1]._replace(spans=found[-1].spans + one.spans)
        else:
            found.append(one)
    return found


@settings(deadline=None)
@given(st.lists(pieces, max_size=5))
def test_pieces_come_back_as_they_were(told: list[Piece]) -> None:
    data, count = rows.render(told)
    assert rows.read(data, "here") == _alike(told)
    assert count == sum(max(1, len(one.spans)) for one in told)


def test_the_same_pieces_are_the_same_bytes() -> None:
    told = [Piece("runs/ab/cd/a1.jsonl", "facts", "r", spans=(("w", 0, 3),), time=5)]
    assert rows.render(told) == rows.render(told)


def _file(change: dict[str, Any]) -> bytes:
    data, _ = rows.render([Piece("runs/ab/cd/a1.jsonl", "facts", "r", spans=(("w", 0, 3),), time=5)])
    table = pq.read_table(pa.BufferReader(data)).to_pylist()
    to = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([row | change for row in table]), to)
    return to.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        {"offset": -1}, {"path": None}, {"path": 5}, {"needs": "no JSON"}, {"needs": "{}"}, {"needs": "[1]"},
        {"first_seq": 9}, {"first_seq": None}, {"size": "many"}, {"thinned": "yes"}, {"time_ns": None},
    ],
)  # fmt: skip
def test_what_describes_no_piece_is_refused_in_one_line(change: dict[str, Any]) -> None:
    with pytest.raises(RemoteError, match=r"^s3://b/x: is no list of pieces") as found:
        rows.read(_file(change), "s3://b/x")
    assert "\n" not in str(found.value)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1", b"<html>"])
def test_what_is_no_parquet_is_refused(data: bytes) -> None:
    with pytest.raises(RemoteError, match="is no list of pieces"):
        rows.read(data, "here")


def test_a_file_that_says_it_is_larger_than_any_list_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data, _ = rows.render([Piece("a", "facts")] * 11)
    monkeypatch.setattr(rows, "MOST_ROWS", 10)
    with pytest.raises(RemoteError, match="more than is ever written"):
        rows.read(data, "here")


def test_a_flipped_bit_is_found() -> None:
    data, _ = rows.render([Piece(f"runs/{n}", "facts", "r", size=n) for n in range(100)])
    broken = bytearray(data)
    broken[30] ^= 1
    with pytest.raises(RemoteError):
        rows.read(bytes(broken), "here")
