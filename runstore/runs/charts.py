"""Charts as JSON bodies with the three keys ``schema_type``, ``schema_version`` and ``data``.

The four kinds of the Azure ML SDK v1 (its schemas: confusion_matrix 1.0.0, accuracy_table 1.0.1, residuals 1.0.0,
predictions 1.0.0) are stored whatever their shape, as there; and histograms of runstore's own.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

import orjson

from runstore.errors import InvalidValue, UsageError
from runstore.format import values
from runstore.runs import arrays
from runstore.runs.logged_files import Found

JSON = "application/json"
VERSION = "1.0.0"
BINS = 64


def found(value: Any, make: Callable[[], dict[str, Any]] | None = None) -> Found:
    """A chart that is called exactly as its metric: as given, or where nothing is given, as ``make`` makes it."""
    return Found(body(make() if value is None and make is not None else value, "chart"), JSON)


def found_histogram(given: Any, bins: int) -> Found:
    """A histogram (see ``histogram``), called by the time: there may be one for each step."""
    return Found(body(histogram(given, bins), "histogram"), JSON, ".json")


def body(value: Any, what: str) -> bytes:
    """JSON that is given as a dict or as text; its shape is not looked at.

    Raises:
        UsageError: text that is no JSON.
        InvalidValue: neither, or something in it that JSON can't say.
    """
    if isinstance(value, str):
        try:
            json.loads(value)
        except ValueError as problem:
            raise UsageError(f"{what}: the text is no JSON ({problem})") from None
        return value.encode("utf-8", "backslashreplace")
    if not isinstance(value, Mapping):
        raise InvalidValue(f"{what}: takes a dict or JSON text, not a {type(value).__name__}")
    try:
        return orjson.dumps(value, _plain, orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY)
    except TypeError as problem:
        raise InvalidValue(f"{what}: {problem}") from None


def confusion_matrix(y_true: Any, y_pred: Any, labels: Any = None) -> dict[str, Any]:
    """Count how often each class was predicted for each true one: rows are the true classes.

    Args:
        y_true: the true class of each sample.
        y_pred: the predicted one.
        labels: the classes in order; None: those that occur, sorted.

    Raises:
        UsageError: as many true as predicted classes must be given, and every one must be among the labels.
    """
    true, predicted = _pairs(y_true, y_pred)
    if labels is None:
        classes = sorted({*true, *predicted}, key=lambda one: (isinstance(one, str), one))
    else:
        classes = arrays.listed(labels, "labels")
    if unknown := {*true, *predicted} - {*classes}:
        raise UsageError(f"class {min(unknown, key=str)!r} is none of the labels")
    counted = Counter(zip(true, predicted, strict=True))
    matrix = [[counted[row, column] for column in classes] for row in classes]
    return _schema("confusion_matrix", {"class_labels": [str(one) for one in classes], "matrix": matrix})


def residuals(y_true: Any, y_pred: Any, bins: int = BINS) -> dict[str, Any]:
    """The histogram of predicted minus true.

    Raises:
        UsageError: not as many true as predicted values.
    """
    true, predicted = _pairs(y_true, y_pred)
    return _schema("residuals", _binned([p - t for t, p in zip(true, predicted, strict=True)], bins))


def histogram(given: Any, bins: int = BINS) -> dict[str, Any]:
    """Counts in ``bins`` bins of equal width over the finite values; or the counts and edges given as a pair.

    Raises:
        UsageError: no bins; or edges that do not fit the counts.
        InvalidValue: something that holds no numbers.
    """
    if isinstance(given, tuple) and len(given) == 2 and all(hasattr(one, "__len__") for one in given):
        counts, edges = (arrays.listed(one, "histogram") for one in given)
        if len(edges) != len(counts) + 1 or not counts:
            raise UsageError(f"histogram: {len(counts)} counts need {len(counts) + 1} edges, not {len(edges)}")
        return _schema("histogram", {"bin_edges": edges, "bin_counts": counts})
    if type(bins) is not int or bins < 1:
        raise UsageError(f"histogram: bins={bins!r}; give a number from 1 on")
    return _schema("histogram", _binned(given, bins))


def _schema(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"schema_type": kind, "schema_version": VERSION, "data": data}


def _binned(given: Any, bins: int) -> dict[str, Any]:
    numpy = sys.modules.get("numpy")  # never imported: whoever has an array has it loaded
    if numpy is not None and hasattr(given, "__array__"):
        flat = numpy.asarray(arrays.plain(given, "histogram"), dtype=float).ravel()
        finite = flat[numpy.isfinite(flat)]
        if finite.size:
            counts, edges = numpy.histogram(finite, bins)
            return {"bin_edges": edges.tolist(), "bin_counts": counts.tolist()}
        given = []
    return _counted([value for value in _flat(arrays.listed(given, "histogram")) if isfinite(value)], bins)


def _counted(finite: Sequence[float], bins: int) -> dict[str, Any]:
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if low == high:
        low, high = low - 0.5, high + 0.5
    width = high / bins - low / bins  # high - low may be no float
    counted = Counter(min(bins - 1, int((value / bins - low / bins) / width * bins)) for value in finite)
    edges = [low + width * place for place in range(bins)]
    return {"bin_edges": [*edges, high], "bin_counts": [counted[place] for place in range(bins)]}


def _flat(found: list[Any], depth: int = 0) -> list[float]:
    if depth > values.DEEPEST:
        raise values.too_deep("histogram")
    if any(isinstance(one, list) for one in found):
        return [value for one in found for value in _flat(one if isinstance(one, list) else [one], depth + 1)]
    try:
        return [float(value) for value in found]
    except (TypeError, ValueError):
        raise InvalidValue("histogram: takes numbers only") from None


def _pairs(y_true: Any, y_pred: Any) -> tuple[list[Any], list[Any]]:
    true, predicted = arrays.listed(y_true, "y_true"), arrays.listed(y_pred, "y_pred")
    if len(true) != len(predicted):
        raise UsageError(f"{len(true):,} values in y_true and {len(predicted):,} in y_pred; give as many of each")
    return true, predicted


def _plain(value: Any) -> Any:
    """What JSON does not know: arrays, series, tensors, numpy scalars, sets."""
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    item = getattr(value, "item", None)
    if callable(item) and not getattr(value, "shape", ()):
        return item()
    if hasattr(value, "__iter__"):
        return arrays.listed(value, "chart")
    raise InvalidValue(f"a {type(value).__name__} is no JSON")
