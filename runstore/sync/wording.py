"""What facts, documents and summaries that somebody sent may say: which fields, of which types.

A reader ignores facts and keys that it doesn't know; those that it knows must be such that every question about the
workspace can still be answered.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from runstore.format import names

Says = Callable[[Any], bool]
DEEP = 100  # lists and objects within each other
_DIGITS = 4000


def text(value: Any) -> bool:
    """A text."""
    return type(value) is str


def flag(value: Any) -> bool:
    """True or false."""
    return type(value) is bool


def count(value: Any) -> bool:
    """A number of things, a size, a time."""
    return type(value) is int and 0 <= value < 1 << 63


def whole(value: Any) -> bool:
    """An integer of 64 bits."""
    return type(value) is int and -(1 << 63) <= value < 1 << 63


def anything(value: Any) -> bool:
    """Whatever JSON has, not too deep."""
    return not deeper(value, DEEP)


def scalar(value: Any) -> bool:
    """A value as it is logged (``format.values``)."""
    if type(value) is dict and len(value) == 1:
        if "f" in value:
            return value["f"] in ("nan", "inf", "-inf")
        digits = value.get("i")
        return type(digits) is str and digits.isascii() and digits.removeprefix("-").isdigit() and len(digits) < _DIGITS
    return value is None or type(value) in (str, bool, int, float)


def leaf(value: Any) -> bool:
    """A leaf of params."""
    return scalar(value) or (type(value) is dict and [*value] == ["j"] and _data(value["j"]))


def _data(value: Any) -> bool:
    """Nested JSON data, leaves exact."""
    if deeper(value, DEEP):
        return False
    todo = [value]
    while todo:
        one = todo.pop()
        if type(one) is list:
            todo += one
        elif type(one) is dict and [*one] == ["d"]:
            if type(one["d"]) is not dict:
                return False
            todo += one["d"].values()
        elif type(one) is dict and not (len(one) == 1 and {*one} <= {"f", "i"}):
            todo += one.values()
        elif not scalar(one):
            return False
    return True


def deeper(value: Any, most: int) -> bool:
    """Whether more lists and objects than so many lie within each other."""
    layer = [value]
    while layer:
        layer = [
            part for one in layer if type(one) in (dict, list) for part in (one.values() if type(one) is dict else one)
        ]
        most -= 1
        if most < 0 and layer:
            return True
    return False


def maybe(says: Says) -> Says:
    """That or null."""
    return lambda value: value is None or says(value)


def many(says: Says) -> Says:
    """A list of such."""
    return lambda value: type(value) is list and all(map(says, value))


def each(says: Says) -> Says:
    """An object whose values are such."""
    return lambda value: type(value) is dict and all(map(says, value.values()))


def fields(needed: Mapping[str, Says], others: Mapping[str, Says] | None = None) -> Says:
    """An object with these fields, perhaps those, and whatever else; not too deep."""

    def says(value: Any) -> bool:
        if type(value) is not dict or not needed.keys() <= value.keys() or deeper(value, DEEP):
            return False
        known = {**needed, **(others or {})}
        return all(known[name](part) for name, part in value.items() if name in known)

    return says


def _row(*kinds: Says) -> Says:
    return lambda value: (
        type(value) is list
        and len(value) == len(kinds)
        and all(one(part) for one, part in zip(kinds, value, strict=True))
    )


def _hash(value: Any) -> bool:
    return type(value) is str and names.is_sha256(value)


def _pack(value: Any) -> bool:
    """Where content lies: number and offset; of another's pack, its writer and run too."""
    return value is None or _row(count, count)(value) or _row(count, count, text, text)(value)


_PIECE = {"sha256": maybe(_hash), "size": maybe(count), "pack": _pack}
_FILE = {**_PIECE, "name": text}
_ABOUT = {
    "media_type": maybe(text), "kind": maybe(text), "step": maybe(whole), "metric": maybe(text),
    "reference": maybe(text),
}  # fmt: skip
_CLOSED = {"number": count, "first": count, "count": count, "size": count}
_IDENTITY = {
    "opener": flag, "edit": flag, "queued": flag, "rank": maybe(count), "name": maybe(text), "parent": maybe(text),
    "type": maybe(text), "display_name": maybe(text), "description": maybe(text), "status": maybe(text),
    "host": maybe(text), "user": maybe(text), "pid": maybe(count), "boot": maybe(text), "pidns": maybe(count),
    "born": maybe(count), "image": maybe(text), "stack": maybe(count),
}  # fmt: skip
_ENDED = {"points": count, "journals": count, "dropped": count, "outside": flag, "explicit": maybe(flag)}

FACTS: dict[str, Says] = {
    "start": fields({}, _IDENTITY),
    "params": many(_row(text, leaf)),
    "tags": each(scalar),
    "untag": many(text),
    "properties": each(scalar),
    "description": fields({"name": text, "text": text}),
    "describe": fields({}, {"display_name": maybe(text), "description": maybe(text)}),
    "note": fields({"text": text}),
    "archived": fields({"archived": flag}),
    "deleted": fields({"deleted": flag}),
    "status": fields({"status": text}),
    "definition": fields({}),
    "failure": fields({}, {"code": maybe(text), "message": maybe(text)}),
    "artifact": fields(_FILE, _ABOUT),
    "removed": fields({"artifacts": many(text)}),
    "input": fields(_FILE, {**_ABOUT, "run": maybe(text), "version": maybe(count)}),
    "repacked": fields(
        {"writer": text, "number": count, "into": maybe(fields({"writer": text, "number": count})),
         "elsewhere": each(lambda value: type(value) is list and len(value) == 4)},
    ),
    "pack": fields({"number": count, "size": count, "sha256": text}),
    "points": fields(_CLOSED),
    "side": fields(_CLOSED),
    "dropped": fields({"points": count}, {"reason": maybe(text), "records": count}),
    "snapshot": fields({"id": text, "manifest": fields(_PIECE), "files": count, "size": count}),
    "provenance": fields({"packages": maybe(fields(_PIECE))}, {"git": fields({}, {"diff": maybe(fields(_PIECE))})}),
    "warning": fields({"text": text}),
    "error": fields({"text": text}),
    "counted": fields({"warnings": count, "errors": count}),
    "stream": fields({"number": count, "stream": text}),
    "streamed": fields({"number": count, "size": count, "sha256": text}),
    "lost": fields({}),
    "end": fields({"status": text, "error": maybe(text)}, _ENDED),
}  # fmt: skip
"""By their names, what known facts say."""

MODEL = fields(
    {"name": text, "version": count, "created": count, "files": many(fields({**_PIECE, "path": text})),
     "tags": each(scalar), "properties": each(scalar), "path": text},
    {"run": maybe(text), "experiment": maybe(text), "folder": flag, "description": maybe(text), "token": text,
     "framework": maybe(text), "framework_version": maybe(text)},
)  # fmt: skip

CHANGES: dict[str, Says] = {
    "alias": text, "unalias": text, "tags": each(scalar), "untag": many(text), "properties": each(scalar),
    "describe": fields({"description": maybe(text)}), "delete": lambda value: value is None,
}  # fmt: skip

_KEY = _row(count, whole, text, count)
SUMMARY = fields(
    {"count": count, "last": scalar},
    {"first": scalar, "min": scalar, "max": scalar, "mean": scalar, "finite": count, "last_step": maybe(whole),
     "last_time": whole, "first_time": whole, "nan_count": count, "inf_count": count, "first_key": _KEY,
     "last_key": _KEY},
)  # fmt: skip


def fact(kind: str, body: Any) -> bool:
    """Whether a fact says what such a fact says; one that nobody knows may say anything."""
    return FACTS.get(kind, anything)(body)
