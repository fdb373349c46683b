"""A run answers for itself, and takes what is said about it, whether this process logs it or not."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.disk import files
from runstore.errors import RunClosed
from runstore.query import check, compaction


def test_a_run_that_was_got_takes_no_points(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging(params={"a": {"b": [1]}}, tags={"t": 1.5}) as run:
        run.add_properties({"p": None})
    got = ws.get_run(run.id)
    assert (got.params, got.tags, got.properties) == ({"a.b": [1]}, {"t": 1.5}, {"p": None})
    with pytest.raises(RunClosed):
        got.log("loss", 1.0)


def test_every_keyword_of_the_start_is_recorded(tmp_path: Path) -> None:
    words = {"name": "n", "type": "t", "display_name": "d", "description": "about"}
    with runstore.start_run("e", workspace=tmp_path / "w", **words) as run:  # type: ignore[arg-type]
        got = runstore.Workspace(tmp_path / "w").get_run(run.id)
    assert {word: getattr(got, word) for word in words} == words


def test_a_run_that_can_not_be_begun_as_asked_has_failed(ws: runstore.Workspace) -> None:
    with pytest.raises(TypeError):
        ws.experiment("e").start_logging(run_id="r", tags={"t": object()})
    assert ws.get_run("r").status == "Failed"


def test_an_edit_after_compaction_is_merged_by_the_next_one(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging() as run:
        run.log("loss", 1.0)
    got = ws.get_run(run.id)
    got.tag("before", 1)
    compaction.compact(ws.path, grace=0)
    once = len(files.listing(run.path))
    got.tag("after", 2)
    got.note("good")
    assert check.check(ws.path) == []
    compaction.compact(ws.path, grace=0)
    compaction.compact(ws.path, grace=0)
    assert len(files.listing(run.path)) == once
    assert (got.tags, [note.text for note in got.notes]) == ({"before": 1, "after": 2}, ["good"])
    assert (got.status, got.get_metrics()) == ("Completed", {"loss": 1.0})
    assert ws.sql("select count(*) from writers").fetchall() == [(1,)]
    assert check.check(ws.path) == []


def test_a_workspace_with_edits_of_every_kind_is_well(ws: runstore.Workspace) -> None:
    run = ws.experiment("e").start_logging()
    got = ws.get_run(run.id)
    got.set_tags({"a": 1, "b": 2})
    got.remove_tags(["a"])
    got.add_properties({"p": 1})
    got.display_name, got.description = "shown", "about"
    got.archive()
    got.fail(ValueError("outside"))
    assert [found for found in check.check(ws.path) if found.severity == check.DAMAGE] == []
    run.complete()
    assert check.check(ws.path) == []
    assert ws.sql("select status, error, archived, tags from runs").fetchall() == [
        ("Failed", "ValueError: outside", True, {"b": "2"})
    ]


def test_facts_of_several_writers_merged_into_one_file_keep_their_order(ws: runstore.Workspace) -> None:
    first = ws.experiment("e").start_logging(run_id="r")
    second = ws.experiment("e").start_logging(run_id="r")
    for run, value in ((second, 1), (first, 2), (second, 3), (first, 4)):
        run.tag("t", value)
    second.complete()
    first.complete()
    compaction.compact(ws.path, grace=0)
    assert first.tags == {"t": 4}
