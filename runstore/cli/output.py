"""Data for programs: CSV, JSON, JSON Lines, Markdown and Parquet, row by row, to stdout or a file."""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from runstore.cli import style
from runstore.cli.text import safe, safe_json

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation

Row = Sequence[Any]
SUFFIXES = {
    ".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".md": "markdown",
    ".txt": "table",
}  # fmt: skip

_SPECIAL = re.compile('[",\r\n]')


def plain(value: Any) -> Any:
    """A value as JSON has it: times in ISO 8601, numbers that JSON lacks as text (``"NaN"``, ``"Infinity"``)."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else "NaN" if value != value else "-Infinity" if value < 0 else "Infinity"
    if isinstance(value, datetime):
        return value.isoformat() + ("Z" if value.tzinfo is None else "")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(part) for part in value]
    return value.hex() if isinstance(value, bytes) else str(value)


def flat(value: Any) -> str:
    """A value as one piece of text: what CSV, Markdown and tables show."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list | tuple | set):
        return json.dumps(plain(value), ensure_ascii=False)
    if isinstance(value, bytes):
        return value.hex()
    return repr(value) if isinstance(value, float) else str(value)


def print_json(value: Any) -> None:
    """One JSON document on stdout."""
    style.echo(safe_json(json.dumps(plain(value), ensure_ascii=False, indent=2)))


def print_json_line(value: Any) -> None:
    """One line of JSON Lines on stdout, at once."""
    style.echo(_line(plain(value)))
    sys.stdout.flush()


def print_rows(columns: Sequence[str], rows: Iterable[Row], format_: str) -> None:
    """Rows on stdout as csv, json, jsonl or markdown."""
    write_rows(sys.stdout, columns, rows, format_)
    sys.stdout.flush()


def write_rows(stream: TextIO, columns: Sequence[str], rows: Iterable[Row], format_: str) -> None:
    """Rows as csv, json, jsonl or markdown."""
    _WRITERS[format_](stream, columns, rows)


def rows_of(relation: DuckDBPyRelation) -> Iterator[Row]:
    """A relation's rows; what is of type JSON is parsed, so that it isn't quoted twice."""
    nested = [at for at, kind in enumerate(relation.types) if str(kind) == "JSON"]
    for row in relation.iter_rows():
        if not nested:
            yield row
            continue
        cells = list(row)
        for at in nested:
            cells[at] = None if cells[at] is None else json.loads(cells[at])
        yield cells


def write_file(relation: DuckDBPyRelation, path: Path, format_: str) -> None:
    """A relation's rows in a file, which is whole or isn't there."""
    with whole(path) as temporary:
        if format_ == "parquet":
            relation.to_parquet(str(temporary), compression="zstd", overwrite=True)
        else:
            with temporary.open("w", encoding="utf-8", newline="") as stream:
                write_rows(stream, relation.columns, rows_of(relation), format_)


def print_parquet(relation: DuckDBPyRelation) -> None:
    """A relation's rows as Parquet on stdout."""
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "rows.parquet"
        relation.to_parquet(str(path), compression="zstd")
        with path.open("rb") as source:
            shutil.copyfileobj(source, sys.stdout.buffer)


@contextmanager
def whole(path: Path) -> Iterator[Path]:
    """A path to write to, beside the one meant, which it takes the place of when all went well."""
    import tempfile

    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _csv(stream: TextIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    shown = safe if style.watched(stream) else None  # a file gets the data as they are

    def field(value: Any) -> str:
        if type(value) is float or type(value) is int:
            return repr(value)  # most fields are numbers, and these never need quotes
        text = flat(value)
        return _quoted(shown(text) if shown else text)

    def line(cells: Iterable[Any]) -> str:
        return (",".join(map(field, cells)) or '""') + "\n"

    stream.write(line(columns))
    stream.writelines(map(line, rows))


def _quoted(text: str) -> str:
    """A CSV field. Python's csv leaves a lone carriage return bare, which its reader takes for the end of the row."""
    return '"' + text.replace('"', '""') + '"' if _SPECIAL.search(text) else text


def _json(stream: TextIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    lead = "["
    for row in _objects(columns, rows):
        stream.write(f"{lead}\n{row}")
        lead = ","
    stream.write("[]\n" if lead == "[" else "\n]\n")


def _jsonl(stream: TextIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    for row in _objects(columns, rows):
        stream.write(f"{row}\n")


def _objects(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    names = _unique(columns)
    return (_line({name: plain(value) for name, value in zip(names, row, strict=True)}) for row in rows)


def _line(value: Any) -> str:
    return safe_json(json.dumps(value, ensure_ascii=False))


def _unique(columns: Sequence[str]) -> list[str]:
    """Names of an object's fields: a second column of the same name gets a number."""
    seen: dict[str, int] = {}
    names = []
    for column in columns:
        seen[column] = seen.get(column, 0) + 1
        names.append(column if seen[column] == 1 else f"{column}_{seen[column]}")
    return names


def _markdown(stream: TextIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    def line(cells: Iterable[str]) -> str:
        return f"| {' | '.join(safe(cell).replace('|', chr(92) + '|') for cell in cells)} |\n"

    stream.write(line(columns))
    stream.write(line("---" for _ in columns))
    stream.writelines(line(map(flat, row)) for row in rows)


def _table(stream: TextIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    from runstore.cli import table

    found = list(rows)
    made = [table.of_values(name, [row[at] for row in found]) for at, name in enumerate(columns)]
    stream.writelines(f"{click.unstyle(line)}\n" for line in table.render(made, None)[0])


_WRITERS: dict[str, Callable[[TextIO, Sequence[str], Iterable[Row]], None]] = {
    "csv": _csv, "json": _json, "jsonl": _jsonl, "markdown": _markdown, "table": _table,
}  # fmt: skip
FORMATS = ("table", "csv", "json", "jsonl", "parquet", "markdown")
