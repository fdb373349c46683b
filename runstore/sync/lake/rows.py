"""Pieces as rows of the table ``segments``, in Parquet: one for each span, one for a piece without any."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson

from runstore.errors import RemoteError
from runstore.sync import piece as pieces
from runstore.sync.lake import columns
from runstore.sync.piece import Piece

MOST_ROWS, MOST_BYTES = 2_000_000, 256 << 20  # of one file, and of what it says it is in memory
_SPAN = ("writer", "first_seq", "last_seq")
_TYPES = {"string": "string", "long": "int64", "boolean": "bool_"}


def render(told: Sequence[Piece]) -> tuple[bytes, int]:
    """The bytes of a Parquet file, and how many rows there are in it."""
    import pyarrow as pa
    import pyarrow.json as pj
    import pyarrow.parquet as pq

    types = {"timestamp": pa.timestamp("us", "UTC")} | {delta: getattr(pa, name)() for delta, name in _TYPES.items()}
    schema = pa.schema([(name, types[of]) for name, of in columns.of(columns.SEGMENTS).items()])
    lines = b"\n".join(orjson.dumps(row) for one in told for row in _rows(one))
    rows = schema.empty_table()
    if lines:  # out of Python's objects pyarrow makes them only after it has imported pandas, where that is installed
        read = pj.ReadOptions(use_threads=False, block_size=len(lines) + 1)
        rows = pj.read_json(pa.BufferReader(lines), read, pj.ParseOptions(explicit_schema=schema)).select(schema.names)
    to = pa.BufferOutputStream()
    pq.write_table(rows, to, compression="zstd", write_page_checksum=True)
    return to.getvalue().to_pybytes(), rows.num_rows


def _rows(one: Piece) -> Iterator[dict[str, Any]]:
    told = {name: value for name, value in one._asdict().items() if name != "spans"}
    told |= {"needs": json.dumps(one.needs) if one.needs else None, "time_ns": one.time}
    told |= {
        "time": datetime.fromtimestamp(one.time // 1_000_000_000, UTC).replace(microsecond=one.time // 1000 % 10**6)
    }
    for span in one.spans or ((None, None, None),):
        yield told | dict(zip(_SPAN, span, strict=True))


def read(data: bytes, where: str) -> list[Piece]:
    """Out of such a file, of which nothing is trusted.

    Raises:
        RemoteError: it holds something else.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
        groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
        if file.metadata.num_rows > MOST_ROWS or sum(group.total_byte_size for group in groups) > MOST_BYTES:
            raise ValueError("more than is ever written at once")
        rows = file.read(columns=[*columns.of(columns.SEGMENTS)]).to_pylist()
        return [*_pieces(rows)]
    except (pa.ArrowException, ValueError, KeyError, TypeError, OSError) as problem:
        why = str(problem).splitlines()[0][:120] if str(problem) else type(problem).__name__
        raise RemoteError(f"{where}: is no list of pieces ({why}); look who has written it") from None


def _pieces(rows: Iterable[dict[str, Any]]) -> Iterator[Piece]:
    """Rows that differ in their spans only, one after another, are one piece."""
    before: dict[str, Any] | None = None
    spans: list[tuple[Any, ...]] = []
    for row in rows:
        span = tuple(row.pop(name) for name in _SPAN)
        if before is not None and row == before and span[0] is not None:
            spans.append(span)
            continue
        if before is not None:
            yield _piece(before, spans)
        before, spans = row, [span] if span[0] is not None else []
    if before is not None:
        yield _piece(before, spans)


def _piece(row: dict[str, Any], spans: Sequence[tuple[Any, ...]]) -> Piece:
    needs = json.loads(row["needs"]) if row["needs"] else []
    told = {name: value for name, value in row.items() if name != "time_ns"}
    return pieces.load(told | {"needs": needs, "spans": spans, "time": row["time_ns"]})
