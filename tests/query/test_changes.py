"""Two sets of named values: what was added, what removed, what changed, and how many are the same."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.query.changes import Change, between, same

NAMED = st.dictionaries(st.text(max_size=3), st.one_of(st.integers(), st.floats(), st.booleans(), st.text(max_size=2)))


def test_what_one_side_lacks_is_added_or_removed() -> None:
    assert between({"a": 1, "b": 2, "c": None}, {"b": 3, "c": None, "d": None}) == (
        [Change("a", "removed", 1, None), Change("b", "changed", 2, 3), Change("d", "added", None, None)], 1,
    )  # fmt: skip


@given(NAMED, NAMED)
def test_every_name_is_either_a_change_or_the_same(a: dict[str, Any], b: dict[str, Any]) -> None:
    changes, count = between(a, b)
    assert len(changes) + count == len(a.keys() | b.keys())
    assert between(a, dict(a)) == ([], len(a))


@pytest.mark.parametrize(("one", "other", "told"), [
    (float("nan"), float("nan"), True), (1, 1.0, True), (True, 1, False), ("1", 1, False), (None, None, True),
])  # fmt: skip
def test_values_are_the_same_as_people_mean_it(one: Any, other: Any, told: bool) -> None:
    assert same(one, other) is told
