"""A page of the table of runs."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from runstore.query import catalog, history
from runstore.query.filters import DURATION, Names
from runstore.runs.state import RUNNING
from runstore.view.feed import chosen, plain
from runstore.view.feed import columns as told

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

COLUMNS = ("run_id", "name", "number", "experiment", "status", "started", DURATION, "type", "user", "archived")
"""What is shown where nobody says what."""

MOST = 1000
_CLOCK = ("started", "status")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  views tell times without a zone, in UTC


def runs(
    ws: Workspace,
    where: str | None = None,
    sort: str | Sequence[str] | None = None,
    desc: bool = False,
    columns: Iterable[str] | None = None,
    experiment: str | None = None,
    limit: int = 100,
    offset: int = 0,
) -> dict[str, Any]:
    """Runs, newest first unless sorted; see ``Workspace.runs``, which the words are those of.

    The first column is always ``run_id``. ``duration`` of a run at work is how long it has been.
    """
    limit, offset = chosen.page(limit, offset, MOST)
    where = chosen.filtering(where)
    shown = list(dict.fromkeys(["run_id", *(COLUMNS if columns is None else columns)]))
    more = [one for one in _CLOCK if one not in shown] if DURATION in shown else []
    every = catalog.of(ws.path)
    found = history.runs(
        ws.path, where=where, sort=sort, columns=[*shown, *more], limit=limit, offset=offset, desc=desc,
        experiment=experiment, every=every,
    )  # fmt: skip
    names = Names(every)
    kinds = [str(kind) for kind in found.types]
    heads = [told.told(one, names.expression(one), kind) for one, kind in zip(shown, kinds, strict=False)]
    rows = [_row(row, [*shown, *more])[: len(shown)] for row in found.fetchall()]
    total = history.count(ws.path, every, where, experiment)
    return {"total": total, "columns": heads, "rows": rows}


def _row(row: Sequence[Any], columns: Sequence[str]) -> list[Any]:
    cells = [plain.value(cell) for cell in row]
    if DURATION in columns:
        place = columns.index(DURATION)
        began, status = (row[columns.index(one)] for one in _CLOCK)
        if cells[place] is None and status == RUNNING and began is not None:
            cells[place] = max(0.0, time.time() - (began - _EPOCH).total_seconds())
    return cells
