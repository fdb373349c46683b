"""What a run logged as files and tables: images by step, pages of rows, the JSON that charts are drawn from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from runstore.errors import Damaged, StoreError
from runstore.query import files as query
from runstore.query import logged_rows
from runstore.view.feed import chosen, files, kinds, plain, tables

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace
    from runstore.runs.state import RunState

MOST, ROWS = 10_000, 10_000
LARGEST = 64 << 20
"""Bytes of JSON that are told as a value; what is larger is a file to be fetched."""

Fact = Mapping[str, Any]


def media(
    ws: Workspace,
    run_id: str,
    kind: str | None = None,
    name: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> dict[str, Any]:
    """What was logged as files, by name, step and time; of a kind or a name. ``path``: its name among the files."""
    limit, offset = chosen.page(limit, offset, MOST)
    found = [*_logged(chosen.one(ws, run_id), kind, name)]
    found.sort(key=lambda fact: (fact["metric"], *_place(fact)))
    return {"items": [_item(fact) for fact in found[offset : offset + limit]], "total": len(found)}


def rows(
    ws: Workspace,
    run_id: str,
    name: str,
    limit: int = 100,
    offset: int = 0,
    sort: str | None = None,
    desc: bool = False,
    search: str = "",
    where: Sequence[Any] = (),
) -> dict[str, Any]:
    """A page of a table: ``columns`` of all of it, and ``rows`` of index, step, time and then the cells.

    A cell that a row doesn't have is None. ``where``: lists of a column, one of ``cells.HOW``, and a text.

    Raises:
        UsageError: ``where`` is none.
    """
    limit, offset = chosen.page(limit, offset, ROWS)
    run = chosen.one(ws, run_id)
    which = tables.conditions(where)
    found = logged_rows.page(
        ws.path, run.run_id, name, search=search, where=which, sort=sort, desc=desc, limit=limit, offset=offset
    )
    cells = [
        [row, step, plain.iso(time), *(plain.value(data.get(column)) for column in found.columns)]
        for row, step, time, data in found.rows
    ]
    return {"total": found.total, "columns": found.columns, "rows": cells}


def value(ws: Workspace, run_id: str, name: str, step: int | None = None) -> dict[str, Any]:
    """The JSON of what was logged for a chart, at a step or else the last; ``steps``: those there are, in order.

    Raises:
        StoreError: there is no such value.
        Damaged: it is no JSON, or not what was stored.
    """
    run = chosen.one(ws, run_id)
    there = [fact for fact in _logged(run, None, name) if kinds.of(fact["kind"]) in kinds.CHARTS | {"figure"}]
    there.sort(key=_place)
    chosen_ones = [fact for fact in there if step is None or fact.get("step") == step]
    if not chosen_ones:
        at = "" if step is None else f" at step {step}"
        raise StoreError(f"run {run.run_id} has no value {name!r}{at}")
    fact = chosen_ones[-1]
    steps = sorted({one["step"] for one in there if one.get("step") is not None})
    return {**_item(fact), "steps": steps, "value": _json(ws, run, fact)}


def _json(ws: Workspace, run: RunState, fact: Fact) -> Any:
    found = files.file(ws, run.run_id, fact["name"])
    if found.size > LARGEST or "json" not in found.media_type:
        raise StoreError(f"{fact['name']!r} is no JSON to be shown; fetch it as a file")
    try:
        return plain.value(orjson.loads(found.read()))
    except orjson.JSONDecodeError as problem:
        raise Damaged(f"{fact['name']!r} is no JSON ({problem})") from None


def _logged(run: RunState, kind: str | None, name: str | None) -> Iterator[Fact]:
    for fact in query.current(run).values():
        if "metric" in fact and name in (None, fact["metric"]) and kind in (None, kinds.of(fact["kind"])):
            yield fact


def _place(fact: Fact) -> tuple[bool, int, int]:
    """Where it comes among others of its name: what has no step after what has one, by time."""
    step = fact.get("step")
    return step is None, step or 0, fact["time"]


def _item(fact: Fact) -> dict[str, Any]:
    return {
        "name": fact["metric"],
        "step": fact.get("step"),
        "time": plain.nanoseconds(fact["time"]),
        "kind": kinds.of(fact["kind"]),
        "path": fact["name"],
        "media_type": fact["media_type"],
        "size": fact["size"],
    }
