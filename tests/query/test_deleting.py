"""What is deleted is seen nowhere, and comes back as it was."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import RunNotFound, StoreError
from runstore.query import compaction, listing
from runstore.query.check import check
from runstore.query.views import VIEWS


def ended(ws: runstore.Workspace, run_id: str | None = None, experiment: str = "e", parent: str | None = None) -> Any:
    """A run with something for most views."""
    run = runstore.start_run(
        experiment, run_id=run_id, params={"lr": 0.1}, tags={"a": "b"}, workspace=ws, parent_id=parent
    )
    run.log("loss", 0.5, step=0)
    run.log_row("sample", x=1)
    run.add_properties({"p": 1})
    run.upload_file("f", io.BytesIO(b"content"))
    run.complete()
    return run


def seen(ws: runstore.Workspace) -> dict[str, set[str]]:
    """The runs that each view tells of."""
    views = [view for view, columns in VIEWS.items() if "run_id" in columns]
    return {view: {row[0] for row in ws.sql(f"select distinct run_id from {view}").fetchall()} for view in views}


def ids(ws: runstore.Workspace) -> list[str]:
    return sorted(row[0] for row in ws.runs(columns=["run_id"]).fetchall())


@pytest.mark.parametrize("sealed", [False, True])
def test_a_deleted_run_is_in_no_view_and_no_list(ws: runstore.Workspace, sealed: bool) -> None:
    first, second = ended(ws, "a1"), ended(ws, "b1")
    if sealed:
        compaction.compact(ws.path, grace=0)
    before = seen(ws)
    assert ws.delete(first) == ["a1"]
    assert seen(ws) == {view: found - {"a1"} for view, found in before.items()}
    assert ids(ws) == ["b1"]
    assert [run.id for run in ws.experiment("e").get_runs()] == ["b1"]
    assert ws.sql("select runs from experiments").fetchall() == [(1,)]
    assert (second.number, listing.some(ws.path, ["a1"])) == (1, [])
    assert ws.sql("select count(*) from metrics where run_id = 'a1'").fetchall() == [(0,)]
    with pytest.raises(RunNotFound, match="a1 is deleted; `runstore restore a1`"):
        ws.get_run("a1")
    assert check(ws.path) == []


def test_what_is_restored_is_as_it_was(ws: runstore.Workspace) -> None:
    ended(ws, "a1"), ended(ws, "b1")
    before = seen(ws), ws.runs().fetchall()
    ws.delete(["a1", "b1"])
    assert (ids(ws), ws.experiments["e"].name) == ([], "e")
    assert ws.restore("a") == ["a1"]
    assert ws.restore(["a", "b"]) == ["b1"]
    assert (seen(ws), ws.runs().fetchall()) == before
    assert check(ws.path) == []


def test_who_is_deleted_is_told_newest_first(ws: runstore.Workspace) -> None:
    ended(ws, "a1"), ended(ws, "b1", "other")
    ws.get_run("b1").delete()
    ws.get_run("a1").delete()
    assert [(one.run_id, one.experiment, one.status, one.points) for one in ws.deleted()] == [
        ("a1", "e", "Completed", 2),
        ("b1", "other", "Completed", 2),
    ]
    assert ws.delete("a1") == []
    ws.restore("a1")
    assert [one.run_id for one in ws.deleted()] == ["b1"]


def test_a_run_that_has_not_ended_is_refused_unless_it_is_canceled(ws: runstore.Workspace) -> None:
    run = runstore.start_run("e", run_id="r1", workspace=ws)
    done = ended(ws, "r2")
    with pytest.raises(StoreError, match="r1 is Running; cancel it before"):
        ws.delete([done, run])
    assert ids(ws) == ["r1", "r2"]
    run.delete(force=True)
    assert ids(ws) == ["r2"]
    assert ws.deleted()[0].status == "Canceled"


def test_runs_below_are_deleted_and_restored_only_if_that_is_said(ws: runstore.Workspace) -> None:
    ended(ws, "top")
    ended(ws, "mid", parent="top")
    ended(ws, "leaf", parent="mid", experiment="other")
    with pytest.raises(StoreError, match="run top has 2 below it; children=True"):
        ws.delete("top")
    assert ws.delete("leaf") == ["leaf"]
    assert ws.delete("top", children=True) == ["mid", "top"]
    assert ids(ws) == []
    assert ws.restore("top") == ["top"]
    assert ws.restore("top", children=True) == ["leaf", "mid"]
    assert ids(ws) == ["leaf", "mid", "top"]
    assert ws.delete(["top", "mid", "leaf"]) == ["leaf", "mid", "top"]


def test_nothing_is_deleted_where_an_id_means_no_run_or_two(ws: runstore.Workspace) -> None:
    ended(ws, "a1"), ended(ws, "a2")
    for wrong in ("a", "x", ""):
        with pytest.raises(RunNotFound):
            ws.delete(["a1", wrong])
    with pytest.raises(RunNotFound):
        ws.restore("x")
    assert ids(ws) == ["a1", "a2"]


def test_a_deleted_run_is_not_gone_on_with(ws: runstore.Workspace) -> None:
    ended(ws, "a1").delete()
    with pytest.raises(StoreError, match="is deleted"):
        runstore.start_run("e", run_id="a1", workspace=ws)
    ws.restore("a1")
    runstore.start_run("e", run_id="a1", workspace=ws).complete()
    assert ws.get_run("a1").get_details()["runId"] == "a1"


def test_what_others_use_of_it_stays(ws: runstore.Workspace, tmp_path: Path) -> None:
    run = ended(ws, "a1")
    model = run.register_model("m", "f")
    other = ended(ws, "b1")
    ws.delete("a1")
    assert other.read_file("f") == b"content"
    assert Path(model.download(tmp_path / "got")).read_bytes() == b"content"
    assert check(ws.path) == []


def test_an_experiment_is_deleted_with_its_runs_and_comes_back_with_them(ws: runstore.Workspace) -> None:
    experiment = ws.experiment("e")
    experiment.tag("t", "v")
    ended(ws, "a1"), ended(ws, "b1", "kept")
    runstore.Experiment.delete(ws, experiment.id, force=True)
    assert (list(ws.experiments), ids(ws)) == (["kept"], ["b1"])
    assert ws.sql("select experiment from experiments").fetchall() == [("kept",)]
    assert check(ws.path) == []
    from runstore.query import deleting

    assert deleting.restore_experiment(ws, "e") == ["a1"]
    assert (list(ws.experiments), ids(ws)) == (["e", "kept"], ["a1", "b1"])
    assert ws.experiment("e").get_tags() == {"t": "v"}
    with pytest.raises(StoreError, match="no experiment is called 'x'"):
        deleting.restore_experiment(ws, "x")


def test_an_experiment_is_there_again_when_a_run_begins_in_it_or_comes_back(ws: runstore.Workspace) -> None:
    experiment = ws.experiment("e")
    ended(ws, "a1")
    runstore.Experiment.delete(ws, experiment.id, force=True)
    ended(ws, "a2")
    assert (list(ws.experiments), ids(ws)) == (["e"], ["a2"])
    ws.delete("a2")
    assert list(ws.experiments) == []
    ws.restore("a1")
    assert list(ws.experiments) == ["e"]


def test_an_experiment_with_a_run_at_work_is_not_deleted(ws: runstore.Workspace) -> None:
    run = runstore.start_run("e", workspace=ws)
    with pytest.raises(StoreError, match="is Running"):
        runstore.Experiment.delete(ws, run.experiment.id, force=True)
    assert (ids(ws), list(ws.experiments)) == ([run.id], ["e"])
