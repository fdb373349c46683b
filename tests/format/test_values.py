"""Every value comes back exactly, through the very JSON text that is stored."""

from __future__ import annotations

import struct
from typing import Any

import numpy
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import InvalidValue, UsageError
from runstore.format import values

TEXT = st.text()
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXT
DATA = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=12)


def stored(value: object) -> Any:
    return orjson.loads(orjson.dumps(value))


def bits(value: object) -> object:
    """A form in which only what is the very same value is equal."""
    if isinstance(value, float):
        return ("float", "nan" if value != value else struct.pack("d", value))
    if isinstance(value, dict):
        return {key: bits(one) for key, one in value.items()}
    return [bits(one) for one in value] if isinstance(value, list) else (type(value), value)


@given(SCALARS)
def test_a_scalar_comes_back_to_the_bit(value: Any) -> None:
    assert bits(values.from_json(stored(values.to_json(values.scalar(value))))) == bits(value)


@pytest.mark.parametrize(
    "value",
    [
        -0.0, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan"),
        2**53 + 1, 2**63, 2**64 - 1, 2**64, -(2**63) - 1, True, False, None, "", "a\0b", "\u2028\U0001f600",
    ],
)  # fmt: skip
def test_an_odd_scalar_comes_back_to_the_bit(value: Any) -> None:
    assert bits(values.from_json(stored(values.to_json(values.scalar(value))))) == bits(value)


@given(DATA)
def test_nested_data_come_back_to_the_bit(value: Any) -> None:
    assert bits(values.from_document(stored(values.document(value)))) == bits(value)


@pytest.mark.parametrize("value", [{"f": 1}, {"i": "7"}, {"d": {"f": "nan"}}, {"f": {"d": {"i": {}}}}])
def test_data_that_look_like_a_stand_in_come_back(value: Any) -> None:
    assert values.from_document(stored(values.document(value))) == value


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (numpy.float64(0.1), 0.1),
        (numpy.float32(0.5), 0.5),
        (numpy.int64(-3), -3),
        (numpy.uint64(2**64 - 1), 2**64 - 1),
        (numpy.bool_(True), True),
        (numpy.str_("a"), "a"),
        (numpy.array(1.5), 1.5),
        (numpy.array([2]), 2),
    ],
)
def test_a_scalar_of_another_library_is_read_through_item(value: Any, plain: object) -> None:
    assert bits(values.scalar(value)) == bits(plain)


@pytest.mark.parametrize("value", [[], {}, (1,), b"x", 1j, object(), numpy.array([1, 2]), numpy.complex64(1)])
def test_what_is_no_scalar_is_refused_with_its_type(value: object) -> None:
    with pytest.raises(InvalidValue, match=type(value).__name__):
        values.scalar(value, "metric 'x'")


def test_an_integer_longer_than_python_writes_is_refused() -> None:
    with pytest.raises(InvalidValue, match="bits is too long"):
        values.to_json(values.scalar(10**5000))


def test_a_lone_surrogate_is_stored_as_its_escape_with_a_warning() -> None:
    with pytest.warns(UserWarning, match="lone surrogate"):
        assert values.scalar("a\ud800") == "a\\ud800"


@pytest.mark.parametrize(("value", "error"), [("", UsageError), (3, InvalidValue), (None, InvalidValue)])
def test_a_name_is_text_that_is_not_empty(value: object, error: type[Exception]) -> None:
    with pytest.raises(error, match="metric name"):
        values.name(value)


@pytest.mark.parametrize(
    ("value", "step"),
    [(None, None), (0, 0), (-5, -5), (7.0, 7), (numpy.int32(3), 3), (2**63 - 1, 2**63 - 1), (-(2**63), -(2**63))],
)
def test_a_step_is_kept_as_an_integer(value: object, step: int | None) -> None:
    assert values.step(value) == step


@pytest.mark.parametrize("value", [0.5, "1", True, 2**63, -(2**63) - 1, float("nan"), float("inf"), [1]])
def test_anything_else_is_no_step(value: object) -> None:
    with pytest.raises(InvalidValue):
        values.step(value)


def test_params_are_flattened_to_dotted_names() -> None:
    nested = {"lr": 0.1, "optimizer": {"name": "adam", "betas": [0.9, 0.99], "extra": {}}, 3: "three"}
    assert list(values.leaves(nested)) == [
        ("lr", 0.1), ("optimizer.name", "adam"), ("optimizer.betas", [0.9, 0.99]), ("optimizer.extra", {}),
        ("3", "three"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("value", "leaf"),
    [
        (0.1, 0.1),
        (float("nan"), {"f": "nan"}),
        ([1, float("inf")], {"j": [1, {"f": "inf"}]}),
        ({}, {"j": {}}),
        ({3, 1}, {"j": [1, 3]}),
        (numpy.array([1, 2]), {"j": [1, 2]}),
    ],
)
def test_a_leaf_is_a_scalar_or_data(value: object, leaf: object) -> None:
    assert values.leaf(value, "param 'x'") == leaf


def test_a_leaf_that_can_not_be_kept_is_refused() -> None:
    with pytest.raises(InvalidValue, match="param 'x'"):
        values.leaf(object(), "param 'x'")


def nested(levels: int, kind: type) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"f": value} if kind is dict else kind([value])
    return value


@pytest.mark.parametrize("kind", [dict, list, tuple, frozenset])
def test_data_nested_too_deeply_are_refused_and_less_deep_ones_can_be_written(kind: type) -> None:
    value = nested(values.DEEPEST, kind)
    assert orjson.dumps(values.document(value))
    for levels in (values.DEEPEST + 1, 300, 5000):
        with pytest.raises(InvalidValue, match="nested deeper than 100 levels"):
            values.document(nested(levels, kind))


def test_data_and_params_that_hold_themselves_are_refused() -> None:
    looped: dict[str, Any] = {}
    looped["a"] = [looped, looped]
    endless: dict[str, Any] = {}
    endless["a"] = endless
    with pytest.raises(InvalidValue, match="or holds itself"):
        values.document(looped)
    with pytest.raises(InvalidValue, match="or holds itself"):
        list(values.leaves(endless))
