"""From the arguments of ``log()`` to one line, for everything but the one plain case that ``hot`` does itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import orjson

from runstore.errors import InvalidValue
from runstore.format import lines, values
from runstore.runs.hot import INFINITY, MISSING, TOP_STEP, Hot

_NUMBERS = ({float}, {float, int}, {int})


class Points:
    """Encodes points and rows of one writer; knows the next index of every name logged without a step."""

    def __init__(self, describe: Callable[[str, str], None]) -> None:
        self.hot: Hot
        self._describe = describe
        self._described: dict[str, str] = {}
        self._indexes: dict[str, int] = {}
        self._indexing = Lock()

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
        plain = values.to_json(values.scalar(value, f"metric {name!r}"))
        step = values.step(step)
        if description:
            self._note(name, description)
        if step is None:
            self._indexed([name], lambda index: lines.point(name, plain, index, self._now()))
        else:
            self.hot.put(lines.point(name, plain, step, self._now()), 1)

    def row(self, name: str, data: Mapping[str, Any], step: Any, description: str = "") -> None:
        """Log one row of a table."""
        name = values.name(name, "row name")
        body, step = values.document(data, f"row {name!r}"), values.step(step)
        if description:
            self._note(name, description)
        if step is None:
            self._indexed([f"\0row\0{name}"], lambda index: lines.row(name, body, index, self._now()))
        else:
            self.hot.put(lines.row(name, body, step, self._now()), 1)

    def follow(self, other: Points) -> None:
        """In a forked child: a ``log`` that was kept from before the fork goes on with the child's writer."""
        self.hot, self._indexes, self._indexing = other.hot, other._indexes, other._indexing

    def forget(self) -> None:
        """In a forked child: the parent's indexes are not this process's, and its lock may be held for ever."""
        self._indexes, self._indexing = {}, Lock()

    def _many(self, many: Mapping[Any, Any], step: Any) -> None:
        line = self._plain(many, step) if type(many) is dict and type(step) is int else b""
        if line:
            self.hot.put(line, len(many))
            return
        exact = {
            (checked := values.name(name)): values.to_json(values.scalar(value, f"metric {checked!r}"))
            for name, value in many.items()
        }
        step = values.step(step)
        if step is not None and exact:
            self.hot.put(lines.points(exact, step, self._now()), len(exact))
        elif exact:
            self._indexed(list(exact), lambda indexes: lines.points(exact, indexes, self._now()))

    def _plain(self, many: dict[Any, Any], step: int) -> bytes:
        """The line where every value is a finite float or a small int; empty where one is anything else."""
        numbers = many.values()
        if set(map(type, numbers)) not in _NUMBERS or "" in many or step >= TOP_STEP:
            return b""
        try:  # a NaN or an infinity anywhere shows in the sum
            if not -INFINITY < sum(numbers) < INFINITY:
                return b""
            return orjson.dumps([None, many, step, self._now()], None, lines.OPTIONS)
        except (TypeError, OverflowError):
            return b""

    def _indexed(self, names: list[str], line: Callable[[list[int]], bytes]) -> None:
        """Store a line whose points get the next index of their names."""
        with self._indexing:
            indexes = [self._indexes.get(name, 0) for name in names]
            self.hot.put(line(indexes), len(names))
            self._indexes.update((name, index + 1) for name, index in zip(names, indexes, strict=True))

    def _note(self, name: str, description: str) -> None:
        if self._described.get(name) != description:
            self._described[name] = description
            self._describe(name, values.text(description, "description"))

    def _now(self) -> int:
        return self.hot.now()
