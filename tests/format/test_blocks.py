"""A block's index finds every run and no other; what is kept is given back; any changed byte is found."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import Damaged
from runstore.format import blocks
from runstore.format.blocks import Entry, Member, Where


def key(number: int) -> str:
    return hashlib.sha256(str(number).encode()).hexdigest()[:18]


def find(index: bytes, wanted: str) -> Where | None:
    pages = len(index) // blocks.PAGE
    return blocks.find(wanted, pages, lambda at: index[at * blocks.PAGE : (at + 1) * blocks.PAGE], "index")


@given(st.integers(0, 1200))
def test_every_run_is_found_where_its_entry_lies(count: int) -> None:
    entries = {key(number): Where(number * 7, number + 1) for number in range(count)}
    index = blocks.render(entries.items())
    assert dict(blocks.every(index, "index")) == entries
    for number in {0, count // 3, count - 1} - {-1}:
        assert find(index, key(number)) == entries.get(key(number))


@given(st.integers(0, 600), st.integers(1000, 5000))
def test_a_run_that_is_not_there_is_not_found(count: int, other: int) -> None:
    index = blocks.render((key(number), Where(number, 1)) for number in range(count))
    assert find(index, key(other)) is None


def test_a_few_pages_are_read_of_a_large_index() -> None:
    index, read = blocks.render((key(number), Where(number, 1)) for number in range(20_000)), []

    def page(at: int) -> bytes:
        read.append(at)
        return index[at * blocks.PAGE : (at + 1) * blocks.PAGE]

    assert blocks.find(key(77), len(index) // blocks.PAGE, page, "index") == Where(77, 1)
    assert len(read) <= 8


@given(st.integers(1, 300), st.data())
def test_any_changed_byte_of_an_index_is_found(count: int, data: st.DataObject) -> None:
    index = bytearray(blocks.render((key(number), Where(number, 1)) for number in range(count)))
    index[data.draw(st.integers(0, len(index) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(Damaged):
        list(blocks.every(bytes(index), "index"))


def test_a_cut_index_is_damage() -> None:
    index = blocks.render([(key(1), Where(0, 1))])
    with pytest.raises(Damaged):
        list(blocks.every(index[:-1], "index"))


@given(st.binary(max_size=3000), st.booleans())
def test_a_file_comes_back_as_it_was(content: bytes, deflate: bool) -> None:
    member, stored = blocks.pack(content, 5, deflate)
    assert (member.offset, member.stored, member.size) == (5, len(stored), len(content))
    assert member.content(stored, "members") == content


def test_a_file_is_deflated_only_where_that_saves_something() -> None:
    assert blocks.pack(b"a" * 1000, 0, True)[0].deflated
    assert not blocks.pack(hashlib.sha256(b"a").digest() * 1, 0, True)[0].deflated
    assert not blocks.pack(b"a" * 1000, 0, False)[0].deflated


@given(st.binary(min_size=1, max_size=300), st.booleans(), st.data())
def test_any_changed_byte_of_a_file_is_found(content: bytes, deflate: bool, data: st.DataObject) -> None:
    member, stored = blocks.pack(content, 0, deflate)
    changed = bytearray(stored)
    changed[data.draw(st.integers(0, len(changed) - 1))] ^= data.draw(st.integers(1, 255))
    try:
        assert member.content(bytes(changed), "members") == content  # a bit of a stream that means nothing
    except Damaged:
        assert bytes(changed) != stored


def test_an_entry_comes_back_as_it_was() -> None:
    one = Entry("run ü", "exp", {"a1.jsonl": Member(0, 5, 9, 77, True)}, {"points-00.parquet": "points-0000.parquet"})
    assert blocks.entry(one.render(), "entry") == one
