"""Rules say which runs stay; all others are deleted, and can be restored."""

from __future__ import annotations

import io
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runstore
from runstore.errors import QueryError, UsageError
from runstore.query import compaction, retaining
from runstore.query.retaining import Retention
from tests.query import blocked


def ended(ws: runstore.Workspace, run_id: str, loss: float | None = None, experiment: str = "e", **more: Any) -> Any:
    with runstore.start_run(experiment, run_id=run_id, workspace=ws, **more) as run:
        if loss is not None:
            run.log("loss", 100.0)
            run.log("loss", loss)
    return run


@pytest.fixture
def sweep(ws: runstore.Workspace) -> runstore.Workspace:
    for number, loss in enumerate((0.3, 0.1, 0.4, 0.2)):
        ended(ws, f"r{number}", loss, params={"size": number % 2})
    ended(ws, "none")
    ended(ws, "nan", math.nan)
    return ws


def going(found: Retention) -> set[str]:
    return {one.run_id for one in found.going}


def reasons(found: Retention) -> dict[str, list[str]]:
    return {one.run_id: [reason.rule for reason in one.why] for one in found.kept}


def there(ws: runstore.Workspace) -> set[str]:
    return {run_id for (run_id,) in ws.sql("select run_id from runs").fetchall()}


def test_the_best_stay_and_the_others_are_deleted_until_they_are_restored(sweep: runstore.Workspace) -> None:
    plan = sweep.retain(metric="loss", keep_best=2)
    assert (there(sweep), plan.done) == ({"r0", "r1", "r2", "r3", "none", "nan"}, False)
    done = sweep.retain(metric="loss", keep_best=2, dry_run=False)
    assert going(plan) == going(done) == {"r0", "r2", "none", "nan"}
    assert [(one.run_id, one.why) for one in done.kept] == [
        ("r1", (("best", "loss, number 1"),)),
        ("r3", (("best", "loss, number 2"),)),
    ]
    assert (there(sweep), done.done) == ({"r1", "r3"}, True)
    assert sorted(sweep.restore(sorted(going(done)))) == sorted(going(done))
    assert len(there(sweep)) == 6


@pytest.mark.parametrize(
    ("asked", "stay"),
    [
        ({"mode": "max"}, {"r2"}),
        ({"of": "max"}, {"nan"}),  # 100 for each: the newest comes first
        ({"per": "size"}, {"r1", "r0", "none", "nan"}),
        ({"per": None}, {"r1"}),
        ({"where": "size = 0"}, {"r0", "r1", "r3", "none", "nan"}),
        ({"experiment": "other"}, {"r0", "r1", "r2", "r3", "none", "nan"}),
    ],
)
def test_the_best_by_what_and_among_whom(sweep: runstore.Workspace, asked: dict[str, Any], stay: set[str]) -> None:
    found = sweep.retain(metric="loss", keep_best=1, **asked)
    assert there(sweep) - going(found) == stay


def test_each_experiment_keeps_its_best_and_one_without_the_metric_all(sweep: runstore.Workspace) -> None:
    ended(sweep, "o1", 7.0, "other"), ended(sweep, "o2", 8.0, "other")
    ended(sweep, "x1", None, "without"), ended(sweep, "x2", None, "without")
    found = sweep.retain(metric="loss", keep_best=1)
    assert reasons(found) == {"o1": ["best"], "x1": ["best"], "x2": ["best"], "r1": ["best"]}


def test_a_metric_that_no_run_has_is_refused(sweep: runstore.Workspace) -> None:
    with pytest.raises(QueryError, match="no run has a metric 'lost'"):
        sweep.retain(metric="lost", keep_best=1, dry_run=False)
    assert len(there(sweep)) == 6


def test_the_newest_the_marked_the_registered_and_those_at_work_stay(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(ws, "old")
    marked, registered = ended(ws, "marked", tags={"keep": "no"}), runstore.start_run("e", run_id="model", workspace=ws)
    registered.upload_file("m", io.BytesIO(b"weights"))
    registered.register_model("m", "m")
    registered.complete()
    at_work = runstore.start_run("e", run_id="live", workspace=ws)
    assert going(ws.retain(keep_last_days=1)) == set()
    now = retaining.time.time()
    monkeypatch.setattr(retaining.time, "time", lambda: now + 3 * 86_400)
    found = ws.retain(keep_last_days=2)
    assert going(found) == {"old"}
    assert reasons(found) == {marked.id: ["tag"], "model": ["model"], "live": ["not ended"]}
    assert going(ws.retain(keep_last_days=2, keep_tags=())) == {"old", "marked"}
    assert going(ws.retain(keep_last_days=2, keep_tags="other")) == {"old", "marked"}
    assert going(ws.retain(keep_last_days=4)) == set()
    monkeypatch.undo()
    at_work.complete()


def test_a_tree_stays_or_goes_whole(ws: runstore.Workspace) -> None:
    for top, losses in (("a", (0.1, 0.9)), ("b", (0.8, 0.7))):
        run = runstore.start_run("e", run_id=top, workspace=ws)
        for number, loss in enumerate(losses):
            child = run.child_run(run_id=f"{top}{number}")
            child.log("loss", loss)
            child.complete()
        run.complete()
    found = ws.retain(metric="loss", keep_best=1, dry_run=False)
    assert (going(found), there(ws)) == ({"b", "b0", "b1"}, {"a", "a0", "a1"})
    assert reasons(found) == {"a": ["tree"], "a0": ["best"], "a1": ["tree"]}
    assert ("tree", "with a0") in [reason for one in found.kept for reason in one.why]


def test_a_run_outside_what_was_asked_keeps_its_tree(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    run = runstore.start_run("e", run_id="top", workspace=ws)
    run.child_run(run_id="below").complete()
    run.complete()
    ended(ws, "alone")
    now = retaining.time.time()
    monkeypatch.setattr(retaining.time, "time", lambda: now + 86_400)
    assert going(ws.retain(keep_last_days=0.5)) == {"top", "below", "alone"}
    found = ws.retain(keep_last_days=0.5, where="run_id <> 'below'")
    assert (going(found), reasons(found)) == ({"alone"}, {"top": ["tree"]})


def test_the_bytes_told_are_those_that_gc_gives(sweep: runstore.Workspace) -> None:
    compaction.compact(sweep.path, grace=0)
    found = sweep.retain(metric="loss", keep_best=1)
    own = {one.run_id: one.bytes for one in sweep.usage().runs}
    assert {one.run_id: one.bytes for one in found.going} == {one: own[one] for one in going(found)}
    assert found.bytes == sum(own[one] for one in going(found)) > 0


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({}, "give keep_best or keep_last_days"),
        ({"keep_tags": "x"}, "give keep_best or keep_last_days"),
        ({"keep_best": 1}, "go together"),
        ({"metric": "loss", "keep_last_days": 1}, "go together"),
        ({"metric": "loss", "keep_best": 0}, "at least 1"),
        ({"keep_last_days": -1}, "not below 0"),
        ({"keep_last_days": math.nan}, "not below 0"),
        ({"metric": "loss", "keep_best": 1, "mode": "least"}, "mode"),
        ({"metric": "loss", "keep_best": 1, "of": "middle"}, "of is one of"),
    ],
)
def test_rules_that_say_nothing_are_refused(sweep: runstore.Workspace, asked: dict[str, Any], why: str) -> None:
    with pytest.raises(UsageError, match=why):
        sweep.retain(dry_run=False, **asked)
    assert len(there(sweep)) == 6


losses = st.one_of(st.none(), st.sampled_from([0.1, 0.2, 0.3, math.nan, math.inf]))


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(losses, st.booleans(), st.sampled_from("ef")), min_size=1, max_size=6), st.integers(1, 3))
def test_whoever_stays_has_a_reason_and_whoever_goes_has_none(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[float | None, bool, str]], best: int
) -> None:
    ws = runstore.Workspace(tmp_path_factory.mktemp("store"))
    for number, (loss, marked, experiment) in enumerate(told):
        ended(ws, f"r{number}", loss, experiment, tags={"keep": "1"} if marked else {})
    if all(loss is None for loss, *_ in told):
        return
    found = ws.retain(metric="loss", keep_best=best)
    assert going(found) | set(reasons(found)) == there(ws)
    assert going(found) & set(reasons(found)) == set()
    for experiment in {one for *_, one in told}:
        own = {f"r{n}": loss for n, (loss, _, where) in enumerate(told) if where == experiment}
        numbers = sorted(loss for loss in own.values() if loss is not None and not math.isnan(loss))
        stay = {run_id for run_id in own if "best" in reasons(found).get(run_id, [])}
        if numbers:
            assert sorted(own[run_id] for run_id in stay) == numbers[:best]  # type: ignore[type-var]
        else:
            assert stay == set(own)
    assert {f"r{n}" for n, (_, marked, _) in enumerate(told) if marked} & going(found) == set()


def test_runs_in_a_block_are_kept_and_deleted_like_others(sweep: runstore.Workspace) -> None:
    blocked.put(sweep.path)
    found = sweep.retain(metric="loss", keep_best=2, dry_run=False)
    assert (going(found), there(sweep)) == ({"r0", "r2", "none", "nan"}, {"r1", "r3"})
    assert min(one.bytes for one in found.going) > 0
    assert sweep.restore("r0") == ["r0"]
