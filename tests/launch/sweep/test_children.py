"""The children of a sweep as the store has them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.launch import submit
from runstore.launch.sweep import children
from runstore.launch.sweep.children import StoredChildren
from runstore.query import listing
from tests.launch.sweep.scenes import child, parent, sweep
from tests.query import blocked


@pytest.fixture
def run(workspace: Path) -> runstore.Run:
    return parent(workspace, sweep())


def test_a_child_is_seen_as_it_is(run: runstore.Run) -> None:
    child(run, 0, {"--lr": 0.5}, [3.0, 1.0])
    child(run, 1, {"--lr": 0.25}, end=None)
    world = StoredChildren(run, sweep())
    ended, going = world.all()
    assert (ended.number, ended.run_id, ended.status, ended.values) == (0, "HD_1_0", "Completed", {"--lr": 0.5})
    assert (ended.begun, ended.lost, ended.alive, ended.stopped, ended.over) == (True, False, False, False, True)
    assert (going.status, going.alive, going.over) == ("Running", True, False)
    assert world.look([1]) == [going]


def test_a_child_of_which_there_is_only_a_directory_is_one_that_was_never_begun(run: runstore.Run) -> None:
    child(run, 0, {"--lr": 0.5})
    world = StoredChildren(run, sweep())
    world._path(1).mkdir(parents=True)
    _, empty = world.all()
    assert (empty.number, empty.values, empty.begun, empty.over) == (1, None, False, False)


def test_a_child_that_lies_in_a_block_is_seen_as_it_was(run: runstore.Run) -> None:
    for number in range(2):
        child(run, number, {"--lr": number / 2}, [1.0])
    world = StoredChildren(run, sweep())
    before = world.all()
    blocked.put(run.experiment.workspace.path, [world._path(0), world._path(1)])
    assert (world.all(), world.standings([1])[1]) == (before, {1: 1.0})


def test_a_number_that_is_missing_below_others_is_one_that_was_never_begun(run: runstore.Run) -> None:
    child(run, 2, {"--lr": 0.5})
    assert [seen.begun for seen in StoredChildren(run, sweep()).all()] == [False, False, True]


def test_a_child_stands_by_the_best_value_of_the_primary_metric_so_far(run: runstore.Run) -> None:
    made = child(run, 0, {"--lr": 0.5}, [math.nan, 3.0, 1, -math.inf, "text", None], end=None)
    made.log("other", 7)
    made.log("loss", 2.0, step=0)
    made.log("loss", math.nan)
    standing = StoredChildren(run, sweep(policy="median")).standings([0, 1])
    assert standing == {0: {1: pytest.approx(math.nan, nan_ok=True), 2: 3.0, 3: 1.0, 4: 1.0, 5: 1.0, 6: 1.0}, 1: {}}
    upwards = StoredChildren(run, sweep(policy="median", goal="maximize")).standings([0])
    assert list(upwards[0].values())[1:] == [3.0] * 5


def test_without_a_policy_only_how_a_child_stands_in_the_end_is_read(run: runstore.Run) -> None:
    child(run, 0, {"--lr": 0.5}, [3.0, math.nan, 1.0, 2.0])
    child(run, 1, {"--lr": 0.5}, [math.nan])
    standing = StoredChildren(run, sweep()).standings([0, 1, 2])
    assert [list(standing[number].values()) for number in (0, 2)] == [[1.0], []]
    assert all(map(math.isnan, standing[1].values()))


def test_of_very_many_values_only_round_intervals_and_the_last_one_are_read(run: runstore.Run) -> None:
    made = child(run, 0, {"--lr": 0.5}, end=None)
    made.log_list("loss", [float(5000 - number) for number in range(2345)])
    standing = StoredChildren(run, sweep(policy="median")).standings([0])[0]
    assert [*standing] == [*range(1, 1001), *range(1010, 2341, 10), 2345]
    assert standing[2340] == 5000 - 2339


def test_a_child_that_a_policy_stops_says_so(run: runstore.Run) -> None:
    child(run, 0, {"--lr": 0.5}, end=None)
    child(run, 1, {"--lr": 0.5}, end=None)
    world = StoredChildren(run, sweep())
    world.stop(0, "bandit: loss 3 at interval 1", early=True)
    world.stop(1, "the sweep is canceled")
    first, second = world.all()
    assert (first.status, first.stopped, first.alive) == ("Canceled", True, True)
    assert (second.status, second.stopped, second.over) == ("Canceled", False, False)
    stopped = run.experiment.workspace.get_run("HD_1_0")
    assert (stopped.get_tags()["stopped_by"], stopped.error) == ("bandit: loss 3 at interval 1",) * 2


def test_a_child_is_started_with_its_parameters_in_every_form(
    run: runstore.Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []
    monkeypatch.setattr(submit, "start_child", lambda *given, **named: started.append((given, named)))
    StoredChildren(run, sweep()).start(3, {"--lr": 0.5})
    ((above, config, run_id), named) = started[0]
    assert (above, config.argv(), run_id) == (run, ["python", "a.py", "--lr", "0.5"], "HD_1_3")
    told = {"hyperparameters": json.dumps({"--lr": 0.5})}
    assert named == {"params": {"lr": 0.5}, "properties": told, "tags": told}


def test_runs_of_earlier_sweeps_are_found_with_their_values(run: runstore.Run) -> None:
    child(run, 0, {"--lr": 0.5}, [3.0])
    child(run, 1, {"--lr": 0.25}, end=None)  # it goes on: nothing is known of it yet
    other = parent(run.experiment.workspace.path, sweep(), "HD_0")
    child(other, 5, {"--lr": 0.75}, [2.0])
    world = StoredChildren(run, sweep(resume_from=["HD_1"], resume_runs=["HD_0_5", "nobody"]))
    found = {seen.run_id: (seen.values, standing) for seen, standing in world.earlier()}
    assert found == {"HD_1_0": ({"--lr": 0.5}, {1: 3.0}), "HD_0_5": ({"--lr": 0.75}, {1: 2.0})}
    assert StoredChildren(run, sweep()).earlier() == []


def test_what_is_no_json_is_no_parameters(run: runstore.Run) -> None:
    made = child(run, 0, {}, end=None)
    made.complete()
    with run.child_run() as other:
        other.add_properties({"hyperparameters": "{"})
    found = {one.run_id: children.parameters(one) for one in listing.runs(run.experiment.workspace.path)}
    assert found == {run.id: None, made.id: {}, other.id: None}
