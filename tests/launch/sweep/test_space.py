"""Expressions of parameters: how they are written, and what is drawn."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.azureml.train import hyperdrive
from runstore.errors import UsageError
from runstore.launch.sweep import space
from runstore.launch.sweep.space import Expression


def one(given: Any) -> Expression:
    return space.read({"x": given})["x"]


def draw(expression: Expression, share: float) -> Any:
    drawn = expression.range
    if drawn.whole:
        return expression.value(min(drawn.high, drawn.low + int(share * (drawn.high - drawn.low + 1))))
    return expression.value(drawn.low + share * (drawn.high - drawn.low))


# ---- how they are written


@pytest.mark.parametrize("given", [["uniform", [0, 1]], ("uniform", 0, 1), {"uniform": [0, 1]}], ids=repr)
def test_an_expression_may_be_written_in_three_ways(given: Any) -> None:
    assert one(given) == Expression("uniform", (0, 1))


@pytest.mark.parametrize(
    "given",
    [[2, 4], (2, 4), ["choice", [[2, 4]]], ("choice", [2, 4]), ("choice", 2, 4), {"choice": [2, 4]}],
    ids=repr,
)
def test_a_choice_may_be_a_list_of_values(given: Any) -> None:
    assert one(given) == Expression("choice", ([2, 4],))


def test_an_option_may_be_called_as_an_expression_is() -> None:
    assert one(["uniform", "normal"]).options == ["uniform", "normal"]
    assert one({"choice": ["uniform", [0, 1]]}).options == ["uniform", [0, 1]]


def test_numbers_behind_a_kind_make_a_list_an_expression_as_yaml_has_no_tuples() -> None:
    assert one(["uniform", 0, 1]) == one(("uniform", 0, 1))
    assert one(["choice", "a", "b"]).options == ["a", "b"]
    assert one(["normal", "zeros"]).options == ["normal", "zeros"]
    with pytest.raises(UsageError, match="a minimum and a maximum"):
        one(["uniform", 0, 1, 2])


def test_every_expression_of_the_sdk_is_read() -> None:
    for kind, count in space.KINDS.items():
        made = getattr(hyperdrive, kind)(*([2, 4] if kind == "choice" else [1, 2, 3][:count]))
        assert one(made).as_list() == made


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (0.1, "list of values"),
        ({"unifrom": [0, 1]}, "'unifrom'"),
        (("uniform", 0), "a minimum and a maximum"),
        (("uniform", 1, 0), "a minimum and a maximum"),
        (("uniform", 0, "1"), "a minimum and a maximum"),
        (("uniform", 0, math.inf), "a minimum and a maximum"),
        (("quniform", 0, 1, 0), "a step above 0"),
        (("normal", 0, -1), "a deviation above 0"),
        (("randint", 0), "at least 1"),
        (("randint", 2.5), "at least 1"),
        ([], "no options"),
        ([{1, 2}], "no JSON value"),
    ],
    ids=repr,
)
def test_what_is_none_is_named_with_what_is_allowed(given: Any, says: str) -> None:
    with pytest.raises(UsageError, match=f"parameter 'x': .*{says}"):
        one(given)


@pytest.mark.parametrize("given", [{}, [1], None], ids=repr)
def test_a_space_has_at_least_one_parameter(given: Any) -> None:
    with pytest.raises(UsageError, match="parameters"):
        space.read(given)


# ---- what is drawn


def test_a_uniform_reaches_from_its_minimum_to_its_maximum() -> None:
    assert [draw(one(("uniform", -1, 3)), share) for share in (0, 0.5, 1)] == [-1, 1, 3]


def test_a_loguniform_is_the_exponential_of_a_uniform() -> None:
    assert [draw(one(("loguniform", 0, 2)), share) for share in (0, 0.5, 1)] == [1, math.e, math.exp(2)]


def test_a_randint_is_below_its_bound() -> None:
    assert {draw(one(("randint", 3)), share / 10) for share in range(11)} == {0, 1, 2}


def test_a_choice_may_be_of_any_values() -> None:
    options = ["adam", None, True, 1.5, [1, 2], {"a": 1}]
    assert [one(options).value(index) for index in range(6)] == options


def test_numbers_and_arrays_of_numpy_are_taken() -> None:
    assert one(np.arange(3)) == one([np.int64(0), 1, 2]) == Expression("choice", ([0, 1, 2],))
    assert json.dumps(one({"choice": [np.float32(0.5), {"a": np.int64(1)}]}).as_list())
    assert one(("uniform", np.float32(0), np.int64(2))) == Expression("uniform", (0.0, 2))
    assert draw(one(("randint", np.int64(3))), 1) == 2


def test_normal_ones_follow_their_distribution() -> None:
    expression = one(("normal", 10, 2))
    assert draw(expression, 0.5) == 10
    assert draw(expression, 0.841344746) == pytest.approx(12)
    assert draw(one(("lognormal", 0, 1)), 0.841344746) == pytest.approx(math.e)
    assert (draw(expression, 0), draw(expression, 1)) == (pytest.approx(-2, abs=0.01), pytest.approx(22, abs=0.01))


@pytest.mark.parametrize(
    ("given", "values"),
    [
        (("quniform", 0, 1, 0.1), [0, 0.3, 1]),
        (("quniform", 16, 64, 16), [16, 32, 64]),
        (("qloguniform", 0, 3, 5), [0, 5, 20]),
        (("qnormal", 0, 1, 0.5), [-6.0, -0.5, 6.0]),
        (("qlognormal", 0, 1, 1), [0, 1, 403]),
    ],
)
def test_stepped_ones_are_multiples_without_noise(given: Any, values: list[float]) -> None:
    assert [draw(one(given), share) for share in (0, 0.34, 1)] == values


def test_a_whole_step_gives_whole_numbers() -> None:
    assert space.arguments({"batch": draw(one(("quniform", 16, 64, 16)), 0.4)}) == ["--batch", "32"]


EXPRESSIONS = [
    ("uniform", -2, 3), ("quniform", -2, 3, 0.7), ("loguniform", -8, 2), ("qloguniform", 0, 5, 3), ("normal", 1, 2),
    ("qnormal", 1, 2, 0.3), ("lognormal", 0, 1), ("qlognormal", 0, 1, 0.5), ("randint", 9), [1, "a", None, {"b": [2]}],
]  # fmt: skip


@given(st.sampled_from(EXPRESSIONS), st.floats(0, 1))
def test_what_was_drawn_is_found_again_from_the_value(given: Any, share: float) -> None:
    expression = one(given)
    value = draw(expression, share)
    drawn = expression.drawn(value)
    assert drawn is not None
    assert expression.range.low <= drawn <= expression.range.high
    again = expression.value(drawn)
    assert again == (pytest.approx(value, rel=1e-6, abs=1e-6) if isinstance(value, float) else value)


@pytest.mark.parametrize(
    ("given", "value"),
    [
        (("uniform", 0, 1), 2), (("uniform", 0, 1), "0.5"), (("uniform", 0, 1), True), (("loguniform", 0, 1), -1),
        (("quniform", 0, 1, 0.1), 7), (("quniform", 0, 1, 0.5), 0.3), (("randint", 3), 3), ([1, 2], 3), ([1, 2], True),
        (("uniform", 0, 1), math.nan),
    ],
    ids=repr,
)  # fmt: skip
def test_a_value_of_another_space_was_not_drawn_from_this_one(given: Any, value: Any) -> None:
    assert one(given).drawn(value) is None


# ---- grids and command lines


def test_a_grid_has_every_combination_once_the_last_parameter_changing_first() -> None:
    found = space.read({"a": [1, 2], "b": ["x", "y", "z"]})
    assert space.combinations(found) == 6
    drawn = [space.combination(found, number) for number in range(6)]
    assert [tuple(one.values()) for one in drawn] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]


def test_a_script_gets_its_values_as_options() -> None:
    values = {"--lr": 0.1, "name": "a b", "-n": 3, "layers": [1, 2], "deep": {"a": None}, "on": True}
    assert space.arguments(values) == [
        "--lr", "0.1", "--name", "a b", "-n", "3", "--layers", "[1, 2]", "--deep", '{"a": null}', "--on", "True",
    ]  # fmt: skip


def test_params_are_named_without_dashes_and_keep_what_they_can_keep() -> None:
    values = {"--lr": 0.1, "layers": [1, 2], "deep": {"a": None}, "--": 1}
    assert space.params(values) == {"lr": 0.1, "layers": [1, 2], "deep": '{"a": null}', "--": 1}
