"""A changed bit or byte is found by the checksum that it belies, and nothing is made up."""

from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from runstore.format import documents, journal, lines, mending

DOCUMENT = documents.render({"experiment": "e", "created": 1700000000000000000, "more": list(range(40))})


def journal_of(count: int) -> bytes:
    data = lines.header(lines.POINTS, "r", "e", "0" * 16, 1, 0, 0)
    start = 0
    for number in range(count):
        data += lines.point("loss", number / 7, number, number)
        if number % 5 == 4:
            data += lines.checksum(lines.SUM, start, len(data), number - 4, 5, zlib.crc32(data[start:]))
            start = data.rfind(b'{"sum"')
    return data + lines.checksum(lines.END, 0, len(data), 0, count, zlib.crc32(data))


def changed(data: bytes, at: int, bits: int) -> bytes:
    return data[:at] + bytes([data[at] ^ bits]) + data[at + 1 :]


@given(st.binary(min_size=1, max_size=300), st.data())
def test_a_changed_byte_is_among_the_candidates(data: bytes, choose: st.DataObject) -> None:
    at, bits = choose.draw(st.integers(0, len(data) - 1)), choose.draw(st.integers(1, 255))
    assert data in list(mending.candidates(changed(data, at, bits), zlib.crc32(data)))


def test_data_that_is_right_has_no_candidates() -> None:
    assert list(mending.candidates(b"right", zlib.crc32(b"right"))) == []


@given(st.integers(0, len(DOCUMENT) - 1), st.integers(0, 7))
def test_a_document_with_a_changed_bit_is_mended(at: int, bit: int) -> None:
    assert mending.document(changed(DOCUMENT, at, 1 << bit)) == DOCUMENT


@given(st.integers(0, len(DOCUMENT) - 1), st.integers(1, 255))
def test_a_document_with_a_changed_byte_is_mended_where_it_can_be_proven(at: int, bits: int) -> None:
    assert mending.document(changed(DOCUMENT, at, bits), lambda data: data == DOCUMENT) == DOCUMENT
    assert mending.document(changed(DOCUMENT, at, bits), lambda data: False) is None


@given(st.binary(max_size=100))
def test_what_was_never_a_document_is_none(data: bytes) -> None:
    assert mending.document(data) is None


@given(st.integers(0, len(journal_of(12)) - 1), st.integers(0, 7))
def test_a_bit_changed_in_a_range_of_a_journal_is_put_right(at: int, bit: int) -> None:
    """But for the signs that make a checking line one, and the numbers of bytes in it."""
    data = journal_of(12)
    begins = data.rfind(b"\n", 0, at) + 1
    line = data[begins : data.index(b"\n", at) + 1]
    frame = line.startswith((lines.SUM, lines.END)) and (at < begins + 16 or at >= begins + len(line) - 14)
    assert mending.journal(changed(data, at, 1 << bit)) == data or frame


def test_a_changed_bit_in_each_of_several_ranges_is_put_right() -> None:
    data = journal_of(12)
    wrong = changed(changed(data, 220, 1), data.index(b'{"sum"') + 80, 2)
    assert mending.journal(wrong) == data


def test_a_range_beyond_being_sure_is_left_as_it_is() -> None:
    data = lines.header(lines.POINTS, "r", "e", "0" * 16, 1, 0, 0) + lines.point("a", 1.5, 1, 1) * 900
    assert len(data) > mending.SURE
    data += lines.checksum(lines.END, 0, len(data), 0, 900, zlib.crc32(data))
    wrong = changed(data, 500, 1)
    assert mending.journal(wrong) == wrong


def test_a_whole_journal_stays_as_it_is() -> None:
    assert mending.journal(journal_of(12)) == journal_of(12)
    assert not journal.read(journal_of(12)).damage
