"""Sealed Parquet files: written once, read back before anybody relies on them, never changed."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, TypeAlias

from runstore.disk import files
from runstore.errors import Damaged
from runstore.format import names, ranges, schemas
from runstore.format.ranges import Range

ROW_GROUP = 122_880  # rows; the stretch that DuckDB reads or skips as one
PIECE = 1 << 20  # bytes given to the file system at once
MOST_ROWS, MOST_GROWTH = 200, 1_000  # for each byte of a segment from elsewhere: more is an attack
LEVEL = 3  # of zstd: 9 saves 0.2 % for twice the time

LARGE = 4 << 20  # bytes of a file that is worth a thread of its own
_Key: TypeAlias = tuple[int, int, int, int]

_verified: dict[_Key, str] = {}
_reading: dict[_Key, Lock] = {}  # files that a thread is at: others wait for what it finds
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_reading.clear)


class Sink:
    """What the Parquet writer writes to: every byte goes through the seam and into the hash."""

    def __init__(self, fd: int) -> None:
        self.fd, self.size, self.closed = fd, 0, False
        self.hash = hashlib.sha256()
        self._waiting = bytearray()

    def write(self, data: Any) -> int:
        """Take bytes; give how many."""
        piece = memoryview(data).cast("B")
        self.hash.update(piece)
        self.size += len(piece)
        self._waiting += piece
        if len(self._waiting) >= PIECE:
            self.flush()
        return len(piece)

    def tell(self) -> int:
        """How many bytes there are."""
        return self.size

    def flush(self) -> None:
        """Let the file system have them all."""
        waiting, self._waiting = self._waiting, bytearray()
        if waiting:
            files.write_all(self.fd, bytes(waiting))

    def close(self) -> None:
        """Take no more. Whoever gave the descriptor closes it."""
        self.flush()
        self.closed = True


def write(batches: Iterable[Any], directory: Path, kind: str) -> dict[str, Any]:
    """Publish a segment under the name of its content, after reading it back.

    Args:
        batches: Arrow record batches (a reader, or ``table.to_batches()``), sorted by ``schemas.SORTED_BY``.
        directory: the run's directory.
        kind: "points" or "rows".

    Returns:
        The entry for the seal record: kind, file, sha256, size, rows.

    Raises:
        Damaged: the bytes read back are not those written.
        OSError: the file system refuses; nothing is left behind.
    """
    temporary = directory / names.temporary(kind, secrets.token_hex(8))
    fd = files.create(temporary)
    try:
        try:
            sink = Sink(fd)
            rows = _write(sink, batches, kind)
            sink.flush()
            files.sync(fd)
        finally:
            files.close(fd)
        digest = sink.hash.hexdigest()
        entry = {"kind": kind, "file": names.segment(kind, digest), "sha256": digest, "size": sink.size, "rows": rows}
        verify(temporary, entry, deep=True)
        _reveal(temporary, directory / str(entry["file"]), entry)
    finally:
        files.unlink(temporary)
    files.sync_dir(directory)
    return entry


def _write(sink: Sink, batches: Iterable[Any], kind: str) -> int:
    rows = 0
    with writer(sink, kind, schemas.SORTED_BY) as file:
        for group in groups(batches):
            rows += write_group(file, group, kind)
    return rows


def writer(sink: Sink, kind: str, sorted_by: Sequence[str]) -> Any:
    """The Parquet writer of sealed files of a kind (of ``schemas.COLUMNS``), to be closed by whoever asked for it."""
    import pyarrow.parquet as pq

    columns = list(schemas.COLUMNS[kind])
    return pq.ParquetWriter(
        sink,
        schemas.schema(kind),
        compression="zstd",
        compression_level=LEVEL,
        use_dictionary=[name for name in schemas.DICTIONARIES if name in columns],
        column_encoding=schemas.encodings(kind),
        write_page_checksum=True,
        store_schema=False,  # the Parquet types say it all; 900 bytes a file
        sorting_columns=[pq.SortingColumn(columns.index(name)) for name in sorted_by],
    )


def write_group(file: Any, batches: Sequence[Any], kind: str) -> int:
    """Write batches as a row group; give how many rows."""
    import pyarrow as pa

    table = pa.Table.from_batches(batches).select(list(schemas.COLUMNS[kind])).cast(schemas.schema(kind))
    file.write_table(table, row_group_size=ROW_GROUP)
    return int(table.num_rows)


def joined(batches: Sequence[Any]) -> Any:
    """One batch out of several that are no more than a row group."""
    import pyarrow as pa

    return pa.concat_batches(batches)


def batches(path: Path, entry: dict[str, Any], most: int = ROW_GROUP, heavy: int = 64 << 20) -> Iterator[Any]:
    """The rows of a sealed file, verified, as Arrow record batches of ``most`` rows and about ``heavy`` bytes at most.

    Raises:
        Damaged: its bytes or its rows are not those that ``entry`` tells of.
        OSError: the file can't be read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    verify(path, entry)
    rows = 0
    try:
        with pq.ParquetFile(path) as file:
            told = file.metadata
            size = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
            fitting = heavy * max(told.num_rows, 1) // max(size, 1)
            for batch in file.iter_batches(max(min(most, fitting), 1), use_threads=False):
                rows += batch.num_rows
                yield batch
    except pa.ArrowException as problem:
        raise Damaged(f"{path}: {str(problem).splitlines()[0]}; restore it from a copy") from None
    if rows != entry["rows"]:
        raise Damaged(f"{path}: holds {rows} rows, {entry['rows']} were sealed; restore it from a copy")


def groups(batches: Iterable[Any]) -> Iterable[list[Any]]:
    """Gather batches to whole row groups, so that each is as large as it may be."""
    group, rows = [], 0
    for batch in batches:
        while rows + batch.num_rows > ROW_GROUP:
            group.append(batch.slice(0, ROW_GROUP - rows))
            batch = batch.slice(ROW_GROUP - rows)
            yield group
            group, rows = [], 0
        group.append(batch)
        rows += batch.num_rows
    if rows:
        yield group


def _reveal(temporary: Path, final: Path, entry: dict[str, Any]) -> None:
    try:
        files.reveal(temporary, final)
    except FileExistsError:
        verify(final, entry)  # the same content was sealed before


def verify(path: Path, entry: dict[str, Any], deep: bool = False) -> None:
    """Check that a segment's bytes are those its seal record names. Remembered while the file stays the same.

    Args:
        path: the segment.
        entry: what its seal record says about it.
        deep: also check every page's own checksum and the number of rows; not remembered.

    Raises:
        Damaged: they are not.
        OSError: the file can't be read.
    """
    status = os.stat(path)
    key = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    if deep or _verified.get(key) != entry["sha256"]:
        with _reading.setdefault(key, Lock()):
            if deep or _verified.get(key) != entry["sha256"]:
                if status.st_size != entry["size"] or files.sha256(path) != entry["sha256"]:
                    raise Damaged(f"{path}: does not match its SHA-256; restore it from a copy")
                _verified[key] = entry["sha256"]
        _reading.pop(key, None)
    if deep:
        _pages(path, entry)


def verify_ahead(found: Mapping[Path, dict[str, Any]]) -> None:
    """Verify the large ones among files, as many at once as there are processors: ``verify`` then remembers.

    What is wrong with one ``verify`` tells when it is asked.
    """
    large = {path: entry for path, entry in found.items() if entry["size"] >= LARGE}
    if not large:
        return
    from concurrent.futures import ThreadPoolExecutor

    def look(path: Path, entry: dict[str, Any]) -> None:
        with suppress(Damaged, OSError):
            verify(path, entry)

    with ThreadPoolExecutor(min(len(large), os.cpu_count() or 1)) as pool:
        list(pool.map(look, large, large.values()))


def claims(path: Path, entry: dict[str, Any]) -> None:
    """Check by its footer alone that a file from elsewhere can be a segment of that kind and so many rows.

    Raises:
        Damaged: it has other columns or rows, or would grow beyond measure where it is read.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            told, columns = file.metadata, file.schema_arrow
            size = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    except (pa.ArrowException, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno:
            raise
        raise Damaged(f"{path.name}: is no Parquet file") from None
    if not columns.equals(schemas.schema(entry["kind"])):
        raise Damaged(f"{path.name}: has other columns than a segment of {entry['kind']}")
    if told.num_rows != entry["rows"]:
        raise Damaged(f"{path.name}: holds {told.num_rows} rows, {entry['rows']} are told of")
    packed = max(entry["size"], 1 << 16)
    if told.num_rows > packed * MOST_ROWS or size > packed * MOST_GROWTH:
        raise Damaged(f"{path.name}: {entry['size']:,} bytes that would become {size:,} and {told.num_rows:,} rows")


def numbers(path: Path) -> dict[str, list[Range]]:
    """The sequence numbers of the rows, per writer: what a segment holds of which no seal record tells."""
    import pyarrow.parquet as pq

    found: dict[str, list[Range]] = {}
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(columns=["writer", "seq"]):
            for writer, seq in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                found.setdefault(writer, []).append((seq, seq))
    return {writer: ranges.join(pieces) for writer, pieces in found.items()}


def _pages(path: Path, entry: dict[str, Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = 0
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            for number in range(file.num_row_groups):
                rows += file.read_row_group(number).num_rows
    except (pa.ArrowException, OSError) as problem:
        if isinstance(problem, OSError) and problem.errno:
            raise  # the file system's trouble, not the bytes'
        raise Damaged(f"{path}: {str(problem).splitlines()[0]}; restore it from a copy") from None
    if rows != entry["rows"]:
        raise Damaged(f"{path}: holds {rows} rows, {entry['rows']} were sealed; restore it from a copy")
