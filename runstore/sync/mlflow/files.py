"""The files of a run as MLflow gets them: its artifacts, its logs, and documents of what MLflow has no place for."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from runstore.format import names, schemas, values
from runstore.query import files as query_files
from runstore.query import pieces
from runstore.query.connect import quoted
from runstore.runs.state import TERMINAL, RunState
from runstore.sync.choice import Choice
from runstore.sync.mlflow import keys, points
from runstore.sync.plan import Covered

RUN, POINTS, LOGS = f"{keys.OWN}/run.json", f"{keys.OWN}/points.jsonl", f"{keys.OWN}/logs.jsonl"
TABLES = f"{keys.OWN}/tables/"


class File(NamedTuple):
    """A file that is to be there.

    Attributes:
        path: what it is called there.
        mark: changes when its content does.
        size: about how many bytes it has; 0 where that is not known before it is made.
        write: puts it at a path; False where it turns out that there is nothing to tell.
    """

    path: str
    mark: str
    size: int
    write: Callable[[Path], bool]


def artifacts(workspace: Path, run: RunState) -> list[File]:
    """The artifacts, each version; the newest under its own name. References to what lies elsewhere are none."""
    newest, count = query_files.current(run), dict[str, int]()
    found = []
    for fact in run.artifacts:
        name = fact["name"]
        number = count[name] = count.get(name, 0) + 1
        if fact["kind"] in query_files.HIDDEN or fact.get("reference"):
            continue
        path = keys.file(name)
        if newest[name] is not fact:
            path = f"{keys.OWN}/versions/{number}/{path}"
        found.append(File(path, fact["sha256"], fact["size"], _copied(workspace, run, fact)))
    return found


def _copied(workspace: Path, run: RunState, fact: Mapping[str, Any]) -> Callable[[Path], bool]:
    def write(target: Path) -> bool:
        pieces.copy(workspace, fact, target, run.path)
        return True

    return write


def logs(workspace: Path, run: RunState) -> Iterator[File]:
    """What the run printed, and logs of other sources, as far as they go."""
    for name, one in query_files.listed(workspace, run).items():
        if not isinstance(one, query_files.Artifact):
            spooled = sum(run.inventory.size(path) for path in run.inventory.spools)
            yield File(keys.file(name), f"{one.size}+{spooled}", one.size, _printed(one))


def _printed(one: query_files.File) -> Callable[[Path], bool]:
    def write(target: Path) -> bool:
        target.write_bytes(one.read())
        return True

    return write


def derived(workspace: Path, run: RunState, have: Covered, choice: Choice) -> Iterator[File]:
    """What MLflow has no place for: odd points, log records. ``have``: the numbers that there are."""
    plain, sides = _split(have)
    ended = run.status in TERMINAL
    if plain and wants(choice, schemas.POINTS):
        mark = _mark([plain, sides if wants(choice, schemas.SYSTEM) else {}, ended])
        yield File(POINTS, mark, 0, lambda target: _lines(target, points.odd(workspace, run.run_id, ended)))
    if sides and wants(choice, schemas.LOGS):
        yield File(LOGS, _mark(sides), 0, lambda target: _lines(target, _records(workspace, run.run_id)))


def tables(workspace: Path, run: RunState, have: Covered, there: Mapping[str, str], choice: Choice) -> list[File]:
    """The tables and rows, each as MLflow's own ``log_table`` lays it out.

    Args:
        workspace: the workspace's directory.
        run: the run.
        have: the numbers that there are.
        there: the files that are there, with their marks: where no number was added, no table has grown.
        choice: what is meant.
    """
    plain, _ = _split(have)
    if not plain or not wants(choice, schemas.ROWS):
        return []
    all_of_them = File(TABLES, _mark(plain), 0, _nothing)  # it stands for there being no others
    if there.get(TABLES) == all_of_them.mark:
        same = [(path, mark) for path, mark in there.items() if path.startswith(TABLES) and path != TABLES]
        return [*(File(path, mark, 0, _again(workspace, run.run_id, path)) for path, mark in same), all_of_them]
    found = [
        File(_table_path(name), f"{rows} rows", 0, _table(workspace, run.run_id, name))
        for name, rows in sorted(_counts(workspace, run.run_id).items())
    ]
    return [*found, all_of_them]


def _table_path(name: str) -> str:
    return f"{TABLES}{keys.file(name + '.json')}"


def _counts(workspace: Path, run_id: str) -> dict[str, int]:
    """The tables of a run, with the numbers of their rows."""
    count: dict[str, int] = {}
    for (name,) in points.rows(workspace, f"SELECT name FROM rows WHERE run_id = {quoted(run_id)}"):
        count[name] = count.get(name, 0) + 1
    return count


def _again(workspace: Path, run_id: str, path: str) -> Callable[[Path], bool]:
    """What writes a table that is known by its path there."""

    def write(target: Path) -> bool:
        for name in _counts(workspace, run_id):
            if _table_path(name) == path:
                return _table(workspace, run_id, name)(target)
        return False

    return write


def _nothing(target: Path) -> bool:
    return False


def document(body: Mapping[str, Any]) -> File:
    """The document of all that the run's facts say."""
    data = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    def write(target: Path) -> bool:
        target.write_bytes(data)
        return True

    return File(RUN, hashlib.sha256(data).hexdigest(), len(data), write)


def wants(choice: Choice, *kinds: str) -> bool:
    """Whether one of these kinds of files is meant."""
    return choice.kinds is None or not choice.kinds.isdisjoint(kinds)


def _split(have: Covered) -> tuple[Covered, Covered]:
    plain = {writer: pieces for writer, pieces in have.items() if names.owner(writer) == writer}
    return plain, {writer: pieces for writer, pieces in have.items() if writer not in plain}


def _mark(body: object) -> str:
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


# ---- their content


def _lines(target: Path, rows: Iterable[Mapping[str, object]]) -> bool:
    """Write rows as JSON lines; tell whether there was any."""
    any_row = False
    with open(target, "wb") as file:
        for row in rows:
            file.write(orjson.dumps(row) + b"\n")
            any_row = True
    return any_row


_RECORD = ("stream", "line", "time", "level", "logger", "text", "exception", "attempt", "writer")


def _records(workspace: Path, run_id: str) -> Iterator[dict[str, object]]:
    which = f"WHERE run_id = {quoted(run_id)} AND level IS NOT NULL ORDER BY attempt, time, writer, line"
    for row in points.rows(workspace, f"SELECT {', '.join(_RECORD)} FROM logs {which}"):
        told = dict(zip(_RECORD, row, strict=True))
        yield {**told, "time": told["time"].isoformat()}


_OWN_COLUMNS = ("step", "time", "attempt", "writer")


def _table(workspace: Path, run_id: str, name: str) -> Callable[[Path], bool]:
    def rows() -> Iterator[tuple[dict[str, Any], list[object]]]:
        which = f"WHERE run_id = {quoted(run_id)} AND name = {quoted(name)} ORDER BY attempt, time, writer, row"
        query = f"SELECT step, time, attempt, writer, data::VARCHAR FROM rows {which}"
        for step, time, attempt, writer, data in points.rows(workspace, query):
            yield values.from_document(orjson.loads(data)), [step, time.isoformat(), attempt, writer]

    def write(target: Path) -> bool:
        columns = list(dict.fromkeys(column for row, _ in rows() for column in row))
        heads = [*columns, *(f"{keys.OWN}.{column}" for column in _OWN_COLUMNS)]
        with open(target, "wb") as file:
            file.write(b'{"columns":' + orjson.dumps(heads) + b',"data":[')
            for number, (row, own) in enumerate(rows()):
                cells = [_cell(row.get(column)) for column in columns]
                file.write((b",\n" if number else b"\n") + orjson.dumps([*cells, *own]))
            file.write(b"]}")
        return True

    return write


def _cell(value: Any) -> Any:
    """A cell as JSON has it: what JSON has no number for is its text."""
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    if isinstance(value, list):
        return [_cell(one) for one in value]
    return {name: _cell(one) for name, one in value.items()} if isinstance(value, dict) else value
