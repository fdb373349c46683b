"""Section 2: statuses, identity, workspaces and experiments."""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core import Experiment, Model, Run, ScriptRun, Workspace
from runstore.azureml.core.experiment import ViewType
from runstore.azureml.exceptions import (
    AzureMLException,
    ServiceException,
    UserErrorException,
    WorkspaceException,
)
from runstore.azureml.train.hyperdrive import HyperDriveConfig

AZURE = {"subscription_id": "sub", "resource_group": "group", "workspace_name": "space"}


def write(path: Path, **body: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body), encoding="utf-8")


# ---- 2.1 statuses


def test_an_interactive_run_is_running_at_once(run: Run) -> None:
    assert run.get_status() == "Running"


@pytest.mark.parametrize(("end", "status"), [("complete", "Completed"), ("fail", "Failed"), ("cancel", "Canceled")])
def test_the_user_sets_the_final_status(run: Run, end: str, status: str) -> None:
    getattr(run, end)()
    assert run.get_status() == status


def test_a_status_set_from_outside_is_final(exp: Experiment, run: Run) -> None:
    Run(exp, run.id).cancel()
    run.complete()
    assert Run(exp, run.id).get_status() == "Canceled"


def test_a_completed_parent_may_have_failed_children(run: Run) -> None:
    child = run.child_run()
    child.fail("lost")
    run.complete()
    assert (run.get_status(), child.get_status()) == ("Completed", "Failed")


# ---- 2.2 identity


def test_an_id_is_a_uuid4_unless_given(exp: Experiment) -> None:
    one = exp.start_logging(snapshot_directory=None)
    assert uuid.UUID(one.id).version == 4
    assert exp.start_logging(run_id="mine", snapshot_directory=None).id == "mine"


def test_the_private_id_is_there_and_run_id_is_not(run: Run) -> None:
    assert run._run_id == run.id
    assert not hasattr(run, "run_id")


def test_a_number_grows_in_the_experiment_and_reading_it_is_warned_of(
    exp: Experiment, run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    later = exp.start_logging(snapshot_directory=None)
    assert later.number > run.number >= 1
    assert [record.levelname for record in caplog.records if record.name.startswith("runstore")] == ["WARNING"] * 2


def test_a_name_has_a_default_and_a_childs_begins_with_its_parents(exp: Experiment, run: Run) -> None:
    named = exp.start_logging("trial", snapshot_directory=None)
    assert run.name == f"run_{run.id}"
    assert named.child_run("fold").name == "trial>fold"
    assert run.child_run("fold").name == f"run_{run.id}>fold"


def test_display_name_and_description_can_be_set_and_last(exp: Experiment, run: Run) -> None:
    run.display_name, run.description = "the best", "of all"
    again = Run(exp, run.id)
    assert (again.display_name, again.description) == ("the best", "of all")


def test_they_can_be_given_at_the_start(exp: Experiment) -> None:
    run = exp.start_logging(snapshot_directory=None, display_name="the best", description="of all")
    assert (run.display_name, run.description) == ("the best", "of all")


def test_an_interactive_run_has_no_type(run: Run) -> None:
    assert run.type is None
    run.add_properties({"azureml.runsource": "mine"})
    assert run.type == "mine"


def test_a_run_knows_its_experiment_and_workspace(run: Run, exp: Experiment, ws: Workspace) -> None:
    assert run.experiment is exp
    assert run.experiment.workspace is ws


def test_a_parent_is_a_run_or_none_and_the_same_object_each_time(exp: Experiment, run: Run) -> None:
    child = Run(exp, run.child_run().id)
    assert run.parent is None
    assert isinstance(child.parent, Run)
    assert child.parent.id == run.id
    assert child.parent is child.parent
    assert not hasattr(run, "root")


def test_a_run_shows_itself_on_several_lines(run: Run) -> None:
    text = repr(run)
    assert text == str(run)
    assert re.fullmatch(r"Run\(Experiment: first-steps,\nId: .*,\nType: None,\nStatus: Running\)", text)


def test_in_a_notebook_it_is_a_table_of_one_row_with_links(run: Run) -> None:
    html = run._repr_html_()
    assert html.count("<tr>") == 2
    for heading in ("Experiment", "Id", "Type", "Status", "Details Page", "Docs Page"):
        assert f"<th>{heading}</th>" in html
    assert run.get_portal_url() in html


def test_the_portal_url_leads_to_what_is_there(run: Run) -> None:
    assert run.get_portal_url() == run.portal_url
    assert Path(run.portal_url.removeprefix("file://")).exists()


# ---- 2.3 workspace


def test_a_file_path_is_used_as_it_is(here: Path) -> None:
    write(here / "elsewhere" / "mine.json", **AZURE)
    assert Workspace.from_config(here / "elsewhere" / "mine.json").name == "space"


def test_a_parents_azureml_beats_a_plain_file_of_the_directory_itself(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = here / "a" / "b"
    write(here / ".azureml" / "config.json", **{**AZURE, "workspace_name": "above"})
    write(inner / "config.json", **{**AZURE, "workspace_name": "plain"})
    monkeypatch.chdir(inner)
    assert Workspace.from_config().name == "above"


def test_each_directory_is_climbed_through_all_parents_before_the_next(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner = here / "a" / "b"
    order = [here / ".runstore", here / ".azureml", here / "aml_config", here]
    for number, directory in enumerate(order):
        write(directory / "config.json", **{**AZURE, "workspace_name": f"n{number}"})
    write(inner / "config.json", **{**AZURE, "workspace_name": "inner"})
    monkeypatch.chdir(inner)
    found = []
    for directory in order:
        found.append(Workspace.from_config().name)
        (directory / "config.json").unlink()
    assert found == ["n0", "n1", "n2", "inner"]


@pytest.mark.parametrize("name", ["config.json", "project.json"])
def test_the_file_has_one_of_two_names(here: Path, name: str) -> None:
    write(here / ".azureml" / name, **AZURE)
    ws = Workspace.from_config()
    assert (ws.name, ws.resource_group, ws.subscription_id) == ("space", "group", "sub")


def test_another_name_can_be_asked_for(here: Path) -> None:
    write(here / ".azureml" / "other.json", **AZURE)
    assert Workspace.from_config(_file_name="other.json").name == "space"


def test_a_missing_key_is_an_error(here: Path) -> None:
    write(here / "config.json", subscription_id="sub")
    with pytest.raises(UserErrorException, match="resource_group, workspace_name"):
        Workspace.from_config()


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_a_file_that_is_no_json_object_is_an_error(here: Path, text: str) -> None:
    (here / "config.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserErrorException, match=r"config\.json"):
        Workspace.from_config()


def test_the_key_store_says_where_the_workspace_lies(here: Path) -> None:
    write(here / ".runstore" / "config.json", store="../data/runs")
    ws = Workspace.from_config()
    assert ws.path == here / "data" / "runs"
    assert ws.name == "local"


def test_without_it_the_workspace_lies_beside_the_file(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here / ".azureml" / "config.json", **AZURE)
    (here / "a").mkdir()
    monkeypatch.chdir(here / "a")
    assert Workspace.from_config().path == here / ".runstore"


def test_the_variable_comes_before_that(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(here / ".azureml" / "config.json", **AZURE)
    monkeypatch.setenv("RUNSTORE_DIR", str(here / "there"))
    assert Workspace.from_config().path == here / "there"


def test_no_file_at_all_opens_or_makes_the_usual_one_and_says_so(here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    first = Workspace.from_config()
    again = Workspace.from_config()
    lines = capfd.readouterr().err.splitlines()
    assert first.path == again.path == here / ".runstore"
    assert first.id == again.id
    assert len(lines) == 2
    assert str(first.path) in lines[0]


def test_strictly_that_is_an_error(here: Path) -> None:
    with pytest.raises(UserErrorException, match=r"config\.json"):
        Workspace.from_config(strict=True)
    assert list(here.iterdir()) == []


def test_a_file_that_is_not_there_is_an_error(here: Path) -> None:
    with pytest.raises(UserErrorException):
        Workspace.from_config(here / "config.json")


def test_a_workspace_is_made_once_and_got_afterwards(here: Path) -> None:
    with pytest.raises(WorkspaceException):
        Workspace.get("lab")
    made = Workspace.create("lab", subscription_id="s", resource_group="g", location="here")
    assert (made.name, made.subscription_id, made.resource_group, made.location) == ("lab", "s", "g", "here")
    with pytest.raises(WorkspaceException, match="exist_ok"):
        Workspace.create("lab")
    assert Workspace.create("lab", exist_ok=True).id == Workspace.get("lab").id == made.id
    assert Workspace("s", "g", "lab").id == made.id


def test_what_samples_join_is_never_none(here: Path) -> None:
    ws = Workspace()
    assert "\n".join([ws.name, ws.resource_group, ws.location, ws.subscription_id]) == "local\nlocal\nlocal\nlocal"
    assert (ws.sku, ws.tags) == ("local", {})


def test_a_written_configuration_is_found_again(ws: Workspace, here: Path) -> None:
    labelled = Workspace("sub", "group", "space")
    labelled.write_config()
    body = json.loads((here / ".azureml" / "config.json").read_text(encoding="utf-8"))
    assert {key: body[key] for key in AZURE} == AZURE
    assert Path(body["store"]) == Path("../.runstore")
    again = Workspace.from_config(strict=True)
    assert (again.name, again.id) == ("space", ws.id)


def test_it_goes_into_aml_config_where_there_is_one(ws: Workspace, here: Path) -> None:
    (here / "sub" / "aml_config").mkdir(parents=True)
    ws.write_config("sub", "mine.json")
    assert [path.name for path in (here / "sub").iterdir()] == ["aml_config"]
    assert Workspace.from_config("sub", _file_name="mine.json").id == ws.id


def test_a_workspace_has_dicts_of_what_is_in_it(ws: Workspace, run: Run) -> None:
    run.upload_file("outputs/m.pkl", __file__)
    run.register_model("first", "outputs/m.pkl")
    second = run.register_model("first", "outputs/m.pkl")
    assert [type(one) for one in ws.experiments.values()] == [Experiment]
    assert list(ws.experiments) == ["first-steps"]
    assert {name: (type(model), model.version) for name, model in ws.models.items()} == {"first": (Model, 2)}
    assert second.version == 2
    assert (ws.environments, ws.datasets) == ({}, {})
    assert list(ws.compute_targets) == ["local"]
    assert list(ws.datastores) == ["workspaceblobstore"]


def test_archived_experiments_are_not_among_them(ws: Workspace, exp: Experiment) -> None:
    exp.archive()
    assert ws.experiments == {}


def test_a_run_is_got_by_its_id_whatever_its_experiment(ws: Workspace, run: Run) -> None:
    for found in (ws.get_run(run.id), Run.get(ws, run.id)):
        assert type(found) is Run
        assert (found.id, found.experiment.name) == (run.id, "first-steps")
    with pytest.raises(ServiceException):
        ws.get_run("nobody")


def test_it_is_got_in_the_class_of_its_type(ws: Workspace, exp: Experiment) -> None:
    script = exp.start_logging(snapshot_directory=None, type=ScriptRun.RUN_TYPE)
    assert type(ws.get_run(script.id)) is ScriptRun
    assert [type(one) for one in exp.get_runs()] == [ScriptRun]


def test_details_tell_what_the_workspace_is(ws: Workspace) -> None:
    details = ws.get_details()
    assert details["id"] == ws.id
    assert details["name"] == "lab"
    assert details["store"] == str(ws.path)
    assert {"location", "version"} <= set(details)


def test_mlflow_is_not_yet_told_where_to_log(ws: Workspace) -> None:
    with pytest.raises(AzureMLException, match="can't be called yet"):
        ws.get_mlflow_tracking_uri()


def test_secrets_are_environment_variables(ws: Workspace, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DB_PASSWORD", "s3cret-value")
    vault = ws.get_default_keyvault()
    assert vault.get_secret("db-password") == run.get_secret(name="db-password") == "s3cret-value"
    assert run.get_secrets(["db-password", "none"]) == {"db-password": "s3cret-value", "none": None}
    run.complete()
    stored = b"".join(path.read_bytes() for path in run.path.rglob("*") if path.is_file())
    assert b"s3cret-value" not in stored


def test_the_default_datastore_is_a_folder(ws: Workspace, here: Path) -> None:
    (here / "a.txt").write_text("one", encoding="utf-8")
    store = ws.get_default_datastore()
    store.upload_files(["a.txt"], target_path="data", overwrite=True)
    assert (store.path / "data" / "a.txt").read_text(encoding="utf-8") == "one"


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
    exp.set_tags({"b": "2", "c": "3"})
    exp.remove_tags(["b"])
    exp.refresh()
    assert exp.tags == {"a": "1", "c": "3"}


def test_an_experiment_shows_itself(exp: Experiment) -> None:
    assert repr(exp) == "Experiment(Name: first-steps,\nWorkspace: lab)"
    html = exp._repr_html_()
    assert all(word in html for word in ("first-steps", "lab", "Report Page"))


def test_the_config_of_a_sweep_is_known_to_submit(exp: Experiment) -> None:
    from runstore.azureml.core import ScriptRunConfig
    from runstore.azureml.exceptions import NotYetException
    from runstore.azureml.train.hyperdrive import PrimaryMetricGoal, RandomParameterSampling, uniform

    script = ScriptRunConfig(".", "train.py")
    sampling = RandomParameterSampling({"--lr": uniform(0, 1)})
    sweep = HyperDriveConfig(sampling, "loss", PrimaryMetricGoal.MINIMIZE, 4, run_config=script)
    for config in (script, sweep):
        with pytest.raises(NotYetException, match="can't be called yet"):
            exp.submit(config)
