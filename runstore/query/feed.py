"""Bytes and rows into DuckDB without Arrow: through files that live in memory, read by its JSON reader."""

from __future__ import annotations

import itertools
import os
import re
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from runstore.disk.capabilities import CAN
from runstore.format.journal import Journal, Span
from runstore.query.connect import DuckDBPyConnection, is_shut, name, quoted

Chunks = Sequence["bytes | memoryview"]
_LINE = 16 << 20  # DuckDB's own limit, raised where a longer line may be
_VECTOR = 1000  # buffers per writev; the system's limit is 1024


@dataclass(slots=True)
class Piece:
    """Data lines of one journal with unbroken sequence numbers from ``first`` on."""

    header: dict[str, Any]
    first: int
    chunks: list[bytes | memoryview] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many bytes its lines have."""
        return sum(map(len, self.chunks))


def pieces(journals: Iterable[Journal], names: Collection[str] | None = None) -> Iterator[Piece]:
    """Cut verified journals into pieces: only data lines, a new piece wherever the numbers jump.

    Args:
        journals: what is to be read.
        names: leave out what is surely of other names. The numbers of what is left then keep their order only.
    """
    pattern = None if names is None else _lines_of(names)
    for journal in journals:
        piece, following = None, -1
        for span in journal.spans:
            if not span.count:
                continue
            if piece is None or span.first != following:
                if piece is not None:
                    yield piece
                piece = Piece(journal.header, span.first)
            piece.chunks.extend(_chosen(journal, span, pattern))
            following = span.first + span.count
        if piece is not None:
            yield piece


def _lines_of(names: Collection[str]) -> re.Pattern[bytes]:
    """What matches lines of one point of these names and those of many, from the newline before them.

    As many as follow one another: a million matches would take several times what the lines do.
    """
    encoded = b"|".join(re.escape(orjson.dumps(one)) for one in names)
    return re.compile(rb"(?:\n\[(?:%b|null),[^\n]*)++" % encoded)


def _chosen(journal: Journal, span: Span, pattern: re.Pattern[bytes] | None) -> Iterator[bytes | memoryview]:
    """The data lines of a span that may matter."""
    data = journal.data
    if pattern is not None:
        start = max(span.start - 1, 0)  # the newline before; at the very start stands the header
        found = b"".join(pattern.findall(data, start, span.end))
        if found:
            yield found[1:] + b"\n"
        return
    view, at = memoryview(data), span.start
    while at < span.end:
        if data.startswith(b"{", at):
            at = data.index(b"\n", at) + 1
            continue
        stop = data.find(b"\n{", at, span.end) + 1 if journal.closed else 0  # else checking lines begin spans
        yield view[at : stop or span.end]
        at = stop or span.end


@contextmanager
def files(contents: Iterable[Chunks]) -> Iterator[list[str]]:
    """Paths that read as the given contents, until the block ends."""
    descriptors: list[int] = []
    paths: list[str] = []
    memfd = CAN.memfd and not is_shut()
    try:
        for chunks in contents:
            if memfd:
                fd = os.memfd_create("runstore")
                descriptors.append(fd)
                paths.append(f"/proc/self/fd/{fd}")
            else:
                fd, path = tempfile.mkstemp(prefix="runstore-")
                paths.append(path)
            try:
                _write(fd, chunks)
            finally:
                if not memfd:
                    os.close(fd)
        yield paths
    finally:
        for fd in descriptors:
            os.close(fd)
        for path in [] if memfd else paths:
            os.unlink(path)


def _write(fd: int, chunks: Chunks) -> None:
    if not hasattr(os, "writev"):
        with open(fd, "wb", closefd=False) as file:
            file.writelines(chunks)
        return
    waiting = iter(chunks)
    while batch := list(itertools.islice(waiting, _VECTOR)):
        left = sum(len(chunk) for chunk in batch)
        written = os.writev(fd, batch)
        if written < left:
            with open(fd, "wb", closefd=False) as file:
                file.write(memoryview(b"".join(batch))[written:])


def rows(
    connection: DuckDBPyConnection, table: str, columns: Mapping[str, str], values: Iterable[Mapping[str, object]]
) -> None:
    """Make a temporary table of plain values.

    Args:
        connection: where to make it.
        table: its name.
        columns: name to SQL type, in order. A float that is not finite must come as the text 'nan', 'inf' or '-inf'.
        values: one mapping per row; a missing key is NULL.
    """
    listed = ", ".join(f"{name(column)} {kind}" for column, kind in columns.items())
    encoded = [orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in values]
    if not encoded:
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {name(table)} ({listed})")
        return
    kinds = ", ".join(f"{name(column)}: {quoted(kind)}" for column, kind in columns.items())
    with files([[b"".join(encoded)]]) as paths:
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {name(table)} AS SELECT * FROM "
            f"{reader(paths, max(map(len, encoded)))}, columns = {{{kinds}}})"
        )


def reader(paths: Sequence[str], longest: int) -> str:
    """The start of a call of DuckDB's JSON reader; ``longest`` is the most bytes a line may have."""
    listed = ", ".join(map(quoted, paths))
    return f"read_json([{listed}], format = 'newline_delimited', maximum_object_size = {max(longest, _LINE)}"
