"""From the arguments of ``log()`` to one line, for everything but the one plain case that ``hot`` does itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import count
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
            self._note(name, description)
        at = [next(self._indexes[name])] if step is None else step
        self.hot.put(lines.point(name, plain, at, self.hot.now()), 1)

    def row(self, name: str, data: Mapping[str, Any], step: Any, description: str = "") -> None:
        """Log one row of a table."""
        name = values.name(name, "row name")
        body, step = values.document(data, f"row {name!r}"), values.step(step)
        if description:
            self._note(name, description)
        at = [next(self._indexes[f"\0row\0{name}"])] if step is None else step
        self.hot.put(lines.row(name, body, at, self.hot.now()), 1)

    def follow(self, other: Points) -> None:
        """In a forked child: a ``log`` that was kept from before the fork goes on with the child's writer."""
        self.hot, self._indexes = other.hot, other._indexes

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

    def _note(self, name: str, description: str) -> None:
        if self._described.get(name) != description:
            self._described[name] = description
            self._describe(name, values.text(description, "description"))


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
