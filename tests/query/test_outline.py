"""What is kept of a long curve: where it begins and ends, every peak, and where it stopped being a number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runstore.errors import UsageError
from runstore.format import schemas
from runstore.query import connect, outline

Point = tuple[float | None, int | None, int]  # value, step (None: it was not given), time
values = st.one_of(
    st.floats(-100, 100), st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 1.5, 1.5]), st.none(), st.just(0.0)
)
curves = st.lists(st.tuples(values, st.one_of(st.none(), st.integers(0, 50)), st.integers(0, 40)), max_size=120)


def filled(connection: Any, series: dict[tuple[str, int, str], Sequence[Point]]) -> str:
    """A table of these curves, as segments have them, numbered across all curves of a writer."""
    types = {"string": "VARCHAR", "int64": "BIGINT", "timestamp": "TIMESTAMP", "double": "DOUBLE", "bool": "BOOLEAN"}
    columns = ", ".join(f"{name} {types[kind]}" for name, kind in schemas.COLUMNS[schemas.POINTS].items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE given ({columns})")
    names = ", ".join(schemas.COLUMNS[schemas.POINTS])
    types_of = [types[kind].replace("TIMESTAMP", "BIGINT") for kind in schemas.COLUMNS[schemas.POINTS].values()]
    numbers: dict[str, int] = {}
    rows = []
    for (name, attempt, writer), points in series.items():
        for index, (value, step, time) in enumerate(points):
            seq = numbers[writer] = numbers.get(writer, -1) + 1
            kind = "float" if value is not None else "none"
            rows.append(
                [
                    "r",
                    "e",
                    name,
                    index if step is None else step,
                    time,
                    value,
                    writer,
                    attempt,
                    seq,
                    kind,
                    None,
                    step is None,
                ]
            )
    lists = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in types_of]
    unnested = ", ".join(f"unnest(?::{kind}[])" for kind in types_of)
    connection.execute(
        f"INSERT INTO given SELECT * REPLACE (make_timestamp(time) AS time) FROM (SELECT {unnested}) AS t({names})",
        lists,
    )
    return "SELECT * FROM given"


def kept(connection: Any, what: str = "name, attempt, writer, seq, value", where: str = "true") -> list[Any]:
    return connection.execute(f"SELECT {what} FROM {outline.KEPT} WHERE {where} ORDER BY ALL").fetchall()


FIGURES = (
    "min(value) FILTER (isfinite(value)) + 0, max(value) FILTER (isfinite(value)) + 0, min(k), max(k), max(seq), "
    "arg_min(struct_pack(v := value), k), arg_max(struct_pack(v := value), k)"
)
KEYED = "(SELECT *, struct_pack(t := time, s := seq) AS k FROM {source})"


@settings(max_examples=60, deadline=None)
@given(curves, st.integers(outline.LEAST, 60))
def test_the_figures_of_a_curve_are_those_of_what_is_kept(curve: list[Point], points: int) -> None:
    connection = connect.connect()
    source = filled(connection, {("loss", 1, "w"): curve, ("short", 1, "w"): curve[: outline.LEAST]})
    every, stay = outline.choose(connection, source, points)
    assert every == len(curve) + min(len(curve), outline.LEAST)
    assert stay == len(kept(connection)) <= points + outline.LEAST
    assert len(kept(connection, where="name = 'short'")) == min(len(curve), outline.LEAST)
    asked = [
        repr(connection.execute(f"SELECT {FIGURES} FROM {KEYED.format(source=one)} WHERE name = 'loss'").fetchall())
        for one in ("given", outline.KEPT)
    ]
    assert asked[0] == asked[1]
    assert kept(connection, "count(*), count(DISTINCT seq)") == [(stay, stay)]
    assert connection.execute(f"SELECT count(*) FROM {outline.KEPT} ANTI JOIN given USING (seq, name)").fetchall() == [
        (0,)
    ]


@settings(max_examples=60, deadline=None)
@given(curves, st.integers(outline.LEAST, 60))
def test_what_is_kept_is_not_thinned_again(curve: list[Point], points: int) -> None:
    connection = connect.connect()
    outline.choose(connection, filled(connection, {("loss", 1, "w"): curve}), points)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE once AS SELECT * FROM {outline.KEPT}")
    before, after = outline.choose(connection, "SELECT * FROM once", points)
    assert before == after


def test_a_curve_that_is_short_enough_stays_as_it_is() -> None:
    connection = connect.connect()
    source = filled(connection, {("loss", 1, "w"): [(float(i), i, i) for i in range(16)]})
    assert outline.choose(connection, source, 16) == (16, 16)
    assert outline.choose(connection, "SELECT * FROM given WHERE false", 16) == (0, 0)


def test_a_peak_and_a_dip_of_one_point_stay() -> None:
    connection = connect.connect()
    curve: list[Point] = [(1.0, i, i) for i in range(10_000)]
    curve[5003], curve[7001] = (9.0, 5003, 5003), (-9.0, 7001, 7001)
    outline.choose(connection, filled(connection, {("loss", 1, "w"): curve}), 100)
    assert kept(connection, "seq, value", "value <> 1") == [(5003, 9.0), (7001, -9.0)]


def test_where_a_curve_stops_being_a_number_is_exact() -> None:
    connection = connect.connect()
    curve: list[Point] = [(math.nan if 4321 <= i < 8765 else float(i), i, i) for i in range(10_000)]
    outline.choose(connection, filled(connection, {("loss", 1, "w"): curve}), 100)
    assert kept(connection, "min(seq), max(seq)", "isnan(value)") == [(4321, 8764)]
    assert {4320, 8765} <= {seq for (seq,) in kept(connection, "seq")}
    assert len(kept(connection)) <= 100


def test_the_curves_of_each_metric_writer_and_attempt_are_thinned_by_themselves() -> None:
    connection = connect.connect()
    curve: list[Point] = [(math.sin(i / 10), i, i) for i in range(500)]
    keys = [("loss", 1, "w"), ("acc", 1, "w"), ("loss", 1, "v"), ("loss", 2, "u")]
    outline.choose(connection, filled(connection, dict.fromkeys(keys, curve)), 50)
    counts = kept(
        connection, "name, attempt, writer, count(*) BETWEEN 30 AND 50 FROM (SELECT * FROM kept_points) GROUP BY ALL --"
    )
    assert sorted(counts) == sorted((*key, True) for key in keys)


def test_what_a_later_attempt_overwrote_is_thinned_apart_from_what_counts() -> None:
    """The attempt began again at step 300: the last point before it ends the curve."""
    connection = connect.connect()
    first: list[Point] = [(float(i), i, i) for i in range(1000)]
    again: list[Point] = [(float(i), i, i) for i in range(300, 400)]
    outline.choose(connection, filled(connection, {("loss", 1, "w"): first, ("loss", 2, "v"): again}), 50)
    steps = [step for (step,) in kept(connection, "step", "attempt = 1")]
    assert {0, 299, 300, 999} <= set(steps)
    assert (len([s for s in steps if s < 300]), len([s for s in steps if s >= 300])) <= (50, 50)
    assert kept(connection, "min(step)", "attempt = 2") == [(300,)]


def test_only_the_curves_that_are_named_are_thinned() -> None:
    connection = connect.connect()
    curve: list[Point] = [(float(i), i, i) for i in range(100)]
    source = filled(connection, {("loss", 1, "w"): curve, ("grad/a", 1, "w"): curve})
    outline.choose(connection, source, 20, lambda name: name.startswith("grad/"))
    assert kept(connection, "count(*)", "name = 'loss'") == [(100,)]
    assert kept(connection, "count(*) <= 20", "name = 'grad/a'") == [(True,)]


@pytest.mark.parametrize("points", [15, 0, -1, 100.5])
def test_too_few_points_for_a_shape_are_refused(points: Any) -> None:
    with pytest.raises(UsageError, match="at least 16"):
        outline.checked(points)
