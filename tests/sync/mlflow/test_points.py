from __future__ import annotations

import math
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import runstore
from runstore.disk import inventory
from runstore.format import ranges
from runstore.query import sealing
from runstore.sync.mlflow import points
from runstore.sync.piece import Span

NUMBERS = st.dictionaries(
    st.sampled_from(["a", "as", "b"]), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4)
)
SPANS = NUMBERS.map(lambda found: points.lacking({w: ranges.join(p) for w, p in found.items()}, {}))


def each(spans: list[Span]) -> list[tuple[str, int]]:
    return [(writer, n) for writer, first, last in spans for n in range(first, last + 1)]


@given(NUMBERS, NUMBERS)
def test_what_is_lacking_is_what_is_here_and_not_there(here: dict[str, list], there: dict[str, list]) -> None:  # type: ignore[type-arg]
    have, sent = ({w: ranges.join(p) for w, p in one.items()} for one in (here, there))
    left = points.lacking(have, sent)
    assert each(left) == sorted({*each(points.lacking(have, {}))} - {*each(points.lacking(sent, {}))})


@given(SPANS, st.integers(1, 50))
def test_windows_are_the_same_numbers_in_order_and_none_is_too_large(spans: list[Span], size: int) -> None:
    parts = list(points.windows(spans, size))
    assert [number for part in parts for number in each(part)] == each(spans)
    assert all(0 < len(each(part)) <= size for part in parts)
    assert all(len(each(part)) == size for part in parts[:-1])


@given(SPANS, st.data())
def test_until_a_number_and_without_those_are_all_of_them(spans: list[Span], data: st.DataObject) -> None:
    numbers = each(spans)
    at = data.draw(st.sampled_from(numbers)) if numbers else ("a", 0)
    done = points.until(spans, *at)
    assert each(done) == [number for number in numbers if number <= at]
    assert each(points.without(spans, done)) == [number for number in numbers if number > at]


@given(st.floats(), st.integers(0, 2**40), st.integers(-(2**63), 2**63 - 1))
def test_a_point_is_alike_to_what_an_sql_store_gives_back_of_it(value: float, time: int, step: int) -> None:
    kept = math.copysign(points.LARGEST, value) if math.isinf(value) else value
    assert points.alike("k", value, time, step) == points.alike("k", kept, time, step)
    assert points.Point("k", value, time, step).identity == points.alike("k", value, time, step)


def logged(workspace: Path) -> runstore.Run:
    run = runstore.start_run("ex", workspace=runstore.Workspace(workspace))
    for step in range(20):
        run.log({"loss": step / 2, "acc": step}, step=step)
        run.log("index", step)
    run.log("text", "t")
    run.log_row("rows", a=1)
    run.flush()
    return run


def test_points_come_in_order_sealed_ones_and_live_ones(workspace: Path) -> None:
    run = logged(workspace)
    trouble: list[str] = []
    have = points.held(run.path, trouble)
    ((writer, pieces),) = have.items()
    assert pieces == [(0, 61)] and trouble == []
    found = points.read(workspace, run.id, points.lacking(have, {}))
    assert [one.number for one in found] == [*range(60)]
    assert [(one.key, one.value, one.step) for one in found[-3:]] == [
        ("loss", 9.5, 19), ("acc", 19.0, 19), ("index", 19.0, 19),
    ]  # fmt: skip
    part = points.read(workspace, run.id, [(writer, 5, 7), (writer, 50, 50)])
    assert [one.number for one in part] == [5, 6, 7, 50]
    run.complete()
    sealing.seal(workspace, run.path)
    assert points.held(run.path, trouble) == have and trouble == []
    assert points.read(workspace, run.id, points.lacking(have, {})) == found


def test_what_is_damaged_is_not_held_and_is_told(workspace: Path) -> None:
    run = logged(workspace)
    run.complete()
    sealing.seal(workspace, run.path)
    (path,) = [path for path in inventory.scan(run.path).segment_files if path.name.startswith("points-")]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.chmod(0o600)
    path.write_bytes(data)
    trouble: list[str] = []
    assert points.held(run.path, trouble) == {}
    assert "SHA-256" in trouble[0]


def test_odd_points_are_told_exactly(workspace: Path) -> None:
    run = runstore.start_run("ex", workspace=runstore.Workspace(workspace))
    for value in (1.5, math.nan, math.inf, "text", None, 2**53, 2**53 + 1, -(2**53) - 1, 2**80, True):
        run.log("m", value)
    run.log("again", 1, step=0)
    run.log("again", 1, step=1)
    run.flush()
    found = [(one["value"], one["text"]) for one in points.odd(workspace, run.id, False)]
    assert found == [
        ("inf", None), (None, "text"), (None, None), (2.0**53, str(2**53 + 1)), (-(2.0**53), str(-(2**53) - 1)),
        (2.0**80, str(2**80)),
    ]  # fmt: skip
    run.complete()
    assert len([*points.odd(workspace, run.id, True)]) == len(found)


def test_points_that_are_one_to_mlflow_are_told_once_the_run_has_ended(workspace: Path) -> None:
    run = runstore.start_run("ex", workspace=runstore.Workspace(workspace))
    run.log_batch("m", [1.0, 1.0, 1.0, 2.0], steps=[7] * 4, times=[1_700_000_000_000_000_000 + n for n in range(4)])
    run.complete()
    assert [*points.odd(workspace, run.id, False)] == []
    found = [(one["name"], one["step"], one["value"]) for one in points.odd(workspace, run.id, True)]
    assert found == [("m", 7, 1.0)] * 2


def test_points_that_are_alike_go_once_in_a_batch() -> None:
    found = [points.Point("m", value, 5, 6, "w", number) for number, value in enumerate([1.0, 1.0, 2.0, math.nan] * 2)]
    parts = list(points.batches(found, 2))
    assert [[one.number for one in part] for part in parts] == [[0, 2], [3, 4], [5, 6], [7]]
