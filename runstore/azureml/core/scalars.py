"""Which Python values the SDK's logging calls take, and as what they are kept (Azure ML SDK v1, ``log``, ``log_list``).

numpy integers are integers here and 0-d arrays numbers; the SDK kept both as text.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterable, Mapping
from types import GeneratorType
from typing import Any

from runstore.azureml.exceptions import AzureMLException, UserErrorException
from runstore.errors import InvalidValue
from runstore.format import values

PLAIN = frozenset({float, int, bool, str, type(None)})


def single(name: object, value: Any) -> values.Scalar:
    """The value of ``log()``: a scalar, or the text of whatever else it is.

    Raises:
        UserErrorException: a list, a range or a generator.
    """
    if isinstance(value, list | range | GeneratorType):
        raise UserErrorException(
            f"log({name!r}) takes one value, not a {type(value).__name__}; give several to log_list()"
        )
    return _scalar(name, value)


def element(name: object, value: Any) -> values.Scalar:
    """One element of a list, one cell of a row: as for ``log()``, but no container.

    Raises:
        AzureMLException: a list, tuple, set, dict or array.
    """
    if type(value) in PLAIN:
        return value  # type: ignore[no-any-return]
    if isinstance(value, float | int | str):  # numpy's float64 among them
        return values.scalar(value)
    if isinstance(value, list | tuple | set | frozenset | Mapping | range | GeneratorType) or getattr(
        value, "ndim", False
    ):
        raise AzureMLException(f"{name!r}: each value must be a scalar, not a {type(value).__name__}")
    return _scalar(name, value)


def several(name: object, elements: Iterable[Any]) -> list[values.Scalar]:
    """The elements of ``log_list()``: taken once; all of them floats where the first is an int and any is a float."""
    if not isinstance(elements, Iterable):
        raise UserErrorException(f"log_list({name!r}) takes a list, not a {type(elements).__name__}")
    exact = [element(name, value) for value in elements]
    if exact and type(exact[0]) is int and any(type(value) is float for value in exact):
        return [float(value) if type(value) is int else value for value in exact]
    return exact


def columns(name: object, table: Any) -> dict[str, list[values.Scalar]]:
    """The columns of ``log_table()``: lists, tuples, arrays, or scalars for a table of one row.

    Raises:
        UserErrorException: no dict.
        AzureMLException: columns of different lengths.
    """
    if not isinstance(table, Mapping):
        raise UserErrorException(f"log_table({name!r}) takes a dict of columns, not a {type(table).__name__}")
    exact = {str(column): [element(name, cell) for cell in _cells(cells)] for column, cells in table.items()}
    if len({len(cells) for cells in exact.values()}) > 1:
        lengths = ", ".join(f"{column!r}: {len(cells)}" for column, cells in exact.items())
        raise AzureMLException(f"log_table({name!r}): the columns differ in length ({lengths}); give as many of each")
    return exact


def labels(what: str, given: Any) -> dict[str, str | None]:
    """Tags or properties: values that are neither text nor None become text, with a warning.

    Raises:
        UserErrorException: no dict.
    """
    if not isinstance(given, Mapping | None):
        raise UserErrorException(f"give names and values of kind {what} as a dict, not {type(given).__name__}")
    found = dict(given or {})
    for key, value in found.items():
        if value is not None and not isinstance(value, str):
            warnings.warn(f"{what} {key!r}: {type(value).__name__} {value!r} is kept as text", stacklevel=_callers())
            found[key] = str(value)
    return found


def _scalar(name: object, value: Any) -> values.Scalar:
    try:
        return values.scalar(value)
    except InvalidValue:
        warnings.warn(
            f"metric {name!r}: a {type(value).__name__} is no number; its text is kept", stacklevel=_callers()
        )
        return repr(value)


def _callers() -> int:
    """The ``stacklevel`` of the line outside runstore that a warning is about, however deep the call came."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").startswith("runstore."):
        frame, level = frame.f_back, level + 1
    return level


def _cells(cells: Any) -> list[Any]:
    if isinstance(cells, str | bytes) or not isinstance(cells, Iterable) or getattr(cells, "ndim", 1) == 0:
        return [cells]
    return list(cells)
