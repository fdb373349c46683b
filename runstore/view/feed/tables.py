"""Logged tables of several runs, joined by a key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from runstore.errors import UsageError
from runstore.query import joined_rows
from runstore.query.cells import Condition
from runstore.view.feed import chosen, plain

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

MOST, RUNS = 1000, 10


def joined(
    ws: Workspace,
    runs: Sequence[str] | None,
    name: str,
    key: str | None = None,
    *,
    search: str = "",
    where: Sequence[Any] = (),
    differs: bool = False,
    sort: str | None = None,
    of: int = 0,
    change: bool = False,
    desc: bool = False,
    limit: int = 100,
    offset: int = 0,
) -> dict[str, Any]:
    """A page of the rows that runs logged under one name, those with the same key beside each other.

    Args:
        ws: the workspace.
        runs: up to ten ids, in the order in which they are shown.
        name: the table's.
        key: the column that says which rows belong together; None: one that tells all rows apart.
        search: only keys for which this text occurs in some run's row.
        where: lists of a column, one of ``cells.HOW``, and a text: only keys for which some run's row fits all.
        differs: only keys whose rows are not the same in all runs.
        sort: by this column.
        of: of the run at this place.
        change: by how far that is from the first run's.
        desc: the greatest first.
        limit: at most so many keys.
        offset: without so many before them.

    Returns:
        ``key``, ``keys`` (columns that tell rows apart), ``columns`` (the others), ``runs``, ``total``; ``rows``: each
        the key, and then of each run a list of cells, or None where it has no such row.

    Raises:
        UsageError: too many runs, no such column, or ``where`` is none.
        RunNotFound: no run, or more than one, answers to an id.
    """
    limit, offset = chosen.page(limit, offset, MOST)
    ids = chosen.ids(ws, runs or [])
    if not 1 <= len(ids) <= RUNS:
        raise UsageError(f"the tables of 1 to {RUNS} different runs are joined, not of {len(ids)}")
    wanted = joined_rows.Wanted(search, conditions(where), differs, sort, of, change, desc)
    found = joined_rows.join(ws.path, ids, name, key, wanted, limit, offset)

    def told(cells: dict[str, Any] | None) -> list[Any] | None:
        return None if cells is None else [plain.value(cells.get(column)) for column in found.columns]

    return {
        "key": found.key,
        "keys": found.keys,
        "columns": found.columns,
        "runs": ids,
        "total": found.total,
        "rows": [[key, *map(told, cells)] for key, cells in found.rows],
    }


def conditions(where: Sequence[Any]) -> list[Condition]:
    """Conditions as a stranger sends them, checked.

    Raises:
        UsageError: one of them is none.
    """
    told = []
    for one in where:
        if not isinstance(one, list) or len(one) != 3 or not all(isinstance(part, str) for part in one):
            raise UsageError("a condition is a list of a column, a comparison and a text")
        told.append(Condition(*one))
    return told
