"""From the arguments of ``log()`` to one line, for everything but the one plain case that ``hot`` does itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import RLock
from typing import Any

import orjson

from runstore.errors import InvalidValue
from runstore.format import lines, values
from runstore.runs.hot import INFINITY, MISSING, Hot


class Points:
    """Encodes points and rows of one writer; knows the next index of every name logged without a step."""

    def __init__(self, describe: Callable[[str, str], None]) -> None:
        self.hot: Hot
        self._describe = describe
        self._described: dict[str, str] = {}
        self._indexes: dict[str, int] = {}
        self._indexing = RLock()  # a signal handler may log while its own thread is inside

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
            self._note(name, description)
        if step is None:
            with self._indexing:
                index = self._indexes.get(name, 0)
                self.hot.put(lines.point(name, plain, [index], self.hot.now()), 1)
                self._indexes[name] = index + 1
        else:
            self.hot.put(lines.point(name, plain, step, self.hot.now()), 1)

    def row(self, name: str, data: Mapping[str, Any], step: Any, description: str = "") -> None:
        """Log one row of a table."""
        name = values.name(name, "row name")
        body, step = values.document(data, f"row {name!r}"), values.step(step)
        if description:
            self._note(name, description)
        if step is None:
            self._indexed([f"\0row\0{name}"], lambda index: lines.row(name, body, index, self.hot.now()))
        else:
            self.hot.put(lines.row(name, body, step, self.hot.now()), 1)

    def follow(self, other: Points) -> None:
        """In a forked child: a ``log`` that was kept from before the fork goes on with the child's writer."""
        self.hot, self._indexes, self._indexing = other.hot, other._indexes, other._indexing

    def forget(self) -> None:
        """In a forked child: the parent's indexes are not this process's, and its lock may be held for ever."""
        self._indexes, self._indexing = {}, RLock()

    def _many(self, many: Mapping[Any, Any], step: Any) -> None:
        step = values.step(step)
        try:
            self._store(many if _plain(many) else _checked(many), step)
        except orjson.JSONEncodeError:  # a name that is no text, or text that is no Unicode
            self._store(_checked(many), step)

    def _store(self, exact: Mapping[str, Any], step: int | None) -> None:
        if step is None and exact:
            self._indexed(tuple(exact), lambda indexes: lines.points(exact, indexes, self.hot.now()))
        elif exact:
            self.hot.put(lines.points(exact, step, self.hot.now()), len(exact))

    def _indexed(self, names: Sequence[str], line: Callable[[list[int]], bytes]) -> None:
        """Store a line whose points get the next index of their names."""
        indexes = self._indexes
        with self._indexing:
            own = [indexes.get(name, 0) for name in names]
            self.hot.put(line(own), len(own))
            for name, index in zip(names, own, strict=True):
                indexes[name] = index + 1

    def _note(self, name: str, description: str) -> None:
        if self._described.get(name) != description:
            self._described[name] = description
            self._describe(name, values.text(description, "description"))


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
