"""The runs of a report compared, so that the page can show any of them beside each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from runstore.view.feed import compare

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

WHOLE = ("params", "metrics", "provenance")
PAIRS = ("first_divergence", "code")
"""For these all points and all code of each pair are read: only the first ``compare.MOST`` runs are compared so."""

_PACKAGE = "package "
_AT_ONCE = compare.MOST - 1


def compared(ws: Workspace, runs: Sequence[str]) -> dict[str, Any] | None:
    """What ``feed.compare`` tells of all runs against the first; None of a single run.

    Of the rows ``values`` and ``given`` are in the order of the runs; the page works out the rest for those it shows.
    """
    if len(runs) < compare.LEAST:
        return None
    first, others = runs[0], runs[1:]
    parts = [compare.compare(ws, runs[: compare.MOST], first, (*WHOLE, *PAIRS))]
    for begin in range(_AT_ONCE, len(others), _AT_ONCE):
        parts.append(compare.compare(ws, [first, *others[begin : begin + _AT_ONCE]], first, WHOLE))
    told = parts[0]
    told["runs"] = [told["runs"][0], *(one for part in parts for one in part["runs"][1:])]
    for part in WHOLE:
        told[part] = _joined([(one[part], len(one["runs"]) - 1) for one in _counted(parts)])
    told["notes"] = [*dict.fromkeys(note for part in parts for note in part["notes"])]
    return told


def _counted(parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The parts, the first one with its own runs only."""
    whole = parts[0]
    return [{**whole, "runs": whole["runs"][: min(compare.MOST, len(whole["runs"]))]}, *parts[1:]]


def _joined(tables: Sequence[tuple[Sequence[Mapping[str, Any]], int]]) -> list[dict[str, Any]]:
    """Rows by name with the values of all runs: of tables that have the first run's first, and how many others'."""
    rows = [{row["name"]: row for row in table} for table, _ in tables]
    found = []
    for name in dict.fromkeys(name for table in rows for name in table):
        base = next(table[name] for table in rows if name in table)
        # Packages are told where they differ only, so what isn't told is as in the first run.
        absent = _first(base) if name.startswith(_PACKAGE) else (None, False)
        cells = [_first(base)]
        for table, (_, others) in zip(rows, tables, strict=True):
            cells += _others(table[name]) if name in table else [absent] * others
        values, given = zip(*cells, strict=True)
        found.append({"name": name, "values": [*values], "given": [*given], "better": _better(base)})
    return found


def _better(row: Mapping[str, Any]) -> str | None:
    """Which end of a metric's values is the good one; None where nobody can tell."""
    best = row.get("best")
    numbers = [value for value in row["values"] if value is not None]
    return None if best is None or not numbers else "min" if best == min(numbers) else "max"


def _first(row: Mapping[str, Any]) -> tuple[Any, bool]:
    return _cells(row)[0]


def _others(row: Mapping[str, Any]) -> list[tuple[Any, bool]]:
    return _cells(row)[1:]


def _cells(row: Mapping[str, Any]) -> list[tuple[Any, bool]]:
    given = row.get("given") or [value is not None for value in row["values"]]
    return list(zip(row["values"], given, strict=True))
