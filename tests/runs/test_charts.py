"""Charts are JSON that says what was counted."""

from __future__ import annotations

import json
import math
import random
from typing import Any

import numpy
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix

from runstore.errors import InvalidValue, UsageError
from runstore.runs import charts


@pytest.mark.parametrize("text", ['{"a": [1, NaN]}', "[1]", '"x"', "{}"])
def test_json_text_is_kept_as_it_is(text: str) -> None:
    assert charts.body(text, "chart") == text.encode()


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "nope"])
def test_text_that_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="chart: the text is no JSON"):
        charts.body(text, "chart")


def test_a_dict_may_hold_arrays_and_scalars_of_any_make() -> None:
    given = {
        "matrix": numpy.array([[1, 2], [3, 4]]),
        "thresholds": pandas.Series([0.5, 1.0]),
        "n": numpy.int64(3),
        "x": numpy.float32(0.5),
        1: {2, 1},
        "deep": [{"t": (1, None, True)}],
    }
    assert json.loads(charts.body(given, "chart")) == {
        "matrix": [[1, 2], [3, 4]], "thresholds": [0.5, 1.0], "n": 3, "x": 0.5, "1": [1, 2],
        "deep": [{"t": [1, None, True]}],
    }  # fmt: skip


@pytest.mark.parametrize("given", [[1], 3, None, b"{}", {"a": object()}, {"a": 10**30}])
def test_what_is_no_json_is_refused(given: Any) -> None:
    with pytest.raises(InvalidValue, match="chart"):
        charts.body(given, "chart")


@pytest.mark.parametrize("classes", [[0, 1, 2], ["cat", "dog"], [True, False]])
def test_a_confusion_matrix_is_that_of_scikit_learn(classes: list[Any]) -> None:
    draw = random.Random(1)
    true, predicted = ([draw.choice(classes) for _ in range(200)] for _ in range(2))
    found = charts.confusion_matrix(numpy.array(true), predicted)
    assert found["schema_type"] == "confusion_matrix"
    assert found["data"] == {
        "class_labels": [str(one) for one in sorted(classes)], "matrix": confusion_matrix(true, predicted).tolist(),
    }  # fmt: skip


def test_labels_give_the_order_and_must_hold_every_class() -> None:
    found = charts.confusion_matrix([1, 1], [2, 1], labels=[3, 2, 1])
    assert found["data"] == {"class_labels": ["3", "2", "1"], "matrix": [[0, 0, 0], [0, 0, 0], [0, 1, 1]]}
    with pytest.raises(UsageError, match="class 2 is none of the labels"):
        charts.confusion_matrix([1, 1], [2, 1], labels=[1])


def test_as_many_true_as_predicted_values_are_given() -> None:
    for make in (charts.confusion_matrix, charts.residuals):
        with pytest.raises(UsageError, match="2 values in y_true and 1 in y_pred"):
            make([1, 2], [1])
    with pytest.raises(InvalidValue, match="y_true"):
        charts.confusion_matrix(None, None)


def test_residuals_are_predicted_minus_true() -> None:
    found = charts.residuals([1.0, 2.0, 3.0], numpy.array([2.0, 2.0, 2.0]), bins=2)
    assert found == {
        "schema_type": "residuals", "schema_version": "1.0.0",
        "data": {"bin_edges": [-1.0, 0.0, 1.0], "bin_counts": [1, 2]},
    }  # fmt: skip


@given(st.lists(st.integers(-50, 50).map(float), min_size=1), st.sampled_from([1, 2, 4, 10]))
def test_a_list_and_an_array_make_the_same_histogram(logged: list[float], bins: int) -> None:
    plain, fast = (charts.histogram(one, bins)["data"] for one in (logged, numpy.array(logged)))
    assert sum(plain["bin_counts"]) == sum(fast["bin_counts"]) == len(logged)
    assert plain["bin_edges"] == pytest.approx(fast["bin_edges"])
    assert len(plain["bin_edges"]) == len(plain["bin_counts"]) + 1 == bins + 1


def test_every_value_lies_between_its_edges() -> None:
    found = charts.histogram([0.0, 0.1, 0.5, 0.9, 1.0], bins=2)["data"]
    assert found == {"bin_edges": [0.0, 0.5, 1.0], "bin_counts": [2, 3]}
    assert charts.histogram([-1.7e308, 1.7e308], bins=2)["data"]["bin_counts"] == [1, 1]
    assert charts.histogram([[1, 2], [3, 4]], bins=1)["data"]["bin_counts"] == [4]
    assert charts.histogram([5.0], bins=1)["data"] == {"bin_edges": [4.5, 5.5], "bin_counts": [1]}


@pytest.mark.parametrize("make", [list, numpy.array])
def test_what_is_not_finite_is_left_out(make: Any) -> None:
    found = charts.histogram(make([1.0, math.nan, 2.0, math.inf, -math.inf]), bins=1)["data"]
    assert found == {"bin_edges": [1.0, 2.0], "bin_counts": [2]}
    for nothing in ([], [math.nan]):
        assert charts.histogram(make(nothing), bins=1)["data"] == {"bin_edges": [0.0, 1.0], "bin_counts": [0]}


def test_counts_and_edges_may_be_given() -> None:
    found = charts.histogram(numpy.histogram([1, 2, 2, 3], bins=2))["data"]
    assert found == {"bin_edges": [1.0, 2.0, 3.0], "bin_counts": [1, 3]}
    with pytest.raises(UsageError, match="1 counts need 2 edges, not 3"):
        charts.histogram(([1], [1, 2, 3]))


@pytest.mark.parametrize("bins", [0, -1, 2.5, None])
def test_a_histogram_has_bins(bins: Any) -> None:
    with pytest.raises(UsageError, match="bins"):
        charts.histogram([1.0], bins)


@pytest.mark.parametrize("given", ["text", 3, [object()], ["a"]])
def test_a_histogram_is_of_numbers(given: Any) -> None:
    with pytest.raises(InvalidValue, match="histogram"):
        charts.histogram(given)


def test_a_histogram_of_a_list_that_holds_itself_is_refused() -> None:
    looped: list[Any] = []
    looped.append(looped)
    with pytest.raises(InvalidValue, match="or holds itself"):
        charts.histogram(looped)
