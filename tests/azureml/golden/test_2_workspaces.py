"""Section 2.3: workspaces."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runstore.azureml.core import Experiment, Model, Run, ScriptRun, Workspace
from runstore.azureml.exceptions import (
    AzureMLException,
    ServiceException,
    UserErrorException,
    WorkspaceException,
)
from tests.azureml.scenes import AZURE, write

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
