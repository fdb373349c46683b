"""Which values the logging calls take."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from runstore.azureml.core import scalars
from runstore.azureml.exceptions import AzureMLException, UserErrorException


@pytest.mark.parametrize("value", [1, 0.5, True, "a", None])
def test_plain_values_are_given_back_themselves(value: Any) -> None:
    assert scalars.single("m", value) is value
    assert scalars.element("m", value) is value


def test_the_message_names_the_metric_and_the_way() -> None:
    with pytest.raises(UserErrorException, match=r"'m'.*log_list"):
        scalars.single("m", [1])


def test_text_of_an_odd_value_is_warned_of_by_name() -> None:
    with pytest.warns(UserWarning, match="'m': a Decimal"):
        assert scalars.single("m", Decimal("1.5")) == "Decimal('1.5')"


def test_a_0d_array_is_one_element() -> None:
    assert scalars.element("m", np.array(3)) == 3


@pytest.mark.parametrize("value", [[1], (1,), {1}, {"a": 1}, range(2), np.arange(2)])
def test_a_container_is_no_element(value: Any) -> None:
    with pytest.raises(AzureMLException, match="scalar"):
        scalars.element("m", value)


def test_several_are_floats_only_where_the_first_is_an_int() -> None:
    assert [type(one) for one in scalars.several("m", [1, 0.5])] == [float, float]
    assert [type(one) for one in scalars.several("m", [0.5, 1])] == [float, int]
    assert [type(one) for one in scalars.several("m", [True, 0.5])] == [bool, float]


def test_what_is_not_iterable_is_no_list() -> None:
    with pytest.raises(UserErrorException):
        scalars.several("m", 3)  # type: ignore[arg-type]


def test_a_text_is_one_cell() -> None:
    assert scalars.columns("t", {"x": "abc", "y": 1}) == {"x": ["abc"], "y": [1]}


def test_lengths_are_told_where_they_differ() -> None:
    with pytest.raises(AzureMLException, match="'x': 2, 'y': 1"):
        scalars.columns("t", {"x": [1, 2], "y": 1})


def test_a_label_is_text_or_none() -> None:
    assert scalars.labels("tag", {"a": "b", "c": None}) == {"a": "b", "c": None}
    assert scalars.labels("tag", None) == {}
    with pytest.warns(UserWarning, match="tag 'a'"):
        assert scalars.labels("tag", {"a": 1}) == {"a": "1"}
    with pytest.raises(UserErrorException):
        scalars.labels("tag", ["a"])
