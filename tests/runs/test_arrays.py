"""Anything with several elements becomes a plain list, whoever made it."""

from __future__ import annotations

import array
import datetime
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest

from runstore.errors import InvalidValue, UsageError
from runstore.runs import arrays

DAY = 1_577_836_800 * 10**9


class Tensor:
    """Stands for a tensor of TensorFlow: no list of its own, but a numpy array."""

    def numpy(self) -> Any:
        return numpy.array([1, 2])


class Grad:
    """Stands for a tensor of torch that a gradient hangs on."""

    dtype = "torch.bfloat16"

    def __init__(self, calls: tuple[str, ...] = ()) -> None:
        self.calls = calls

    def __getattr__(self, name: str) -> Any:
        if name in ("detach", "cpu", "float"):
            return lambda: Grad((*self.calls, name))
        raise AttributeError(name)

    def __array__(self) -> Any:
        assert self.calls == ("detach", "cpu", "float")
        return numpy.array([1.5])


@pytest.mark.parametrize(
    "given",
    [
        [1, 2], (1, 2), range(1, 3), (n for n in (1, 2)), {1: 0, 2: 0}.keys(), array.array("i", [1, 2]),
        numpy.array([1, 2]), pandas.Series([1, 2]), polars.Series([1, 2]), pyarrow.array([1, 2]), Tensor(),
        pyarrow.chunked_array([[1], [2]]), pandas.Index([1, 2]),
    ],
    ids=lambda given: type(given).__name__,
)  # fmt: skip
def test_every_iterable_is_a_list_of_plain_values(given: Any) -> None:
    found = arrays.listed(given, "x")
    assert (found, [*map(type, found)]) == ([1, 2], [int, int])


@pytest.mark.parametrize("given", ["text", b"bytes", {"a": 1}, 3, None, numpy.array(3), numpy.float64(3)])
def test_what_nobody_means_as_a_list_is_refused(given: Any) -> None:
    with pytest.raises(InvalidValue, match=r"^x: "):
        arrays.listed(given, "x")


def test_dates_stay_dates_and_never_become_bare_integers() -> None:
    found = arrays.listed(numpy.array(["2020-01-01", "NaT"], "M8[ns]"), "x")
    assert found == [datetime.datetime(2020, 1, 1), None]  # noqa: DTZ001


@pytest.mark.parametrize("given", [[1, -5], [1.0, -5.0], numpy.array([1, -5]), numpy.array([1, -5], "f4")])
def test_steps_are_integers(given: Any) -> None:
    found = arrays.steps(given, 2)
    assert (found, [*map(type, found)]) == ([1, -5], [int, int])


@pytest.mark.parametrize("given", [[1, 2.5], [1, None], [1, "2"], [1, 2**63], [[1], [2]]])
def test_a_step_that_is_none_is_refused(given: Any) -> None:
    with pytest.raises(InvalidValue):
        arrays.steps(given, 2)


def test_there_are_as_many_steps_and_times_as_values() -> None:
    for read in (arrays.steps, arrays.times):
        with pytest.raises(UsageError, match=r"2 \w+ for 3 values"):
            read([1, 2], 3)
    assert arrays.steps([], 0) == arrays.times([], 0) == []


ZONE = datetime.timezone(datetime.timedelta(hours=2))


@pytest.mark.parametrize(
    "given",
    [
        [DAY],
        numpy.array([DAY]),
        numpy.array(["2020-01-01"], "M8[D]"),
        [numpy.datetime64("2020-01-01")],
        [datetime.datetime(2020, 1, 1)],  # noqa: DTZ001
        [datetime.datetime(2020, 1, 1, 2, tzinfo=ZONE)],
        pandas.Series(pandas.to_datetime(["2020-01-01"])),
        pandas.Series(pandas.to_datetime(["2020-01-01"])).dt.tz_localize("UTC").dt.tz_convert("Europe/Berlin"),
        polars.Series([datetime.datetime(2020, 1, 1)]),  # noqa: DTZ001
        pyarrow.array([datetime.datetime(2020, 1, 1)]),  # noqa: DTZ001
    ],
    ids=lambda given: type(given).__name__,
)
def test_times_are_nanoseconds_utc(given: Any) -> None:
    found = arrays.times(given, 1)
    assert (found, type(found[0])) == ([DAY], int)


def test_times_keep_their_nanoseconds() -> None:
    exact = numpy.array(["2020-01-01T00:00:00.000000001"], "M8[ns]")
    for given in (exact, list(exact), pandas.Series(exact)):
        assert arrays.times(given, 1) == [DAY + 1]


@pytest.mark.parametrize("given", [[1.5], ["2020"], [None], [-1], [numpy.datetime64("NaT")], [2**63]])
def test_what_is_no_time_is_refused(given: Any) -> None:
    with pytest.raises(InvalidValue):
        arrays.times(given, 1)


def test_a_tensor_becomes_an_array_without_its_gradient() -> None:
    assert arrays.plain(Grad(), "x").tolist() == [1.5]
    with pytest.raises(InvalidValue, match="x: takes an array, not a list"):
        arrays.plain([1], "x")
