"""The columns that a table of runs may have: fields, params, tags and metrics, and in which of them runs differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from runstore.query import connect, history, naming
from runstore.query.catalog import Catalog
from runstore.query.filters import DURATION, Names
from runstore.query.naming import Named
from runstore.view.feed import chosen

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

NUMBER, TEXT, TIME, BOOL, SPAN = "number", "text", "time", "bool", "duration"
FIELD, PARAM, METRIC, TAG = "field", "param", "metric", "tag"
FIELDS: Mapping[str, tuple[str, str]] = {
    "run_id": ("Id", TEXT), "name": ("Name", TEXT), "number": ("Number", NUMBER), "experiment": ("Experiment", TEXT),
    "status": ("Status", TEXT), "started": ("Started", TIME), DURATION: ("Duration", SPAN), "ended": ("Ended", TIME),
    "type": ("Type", TEXT), "parent_id": ("Parent", TEXT), "user": ("User", TEXT), "host": ("Host", TEXT),
    "error": ("Error", TEXT), "attempts": ("Attempts", NUMBER), "writers": ("Writers", NUMBER),
    "points": ("Points", NUMBER), "dropped": ("Dropped", NUMBER), "warnings": ("Warnings", NUMBER),
    "errors": ("Errors", NUMBER), "archived": ("Archived", BOOL),
}  # fmt: skip
"""Columns of ``runs``, and what a run took: to each its label and type."""

MOST = 10_000
_FEW = 10  # runs that count as the newest: as many as a page draws at first
_LABELED = {PARAM: naming.params, TAG: naming.tags}
_OF = {"params.": PARAM, "last.": METRIC, "tags[": TAG, "runs.": FIELD}
_TYPES = {"VARCHAR": TEXT, "BOOLEAN": BOOL, "TIMESTAMP": TIME, "BIGINT": NUMBER, "DOUBLE": NUMBER}
_UNLIKE = ("experiment", "status", "type", "user", "host", "error", "attempts", "writers", "archived")


def columns(
    ws: Workspace,
    experiment: str | None = None,
    search: str = "",
    limit: int = 500,
    offset: int = 0,
    runs: Iterable[str] | None = None,
) -> dict[str, Any]:
    """A page of the columns there are: fields, then params, tags, and metrics (their last values).

    Args:
        ws: the workspace.
        experiment: only what its runs have.
        search: only columns whose name has this in it.
        limit: at most so many.
        offset: leave out the first ones.
        runs: only what these runs have; None: all.

    ``differs``: not all of the runs have the same there. ``newest``: how many of the newest runs have such a param, tag
    or metric. ``total`` counts those that ``search`` leaves.
    """
    limit, offset = chosen.page(limit, offset, MOST)
    ids = chosen.ids(ws, runs) if runs is not None else None
    every = naming.runs_of(ws.path, ids, experiment)
    many = naming.count(every, experiment)
    first = every if ids is not None else _newest(ws, every, experiment)
    counts = {of: {name: one.runs for name, one in told(first).items()} for of, told in _LABELED.items()}
    found = _fields(ws, every, experiment, ids, many)
    for of, struct in ((PARAM, "params"), (TAG, "tags")):
        named = _LABELED[of](every, experiment)
        found += [
            _label(of, struct, name, one, many) | {"newest": counts[of].get(name, 0)} for name, one in named.items()
        ]
    seen = naming.metrics(first)
    for name in sorted(naming.metrics(every, experiment)):
        found.append(column(f"last.{name}", name, NUMBER, METRIC) | {"differs": many > 1, "newest": seen.get(name, 0)})
    wanted = search.lower()
    left = [one for one in found if wanted in one["name"].lower() or wanted in one["label"].lower()]
    return {"columns": left[offset : offset + limit], "total": len(left)}


def column(name: str, label: str, kind: str, of: str) -> dict[str, Any]:
    """A column as it is told."""
    return {"name": name, "label": label, "type": kind, "of": of}


def _newest(ws: Workspace, every: Catalog, experiment: str | None) -> Catalog:
    rows = history.runs(ws.path, columns=["run_id"], experiment=experiment, limit=_FEW, every=every).fetchall()
    return naming.runs_of(ws.path, [run_id for (run_id,) in rows], None)


def _fields(
    ws: Workspace, every: Catalog, experiment: str | None, ids: list[str] | None, many: int
) -> list[dict[str, Any]]:
    unlike = dict.fromkeys(FIELDS, many > 1)
    if many:
        counted = ", ".join(
            f'count(DISTINCT "{one}") + (count("{one}") BETWEEN 1 AND count(*) - 1)::INT' for one in _UNLIKE
        )
        only = f"run_id IN ({', '.join(map(connect.quoted, ids))})" if ids is not None else None
        which = history.which(Names(every), experiment, only)
        row = history.ask(ws.path, f"SELECT {counted} FROM runs{which}").fetchall()[0]
        unlike |= {one: count > 1 for one, count in zip(_UNLIKE, row, strict=True)}
    return [column(name, label, kind, FIELD) | {"differs": unlike[name]} for name, (label, kind) in FIELDS.items()]


def _label(of: str, struct: str, name: str, one: Named, many: int) -> dict[str, Any]:
    kinds = one.kinds - {"none"}
    kind = NUMBER if kinds & {"float", "int"} else BOOL if kinds == {"bool"} else TEXT
    told = column(f"{struct}.{name}", name, kind if of == PARAM else TEXT, of)
    return told | {"differs": one.several or one.runs < many}


def told(name: str, expression: str, kind: str) -> dict[str, Any]:
    """A column of an answer.

    Args:
        name: as it was asked for.
        expression: what it stands for (``filters.Names``).
        kind: its type in DuckDB.
    """
    label, of_field = FIELDS.get(name.lower(), (name, ""))
    of = next((what for begin, what in _OF.items() if expression.startswith(begin)), FIELD)
    if of != FIELD:
        label = name.partition(".")[2] if name.lower().startswith(("params.", "last.", "tags.")) else name
        of_field = ""
    return column(name, label, of_field or _TYPES.get(kind, TEXT), of)
