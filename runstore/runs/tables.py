"""Tables of every make as rows: dicts of columns, lists of dicts, pandas, polars, Arrow. No library is imported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runstore.errors import InvalidValue, UsageError
from runstore.runs import arrays

_PLAIN = frozenset({float, int, bool, str, type(None)})
_MISSING = ("NAType", "NaTType")  # what pandas has where there is nothing


def rows(table: Any, what: str) -> list[dict[str, Any]]:
    """The rows of a table; none where it is empty.

    Args:
        table: a dict of columns (each a list, tuple, array or series) or of scalars (one row), a list of dicts, a
            pandas or polars DataFrame, an Arrow Table or RecordBatch.
        what: names it in messages.

    Raises:
        UsageError: columns of unequal length, or of one name.
        InvalidValue: no table.
    """
    if isinstance(table, Mapping):
        columns = dict(table)
    elif hasattr(table, "to_pydict"):  # Arrow
        _distinct(table.schema.names, what)
        columns = table.to_pydict()
    elif hasattr(table, "to_dicts"):  # polars
        columns = table.to_dict(as_series=False)
    elif hasattr(table, "iterrows"):  # pandas
        _distinct(table.columns, what)
        columns = {column: _with_gaps(cells) for column, cells in table.items()}
    else:
        return [_row(row, what) for row in arrays.listed(table, what)]
    return _across(columns, what)


def _across(columns: Mapping[Any, Any], what: str) -> list[dict[str, Any]]:
    scalars = [column for column, cells in columns.items() if _is_scalar(cells)]
    if columns and len(scalars) == len(columns):
        return [_row(columns, what)]
    if scalars:
        raise UsageError(
            f"{what}: {scalars[0]!r} is one value and other columns are lists; give lists or values for all"
        )
    read = {str(column): _cells(arrays.listed(cells, f"{what}, {column!r}")) for column, cells in columns.items()}
    _distinct(columns, what)
    lengths = {column: len(cells) for column, cells in read.items()}
    if len({*lengths.values()}) > 1:
        told = ", ".join(f"{column!r} has {count:,}" for column, count in [*lengths.items()][:4])
        raise UsageError(f"{what}: columns of unequal length ({told}); give one cell for each row")
    names = list(read)
    return [dict(zip(names, cells, strict=True)) for cells in zip(*read.values(), strict=True)]


def _with_gaps(series: Any) -> list[Any]:
    """A pandas column with None where anything but a float is missing; there pandas has NaN for text and dates too."""
    found = series if arrays.kind(series) == "f" else series.astype(object).where(series.notna(), None)
    return arrays.listed(found, "column")


def _is_scalar(cells: Any) -> bool:
    return isinstance(cells, str | bytes) or not hasattr(cells, "__iter__") or getattr(cells, "shape", None) == ()


def _row(row: Any, what: str) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        kind = type(row).__name__
        raise InvalidValue(f"{what}: is no table, but holds a {kind}; give a dict of columns or a list of dicts")
    found = dict(zip(map(str, row), _cells(list(row.values())), strict=True))
    if len(found) < len(row):
        _distinct(row, what)
    return found


def _distinct(columns: Iterable[Any], what: str) -> None:
    names: set[str] = set()
    for name in map(str, columns):
        if name in names:
            raise UsageError(f"{what}: two columns are named {name!r}; give each its own name")
        names.add(name)


def _cells(cells: list[Any]) -> list[Any]:
    """The cells as they are logged: dates as ISO text, what pandas calls missing as None."""
    return cells if {*map(type, cells)} <= _PLAIN else [_cell(cell) for cell in cells]


def _cell(cell: Any) -> Any:
    if type(cell).__name__ in _MISSING:
        return None
    return cell.isoformat() if hasattr(cell, "isoformat") else cell


def by_column(table: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows as a dict of columns: of scalars where there is one row, else of lists, with None in the gaps."""
    columns = dict.fromkeys(column for row in table for column in row)
    if len(table) == 1:
        return {column: table[0][column] for column in columns}
    return {column: [row.get(column) for row in table] for column in columns}
