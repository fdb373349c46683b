"""Runs below runs, and runs chosen by what is said about them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import runstore
from runstore.errors import InvalidValue, RunClosed, UsageError
from runstore.runs import state


@pytest.fixture
def family(ws: runstore.Workspace) -> runstore.Run:
    """A parent with two children, the second of which has two of its own."""
    parent = ws.experiment("e").start_logging(run_id="parent")
    first = parent.child_run(run_id="first", tags={"k": "v", "n": 1})
    second = parent.child_run(run_id="second", type="sweep", tags={"k": "w", "none": None})
    for name in ("third", "fourth"):
        second.child_run(run_id=name).complete()
    first.add_properties({"p": True, "azureml.runsource": "hyperdrive"})
    first.fail("why")
    second.complete()
    return parent


@pytest.fixture(autouse=True)
def ended(family: runstore.Run) -> Iterator[None]:
    yield
    if family._writer is not None:
        family.complete()


def ids(runs: Iterator[runstore.Run]) -> list[str]:
    return [run.id for run in runs]


def test_children_come_newest_first_and_deeper_ones_when_asked_for(family: runstore.Run) -> None:
    assert ids(family.get_children()) == ["second", "first"]
    assert ids(family.get_children(recursive=True)) == ["fourth", "third", "second", "first"]
    assert ids(family.experiment.get_runs()) == ["parent"]
    assert isinstance(family.get_children(), Iterator)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"tags": "k"}, ["second", "first"]),
        ({"tags": {"k": "v"}}, ["first"]),
        ({"tags": {"n": 1}}, ["first"]),
        ({"tags": {"n": "1"}}, ["first"]),
        ({"tags": {"k": "v", "n": 2}}, []),
        ({"tags": "none"}, ["second"]),
        ({"tags": {"none": None}}, ["second"]),
        ({"tags": {"gone": None}}, []),
        ({"tags": "k", "properties": "p"}, ["first"]),
        ({"properties": {"p": True}}, ["first"]),
        ({"properties": {"p": "true"}}, ["first"]),
        ({"type": "sweep"}, ["second"]),
        ({"type": "hyperdrive"}, ["first"]),
        ({"status": "Failed"}, ["first"]),
        ({"status": "Queued"}, []),
        ({"tags": "k", "status": "Completed"}, ["second"]),
    ],
)
def test_conditions_add_up_and_values_are_compared_as_text(
    family: runstore.Run, wanted: dict[str, Any], found: list[str]
) -> None:
    assert ids(family.get_children(**wanted)) == found
    assert ids(family.experiment.get_runs(include_children=True, **wanted)) == found


def test_a_condition_that_can_not_be_meant_is_refused_at_once(family: runstore.Run) -> None:
    with pytest.raises(UsageError, match="Canceled"):
        family.get_children(status="Cancelled")
    with pytest.raises(InvalidValue):
        family.experiment.get_runs(tags=["k"])  # type: ignore[arg-type]


def test_each_run_is_folded_once_however_many_are_listed(
    ws: runstore.Workspace, family: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    folded: list[str] = []
    real = state.fold

    def fold(path: Any, *how: Any, **more: Any) -> state.RunState:
        run = real(path, *how, **more)
        folded.append(run.run_id)
        return run

    monkeypatch.setattr(state, "fold", fold)
    assert len(ids(family.get_children(recursive=True))) == 4
    assert len(ids(family.experiment.get_runs(include_children=True))) == 5
    assert max(folded.count(run_id) for run_id in folded) <= 2  # once a listing


# ---- making them


def test_so_many_children_are_started_in_order_with_their_number(family: runstore.Run) -> None:
    made = family.create_children(3)
    assert [child.tags for child in made] == [{"batch_child_number": n} for n in range(3)]
    assert [child.status for child in made] == ["Running"] * 3
    assert ids(family.get_children(tags="batch_child_number")) == [child.id for child in reversed(made)]
    for child in made:
        child.complete()


def test_one_child_is_started_for_each_value_of_a_tag(family: runstore.Run) -> None:
    made = family.create_children(tag_key="lr", tag_values=[0.1, 0.2])
    assert [child.tags for child in made] == [{"lr": 0.1}, {"lr": 0.2}]
    for child in made:
        child.complete()


@pytest.mark.parametrize(
    "given",
    [{}, {"count": 2, "tag_key": "k"}, {"count": 2, "tag_key": "k", "tag_values": [1]}, {"tag_key": "k"},
     {"tag_values": [1]}, {"count": 101}, {"tag_key": "k", "tag_values": range(101)}],
)  # fmt: skip
def test_children_are_made_in_exactly_one_way_and_at_most_100(family: runstore.Run, given: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="create_children"):
        family.create_children(**given)
    assert len(ids(family.get_children())) == 2


# ---- the run above


def test_a_parent_completes_whatever_its_children_did(ws: runstore.Workspace, family: runstore.Run) -> None:
    family.complete()
    assert (family.status, ws.get_run("first").status) == ("Completed", "Failed")


def test_the_parent_is_the_very_run_of_this_process(ws: runstore.Workspace, family: runstore.Run) -> None:
    child = family.child_run()
    assert child.parent is family
    assert ws.get_run("first").parent is family
    assert family.parent is None
    child.complete()


def test_a_parent_of_another_process_takes_points_and_goes_on(ws: runstore.Workspace, family: runstore.Run) -> None:
    code = "import sys, runstore\nchild = runstore.Workspace(sys.argv[1]).get_run('third')\nup = child.parent.parent\n"
    code += "up.log('from below', 1.5); up.log_row('t', a=1); up.tag('seen'); assert child.parent is child.parent"
    subprocess.run([sys.executable, "-c", code, str(ws.path)], check=True)
    assert (family.status, family.tags) == ("Running", {"seen": None})
    assert family.get_metrics()["from below"] == 1.5
    assert ws.sql("select data from rows").fetchall() == [('{"a":1}',)]


def test_a_parent_that_has_ended_is_not_begun_again(ws: runstore.Workspace, family: runstore.Run) -> None:
    family.complete()
    parent = ws.get_run("first").parent
    assert parent is not None
    with pytest.raises(RunClosed):
        parent.log("a", 1.0)
    parent.tag("still", "taken")
    assert family.tags == {"still": "taken"}


def test_a_parent_ended_from_below_has_ended(ws: runstore.Workspace, family: runstore.Run) -> None:
    code = "import sys, runstore\nparent = runstore.Workspace(sys.argv[1]).get_run('first').parent\n"
    code += "parent.log('from below', 1.5); parent.cancel()"
    subprocess.run([sys.executable, "-c", code, str(ws.path)], check=True)
    family.log("still", 1)
    family.complete()
    assert (family.status, family.get_metrics()) == ("Canceled", {"from below": 1.5, "still": 1})


def test_a_parent_that_is_not_there_is_none(ws: runstore.Workspace) -> None:
    with ws.experiment("e").start_logging(parent_id="elsewhere") as run:
        pass
    assert (run.parent_id, run.parent) == ("elsewhere", None)
