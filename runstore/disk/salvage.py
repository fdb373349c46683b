"""What can still be believed of a segment whose bytes are not those that were sealed.

Every page has a checksum, but it covers neither the page's header nor the file's footer. So the footer must describe
just such a file as ``disk.segment`` writes, and a column must be what the footer's statistics say of it.

About some damaged footers pyarrow can't be asked at all: it ends the process. So another one, this module as a program,
asks first.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.format import mending, schemas
from runstore.format.pages import Page, pages

_STEP = 256  # rows read at once where a column breaks off
_FOOTER = 8192  # bytes at the end in which a bit is looked for where the footer can't be read
_EFFORT = 2 << 30  # bytes hashed for that


def tables(path: Path, kind: str, known: Mapping[str, str]) -> Iterator[Any]:
    """The rows of a damaged segment that are what was written, as Arrow tables.

    Of each row group those before the first damaged page of any column.

    Args:
        path: the segment.
        kind: of ``schemas.COLUMNS``.
        known: columns that have one value throughout, which need not be read.

    Raises:
        OSError: the file can't be read; that is no damage.
    """
    if _can_be_asked(path, kind):
        yield from _tables(path, kind, known)


def _tables(path: Path, kind: str, known: Mapping[str, str]) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            if not _as_written(file.metadata, file.schema_arrow, kind):
                return
            for number in range(file.num_row_groups):
                columns = [
                    pa.array([known[name]] * file.metadata.row_group(number).num_rows, pa.string())
                    if name in known
                    else _column(file, number, place, name)
                    for place, name in enumerate(schemas.COLUMNS[kind])
                ]
                rows = min(map(len, columns))
                if rows:
                    yield pa.table([column[:rows] for column in columns], schema=schemas.schema(kind))
    except _trouble() as problem:
        if isinstance(problem, OSError) and problem.errno:
            raise


def mended(path: Path, digest: str) -> bytes | None:
    """A segment as it was before one byte of a page, or one bit elsewhere, was changed; None where it wasn't that.

    Args:
        path: the segment.
        digest: how the SHA-256 of what was sealed begins.

    Raises:
        OSError: the file can't be read; that is no damage.
    """
    data, found = files.read(path), None
    with suppress(*_trouble()):
        found = _pages(data) if _can_be_asked(path) else None
    if found is None:
        return _one_bit(data, range(max(len(data) - _FOOTER, 0), len(data)), digest)
    wrong = [page for page in found if zlib.crc32(data[page.start : page.end]) != page.crc]
    if len(wrong) > 1:
        return None
    for page in wrong:
        for one in mending.candidates(data[page.start : page.end], page.crc):
            whole = data[: page.start] + one + data[page.end :]
            if hashlib.sha256(whole).hexdigest().startswith(digest):
                return whole
    covered = bytearray(len(data))
    for page in found:
        covered[page.start : page.end] = b"\1" * (page.end - page.start)
    bare = [at for at, told in enumerate(covered) if not told]
    last = [at for at in bare if at >= len(data) - _FOOTER]  # first what costs least
    return _one_bit(data, last, digest) or _one_bit(data, bare[: len(bare) - len(last)], digest)


def _one_bit(data: bytes, places: Iterable[int], digest: str) -> bytes | None:
    """The data with the one bit at one of these places changed that makes its hash right."""
    begun, at, spent = hashlib.sha256(), 0, 0
    for place in places:
        begun.update(data[at:place])
        at, rest = place, data[place + 1 :]
        spent += 8 * len(rest)
        if spent > _EFFORT:
            return None
        for bit in range(8):
            byte = bytes([data[place] ^ 1 << bit])
            trial = begun.copy()
            trial.update(byte + rest)
            if trial.hexdigest().startswith(digest):
                return data[:place] + byte + rest
    return None


def _pages(data: bytes) -> list[Page]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(pa.BufferReader(data)) as file:
        groups = [file.metadata.row_group(number) for number in range(file.num_row_groups)]
    found = []
    for group in groups:
        for column in (group.column(place) for place in range(group.num_columns)):
            begins = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
            found += list(pages(data, begins, begins + column.total_compressed_size))
    return found


def _trouble() -> tuple[type[Exception], ...]:
    """What pyarrow raises for bytes that are not as they should be, whatever they say."""
    import pyarrow as pa

    return (pa.ArrowException, OSError, ValueError, MemoryError, OverflowError)


def _as_written(about: Any, schema: Any, kind: str) -> bool:
    """Whether a footer has the columns of its kind, one after another without a gap from the file's beginning on."""
    import pyarrow as pa

    wanted = schemas.schema(kind)
    if schema.names != wanted.names or [pa.types.is_null(t) or t for t in schema.types] != list(wanted.types):
        return False
    at, rows = 4, 0
    for number in range(about.num_row_groups):
        group = about.row_group(number)
        for place in range(group.num_columns):
            column = group.column(place)
            begins = column.dictionary_page_offset if column.has_dictionary_page else column.data_page_offset
            if begins != at or column.compression != "ZSTD" or column.num_values != group.num_rows:
                return False
            at += column.total_compressed_size
        rows += group.num_rows
    return bool(rows == about.num_rows)


def _column(file: Any, number: int, place: int, name: str) -> Any:
    """One column of a row group, up to the first page that is not right."""
    told = file.metadata.row_group(number).column(place).statistics
    try:
        whole = file.read_row_group(number, columns=[name]).column(0).combine_chunks()
    except _trouble() as problem:
        if isinstance(problem, OSError) and problem.errno:
            raise
    else:
        return whole if _agrees(whole, told, exactly=True) else whole[:0]
    found = _beginning(file, number, name)
    return found if _agrees(found, told, exactly=False) else found[:0]


def _beginning(file: Any, number: int, name: str) -> Any:
    import pyarrow as pa

    parts = []
    try:
        for batch in file.iter_batches(_STEP, row_groups=[number], columns=[name]):
            parts.append(batch.column(0))
    except _trouble():
        pass
    kind = file.schema_arrow.field(name).type
    return pa.concat_arrays(parts) if parts else pa.array([], kind)


def _agrees(values: Any, told: Any, exactly: bool) -> bool:
    """Whether values are those that a chunk's statistics are of, or some of them."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if told is None or not told.has_null_count or values.null_count > told.null_count:
        return False
    if exactly and values.null_count != told.null_count:
        return False
    if pa.types.is_floating(values.type):
        values = values.filter(pc.invert(pc.is_nan(values)))  # they count for nothing there
    found = pc.min_max(values)
    least, most = found["min"].as_py(), found["max"].as_py()
    if least is None or not told.has_min_max:
        return True  # nothing, no numbers, or texts too long to be told
    return (least, most) == (told.min, told.max) if exactly else bool(told.min <= least and most <= told.max)


# ---- in a process of its own


def _can_be_asked(path: Path, *kinds: str) -> bool:
    """Whether pyarrow survives what is to be asked about a file."""
    argv = [sys.executable, "-m", "runstore.disk.salvage", os.fspath(path), *kinds]
    none = subprocess.DEVNULL
    return subprocess.run(argv, stdin=none, stdout=none, stderr=none, check=False).returncode == 0


def main(argv: Sequence[str]) -> int:
    """Ask all that is asked here about a file, as a segment of the kinds named too; what it says is left to others."""
    path = Path(argv[0])
    with suppress(*_trouble()):
        _pages(files.read(path))
        for kind in argv[1:]:
            for _ in _tables(path, kind, {}):
                pass
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
