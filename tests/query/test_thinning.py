"""Curves that are thinned have fewer points and the same figures, wherever they are asked for and merged."""

from __future__ import annotations

import math
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import block, inventory
from runstore.errors import UsageError
from runstore.query import blocking, collecting, compaction, segments, shares, thinning
from runstore.query.check import check
from tests.query import blocked, unions

FIGURES = "select * from metric_summary order by all"
RUNS = "select run_id, points, last.loss, last.acc, last.note, status from runs order by 1"


def value(step: int) -> float:
    return math.nan if step % 97 == 13 else math.sin(step / 50) + (5.0 if step == 321 else 0.0)


def long(ws: runstore.Workspace, run_id: str = "r", first: int = 0, count: int = 600, sealed: bool = True) -> Any:
    """A run, or its next attempt, with a long curve, a short one, rows and text."""
    with runstore.start_run("e", run_id=run_id, workspace=ws, params={"lr": 0.1}) as run:
        for step in range(first, first + count):
            run.log("loss", value(step), step=step)
            if step % 100 == 0:
                run.log({"acc": step / 1000, "note": f"at {step}"})
                run.log_row("sample", x=step)
    if sealed:
        compaction.compact(ws.path, grace=0)
    return run


def thin(ws: runstore.Workspace, points: int = 50, **more: Any) -> thinning.Thinning:
    return ws.thin(points, older_than_days=0, dry_run=False, **more)


def count(ws: runstore.Workspace, view: str = "metrics", name: str = "loss", run_id: str = "r") -> int:
    query = f"select count(*) from {view} where name = ? and run_id = ?"
    return int(ws.sql(query, [name, run_id]).fetchall()[0][0])


def told(ws: runstore.Workspace) -> list[str]:
    """Everything that thinning must not change."""
    views = ("params", "tags", "rows", "artifacts", "writers", "logs")
    queries = [FIGURES, RUNS, *(f"select * from {view} order by all" for view in views)]
    return [repr(ws.sql(query).fetchall()) for query in queries]


@pytest.mark.parametrize("sealed", [True, False])
def test_the_curve_is_short_and_every_figure_as_it_was(ws: runstore.Workspace, sealed: bool) -> None:
    long(ws, sealed=sealed)
    before = told(ws)
    done = thin(ws)
    assert [(run.run_id, run.points) for run in done.runs] == [("r", 612)]
    assert (count(ws), done.trouble) == (done.runs[0].kept - 12, [])
    assert 20 <= count(ws) <= 50
    assert told(ws) == before
    assert (count(ws, name="acc"), count(ws, name="note"), count(ws, "rows", "sample")) == (6, 6, 6)
    assert check(ws.path) == []


def test_its_ends_and_its_peak_are_still_there(ws: runstore.Workspace) -> None:
    long(ws)
    thin(ws)
    rows = ws.sql("select step, value from curve_points where name = 'loss' order by step").fetchall()
    assert (rows[0], rows[-1]) == ((0, value(0)), (599, value(599)))
    assert (321, value(321)) in rows
    assert all(repr(found) == repr(value(step)) for step, found in rows)


def test_a_dry_run_tells_and_changes_nothing(ws: runstore.Workspace) -> None:
    long(ws)
    before = unions.content(ws.path)
    plan = ws.thin(50, older_than_days=0)
    assert unions.content(ws.path) == before
    done = thin(ws)
    assert [(run.run_id, run.points, run.kept) for run in plan.runs] == [
        (run.run_id, run.points, run.kept) for run in done.runs
    ]
    assert (plan.done, done.done) == (False, True)
    assert plan.bytes > 0
    assert done.bytes > 0


def test_thinning_again_changes_nothing_and_thinning_more_does(ws: runstore.Workspace) -> None:
    long(ws)
    figures = told(ws)
    thin(ws, 100)
    first, files = count(ws), unions.content(ws.path)
    assert thin(ws, 100).runs == []
    assert unions.content(ws.path) == files
    thin(ws, 20)
    assert count(ws) <= 20 < first
    assert told(ws) == figures


def test_only_old_ended_chosen_runs_are_thinned(ws: runstore.Workspace) -> None:
    long(ws, "a"), long(ws, "b")
    ws.get_run("b").set_tags({"keep": "1"})
    with runstore.start_run("e", run_id="live", workspace=ws) as run:
        for step in range(600):
            run.log("loss", step, step=step)
        assert sorted(one.run_id for one in ws.thin(50, 0).runs) == ["a", "b"]
    ws.delete("live")
    assert ws.thin(50, older_than_days=30).runs == []
    assert [one.run_id for one in ws.thin(50, 0, runs="a").runs] == ["a"]
    assert len(ws.thin(50, 0, where="status = 'Completed'", experiment="e").runs) == 2
    assert ws.thin(50, 0, experiment="other").runs == []
    assert ws.thin(600, 0).runs == []


def test_only_the_metrics_that_are_meant_are_thinned(ws: runstore.Workspace) -> None:
    with runstore.start_run("e", run_id="r", workspace=ws) as run:
        for step in range(300):
            run.log({"loss": step, "grad/a": step, "grad/b": step}, step=step)
    thin(ws, metrics="grad/*")
    assert count(ws) == 300
    assert max(count(ws, name="grad/a"), count(ws, name="grad/b")) <= 50
    thin(ws, metrics=["loss"])
    assert count(ws) <= 50


def test_too_few_points_are_refused(ws: runstore.Workspace) -> None:
    with pytest.raises(UsageError, match="at least 16"):
        ws.thin(15)


def test_the_full_segment_goes_when_nobody_can_be_reading_it_any_more(ws: runstore.Workspace) -> None:
    run = long(ws)
    (full,) = run.path.glob("points-*.parquet")
    thin(ws)
    compaction.compact(ws.path)
    assert full.exists()
    compaction.compact(ws.path, grace=0)
    assert not full.exists()
    assert len(list(run.path.glob("seal-*.json"))) == 1
    assert check(ws.path) == []


def test_a_run_that_is_damaged_is_named_and_stays(ws: runstore.Workspace) -> None:
    run = long(ws)
    (full,) = run.path.glob("points-*.parquet")
    full.write_bytes(b"PAR1" + full.read_bytes()[4:-8] + b"\0" * 8)
    before = unions.content(ws.path)
    done = thin(ws)
    assert ([one for one, _ in done.trouble], done.runs) == (["r"], [])
    assert unions.content(ws.path) == before


# ---- dying in between


@pytest.mark.parametrize("at", ["write", "publish"])
def test_who_dies_in_between_leaves_every_point(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    run = long(ws)
    before, rows = told(ws), ws.sql("select * from metrics order by all").fetchall()
    ws.path.joinpath("README.md").touch()
    with monkeypatch.context() as patched:
        original = getattr(segments, at)

        def dies(*args: Any, **more: Any) -> Any:
            if at == "write":
                original(*args, **more)
            raise OSError(5, "died")

        patched.setattr(segments, at, dies)
        assert [name for name, _ in thin(ws).trouble] == ["r"]
    assert (told(ws), repr(ws.sql("select * from metrics order by all").fetchall())) == (before, repr(rows))
    assert [one.severity for one in check(ws.path)] == ["note"]
    thin(ws)
    compaction.compact(ws.path, grace=0)
    assert (told(ws), count(ws) <= 50, check(ws.path)) == (before, True, [])
    assert len(list(run.path.glob("points-*.parquet"))) == 1


# ---- going on, and looking back


def test_a_run_that_goes_on_counts_all_points_it_ever_had(ws: runstore.Workspace) -> None:
    """The next attempt begins where the first ended: nothing of it is overwritten."""
    long(ws)
    whole = runstore.Workspace(ws.path.parent / "whole")
    whole.merge(ws)
    thin(ws)
    for one in (ws, whole):
        long(one, first=600, sealed=False)
    query = (
        "select name, count, first, last, min, max, round(mean, 9), nan_count, last_step from metric_summary order by 1"
    )
    for _ in ("live", "sealed", "merged"):
        assert repr(ws.sql(query).fetchall()) == repr(whole.sql(query).fetchall())
        assert ws.sql("select points from runs").fetchall() == whole.sql("select points from runs").fetchall()
        compaction.compact(ws.path, grace=0)
    thin(ws)
    assert repr(ws.sql(query).fetchall()) == repr(whole.sql(query).fetchall())
    assert (count(ws) < count(whole), check(ws.path)) == (True, [])


def test_a_curve_that_is_cut_after_it_was_thinned_has_the_figures_of_what_is_left(ws: runstore.Workspace) -> None:
    long(ws)
    thin(ws)
    long(ws, first=300, count=10)
    query = "select count from metric_summary where name = 'loss'"
    assert ws.sql(query).fetchall() == [(count(ws, "curve_points"),)]
    assert ws.sql("select max(step) from curve_points where name = 'loss'").fetchall() == [(309,)]
    assert ws.sql("select count from metric_summary where name = 'acc'").fetchall() == [(7,)]
    assert check(ws.path) == []


def test_attempts_that_overwrote_each_other_keep_their_figures(ws: runstore.Workspace) -> None:
    long(ws), long(ws, first=200, count=300)
    before = told(ws)
    thin(ws)
    assert told(ws) == before
    assert ws.sql("select max(step) from curve_points where attempt = 1 and name = 'loss'").fetchall() == [(199,)]
    assert count(ws, "curve_points") <= 100


def as_of(ws: runstore.Workspace, query: str, moment: datetime) -> tuple[Any, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = ws.sql(query, as_of=moment).fetchall()
    return found, [str(one.message) for one in caught]


def test_as_of_a_time_before_thinning_the_loss_of_points_is_named(ws: runstore.Workspace) -> None:
    long(ws)
    now = datetime.now(UTC)
    thin(ws)
    left = count(ws)
    found, said = as_of(ws, "select count(*) from metrics where name = 'loss'", now)
    assert (found, said) == ([(left,)], ["run r had more points then: its curves have been thinned since"])
    assert as_of(ws, "select count, nan_count from metric_summary where name = 'loss'", now) == ([(600, 7)], [])
    later = datetime.now(UTC) + timedelta(seconds=1)
    assert as_of(ws, "select count(*) from metrics where name = 'loss'", later) == ([(left,)], [])


# ---- elsewhere


def copies(ws: runstore.Workspace, tmp_path: Path, how: str) -> runstore.Workspace:
    """The run in another workspace, with all its points: sealed just so, sealed otherwise, or not sealed."""
    long(ws, sealed=False)
    if how == "alike":
        compaction.compact(ws.path, grace=0)
    other = runstore.Workspace(tmp_path / "other")
    other.merge(ws)
    if how == "otherwise":
        compaction.compact(other.path, grace=0)
    return other


@pytest.mark.parametrize("how", ["alike", "otherwise", "journals"])
@pytest.mark.parametrize("thinned_first", [True, False])
def test_what_was_thinned_away_does_not_come_back_by_a_merge(
    ws: runstore.Workspace, tmp_path: Path, how: str, thinned_first: bool
) -> None:
    other = copies(ws, tmp_path, how)
    before = told(ws)
    thin(ws)
    left = ws.sql("select * from metrics order by all").fetchall()
    for into, source in ((ws, other), (other, ws)) if thinned_first else ((other, ws), (ws, other)):
        assert into.merge(source).refused == []
    for one in (ws, other):
        for _ in ("as it came", "compacted"):
            assert told(one) == before
            assert repr(one.sql("select * from metrics order by all").fetchall()) == repr(left)
            assert [found for found in check(one.path) if found.severity != "note"] == []
            compaction.compact(one.path, grace=0)
    ws.merge(other), other.merge(ws)
    assert (ws.merge(other).files, other.merge(ws).files) == (0, 0)
    assert check(ws.path) == check(other.path) == []


def test_where_both_were_thinned_the_one_with_fewer_points_gives_them(ws: runstore.Workspace, tmp_path: Path) -> None:
    other = copies(ws, tmp_path, "alike")
    before = told(ws)
    thin(ws, 100), thin(other, 20)
    third = unions.copied(ws, tmp_path / "third")
    ws.merge(other), other.merge(third)
    assert count(ws) == count(other) <= 20
    assert told(ws) == told(other) == before
    compaction.compact(ws.path, grace=0)
    third.merge(ws), other.merge(third), ws.merge(third)
    assert count(third) == count(other) == count(ws)
    assert (ws.merge(other).files, other.merge(ws).files, third.merge(ws).files) == (0, 0, 0)


def test_an_export_has_what_is_left_and_the_figures_of_all(ws: runstore.Workspace, tmp_path: Path) -> None:
    long(ws)
    thin(ws)
    ws.export(tmp_path / "out", "r")
    out = runstore.Workspace(tmp_path / "out")
    assert told(out) == told(ws)
    assert (count(out), check(out.path)) == (count(ws), [])


def test_the_record_tells_which_numbers_are_not_all_there(ws: runstore.Workspace) -> None:
    run = long(ws)
    thin(ws)
    ((_, body),) = inventory.scan(run.path).active
    ((writer, attempt, first, last, kept, since),) = body["thinned"]
    assert ([writer, attempt, first, last] in body["ranges"], (first, last)) == (True, (0, 617))
    assert kept == sum(entry["rows"] for entry in body["segments"])
    assert abs(since / 1e9 - body["created"] / 1e9) < 60


# ---- in blocks


def test_a_run_in_a_block_is_thinned_into_its_own_directory(ws: runstore.Workspace) -> None:
    long(ws, "r"), long(ws, "other")
    before = told(ws)
    name = blocked.put(ws.path)
    held = {path.name: path.read_bytes() for path in (ws.path / "blocks" / name).iterdir()}
    done = thin(ws, runs="r")
    assert ([(run.run_id, run.points) for run in done.runs], done.trouble) == ([("r", 612)], [])
    assert (count(ws) <= 50, count(ws, run_id="other")) == (True, 600)
    assert (told(ws), check(ws.path)) == (before, [])
    assert {path.name: path.read_bytes() for path in (ws.path / "blocks" / name).iterdir()} == held
    compaction.compact(ws.path, grace=0, enough=1)
    assert (count(ws) <= 50, told(ws), thin(ws, runs="r").runs) == (True, before, [])
    assert [one for one in check(ws.path) if one.severity != "note"] == []


def test_a_thinned_run_goes_into_a_block_and_comes_out_as_it_was(ws: runstore.Workspace, tmp_path: Path) -> None:
    long(ws)
    thin(ws)
    before, left = told(ws), count(ws)
    blocked.put(ws.path)
    assert (told(ws), count(ws), check(ws.path)) == (before, left, [])
    long(ws, first=600, count=10)
    assert ws.sql("select count from metric_summary where name = 'loss'").fetchall() == [(610,)]
    assert count(ws) == left + 10
    other = runstore.Workspace(tmp_path / "other")
    assert other.merge(ws).refused == []
    assert (told(other), count(other)) == (told(ws), left + 10)


def test_gc_makes_a_block_anew_without_what_was_thinned_away(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    long(ws, "r", count=3000), long(ws, "other")
    before = told(ws)
    blocked.put(ws.path)
    thin(ws)
    assert not [part for part in collecting.collect(ws.path).parts if part.kind == "block"]
    assert count(ws) <= 50
    monkeypatch.setattr(shares, "AT_REST", 0.0)
    assert [part.kind for part in collecting.collect(ws.path, young=0).parts if part.kind != "replaced"] == ["block"]
    blocking.sweep_blocks(ws.path, 0)
    (one,) = block.active(ws.path)
    assert (one.rows("points"), len(one.rows("rows"))) == ([], 1)
    assert (told(ws), count(ws) <= 50, check(ws.path)) == (before, True, [])
    assert collecting.collect(ws.path).trouble == []
