"""Cells of logged rows in SQL: one of them, conditions on them, and their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from runstore.errors import UsageError
from runstore.query.connect import quoted


class Condition(NamedTuple):
    """What a row must have in a column. ``how`` is one of ``HOW``; numbers are compared as numbers, else as texts."""

    column: str
    how: str
    value: str


HOW = ("=", "!=", "<", "<=", ">", ">=", "has")
"""``has``: the cell has the value in it, in whichever case. What a row doesn't have fits ``!=`` only."""


def text(column: str, data: str = "data") -> str:
    """A cell as text, as an expression; ``data`` is the JSON of its row."""
    at = "/" + column.replace("~", "~0").replace("/", "~1")
    wrapped = ", ".join(f"json_extract_string({data}, {quoted(at + end)})" for end in ("/f", "/i", ""))
    return f"coalesce({wrapped})"  # NaN and whole numbers beyond 2^53 are kept in an object of one key


def number(column: str, data: str = "data") -> str:
    """A cell as a number; NULL where it is none."""
    return f"try_cast({text(column, data)} AS DOUBLE)"


def fits(condition: Condition, data: str = "data") -> str:
    """Whether a row has what a condition wants.

    Raises:
        UsageError: there is no such comparison.
    """
    column, how, value = condition
    if how not in HOW:
        raise UsageError(f"cells are compared by {' '.join(HOW)}, not by {how[:20]!r}")
    cell = text(column, data)
    if how == "has":
        return f"coalesce(contains(lower({cell}), lower({quoted(value)})), false)"
    same = f"({cell} IS NOT DISTINCT FROM {quoted(value)})"
    as_number = _number(value)
    if as_number is not None:
        same = f"({same} OR coalesce({number(column, data)} = {as_number}, false))"
    if how in ("=", "!="):
        return same if how == "=" else f"NOT {same}"
    if as_number is None:
        return f"coalesce({cell} {how} {quoted(value)}, false)"
    here = number(column, data)
    return f"coalesce({here} {how} {as_number} AND NOT isnan({here}), false)"


def _number(value: str) -> str | None:
    try:
        return f"{float(value)!r}::DOUBLE" if value.strip().lower().lstrip("+-")[:1] in [*"0123456789."] else None
    except ValueError:
        return None


def found(search: str, data: str = "data") -> str:
    """Whether a text occurs anywhere in a row, in whichever case."""
    return f"contains(lower({data}::VARCHAR), lower({quoted(search)}))"


def order(column: str, desc: bool, data: str = "data") -> str:
    """By a column: numbers as numbers, then texts, and at the end, whichever way, NaN and what is not there."""
    value, way = number(column, data), " DESC" if desc else ""
    return f"coalesce(isnan({value}), false), {value}{way} NULLS LAST, {text(column, data)}{way} NULLS LAST"


def whole(where: Sequence[str | None]) -> str:
    """A WHERE of all conditions there are; empty without any."""
    told = [f"({one})" for one in where if one]
    return f" WHERE {' AND '.join(told)}" if told else ""
