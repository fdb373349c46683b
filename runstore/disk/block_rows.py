"""The rows in a block: written into files of one kind run after run, and read from them run after run.

Neither needs more memory than a row group of each kind, whatever the block's size.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from runstore.disk import files, segment
from runstore.format import names, schemas

FULL = 16 << 20  # bytes after which the next file is begun, when a run's rows end: of few runs little is verified
HEAVY = 64 << 20  # bytes of rows that are a row group, however few they are
_READ = 16_384  # rows read at once, or fewer where they are large: several blocks are read side by side
_READ_BYTES = 8 << 20
_SORTED_BY = ("run_id", *schemas.SORTED_BY)


class Rows:
    """The files of one kind of a block that is being built."""

    def __init__(self, directory: Path, kind: str) -> None:
        self.files: dict[str, dict[str, Any]] = {}  # as the block's record tells of them
        self._directory, self._kind = directory, kind
        self._sink: segment.Sink | None = None
        self._writer: Any = None
        self._waiting: list[Any] = []
        self._count = self._bytes = 0  # of what is waiting

    def add(self, run_id: str, batches: Iterable[Any]) -> str:
        """Write a run's rows; give the name of the file they are in.

        Raises:
            Damaged, OSError: what gives the rows does, or the file system refuses; the block can't be finished.
        """
        if self._sink is None:
            self._open(run_id)
        name = next(reversed(self.files))
        for batch in batches:
            self._put(batch)
            self.files[name]["rows"] += batch.num_rows
        self.files[name]["last"] = run_id
        if self._sink is not None and self._sink.size >= FULL:
            self.close()
        return name

    def _open(self, run_id: str) -> None:
        name = names.block_rows(self._kind, len(self.files))
        self._sink = segment.Sink(files.create(self._directory / name))
        self._writer = segment.writer(self._sink, self._kind, _SORTED_BY)
        self.files[name] = {"sha256": "", "size": 0, "kind": self._kind, "rows": 0, "first": run_id, "last": run_id}

    def _put(self, batch: Any) -> None:
        while self._count + batch.num_rows >= segment.ROW_GROUP or self._bytes >= HEAVY:
            room = min(segment.ROW_GROUP - self._count, batch.num_rows) if self._bytes < HEAVY else 0
            self._wait(batch.slice(0, room))
            batch = batch.slice(room)
            self._write()
        self._wait(batch)

    def _wait(self, batch: Any) -> None:
        if batch.num_rows:
            self._waiting.append(batch)
            self._count += batch.num_rows
            self._bytes += batch.nbytes

    def _write(self) -> None:
        if self._waiting:
            segment.write_group(self._writer, self._waiting, self._kind)
        self._waiting, self._count, self._bytes = [], 0, 0

    def close(self) -> None:
        """End the file: it is durable then, and what was written to it has been read back.

        Raises:
            Damaged: it holds other bytes.
            OSError: the file system refuses.
        """
        if self._sink is None:
            return
        sink, name = self._sink, next(reversed(self.files))
        try:
            self._write()
            self._writer.close()
            sink.flush()
            files.sync(sink.fd)
        finally:
            self._sink = self._writer = None
            files.close(sink.fd)
        self.files[name] |= {"sha256": sink.hash.hexdigest(), "size": sink.size}
        segment.verify(self._directory / name, self.files[name], deep=True)

    def abandon(self) -> None:
        """Close the file as it is: the block is not to be."""
        if self._sink is not None:
            files.close(self._sink.fd)
            self._sink = None


class Cursor:
    """The rows of one kind of a block, read once, from its first run to its last."""

    def __init__(self, parts: Iterable[tuple[Path, dict[str, Any]]]) -> None:
        self._pieces = itertools.chain.from_iterable(_by_run(path, entry) for path, entry in parts)
        self._next = next(self._pieces, None)

    def take(self, run_id: str) -> Iterator[Any]:
        """The rows of a run, as batches; those of runs before it are passed over.

        Raises:
            Damaged: a file is not as it was written.
        """
        while self._next is not None and self._next[0] <= run_id:
            whose, batch = self._next
            self._next = next(self._pieces, None)
            if whose == run_id:
                yield batch


def _by_run(path: Path, entry: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    import pyarrow.compute as pc

    for batch in segment.batches(path, entry, _READ, _READ_BYTES):
        runs, start = pc.run_end_encode(batch.column("run_id")), 0
        for run_id, end in zip(runs.values.to_pylist(), runs.run_ends.to_pylist(), strict=True):
            yield run_id, batch.slice(start, end - start)
            start = end


def of_run(path: Path, entry: dict[str, Any], run_id: str) -> Iterator[Any]:
    """The rows of one run in a file of a block; row groups without it are not read.

    Raises:
        Damaged: the file is not as it was written.
        OSError: it can't be read.
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    segment.verify(path, entry)
    with pq.ParquetFile(path) as file:
        groups = [n for n in range(file.num_row_groups) if _may_hold(file.metadata.row_group(n).column(0), run_id)]
        for batch in file.iter_batches(_READ, row_groups=groups, use_threads=False):
            yield batch.filter(pc.equal(batch.column("run_id"), run_id))


def _may_hold(column: Any, run_id: str) -> bool:
    told = column.statistics
    return told is None or not told.has_min_max or told.min <= run_id <= told.max
