"""Two runs side by side: the causes there may be, and the first step at which what came of them parts."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runstore
from runstore.query import diff, parting
from runstore.query.diff import Diff
from runstore.runs import provenance, seal

Pair = Callable[[list[tuple[Any, ...]], list[tuple[Any, ...]]], Diff]


@pytest.fixture
def ws(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(workspace)


@pytest.fixture
def pair(ws: runstore.Workspace) -> Pair:
    """``pair([("loss", 0.5, 0)], [...])``: the diff of two runs that logged this."""

    def one(a: list[tuple[Any, ...]], b: list[tuple[Any, ...]], **how: Any) -> Diff:
        ids = []
        for points in (a, b):
            with runstore.start_run("x", workspace=ws) as run:
                for name, value, *step in points:
                    run.log(name, value, step=step[0] if step else None)
            ids.append(run.id)
        return ws.diff(*ids, **how)

    return one


def parts(found: Diff) -> dict[str, int | None]:
    return {metric.name: metric.step for metric in found.metrics}


# ---- metrics


def test_a_metric_parts_at_the_first_step_at_which_its_values_differ(pair: Pair) -> None:
    curve = [("loss", 1 / (step + 1), step) for step in range(20)]
    other = [(name, value if step < 12 else value + 1, step) for name, value, step in curve]
    found = pair(curve, other)
    (metric,) = found.metrics
    assert (metric.step, metric.common, metric.parted) == (12, 20, 8)
    assert (metric.a_there, metric.b_there) == (1 / 13, 1 / 13 + 1)
    assert (metric.a, metric.b, metric.delta) == (0.05, 1.05, 1.0)
    assert found.verdict.endswith("; loss parts at step 12")


def test_points_are_left_alone_where_nobody_asks_for_them(
    pair: Pair, ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = pair([("loss", 1.0, 0)], [("loss", 2.0, 0)])
    monkeypatch.setattr(diff, "_metrics", None)
    assert diff.diff(ws.path, found.a.run_id, found.b.run_id, points=False).metrics == []


def test_one_bit_of_difference_is_one_and_a_tolerance_overlooks_it(pair: Pair) -> None:
    a, b = [("loss", 1000.0, 0)], [("loss", 1000.0000000000001, 0)]
    assert parts(pair(a, b)) == {"loss": 0}
    assert parts(pair(a, b, tolerance=1e-12)) == {"loss": None}


def test_a_tolerance_is_of_the_larger_ones_size_and_plain_below_one(pair: Pair) -> None:
    a = [("large", 1000.0), ("small", 0.001), ("off", 10.0)]
    b = [("large", 1009.0), ("small", 0.010), ("off", 11.0)]
    assert parts(pair(a, b, tolerance=0.01)) == {"large": None, "small": None, "off": 0}


def test_nan_and_infinity_are_like_themselves_only(pair: Pair) -> None:
    a = [("nan", float("nan")), ("inf", float("inf")), ("gone", 1.0), ("sign", float("inf"))]
    b = [("nan", float("nan")), ("inf", float("inf")), ("gone", float("nan")), ("sign", float("-inf"))]
    for tolerance in (0.0, 0.5):
        assert parts(pair(a, b, tolerance=tolerance)) == {"nan": None, "inf": None, "gone": 0, "sign": 0}


def test_texts_and_integers_beyond_doubles_part_too(pair: Pair) -> None:
    a, b = [("note", "x"), ("id", 2**60)], [("note", "y"), ("id", 2**60 + 1)]
    for tolerance in (0.0, 0.5):
        assert parts(pair(a, b, tolerance=tolerance)) == {"note": 0, "id": 0}


def test_text_never_is_a_number(pair: Pair) -> None:
    assert parts(pair([("x", "1")], [("x", 1)], tolerance=1.0)) == {"x": 0}


def test_only_steps_that_both_have_are_compared(pair: Pair) -> None:
    found = pair([("loss", step, step) for step in range(0, 10, 2)], [("loss", step, step) for step in range(0, 20, 3)])
    (metric,) = found.metrics
    assert (metric.step, metric.common, metric.a_points, metric.b_points) == (None, 2, 5, 7)
    assert "1 metric the same at all 2 common points" in found.verdict


def test_repeated_steps_are_compared_in_the_order_of_logging(pair: Pair) -> None:
    assert parts(pair([("x", 1, 5), ("x", 2, 5)], [("x", 1, 5), ("x", 3, 5)])) == {"x": 5}
    assert parts(pair([("x", 1, 5), ("x", 2, 5)], [("x", 1, 5), ("x", 2, 5)])) == {"x": None}


def test_points_without_steps_are_compared_by_their_index(pair: Pair) -> None:
    assert parts(pair([("x", 1), ("x", 2)], [("x", 1), ("x", 3)])) == {"x": 1}


def test_a_metric_of_one_run_only_is_no_parting(pair: Pair) -> None:
    found = pair([("x", 1)], [("y", 2)])
    assert [(change.name, change.how, change.a, change.b) for change in found.lone_metrics] == [
        ("x", "removed", 1, None), ("y", "added", None, 2),
    ]  # fmt: skip
    assert found.verdict.endswith("no metric in common")


def test_points_that_a_later_attempt_overwrote_are_not_compared(ws: runstore.Workspace) -> None:
    for run_id, first in (("a", 9.0), ("b", 8.0)):
        for value in (first, 1.0):
            with runstore.start_run("x", run_id=run_id, workspace=ws) as run:
                run.log("loss", value, step=0)
    assert parts(ws.diff("a", "b")) == {"loss": None}


# ---- causes


def test_params_and_tags_that_differ_are_told(ws: runstore.Workspace) -> None:
    runstore.start_run("x", run_id="a", params={"lr": 0.1, "seed": 1}, tags={"stage": "dev"}, workspace=ws).complete()
    runstore.start_run("x", run_id="b", params={"lr": 0.2, "seed": 1, "new": 1}, workspace=ws).complete()
    found = ws.diff("a", "b")
    assert [(change.name, change.how) for change in found.params] == [("lr", "changed"), ("new", "added")]
    assert [(change.name, change.how) for change in found.tags] == [("stage", "removed")]
    assert found.verdict == "differ in: lr, new, tags (1)"
    assert found.differ


def test_many_params_are_counted_in_the_verdict(ws: runstore.Workspace) -> None:
    for run_id, value in (("a", 1), ("b", 2)):
        runstore.start_run("x", run_id=run_id, params={f"p{n}": value for n in range(9)}, workspace=ws).complete()
    assert ws.diff("a", "b").verdict == "differ in: p0, p1, 7 more params"


def test_runs_that_are_alike_do_not_differ(pair: Pair) -> None:
    found = pair([("x", 1)], [("x", 1)])
    assert not found.differ
    assert found.verdict == "no differences in params; 1 metric the same at all 1 common point"


def test_a_run_and_its_beginning_name_the_same(ws: runstore.Workspace) -> None:
    for run_id in ("first", "second"):
        runstore.start_run("x", run_id=run_id, workspace=ws).complete()
    assert ws.diff(ws.get_run("first"), "sec").b.run_id == "second"


def test_what_was_not_recorded_is_said(pair: Pair) -> None:
    assert any("came from was not recorded" in note for note in pair([], []).notes)


def test_packages_command_line_and_git_that_differ_are_told(
    tmp_path: Path, ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(provenance.VARIABLE)
    monkeypatch.setattr(provenance, "_beside_main", list)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)  # of whoever runs these tests
    code = tmp_path / "code"
    code.mkdir()
    monkeypatch.chdir(code)
    for command in (["init"], ["commit", "--allow-empty", "-m", "first"]):
        subprocess.run(["git", "-c", "user.name=n", "-c", "user.email=e", *command], check=True, capture_output=True)
    for run_id, argv, packages in (
        ("a", ["t.py", "--lr", "1"], "x==1\ny==1\n"),
        ("b", ["t.py", "--lr", "2"], "x==2\n"),
    ):
        monkeypatch.setattr(sys, "argv", argv)
        monkeypatch.setattr(provenance, "_packages", lambda packages=packages: packages)
        runstore.start_run("x", run_id=run_id, workspace=ws).complete()
        (code / "t.py").write_text("lr = 1\n")
        subprocess.run(["git", "add", "."], check=True)
    found = ws.diff("a", "b")
    assert [(change.name, change.a, change.b) for change in found.packages] == [("x", "1", "2"), ("y", "1", None)]
    assert [(change.name, change.b) for change in found.surroundings] == [("command line", "t.py --lr 2")]
    assert [(change.name, change.a, change.b) for change in found.git] == [("dirty", False, True)]
    assert [change.path for change in found.uncommitted] == ["t.py"]
    assert found.verdict == "differ in: code (1 uncommitted file), packages (2), command line"


@pytest.fixture(params=[1_000_000, 2], ids=["whole", "in-pieces"])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parting, "PIECE", request.param)


POINTS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from([0.0, 1.0, float("nan")])), max_size=8)


@pytest.mark.usefixtures("piece")
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(POINTS, POINTS)
def test_the_first_step_is_that_which_comparing_by_hand_finds(
    pair: Pair, a: list[tuple[int, float]], b: list[tuple[int, float]]
) -> None:
    found = pair([("x", value, step) for step, value in a], [("x", value, step) for step, value in b])

    def numbered(points: list[tuple[int, float]]) -> dict[tuple[int, int], str]:
        seen: dict[int, int] = {}
        told = {}
        for step, value in points:
            seen[step] = seen.get(step, 0) + 1
            told[step, seen[step]] = repr(value)
        return told

    one, other = numbered(a), numbered(b)
    differing = [step for step, nth in one.keys() & other.keys() if one[step, nth] != other[step, nth]]
    assert parts(found) == ({"x": min(differing, default=None)} if a and b else {})
