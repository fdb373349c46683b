"""What ``get_metrics()`` gives back for what was logged (Azure ML SDK v1): one value is bare, several are a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def points(logged: Sequence[Any]) -> Any:
    """A metric's values: the value itself where there is one."""
    return logged[0] if len(logged) == 1 else list(logged)


def table(columns: dict[str, list[Any]]) -> dict[str, Any]:
    """A table: a dict of scalars where it has one row, else of lists of equal length."""
    return {name: points(cells) for name, cells in columns.items()}


def columns(rows: Sequence[dict[str, Any]]) -> dict[str, list[Any]]:
    """Rows as columns; None where a row lacks one."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}
