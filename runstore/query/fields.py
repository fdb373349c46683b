"""The fields of ``runs.params`` and ``runs.last``: which columns a statement's names need, typed over all runs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from runstore.errors import QueryError
from runstore.format import values
from runstore.query.connect import name
from runstore.query.listing import shown
from runstore.query.statement import Fields, Path

Tree = dict[str, "Tree | str | None"]  # a field is a STRUCT, a column, or unknown (NULL)
HUGE = "huge"
WIDEST = 20_000  # fields of one STRUCT; DuckDB needs minutes for 100,000
_TYPES: dict[str, object] = {"float": float, "int": int, "bool": bool}
_INT64 = range(-(2**63), 2**63)


@dataclass(slots=True)
class Columns:
    """What a STRUCT is made of. ``names``: the wanted name of each column, in order; ``tree``: how they nest."""

    prefix: str
    names: dict[str, str] = field(default_factory=dict)  # name: column
    tree: Tree = field(default_factory=dict)
    spelled: dict[tuple[int, str], str] = field(
        default_factory=dict
    )  # where in the tree, and folded: as it stands there

    def sql(self) -> str:
        """The STRUCT as an expression over the columns; NULL where no field is named."""
        return _pack(self.tree) if self.tree else 'NULL::STRUCT("name" VARCHAR)'


def resolve(wanted: Fields, known: Iterable[str], prefix: str, what: str | None) -> Columns:
    """Find what the named fields stand for.

    Args:
        wanted: the fields a statement names.
        known: every dotted name there is.
        prefix: begins the name of each column.
        what: how a name is called in the warning about an unknown one; None warns of none.

    Raises:
        QueryError: all fields are wanted, and there are too many.
    """
    names = list(known)
    found = Columns(prefix)
    if wanted.whole:
        if len(names) > WIDEST:
            raise QueryError(
                f"{len(names):,} names are more than the {WIDEST:,} fields a column may have here; name those that you "
                f"want (columns=, or {prefix.rstrip('_')}.name), or ask for rows: select run_id, name, last from "
                "metric_summary"
            )
        for one in names:
            _put(found, (one,), one)
    folded = {one.lower(): one for one in reversed(names)}
    exact = set(names)
    for path in wanted.paths:
        dotted = ".".join(path)
        under = dotted + "."
        if dotted in exact or dotted.lower() in folded:
            _put(found, path, dotted if dotted in exact else folded[dotted.lower()])
        elif inner := [one for one in names if one.startswith(under)]:
            for one in inner:
                _put(found, (*path, *one[len(under) :].split(".")), one)
        else:
            _put(found, path, None)
            if what:
                warnings.warn(f"no run has a {what} {dotted!r}; it is NULL everywhere", stacklevel=2)
    return found


def _put(found: Columns, path: Path, target: str | None) -> None:
    """Put a field into the tree. DuckDB's field names differ by more than case and hold no NUL."""
    at = found.tree
    for part in path[:-1]:
        inner = at.setdefault(_same(found, at, part), {})
        if not isinstance(inner, dict):
            return
        at = inner
    last = _same(found, at, path[-1])
    if last in at:
        if target is not None and at[last] not in (found.names.get(target), {}) and last != path[-1]:
            warnings.warn(f"{path[-1]!r} and {last!r} differ by case only; the first is shown", stacklevel=2)
        return
    if "\0" in last:
        warnings.warn(
            f"{last!r} holds a NUL; it can't be a field, see the views params and metric_summary", stacklevel=2
        )
    elif target is None:
        at[last] = None
    else:
        at[last] = found.names.setdefault(target, f"{found.prefix}{len(found.names)}")


def _same(found: Columns, tree: Tree, part: str) -> str:
    """How the field is spelled in the tree already, if it is there: looked up, as there may be thousands of names."""
    return found.spelled.setdefault((id(tree), part.lower()), part)


def _pack(tree: Tree) -> str:
    parts = []
    for key, inner in tree.items():
        parts.append(f"{name(key)} := {_pack(inner) if isinstance(inner, dict) else inner or 'NULL'}")
    return f"struct_pack({', '.join(parts)})" if parts else "NULL"


def typed(given: Sequence[Any], more: Collection[str] = ()) -> tuple[str, Iterator[object]]:
    """The SQL type that fits all values, and the values as plain JSON of that type.

    Numbers win over anything else, which then is NULL; a bool among numbers is 1 or 0.

    Args:
        given: the values.
        more: the kinds of others that it has to fit as well (``point``; ``HUGE``: an int that no BIGINT holds).
    """
    kinds: set[object] = {type(value) for value in given if value is not None}
    kinds |= {_TYPES.get(kind, kind) for kind in more if kind != "none"}
    if kinds & {float, HUGE} or (int in kinds and any(type(v) is int and v not in _INT64 for v in given)):
        return "DOUBLE", map(_double, given)
    if int in kinds:
        return "BIGINT", (int(value) if type(value) in (int, bool) else None for value in given)
    if kinds == {bool}:
        return "BOOLEAN", iter(given)
    return "VARCHAR", map(shown, given)


def _double(value: object) -> object:
    if type(value) not in (int, float, bool):
        return None
    try:
        number = float(value)  # type: ignore[arg-type]
    except OverflowError:
        number = math.inf if value > 0 else -math.inf  # type: ignore[operator]
    return number if math.isfinite(number) else str(number)


def point(value: object) -> Mapping[str, object]:
    """The ``kind``, ``value`` and ``text`` of a value in the views, as plain JSON; a list is kind json."""
    if value is None or isinstance(value, str):
        return {"kind": "none" if value is None else "str", "text": value}
    if isinstance(value, bool):
        return {"kind": "bool", "value": int(value)}
    if isinstance(value, float):
        return {"kind": "float", "value": _double(value)}
    if isinstance(value, int):
        exact = -values.EXACT_INT <= value <= values.EXACT_INT
        return {"kind": "int", "value": _double(value), "text": None if exact else str(value)}
    return {"kind": "json", "text": shown(value)}
