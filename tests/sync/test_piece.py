"""A piece survives its way through JSON, and nothing that is no piece is taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.sync.piece import KINDS, Piece, dump, key, load

spans = st.tuples(st.text(max_size=4), st.integers(0, 9), st.integers(9, 20))
pieces = st.builds(
    Piece, path=st.text(max_size=9), kind=st.sampled_from(KINDS), run_id=st.text(max_size=5), offset=st.integers(0, 9),
    size=st.integers(0, 2**60), spans=st.lists(spans, max_size=3).map(tuple), thinned=st.booleans(),
    needs=st.lists(st.text(max_size=5), max_size=2).map(tuple), modified=st.integers(0, 2**62),
    at=st.integers(0, 2**40), rows=st.integers(0, 9), time=st.integers(0, 2**62),
)  # fmt: skip
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)


@given(piece=pieces)
def test_what_is_dumped_is_loaded(piece: Piece) -> None:
    assert load(json.loads(json.dumps(dump(piece)))) == piece


@given(piece=pieces, name=st.sampled_from(Piece._fields), value=anything)
def test_a_wrong_field_is_refused_and_nothing_else_happens(piece: Piece, name: str, value: Any) -> None:
    try:
        again = load({**dump(piece), name: value})
    except ValueError:
        return
    assert type(getattr(again, name)) is type(getattr(piece, name))


@pytest.mark.parametrize("told", [[], {}, {"path": "x"}, {"path": "x", "kind": "seal", "more": 1}, None, "x"])
def test_what_lacks_a_field_or_has_another_is_refused(told: Any) -> None:
    with pytest.raises(ValueError, match="piece"):
        load(told)


def test_a_file_is_known_by_its_path_and_what_tells_it_from_another_of_that_path() -> None:
    assert Piece("a1.jsonl", "facts", spans=(("w", 0, 3),)).key == key("a1.jsonl", "w")
    assert Piece("experiments/e.json", "document", sha256="ab" * 32).key == key("experiments/e.json", "ab" * 8)
    assert Piece("o-1.log", "log", sha256="ab" * 32).key == "o-1.log"
