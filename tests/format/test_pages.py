"""Pages are where pyarrow wrote them, and their checksums are right; what is no header ends the search."""

from __future__ import annotations

import io
import zlib
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from runstore.format.pages import Page, pages


def written() -> tuple[bytes, list[Any]]:
    sink, rows = io.BytesIO(), 5000
    table = pa.table({"n": list(range(rows)), "text": [f"t{n % 7}" for n in range(rows)], "none": [None] * rows})
    options = {"compression": "zstd", "data_page_size": 2000, "use_dictionary": ["text"], "write_page_checksum": True}
    pq.write_table(table, sink, **options)
    about = pq.ParquetFile(io.BytesIO(sink.getvalue())).metadata
    return sink.getvalue(), [about.row_group(0).column(place) for place in range(about.num_columns)]


DATA, COLUMNS = written()


def of(column: Any, data: bytes = DATA) -> list[Page]:
    start = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
    return list(pages(data, start, start + column.total_compressed_size))


def test_every_page_is_found_with_its_checksum() -> None:
    for column in COLUMNS:
        found = of(column)
        assert found and all(zlib.crc32(DATA[page.start : page.end]) == page.crc for page in found)
    assert len(of(COLUMNS[0])) > 1 and len(of(COLUMNS[1])) > 1


def test_the_last_page_ends_where_the_column_does() -> None:
    for column in COLUMNS:
        start = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
        assert of(column)[-1].end == start + column.total_compressed_size


@given(st.binary(max_size=200))
def test_what_is_no_page_is_none(data: bytes) -> None:
    for page in pages(data, 0, len(data)):
        assert 0 <= page.start < page.end <= len(data)
