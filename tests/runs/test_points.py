"""From the arguments of log() to one line."""

from __future__ import annotations

import math
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import InvalidValue, UsageError
from runstore.format import lines, values
from runstore.runs.hot import MISSING
from runstore.runs.points import Points


class Kept:
    """Stands where the closures stand: keeps what is put."""

    def __init__(self) -> None:
        self.put_lines: list[tuple[bytes, int]] = []

    def put(self, line: bytes, count: int) -> None:
        self.put_lines.append((line, count))

    def now(self) -> int:
        return 7

    def items(self) -> list[list[Any]]:
        return [orjson.loads(line) for line, _ in self.put_lines]


def points() -> tuple[Points, Kept]:
    one, kept = Points(lambda name, text: None), Kept()
    one.hot = kept  # type: ignore[assignment]
    return one, kept


numbers = st.one_of(st.floats(), st.integers(), st.booleans(), st.none(), st.text())


@given(st.dictionaries(st.text(min_size=1), numbers, min_size=1), st.integers(-(2**63), 2**63 - 1))
def test_a_dict_becomes_one_line_that_says_every_value_exactly(many: dict[str, Any], step: int) -> None:
    one, kept = points()
    one.log(many, MISSING, "", step)
    ((line, count),) = kept.put_lines
    name, body, at, _ = orjson.loads(line)
    assert (name, at, count) == (None, step, len(many))
    back = {key: values.from_json(value) for key, value in body.items()}
    assert {k: repr(v) for k, v in back.items()} == {k: repr(v) for k, v in many.items()}
    assert lines.count(line) == len(many)


@given(numbers)
def test_a_single_value_is_said_exactly(value: Any) -> None:
    one, kept = points()
    one.log("n", value, "", 3)
    ((_, said, _, _),) = kept.items()
    assert repr(values.from_json(said)) == repr(value)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_one_value_that_is_not_finite_among_many_is_not_lost(bad: float) -> None:
    one, kept = points()
    one.log({f"m{i}": float(i) for i in range(50)} | {"bad": bad}, MISSING, "", 1)
    assert repr(float(kept.items()[0][1]["bad"]["f"])) == repr(bad)


def test_infinities_that_cancel_are_not_taken_for_finite() -> None:
    one, kept = points()
    one.log({"a": math.inf, "b": -math.inf}, MISSING, "", 1)
    assert kept.items()[0][1] == {"a": {"f": "inf"}, "b": {"f": "-inf"}}


def test_finite_values_whose_sum_overflows_are_kept() -> None:
    one, kept = points()
    one.log({"a": 1.7e308, "b": 1.7e308}, MISSING, "", 1)
    assert kept.items()[0][1] == {"a": 1.7e308, "b": 1.7e308}


def test_an_empty_dict_logs_nothing() -> None:
    one, kept = points()
    one.log({}, MISSING, "", 1)
    assert kept.put_lines == []


def test_an_index_is_only_taken_by_what_was_stored() -> None:
    one, kept = points()
    with pytest.raises(InvalidValue):
        one.log({"a": object()}, MISSING, "", None)
    one.log("a", 1.0, "", None)
    assert kept.items()[0][2] == [0]


@pytest.mark.parametrize("outer", ["point", "many", "row"])
def test_who_logs_from_a_signal_handler_takes_an_index_of_its_own(outer: str) -> None:
    one, kept = points()
    inside: list[bool] = []
    put = kept.put

    def interrupted(line: bytes, count: int) -> None:
        if not inside:
            inside.append(True)
            one.log("a", 2.0, "", None)
            one.log({"a": 2.0}, MISSING, "", None)
            one.row("a", {"x": 2}, None)
        put(line, count)

    kept.put = interrupted  # type: ignore[method-assign]
    if outer == "row":
        one.row("a", {"x": 1}, None)
    else:
        one.log("a" if outer == "point" else {"a": 1.0}, 1.0 if outer == "point" else MISSING, "", None)
    rows = [step for _, value, step, _ in kept.items() if isinstance(value, dict) and "row" in value]
    others = [step for _, value, step, _ in kept.items() if not (isinstance(value, dict) and "row" in value)]
    assert sorted(rows) == [[index] for index in range(len(rows))]
    assert sorted(others) == [[index] for index in range(len(others))]


def test_names_that_become_one_by_escaping_take_one_number() -> None:
    one, kept = points()
    with pytest.warns(UserWarning, match="surrogate"):
        one.log({"\ud800": 1.0, "\\ud800": 2.0}, MISSING, "", None)
    ((line, count),) = kept.put_lines
    assert count == lines.count(line) == len(orjson.loads(line)[2]) == 1


def test_rows_and_points_of_one_name_count_apart() -> None:
    one, kept = points()
    one.log("a", 1.0, "", None)
    one.row("a", {"x": 1}, None)
    assert [item[2] for item in kept.items()] == [[0], [0]]


scalars = st.lists(numbers, min_size=1)


@given(scalars)
def test_a_list_becomes_one_line_that_says_every_value_exactly(logged: list[Any]) -> None:
    one, kept = points()
    one.series("s", logged, None)
    ((line, count),) = kept.put_lines
    _, content, at, _ = orjson.loads(line)
    assert ([repr(values.from_json(value)) for value in content["list"]], at) == ([*map(repr, logged)], [0])
    assert count == lines.count(line) == len(logged)


def test_a_long_list_goes_on_in_the_next_line_with_its_index_its_steps_and_its_times() -> None:
    one, kept = points()
    one.series("s", [0.5] * 2500, None)
    one.series("s", [1] * 1001, [*range(1001)], [*range(5, 1006)])
    one.series("s", [2] * 1001, 8)
    assert [(len(content["list"]), at, time) for _, content, at, time in kept.items()] == [
        (1000, [0], 7), (1000, [1000], 7), (500, [2000], 7), (1000, 0, 5), (1, 1000, 1005), (1000, 8, 7), (1, 8, 7),
    ]  # fmt: skip
    assert kept.items()[4][1] == {"list": [1], "steps": [1000], "times": [1005]}


@pytest.mark.parametrize("bad", [[1.0, [2.0]], [b"x"], [1.0] * 1500 + [object()]])
def test_a_list_with_one_value_that_cannot_be_logged_stores_nothing(bad: list[Any]) -> None:
    one, kept = points()
    with pytest.raises(InvalidValue):
        one.series("s", bad, None)
    assert kept.put_lines == []


@given(st.dictionaries(st.text(), numbers | st.lists(numbers) | st.dictionaries(st.text(), numbers)))
def test_a_row_says_every_cell_exactly(row: dict[str, Any]) -> None:
    one, kept = points()
    one.row("t", row, 1)
    ((_, content, _, _),) = kept.items()
    assert repr(values.from_document(content["row"])) == repr(row)


def test_a_cell_that_is_a_numpy_scalar_is_a_plain_one() -> None:
    import numpy

    one, kept = points()
    one.row("t", {"a": numpy.float64(0.5), "b": numpy.int64(3), "c": numpy.float64("nan"), "d": None}, 1)
    assert kept.items()[0][1] == {"row": {"a": 0.5, "b": 3, "c": {"f": "nan"}, "d": None}}


def test_rows_are_stored_all_or_not_at_all() -> None:
    one, kept = points()
    with pytest.raises(InvalidValue):
        one.rows("t", [{"a": 1, "b": 2}, {"a": b"x"}], None)
    assert kept.put_lines == []


def test_a_name_holds_one_kind_of_thing() -> None:
    one, _ = points()
    one.row("a", {"x": 1}, None)
    one.row("a", {"x": 2}, None)
    with pytest.raises(UsageError, match="'a' holds a table in this run; log the image under another name"):
        one.claim("a", "image")


def test_a_description_is_said_once() -> None:
    said: list[tuple[str, str]] = []
    one, kept = Points(lambda name, text: said.append((name, text))), Kept()
    one.hot = kept  # type: ignore[assignment]
    for _ in range(3):
        one.log("a", 1.0, "the loss", 1)
    assert said == [("a", "the loss")]
