"""From the arguments of ``log()`` to one line, for everything but the one plain case that ``hot`` does itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import count, islice
from math import isfinite
from typing import Any

import orjson

from runstore.errors import InvalidValue, UsageError
from runstore.format import lines, values
from runstore.runs.hot import INFINITY, MISSING, Hot

SERIES = 1000  # values in one line: a reader of a journal's last 64 KiB still finds whole ones
_CELLS = frozenset({float, int, bool, str, type(None)})


class Points:
    """Encodes points and rows of one writer; knows the next index of every name logged without a step."""

    def __init__(self, describe: Callable[[str, str], None]) -> None:
        self.hot: Hot
        self._describe = describe
        self._described: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        self._indexes = _indexes()

    def log(self, name: Any, value: Any, description: str, step: Any) -> None:
        """Log one value, or a dict of them as one line. See ``Run.log``."""
        if isinstance(name, Mapping):
            if value is not MISSING:
                raise InvalidValue("log() got a dict and a value; give log(dict, step=...) or log(name, value)")
            self._many(name, step)
            return
        name = values.name(name)
        if value is MISSING:
            raise InvalidValue(f"log({name!r}) got no value; give log(name, value)")
        plain, step = _exact(name, value), values.step(step)
        if description:
            self.note(name, description)
        at = [next(self._indexes[name])] if step is None else step
        self.hot.put(lines.point(name, plain, at, self.hot.now()), 1)

    def series(self, name: str, logged: Sequence[Any], steps: Any, times: Sequence[int] | None = None) -> None:
        """Log many values of one name, in lines of a thousand. Nothing is stored where one of them can't be logged.

        Args:
            name: of all of them.
            logged: the values.
            steps: one step for all, as many checked ones as there are values, or None.
            times: nanoseconds since 1970, UTC, as many as there are values; None: now.
        """
        name = values.name(name)
        several = isinstance(steps, list)
        step = None if several else values.step(steps)
        parts = [slice(at, at + SERIES) for at in range(0, len(logged), SERIES)]
        for part, exact in [(part, _exact_list(name, logged[part])) for part in parts]:
            content: dict[str, Any] = {"list": exact}
            if several:
                content["steps"] = steps[part]
            if times is not None:
                content["times"] = times[part]
            at = steps[part.start] if several else step
            if at is None:
                at = [*islice(self._indexes[name], len(exact))][:1]  # taken in one step, as by ``next``
            line = lines.series(name, content, at, self.hot.now() if times is None else times[part.start])
            self.hot.put(line, len(exact))

    def row(self, name: str, data: Mapping[str, Any], step: Any, description: str = "") -> None:
        """Log one row of a table."""
        self.rows(name, [data], step)
        self.note(name, description)

    def rows(self, name: str, table: Iterable[Mapping[str, Any]], step: Any) -> None:
        """Log rows of a table, all at one step or at none. Nothing is stored where a cell can't be logged."""
        name, step = values.name(name, "row name"), values.step(step)
        self.claim(name, "table")
        counter, where, now, put = self._indexes[f"\0row\0{name}"], f"row {name!r}", self.hot.now, self.hot.put
        for data in [cells(data, where) for data in table]:
            put(lines.row(name, data, [next(counter)] if step is None else step, now()), 1)

    def note(self, name: str, description: str) -> None:
        """Say once what a name is, where there is anything to say."""
        if description and self._described.get(name) != description:
            self._described[name] = description
            self._describe(name, values.text(description, "description"))

    def claim(self, name: str, kind: str) -> None:
        """Note what kind of thing a name holds, where that is no point.

        Raises:
            UsageError: this writer has logged another kind under the name.
        """
        known = self._kinds.setdefault(name, kind)
        if known != kind:
            raise UsageError(f"{name!r} holds a {known} in this run; log the {kind} under another name")

    def follow(self, other: Points) -> None:
        """In a forked child: a ``log`` that was kept from before the fork goes on with the child's writer."""
        self.hot, other._indexes = other.hot, self._indexes  # a point that is on its way has its index already

    def forget(self) -> None:
        """In a forked child: the parent's indexes are not this process's."""
        self._indexes = _indexes()

    def _many(self, many: Mapping[Any, Any], step: Any) -> None:
        step, exact = values.step(step), many if _plain(many) else _checked(many)
        if not exact:
            return
        at = [next(counter) for counter in map(self._indexes.__getitem__, exact)] if step is None else step
        try:
            line = lines.points(exact, at, self.hot.now())
        except orjson.JSONEncodeError:  # a name that is no text, or text that is no Unicode
            exact = _checked(many)
            line = lines.points(exact, at[: len(exact)] if isinstance(at, list) else at, self.hot.now())
        self.hot.put(line, len(exact))


def _indexes() -> defaultdict[str, count[int]]:
    """The next index of each name. Taking one is a single step, for threads and for signal handlers alike."""
    return defaultdict(count)


def _plain(many: Mapping[Any, Any]) -> bool:
    """Whether every value is a finite float or an int that JSON can say, and no name is empty."""
    if type(many) is not dict or "" in many:
        return False
    numbers = many.values()
    kinds = {*map(type, numbers)}
    if kinds != {float} and not (kinds <= {float, int} and all(map(_small, numbers))):
        return False
    return -INFINITY < sum(numbers) < INFINITY  # a NaN or an infinity anywhere shows in the sum


def _checked(many: Mapping[Any, Any]) -> dict[str, Any]:
    return {(checked := values.name(name)): _exact(checked, value) for name, value in many.items()}


def _small(number: float) -> bool:
    return type(number) is float or values.INT_MIN <= number <= values.INT_MAX


def _exact(name: str, value: Any) -> object:
    """The JSON value of one logged value."""
    kind = type(value)
    if (kind is float and -INFINITY < value < INFINITY) or kind is bool or value is None:
        return value
    return values.to_json(values.scalar(value, f"metric {name!r}"))


def _exact_list(name: str, logged: Sequence[Any]) -> list[Any]:
    """The JSON values of several logged values."""
    kinds = {*map(type, logged)}
    if kinds == {float} and -INFINITY < sum(logged) < INFINITY:
        return list(logged)
    if kinds <= {int, bool} and min(logged) >= values.INT_MIN and max(logged) <= values.INT_MAX:
        return list(logged)
    return [_exact(name, value) for value in logged]


def cells(data: Mapping[str, Any], where: str) -> orjson.Fragment:
    """One row as JSON, ready to stand in a line."""
    row = data
    if not {*map(type, data.values())} <= _CELLS:
        row = {column: _cell(cell, where) for column, cell in data.items()}
    if len(row) > 1:  # a single one may have to be wrapped
        try:
            said = orjson.dumps(row)
            if b"null" not in said or all(isfinite(cell) for cell in row.values() if type(cell) is float):
                return orjson.Fragment(said)
        except orjson.JSONEncodeError:
            pass  # text that is no Unicode, a column whose name is no text, an integer too long
    return orjson.Fragment(orjson.dumps(values.document(data, where)))


def _cell(cell: Any, where: str) -> Any:
    return float(cell) if isinstance(cell, float) else cell if type(cell) in _CELLS else values.document(cell, where)
