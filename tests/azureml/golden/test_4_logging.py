"""Section 4: what the logging calls take, what they store, and what ``get_metrics`` gives back."""

from __future__ import annotations

import inspect
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from runstore.azureml.core import Run
from runstore.azureml.exceptions import AzureMLException, UserErrorException
from tests.azureml.scenes import Figure

WIDE = [np.longdouble(1)] if np.finfo(np.longdouble).bits > 64 else []  # float128, where the machine has it

# ---- signatures


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("log", ["name", "value", "description", "step"]),
        ("log_list", ["name", "value", "description"]),
        ("log_row", ["name", "description", "kwargs"]),
        ("log_table", ["name", "value", "description"]),
        ("log_image", ["name", "path", "plot", "description"]),
        ("log_confusion_matrix", ["name", "value", "description"]),
        ("log_accuracy_table", ["name", "value", "description"]),
        ("log_residuals", ["name", "value", "description"]),
        ("log_predictions", ["name", "value", "description"]),
    ],
)
def test_the_parameters_come_in_the_sdks_order(call: str, parameters: list[str]) -> None:
    found = list(inspect.signature(getattr(Run, call)).parameters)[1:]
    assert found[: len(parameters)] == parameters


def test_every_call_takes_keywords_and_gives_none(run: Run) -> None:
    assert run.log(name="a", value=1, description="d", step=1) is None  # type: ignore[func-returns-value]
    assert run.log_list(name="b", value=[1], description="d") is None  # type: ignore[func-returns-value]
    assert run.log_row(name="c", description="d", x=1) is None  # type: ignore[func-returns-value]
    assert run.log_table(name="d", value={"x": 1}, description="d") is None  # type: ignore[func-returns-value]
    assert run.log_image(name="e", plot=Figure(), description="d") is None  # type: ignore[func-returns-value]
    assert run.log_residuals(name="f", value={}, description="d") is None  # type: ignore[func-returns-value]


def test_what_was_logged_is_read_at_once(run: Run) -> None:
    for number in range(100):
        run.log("n", number)
        assert len(run.get_metrics()["n"]) == number + 1 if number else run.get_metrics() == {"n": 0}


# ---- log


@pytest.mark.parametrize("value", [[1, 2], range(3), (n for n in range(2))])
def test_several_values_are_refused_and_log_list_named(run: Run, value: Any) -> None:
    with pytest.raises(UserErrorException, match="log_list"):
        run.log("a", value)
    assert run.get_metrics() == {}


@pytest.mark.parametrize(
    "value",
    [(1, 2), {1}, {"a": 1}, np.arange(3), np.zeros((2, 2)), 1j, Decimal("1.5"), b"abc", *WIDE, object],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_kept_as_its_text_with_one_warning(run: Run, value: Any) -> None:
    with pytest.warns(UserWarning, match="text is kept") as warned:
        run.log("a", value)
    assert len(warned) == 1
    assert run.get_metrics() == {"a": repr(value)}


@pytest.mark.parametrize("value", [True, False, 3, -1, 2**70, 0.1, 1e308, "Red", "", "mäh ☃", None])
def test_plain_values_come_back_as_they_were(run: Run, value: Any) -> None:
    run.log("a", value)
    found = run.get_metrics()["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_so_do_nan_and_infinities(run: Run, value: float) -> None:
    run.log("a", value)
    assert repr(run.get_metrics()["a"]) == repr(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.bool_(True), True),
        *((kind(3), 3) for kind in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)),
        (np.float16(0.5), 0.5),
        (np.float32(0.1), 0.10000000149011612),
        (np.float64(0.1), 0.1),
        (np.str_("a"), "a"),
        (np.array(3), 3),
        (np.array(0.5), 0.5),
        (np.array([7]), 7),
    ],
    ids=repr,
)
def test_numpys_scalars_come_back_as_pythons(run: Run, value: Any, plain: Any) -> None:
    run.log("a", value)
    found = run.get_metrics()["a"]
    assert (found, type(found)) == (plain, type(plain))


def test_a_scalar_of_another_library_is_a_number(run: Run) -> None:
    class Tensor:
        def item(self) -> float:
            return 0.25

    run.log("a", Tensor())
    assert run.get_metrics() == {"a": 0.25}


def test_an_int_and_then_a_float_stay_what_they_are(run: Run) -> None:
    run.log("a", 1)
    run.log("a", 2.5)
    found = run.get_metrics()["a"]
    assert found == [1, 2.5]
    assert [type(value) for value in found] == [int, float]


# ---- log_list


@pytest.mark.parametrize("value", [[1, 2, 3], (1, 2, 3), range(1, 4), (n for n in (1, 2, 3)), np.array([1, 2, 3])])
def test_any_iterable_is_a_list(run: Run, value: Any) -> None:
    run.log_list("a", value)
    found = run.get_metrics()["a"]
    assert found == [1, 2, 3]
    assert {type(one) for one in found} == {int}


def test_a_text_is_its_characters(run: Run) -> None:
    run.log_list("a", "abc")
    assert run.get_metrics() == {"a": ["a", "b", "c"]}


def test_a_generator_is_read_once(run: Run) -> None:
    read = []

    def numbers() -> Any:
        for number in range(3):
            read.append(number)
            yield number

    run.log_list("a", numbers())
    assert read == [0, 1, 2]


def test_a_list_that_begins_with_an_int_and_has_a_float_is_floats(run: Run) -> None:
    run.log_list("a", [1, 2.5])
    assert [type(one) for one in run.get_metrics()["a"]] == [float, float]


@pytest.mark.parametrize("value", [[[1]], [{"a": 1}], [(1,)], [np.arange(2)]])
def test_nested_lists_are_refused(run: Run, value: Any) -> None:
    with pytest.raises(AzureMLException):
        run.log_list("a", value)
    assert run.get_metrics() == {}


def test_an_empty_list_logs_nothing(run: Run) -> None:
    run.log_list("a", [])
    assert run.get_metrics() == {}


def test_one_element_is_bare_and_two_lists_are_one(run: Run) -> None:
    run.log_list("a", [1])
    assert run.get_metrics() == {"a": 1}
    run.log_list("a", [2, 3])
    assert run.get_metrics() == {"a": [1, 2, 3]}


# ---- log_row and log_table


def test_one_row_is_a_dict_of_scalars(run: Run) -> None:
    run.log_row("t", x=1, y=0.5)
    assert run.get_metrics() == {"t": {"x": 1, "y": 0.5}}


def test_several_rows_are_a_dict_of_lists(run: Run) -> None:
    run.log_row("t", x=1, y="a")
    run.log_row("t", x=2, y="b")
    assert run.get_metrics() == {"t": {"x": [1, 2], "y": ["a", "b"]}}


def test_the_second_argument_is_the_description(run: Run) -> None:
    run.log_row("t", "about it", x=1)
    assert run.get_metrics() == {"t": {"x": 1}}


@pytest.mark.parametrize("value", [[1], {"a": 1}, (1, 2)])
def test_a_container_in_a_row_is_refused(run: Run, value: Any) -> None:
    with pytest.raises(AzureMLException):
        run.log_row("t", x=value)
    assert run.get_metrics() == {}


def test_numpys_scalars_in_a_row(run: Run) -> None:
    run.log_row("t", angle=np.float64(0.5), n=np.int64(3))
    assert run.get_metrics() == {"t": {"angle": 0.5, "n": 3}}


def test_rows_with_gaps_keep_their_columns_equally_long(run: Run) -> None:
    run.log_row("t", x=1, y=1)
    run.log_row("t", x=2)
    run.log_row("t", y=3, z=3)
    assert run.get_metrics() == {"t": {"x": [1, 2, None], "y": [1, None, 3], "z": [None, None, 3]}}


def test_a_table_of_lists_and_one_of_scalars(run: Run) -> None:
    run.log_table("a", {"x": [1, 2], "y": [3, 4]})
    run.log_table("b", {"x": 1, "y": 2})
    run.log_table("c", {"x": [1]})
    assert run.get_metrics() == {"a": {"x": [1, 2], "y": [3, 4]}, "b": {"x": 1, "y": 2}, "c": {"x": 1}}


def test_tables_are_appended_to(run: Run) -> None:
    run.log_table("a", {"x": [1, 2]})
    run.log_table("a", {"x": [3]})
    run.log_row("a", x=4)
    assert run.get_metrics() == {"a": {"x": [1, 2, 3, 4]}}


@pytest.mark.parametrize("cells", [(1, 2), np.array([1, 2])])
def test_columns_may_be_tuples_and_arrays(run: Run, cells: Any) -> None:
    run.log_table("a", {"x": cells})
    assert run.get_metrics() == {"a": {"x": [1, 2]}}


def test_columns_of_different_lengths_are_refused(run: Run) -> None:
    with pytest.raises(AzureMLException, match="length"):
        run.log_table("a", {"x": [1, 2], "y": [1]})
    assert run.get_metrics() == {}


@pytest.mark.parametrize("value", [[1, 2], "x", None, 3])
def test_what_is_no_dict_is_refused(run: Run, value: Any) -> None:
    with pytest.raises(UserErrorException):
        run.log_table("a", value)


@pytest.mark.parametrize("value", [{}, {"x": []}, {"x": [], "y": []}])
def test_an_empty_table_logs_nothing(run: Run, value: Any) -> None:
    run.log_table("a", value)
    assert run.get_metrics() == {}
