"""A table of hints gives back what was put, and stays small."""

from __future__ import annotations

import hashlib
import sys

from hypothesis import given
from hypothesis import strategies as st

from runstore.disk.hints import Hints, key

KEYS = st.integers(1, 40) | st.integers(1, 2**64 - 1)


@given(st.lists(st.tuples(KEYS, st.integers(0, 2**64 - 1)), max_size=300))
def test_it_holds_what_a_dict_holds(entries: list[tuple[int, int]]) -> None:
    table, model = Hints(), dict(entries)
    for one, value in entries:
        table.put(one, value)
    assert dict(table) == model
    assert len(table) == len(model)
    assert all(table.get(one) == model.get(one) for one in range(1, 50))


def test_a_key_is_never_the_mark_of_an_empty_slot() -> None:
    assert key("0" * 64) != 0
    assert key("f" * 64) == 2**64 - 1


def test_an_entry_takes_at_most_52_bytes() -> None:
    table, count = Hints(), 10_000
    for number in range(count):
        table.put(key(hashlib.sha256(b"%d" % number).hexdigest()), number)
    assert sum(map(sys.getsizeof, table._parts)) <= 52 * count
