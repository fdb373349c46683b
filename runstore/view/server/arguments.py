"""What a request asks with: the values of its address and its body, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from runstore.view.server.problems import Problem
from runstore.view.server.tickets import NAME

if TYPE_CHECKING:
    from starlette.requests import Request

Reader = Callable[[str], Any]
_LONGEST = 4 << 20  # bytes of a body
_GREATEST = 1 << 53


def text(given: str) -> str | None:
    """Any text; an empty one is none."""
    return given or None


def name(given: str) -> str:
    """Any text, an empty one too."""
    return given


def number(given: str) -> int:
    """A whole number.

    Raises:
        ValueError: it is none, or too large for JSON.
    """
    found = int(given) if given.isascii() else None
    if found is None or abs(found) > _GREATEST:
        raise ValueError(given)
    return found


def flag(given: str) -> bool:
    """Yes or no.

    Raises:
        ValueError: neither.
    """
    found = {"1": True, "true": True, "": True, "0": False, "false": False}.get(given.lower())
    if found is None:
        raise ValueError(given)
    return found


def listed(given: str) -> list[str] | None:
    """Texts between commas. Where a name has one in it, the argument is there for each name, or twice."""
    return [one for one in given.split(",") if one] or None


def several(given: str) -> list[Any]:
    """A list in JSON.

    Raises:
        ValueError: it is none.
    """
    found = orjson.loads(given or "[]")
    if not isinstance(found, list):
        raise ValueError(given)
    return found


def read(given: Iterable[tuple[str, str]], known: Mapping[str, Reader]) -> dict[str, Any]:
    """The arguments that were given, by name.

    Args:
        given: names and texts, as they stand in an address.
        known: what there may be, and how it is read.

    Raises:
        Problem: there is no such argument, or it can't be that.
    """
    found: dict[str, Any] = {}
    repeated: dict[str, list[str]] = {}
    for key, value in given:
        repeated.setdefault(key, []).append(value)
    for key, values in repeated.items():
        if key == NAME:
            continue
        if key not in known:
            raise Problem(400, f"no argument is called {key!r}", f"There are: {', '.join(known) or 'none'}.")
        found[key] = _value(key, values, known[key])
    return found


def _value(key: str, values: list[str], reader: Reader) -> Any:
    if reader is listed and len(values) > 1:
        return [one for one in values if one] or None
    if len(values) > 1:
        raise Problem(400, f"{key} is there {len(values)} times", "Give it once.")
    try:
        return reader(values[0])
    except ValueError:
        raise Problem(400, f"{key}={values[0][:100]!r} is no {reader.__name__}", "Give another one.") from None


async def body(request: Request) -> dict[str, Any]:
    """The JSON object that was sent.

    Raises:
        Problem: none was, or it is too long.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(415, "the body is no JSON", "Send application/json.")
    data = bytearray()
    async for chunk in request.stream():
        data += chunk
        if len(data) > _LONGEST:
            raise Problem(413, f"more than {_LONGEST} bytes", "Send less at once.")
    try:
        found = orjson.loads(bytes(data))
    except orjson.JSONDecodeError as problem:
        raise Problem(400, f"the body is no JSON: {problem}", "Send an object.") from None
    if not isinstance(found, dict):
        raise Problem(400, "the body is no object", "Send an object.")
    return found
