"""Section 2.4: experiments."""

from __future__ import annotations

import pytest

from runstore.azureml.core import Experiment, Run, Workspace
from runstore.azureml.core.experiment import ViewType
from runstore.azureml.exceptions import (
    AzureMLException,
    UserErrorException,
)
from runstore.azureml.train.hyperdrive import HyperDriveConfig

AZURE = {"subscription_id": "sub", "resource_group": "group", "workspace_name": "space"}


# ---- 2.4 experiment


def test_an_experiment_is_got_or_made_at_construction(ws: Workspace) -> None:
    first = Experiment(ws, "one")
    assert first.id == Experiment(workspace=ws, name="one").id
    assert list(ws.experiments) == ["one"]


@pytest.mark.parametrize("name", ["a", "0", "A-b_c", "x" * 255, "mäh"])
def test_a_good_name(ws: Workspace, name: str) -> None:
    assert Experiment(ws, name).name == name


@pytest.mark.parametrize("name", ["", "-a", "_a", "a b", "a.b", "a/b", "ä", "x" * 256, "a\n"])
def test_a_bad_name(ws: Workspace, name: str) -> None:
    with pytest.raises(UserErrorException):
        Experiment(ws, name)


def test_only_a_configuration_can_be_submitted(exp: Experiment) -> None:
    with pytest.raises(AzureMLException, match="takes a ScriptRunConfig"):
        exp.submit("train.py")


def test_runs_come_one_after_another_the_newest_first(exp: Experiment) -> None:
    ids = [exp.start_logging(snapshot_directory=None).id for _ in range(3)]
    found = exp.get_runs()
    assert next(found).id == ids[-1]
    assert [one.id for one in found] == ids[1::-1]


def test_children_are_hidden_unless_asked_for(exp: Experiment, run: Run) -> None:
    child = run.child_run()
    assert [one.id for one in exp.get_runs()] == [run.id]
    assert {one.id for one in exp.get_runs(include_children=True)} == {run.id, child.id}


def test_run_list_filters_by_status_too(exp: Experiment, run: Run) -> None:
    done = exp.start_logging(snapshot_directory=None)
    done.complete()
    assert [one.id for one in Run.list(exp, status="Completed")] == [done.id]
    assert [one.id for one in Run.list(exp, status="Running")] == [run.id]


def test_experiments_are_listed_by_view_and_tag(ws: Workspace) -> None:
    one, two = Experiment(ws, "one"), Experiment(ws, "two")
    one.tag("team", "red")
    two.archive()
    assert [each.name for each in Experiment.list(ws)] == ["one"]
    assert [each.name for each in Experiment.list(ws, view_type=ViewType.All)] == ["one", "two"]
    assert [each.name for each in Experiment.list(ws, view_type=ViewType.ArchivedOnly)] == ["two"]
    assert [each.name for each in Experiment.list(ws, tags={"team": "red"})] == ["one"]
    assert [each.name for each in Experiment.list(ws, "one", tags="none")] == []


def test_an_archived_experiment_comes_back_under_its_own_name(ws: Workspace, exp: Experiment) -> None:
    assert exp.archived_time is None
    exp.archive()
    assert exp.archived_time is not None
    with pytest.raises(UserErrorException):
        exp.reactivate(new_name="other")
    exp.reactivate()
    assert exp.archived_time is None
    assert list(ws.experiments) == ["first-steps"]


def test_starting_a_run_in_an_archived_one_makes_it_active(ws: Workspace, exp: Experiment) -> None:
    exp.archive()
    Experiment(ws, "first-steps").start_logging(snapshot_directory=None)
    assert list(ws.experiments) == ["first-steps"]


def test_an_experiment_is_deleted_by_its_id_unless_it_has_runs(ws: Workspace, run: Run) -> None:
    empty = Experiment(ws, "empty")
    Experiment.delete(ws, empty.id)
    assert list(ws.experiments) == ["first-steps"]
    with pytest.raises(AzureMLException, match="runs"):
        Experiment.delete(ws, run.experiment.id)


def test_an_experiment_takes_tags(exp: Experiment) -> None:
    exp.tag("a", "1")
    exp.set_tags({"b": "2"})
    with pytest.warns(UserWarning, match="text"):
        exp.tag("c", 3)
    exp.remove_tags(["b"])
    exp.refresh()
    assert exp.tags == {"a": "1", "c": "3"}


def test_an_experiment_shows_itself(exp: Experiment) -> None:
    assert repr(exp) == "Experiment(Name: first-steps,\nWorkspace: lab)"
    html = exp._repr_html_()
    assert all(word in html for word in ("first-steps", "lab", "Report Page"))


def test_the_config_of_a_sweep_is_known_to_submit(exp: Experiment) -> None:
    from runstore.azureml.core import ScriptRunConfig
    from runstore.azureml.exceptions import ExperimentExecutionException
    from runstore.azureml.train.hyperdrive import PrimaryMetricGoal, RandomParameterSampling, uniform

    script = ScriptRunConfig(".", "train.py")
    sampling = RandomParameterSampling({"--lr": uniform(0, 1)})
    sweep = HyperDriveConfig(sampling, "loss", PrimaryMetricGoal.MINIMIZE, 4, run_config=script)
    for config in (script, sweep):
        with pytest.raises(ExperimentExecutionException, match="no such script"):
            exp.submit(config)
