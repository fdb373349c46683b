"""One logged value <-> its JSON value, exactly.

JSON numbers, strings, booleans and null stand for themselves. What JSON (or a 64-bit reader)
can't say stands in an object with one key: ``{"f": "nan"|"inf"|"-inf"}`` and ``{"i": "<digits>"}``.
In nested data a user's own one-key object that would look like these is wrapped as ``{"d": <object>}``.
numpy, torch and jax scalars are read through ``.item()``, without importing those libraries.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from runstore.errors import InvalidValue, UsageError

Scalar: TypeAlias = float | int | bool | str | None

INT_MIN, INT_MAX = -(2**63), 2**64 - 1  # the integers orjson and DuckDB both read from JSON
DEEPEST = 100  # levels of nested data: each may become two in JSON, of which orjson writes 254
EXACT_INT = 2**53  # beyond it a DOUBLE can't hold every integer


def text(value: str, what: str = "value") -> str:
    """Give back valid Unicode: a lone surrogate becomes its ``\\udXXX`` escape, with a warning."""
    if value.isascii():
        return value
    try:
        value.encode()
    except UnicodeEncodeError:
        warnings.warn(f"{what} holds a lone surrogate; it is stored as its escape", stacklevel=4)
        return escaped(value)
    return value


def escaped(value: str) -> str:
    """The same with its lone surrogates as escapes, without a warning."""
    return value.encode("utf-8", "backslashreplace").decode()


def name(value: object, what: str = "metric name") -> str:
    """Check a name: any Unicode text that isn't empty.

    Raises:
        InvalidValue: not a str.
        UsageError: empty.
    """
    if not isinstance(value, str):
        raise InvalidValue(f"{what} must be text, not {type(value).__name__}")
    if not value:
        raise UsageError(f"{what} is empty; give it at least one character")
    return text(str(value), what)


def scalar(value: object, where: str = "value") -> Scalar:
    """Reduce a value to the plain Python scalar that is kept.

    Raises:
        InvalidValue: no scalar (lists, dicts, arrays with several elements, complex, bytes ...).
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, str):
        return text(str(value), where)
    item = getattr(value, "item", None)
    if callable(item):
        try:
            plain = item()
        except (TypeError, ValueError, RuntimeError) as problem:
            raise InvalidValue(f"{where}: {type(value).__name__} is not one scalar ({problem})") from None
        if plain is not value and isinstance(plain, float | int | str | bool | None):
            return scalar(plain, where)
    raise InvalidValue(f"{where}: can't log a {type(value).__name__}; log a number, bool, text or None")


def to_json(value: Scalar) -> object:
    """Turn a plain scalar into the JSON value that stands for it."""
    if type(value) is float and not math.isfinite(value):
        return {"f": "nan" if value != value else "inf" if value > 0 else "-inf"}
    if type(value) is int and not INT_MIN <= value <= INT_MAX:
        try:
            return {"i": str(value)}
        except ValueError:  # Python itself refuses: sys.set_int_max_str_digits
            raise InvalidValue(f"an integer of {value.bit_length():,} bits is too long; log its logarithm") from None
    return value


def from_json(value: object) -> Scalar:
    """Turn a JSON value back into the scalar that was logged."""
    if isinstance(value, dict):
        return float(value["f"]) if "f" in value else int(value["i"])
    return value  # type: ignore[return-value]


def step(value: object) -> int | None:
    """Check a step: None, an integer, or an integral float; within 64 bits, signed.

    Raises:
        InvalidValue: anything else. Another x axis is a metric logged beside.
    """
    if value is None or (type(value) is int and -(2**63) <= value < 2**63):
        return value
    plain = scalar(value, "step")
    if isinstance(plain, float) and plain.is_integer():
        plain = int(plain)
    if type(plain) is not int or not -(2**63) <= plain < 2**63:
        raise InvalidValue(f"step must be a 64-bit integer, not {value!r}; log another x axis as a metric")
    return plain


def document(value: object, where: str = "value", depth: int = 0) -> object:
    """Turn nested data (dicts, lists, tuples, sets, scalars) into JSON data, leaves exact.

    Raises:
        InvalidValue: a leaf that can't be logged, or data nested deeper than ``DEEPEST``, or without end.
    """
    if depth > DEEPEST:
        raise too_deep(where)
    if isinstance(value, Mapping):
        data = {text(str(k), where): document(v, f"{where}.{k}", depth + 1) for k, v in value.items()}
        return {"d": data} if _looks_wrapped(data) else data
    if isinstance(value, list | tuple):
        return [document(v, where, depth + 1) for v in value]
    if isinstance(value, set | frozenset):
        try:
            ordered = sorted(value, key=repr)
        except RecursionError:
            raise too_deep(where) from None
        return [document(v, where, depth + 1) for v in ordered]
    tolist = getattr(value, "tolist", None)
    if callable(tolist) and getattr(value, "ndim", False):
        return document(tolist(), where, depth + 1)
    return to_json(scalar(value, where))


def too_deep(where: str) -> InvalidValue:
    """The error about data that is nested too deeply; ``where`` may be as long as it is deep."""
    shown = where if len(where) <= 80 else f"{where[:80]}..."
    return InvalidValue(f"{shown}: nested deeper than {DEEPEST} levels, or holds itself; log it flatter or as a file")


def from_document(value: Any) -> Any:
    """Turn JSON data back into nested Python data."""
    if isinstance(value, dict):
        if not _looks_wrapped(value):
            return {k: from_document(v) for k, v in value.items()}
        if "d" not in value:
            return from_json(value)
        return {k: from_document(v) for k, v in value["d"].items()}
    if isinstance(value, list):
        return [from_document(v) for v in value]
    return value


def _looks_wrapped(data: Mapping[str, object]) -> bool:
    return len(data) == 1 and next(iter(data)) in ("f", "i", "d")


def leaves(params: Mapping[str, object], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, object]]:
    """Flatten nested params into (dotted name, value) pairs; a list or an empty dict is one leaf.

    Raises:
        InvalidValue: a name that can't be logged, or dicts nested deeper than ``DEEPEST``, or without end.
    """
    if depth > DEEPEST:
        raise too_deep(f"param {prefix!r}")
    for key, value in params.items():
        if not isinstance(key, str):
            key = str(scalar(key, "param name"))
        full = prefix + name(key, "param name")
        if isinstance(value, Mapping) and value:
            yield from leaves(value, full + ".", depth + 1)
        else:
            yield full, value


def leaf(value: object, where: str) -> object:
    """Encode one param leaf: a scalar as in points, anything longer as ``{"j": <JSON data>}``."""
    try:
        return to_json(scalar(value, where))
    except InvalidValue:
        if isinstance(value, str | bytes | bytearray) or not (
            isinstance(value, list | tuple | set | frozenset | Mapping) or getattr(value, "ndim", False)
        ):
            raise
        return {"j": document(value, where)}
