"""Shapes of metrics."""

from __future__ import annotations

from runstore.azureml.core import shapes


def test_one_value_is_bare_and_several_are_a_list() -> None:
    assert shapes.points([1]) == 1
    assert shapes.points([1, 2]) == [1, 2]


def test_a_row_is_a_dict_of_scalars_and_rows_of_lists() -> None:
    assert shapes.table({"x": [1], "y": [2]}) == {"x": 1, "y": 2}
    assert shapes.table({"x": [1, 2]}) == {"x": [1, 2]}


def test_what_a_row_lacks_is_none() -> None:
    assert shapes.columns([{"x": 1}, {"y": 2}]) == {"x": [1, None], "y": [None, 2]}
