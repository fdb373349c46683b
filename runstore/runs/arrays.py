"""Lists, arrays, series and tensors as plain Python lists, by their own methods: no library is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from runstore.errors import InvalidValue, UsageError
from runstore.format import values

_LISTS = ("to_list", "to_pylist", "tolist")  # pandas and polars, Arrow, numpy and torch and jax
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NO_TIME = 2**63  # what the times of a 64-bit clock stay below


def listed(given: Any, what: str) -> list[Any]:
    """The elements of any iterable, read once; those of an array as Python values, nested where it has axes.

    Raises:
        InvalidValue: no iterable, or text or a dict, whose elements nobody means.
    """
    if isinstance(given, list | tuple):
        return list(given)
    if isinstance(given, str | bytes | bytearray | Mapping):
        raise _not_several(given, what)
    numpy = getattr(given, "numpy", None)
    if callable(numpy) and not hasattr(given, "tolist"):  # TensorFlow
        given = numpy()
    if kind(given) == "M" and not hasattr(given, "to_list"):
        given = given.astype("datetime64[us]")  # a list of them would be bare integers
    for method in _LISTS:
        convert = getattr(given, method, None)
        if callable(convert):
            found = convert()
            if isinstance(found, list):
                return found
            raise InvalidValue(f"{what}: is one value, not several; use log()")
    try:
        return list(given)
    except TypeError:
        raise _not_several(given, what) from None


def kind(given: Any) -> str:
    """The one-letter kind of an array's elements, as numpy names it; empty where there is none."""
    return getattr(getattr(given, "dtype", None), "kind", "")


def steps(given: Any, count: int) -> list[int]:
    """As many steps as there are values.

    Raises:
        InvalidValue: one that is no 64-bit integer.
        UsageError: too many or too few.
    """
    found = listed(given, "steps")
    if {*map(type, found)} != {int} or not (min(found) >= -(2**63) and max(found) < 2**63):
        found = [values.step(one) for one in found]
    _as_many("steps", found, count)
    if None in found:
        raise InvalidValue("steps: None is no step; give steps=None where there are none at all")
    return found


def times(given: Any, count: int) -> list[int]:
    """As many times as there are values, in nanoseconds since 1970, UTC.

    Args:
        given: integers (nanoseconds), ``datetime`` (without a zone: UTC), ``numpy.datetime64`` or an array of these.
        count: how many there are to be.

    Raises:
        InvalidValue: one that is no time, or lies before 1970.
        UsageError: too many or too few.
    """
    if kind(given) == "M" and not hasattr(given, "to_list"):
        given = given.astype("datetime64[ns]").astype("int64")
    found = listed(given, "times")
    if {*map(type, found)} != {int}:
        found = [_nanoseconds(one) for one in found]
    _as_many("times", found, count)
    if found and not (min(found) >= 0 and max(found) < _NO_TIME):
        raise InvalidValue("times: one lies before 1970, is no time, or is beyond what 64 bits hold")
    return found


def _nanoseconds(time: Any) -> int:
    if isinstance(time, datetime):
        exact = getattr(time, "value", None)  # pandas keeps nanoseconds
        if isinstance(exact, int):
            return exact
        aware = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
        return (aware - _EPOCH) // timedelta(microseconds=1) * 1000
    if kind(time) == "M":
        time = time.astype("datetime64[ns]").astype("int64")
    plain = values.scalar(time, "times")
    if type(plain) is not int:
        raise InvalidValue(f"times: {time!r} is no time; give nanoseconds since 1970, datetime or datetime64")
    return plain


def _as_many(what: str, found: list[Any], count: int) -> None:
    if len(found) != count:
        raise UsageError(f"{len(found):,} {what} for {count:,} values; give one for each")


def _not_several(given: Any, what: str) -> InvalidValue:
    return InvalidValue(f"{what}: takes a list, an array or another iterable, not a {type(given).__name__}")


def plain(given: Any, what: str) -> Any:
    """Any array or tensor as a numpy array, made by its own ``__array__``.

    Raises:
        InvalidValue: no array.
    """
    if hasattr(given, "detach"):  # torch
        given = given.detach().cpu()
        given = given.float() if "bfloat16" in str(given.dtype) else given  # which numpy does not have
    make = getattr(given, "__array__", None)
    if not callable(make):
        raise InvalidValue(f"{what}: takes an array, not a {type(given).__name__}; numpy.asarray() makes one of lists")
    return make()
