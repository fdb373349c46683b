"""The views over what lies beside the points: the same live and sealed, and out of the way of every other view."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.disk import segment
from runstore.query import consoles, points, sealing
from tests.query import scenes
from tests.query.test_moment import ask, place, settle, started

__all__ = ["place"]

LOGS = "run_id, experiment, stream, line, level, logger, text, exception, attempt"


def test_logs_are_the_records_of_every_stream_without_the_time_marks(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a")
    scenes.log_side(run, 2)
    settle(ws, place, run)
    assert ask(ws, f"select {LOGS} from logs order by line") == [
        ("a", "e", "run.log", 0, "INFO", "a.b", "line 0\nof two", None, 1),
        ("a", "e", "run.log", 1, None, None, "x\0y0", "Traceback ...", 1),
        ("a", "e", "run.log", 2, "INFO", "a.b", "line 1\nof two", None, 1),
        ("a", "e", "run.log", 3, None, None, "x\0y1", "Traceback ...", 1),
    ]
    assert ask(ws, "select count(*) from logs join runs using (run_id) where time between started and ended") == [(4,)]


def test_system_metrics_have_the_columns_of_metrics(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a")
    scenes.log_side(run, 2)
    settle(ws, place, run)
    assert ask(ws, "select run_id, name, step, value, attempt, kind, text from system_metrics order by name, step") == [
        ("a", "cpu.percent", 0, 0.0, 1, "float", None),
        ("a", "cpu.percent", 1, 1 / 7, 1, "float", None),
        ("a", "memory.used_bytes", 0, 0.5, 1, "float", None),
        ("a", "memory.used_bytes", 1, 1.5, 1, "float", None),
    ]
    assert ask(ws, "select value from system_metrics where name = 'cpu.percent' and step = 1") == [(1 / 7,)]
    assert ws.sql("select * from system_metrics").columns == ws.sql("select * from metrics").columns


def test_the_writer_is_the_process_not_its_side(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a")
    scenes.log_side(run, 1)
    settle(ws, place, run)
    for view in ("logs", "system_metrics"):
        assert ask(ws, f"select distinct w.writer = v.writer from writers w cross join {view} v") == [(True,)]


def test_sealed_and_live_are_one_view(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    scenes.small_journals(monkeypatch, 500)
    run = started(ws, "a")
    for start in range(0, 2000, 500):
        scenes.log_side(run, 500, start)
        run.flush()
    sealing.seal(ws.path, run.path)
    scenes.log_side(run, 10, 2000)
    assert ask(ws, "select count(*), count(distinct line), max(line) from logs") == [(4020, 4020, 4019)]
    assert ask(ws, "select count(*), count(distinct step) from system_metrics where name = 'cpu.percent'") == [
        (2010, 2010)
    ]
    run.complete()


def test_a_side_shows_in_no_other_view(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a")
    run.log("loss", 1.0, step=3)
    scenes.log_side(run, 5)
    settle(ws, place, run)
    for view in ("metrics", "curve_points", "metric_summary"):
        assert ask(ws, f"select name from {view}") == [("loss",)]
    assert ask(ws, "select * from rows") == []
    assert ask(ws, "select points, writers, dropped, last from runs") == [(1, 1, 0, {"loss": 1.0})]
    assert ask(ws, "select count(*), sum(dropped) from writers") == [(1, 0)]


def test_points_and_sides_can_be_asked_about_in_one_statement(ws: runstore.Workspace, place: str) -> None:
    run = started(ws, "a")
    for step in range(3):
        run.log("loss", float(step), step=step)
        run.log({"acc": step / 2}, step=step)
    run.log_row("t", x=1)
    scenes.log_side(run, 3)
    settle(ws, place, run)
    query = (
        "select m.value, s.value, l.text, r.name, last.acc from metrics m "
        "join system_metrics s on s.step = m.step join logs l on l.line = m.step, rows r, runs "
        "where m.name = 'loss' and s.name = 'memory.used_bytes' order by all"
    )
    assert ask(ws, query) == [
        (0.0, 0.5, "line 0\nof two", "t", 1.0),
        (1.0, 1.5, "x\0y0", "t", 1.0),
        (2.0, 2.5, "line 1\nof two", "t", 1.0),
    ]


def test_statements_that_name_neither_view_read_nothing_of_a_side(
    ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed, live = started(ws, "a"), started(ws, "b")
    for run in (sealed, live):
        run.log("loss", 1.0, step=0)
        scenes.log_side(run, 3)
    settle(ws, "sealed", sealed)
    read: list[str] = []
    verify, opened = segment.verify, points.tail.opened
    monkeypatch.setattr(segment, "verify", lambda path, entry: (read.append(path.name), verify(path, entry)))
    monkeypatch.setattr(
        points.tail,
        "opened",
        lambda found, sides: (read.append("sides" if sides else "points"), opened(found, sides))[1],
    )
    for query in ("select * from metrics", "select last.loss from runs", "select * from rows, metric_summary"):
        ask(ws, query)
    assert {name.partition("-")[0] for name in read} == {"points"}
    read.clear()
    ask(ws, "select * from logs, system_metrics")
    assert {name.partition("-")[0] for name in read} == {"logs", "system", "sides"}
    live.complete()


def test_damage_in_a_side_journal_is_left_out_with_a_warning(ws: runstore.Workspace) -> None:
    run = started(ws, "a")
    run.log("loss", 1.0, step=0)
    scenes.log_side(run, 3)
    run.complete()
    (path,) = Path(run.path).glob("p-*s-0000.jsonl")
    path.write_bytes(path.read_bytes().replace(b"line 1", b"lime 1"))
    with pytest.warns(UserWarning, match="left out"):
        assert ask(ws, "select * from logs") == []
    assert ask(ws, "select name from metrics") == [("loss",)]


def test_what_was_printed_is_not_read_where_only_records_of_some_levels_are_asked_for(
    ws: runstore.Workspace, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(ws, "a")
    scenes.log_side(run, 2)
    settle(ws, place, run)
    monkeypatch.setattr(consoles, "load", None)
    assert ask(ws, "select count(*) from logs where level = 'INFO'") == [(2,)]
    assert ask(ws, "select count(*) from logs where run_id = 'a' and level in ('ERROR', 'INFO')") == [(2,)]
    with pytest.raises(TypeError):
        ask(ws, "select count(*) from logs where level = 'INFO' or level is null")
