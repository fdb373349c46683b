"""What thread ``t`` logs as its call number ``i``: of every kind, and the same for whoever logs and whoever checks."""

from __future__ import annotations

import functools
from typing import Any

from runstore.format import values

ODD: list[Any] = [
    float("nan"), float("inf"), float("-inf"), -0.0, 5e-324, 1.7976931348623157e308,
    2**53 + 1, 2**64 - 1, -(10**40), True, None, "", "\0 nul, \n line, é, 😀",
]  # fmt: skip

Point = tuple[str, Any, int | None]


def points(thread: int, i: int) -> list[Point]:
    """(name, value, step or None for the next index); several are one dict."""
    at = f"t{thread}."
    match i % 16:
        case 3:
            return [(at + "v", i * 0.5, i), (at + "w", -i, i), (at + "text", f"text {i}", i)]
        case 7:
            return [(at + "indexed", i / 3, None)]
        case 9:
            return [(at + "indexed", i / 7, None), (at + "counted", i, None)]
        case 11:
            return [(at + "odd", ODD[i // 16 % len(ODD)], -i)]
        case 15:
            return [(at + "v", i * 0.1, 5)]  # the same step again and again
    return [(at + "v", i * 0.1, i)]


def log(run: Any, thread: int, i: int) -> None:
    """Make the call."""
    many = points(thread, i)
    if i % 16 == 13:
        run.log_row(f"t{thread}.table", i=i, deep={"nan": float("nan"), "list": [i, None]})
    elif len(many) > 1:
        run.log({name: value for name, value, _ in many}, step=many[0][2])
    else:
        run.log(many[0][0], many[0][1], step=many[0][2])


def line(thread: int, i: int) -> list[Any]:
    """What a journal's line of that call says, its time left out; indexes as None."""
    many = points(thread, i)
    if i % 16 == 13:
        row = {"i": i, "deep": {"nan": float("nan"), "list": [i, None]}}
        return [f"t{thread}.table", {"row": values.document(row)}, None]
    if len(many) > 1:
        return [None, {name: values.to_json(value) for name, value, _ in many}, many[0][2]]
    return [many[0][0], values.to_json(many[0][1]), many[0][2]]


@functools.lru_cache(maxsize=1 << 17)
def said(thread: int, i: int) -> str:
    """``line`` as text in which 1, 1.0 and True differ."""
    return repr(line(thread, i))


def count(i: int) -> int:
    """How many sequence numbers the call takes."""
    return len(points(0, i))
