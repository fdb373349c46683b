"""Section 11: the model registry."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from runstore.azureml.core import Model, Run, Workspace
from runstore.azureml.exceptions import (
    ModelNotFoundException,
    ModelPathNotFoundException,
    UserErrorException,
    WebserviceException,
)


@pytest.fixture
def run(run: Run, here: Path) -> Run:
    """A run with a model file and a folder of them."""
    (here / "outputs").mkdir(exist_ok=True)
    for name in ("m.pkl", "n.pkl"):
        (here / "outputs" / name).write_text(name, encoding="utf-8")
        run.upload_file(f"outputs/{name}", f"outputs/{name}")
    return run


def test_a_path_is_normalised(run: Run) -> None:
    assert run.register_model(model_name="best", model_path="./outputs/m.pkl").version == 1


def test_a_folder_is_a_model_too(run: Run, here: Path) -> None:
    model = run.register_model("both", "outputs")
    path = Path(model.download(target_dir="got"))
    assert sorted(found.name for found in path.rglob("*.pkl")) == ["m.pkl", "n.pkl"]


def test_without_a_path_the_name_is_the_path(run: Run) -> None:
    run.upload_file("m.pkl", "outputs/m.pkl")
    assert run.register_model("m.pkl").name == "m.pkl"


def test_an_unknown_path_is_an_error_that_lists_the_runs_files(run: Run) -> None:
    with pytest.raises(ModelPathNotFoundException, match=r"outputs/n\.pkl"):
        run.register_model("best", "outputs/none.pkl")


@pytest.mark.parametrize("name", ["", "-a", "a b", "a/b", "ä", "x" * 256])
def test_a_bad_name_is_refused(run: Run, name: str) -> None:
    with pytest.raises(WebserviceException):
        run.register_model(name, "outputs/m.pkl")


@pytest.mark.parametrize("name", ["a", "best_ridge_model", "a-b.c_1", "9" * 255])
def test_a_good_name_is_taken(run: Run, name: str) -> None:
    assert run.register_model(name, "outputs/m.pkl").name == name


def test_versions_count_up_by_name(run: Run) -> None:
    assert [run.register_model(name, "outputs/m.pkl").version for name in ("a", "a", "b", "a")] == [1, 2, 1, 3]


def test_a_model_knows_all_about_itself(run: Run, ws: Workspace) -> None:
    model = run.register_model(
        "best", "outputs/m.pkl", tags={"a": "1"}, properties={"p": "q"}, model_framework="ScikitLearn",
        model_framework_version="1.5", description="of all", datasets=[], sample_input_dataset=None,
    )  # fmt: skip
    assert (model.name, model.version, model.id) == ("best", 1, "best:1")
    assert isinstance(model.url, str)
    assert (model.tags, model.properties, model.description) == ({"a": "1"}, {"p": "q"}, "of all")
    assert (model.run_id, model.run.id, model.experiment_name) == (run.id, run.id, "first-steps")
    assert (model.model_framework, model.model_framework_version) == ("ScikitLearn", "1.5")
    assert model.workspace is ws
    assert datetime.now(UTC) - model.created_time < timedelta(minutes=1)


def test_a_model_is_found_by_name_version_tags_and_run(run: Run, ws: Workspace) -> None:
    run.register_model("best", "outputs/m.pkl", tags={"stage": "test"})
    run.register_model("best", "outputs/n.pkl", tags={"stage": "live"})
    assert Model(ws, "best").version == 2
    assert Model(ws, name="best", version=1).version == 1
    assert Model(ws, id="best:1").version == 1
    assert Model(ws, "best", tags=[["stage", "test"]]).version == 1
    assert Model(ws, "best", run_id=run.id).version == 2
    with pytest.raises(WebserviceException):
        Model(ws, "none")
    with pytest.raises(WebserviceException):
        Model(ws, "best", version=9)


def test_models_are_listed_by_labels_given_as_lists(run: Run, ws: Workspace) -> None:
    run.register_model("a", "outputs/m.pkl", tags={"stage": "test"}, properties={"p": "q"})
    run.register_model("a", "outputs/m.pkl", tags={"stage": "live"})
    run.register_model("b", "outputs/m.pkl")
    assert [model.id for model in Model.list(ws)] == ["b:1", "a:2", "a:1"]
    assert [model.id for model in Model.list(ws, tags=["stage"])] == ["a:2", "a:1"]
    assert [model.id for model in Model.list(ws, tags=[["stage", "live"]])] == ["a:2"]
    assert [model.id for model in Model.list(ws, properties=["p"])] == ["a:1"]
    assert [model.id for model in Model.list(ws, latest=True)] == ["b:1", "a:2"]
    assert [model.id for model in Model.list(ws, name="a", run_id=run.id)] == ["a:2", "a:1"]
    assert {type(model) for model in Model.list(ws)} == {Model}


def test_a_local_file_is_registered_where_it_lies_below_here(ws: Workspace, here: Path, tmp_path: Path) -> None:
    (here / "m.pkl").write_text("m", encoding="utf-8")
    (tmp_path / "outside.pkl").write_text("m", encoding="utf-8")
    model = Model.register(workspace=ws, model_path="m.pkl", model_name="local", tags={"a": "b"})
    assert (type(model), model.version, model.run_id) == (Model, 1, None)
    with pytest.raises(FileNotFoundError):
        Model.register(ws, "none.pkl", "local")
    with pytest.raises(PermissionError):
        Model.register(ws, str(tmp_path / "outside.pkl"), "local")


def test_a_model_is_downloaded_once_unless_told(run: Run, here: Path) -> None:
    model = run.register_model("best", "outputs/m.pkl")
    path = Path(model.download(target_dir="got"))
    assert path.read_text(encoding="utf-8") == "m.pkl"
    with pytest.raises(WebserviceException):
        model.download(target_dir="got")
    assert Path(model.download(target_dir="got", exist_ok=True)) == path


def test_its_path_can_be_asked_for(run: Run, here: Path) -> None:
    run.register_model("best", "outputs/m.pkl")
    path = Model.get_model_path("best", version=1)
    assert Path(path).read_text(encoding="utf-8") == "m.pkl"
    assert Model.get_model_path("best", 1) == path
    with pytest.raises(ModelNotFoundException):
        Model.get_model_path("none")


def test_labels_change_and_properties_do_not(run: Run, ws: Workspace) -> None:
    model = run.register_model("best", "outputs/m.pkl", tags={"a": "1"})
    model.add_tags({"b": "2"})
    model.remove_tags("a")
    model.add_properties({"p": "q"})
    model.update(description="new")
    again = Model(ws, "best")
    assert (again.tags, again.properties, again.description) == ({"b": "2"}, {"p": "q"}, "new")
    with pytest.raises(UserErrorException):
        model.add_properties({"p": "other"})


def test_a_deleted_version_is_gone_and_its_number_not_given_again(run: Run, ws: Workspace) -> None:
    run.register_model("best", "outputs/m.pkl").delete()
    with pytest.raises(WebserviceException):
        Model(ws, "best")
    assert run.register_model("best", "outputs/m.pkl").version == 2


def test_an_output_that_was_just_written_can_be_registered(ws: Workspace, here: Path) -> None:
    from runstore.azureml.core import Experiment

    run = Experiment(ws, "second").start_logging(snapshot_directory=None)
    (here / "outputs" / "new.pkl").write_text("new", encoding="utf-8")
    assert run.register_model("new", "outputs/new.pkl").version == 1


def test_tags_and_properties_are_text_and_found_as_text(run: Run, ws: Workspace) -> None:
    with pytest.warns(UserWarning, match="as text"):
        model = run.register_model("best", "outputs/m.pkl", tags={"epochs": 3, "none": None}, properties={"cv": 5})
        model.add_tags({"folds": 5})
    assert (model.tags, model.properties) == ({"epochs": "3", "none": None, "folds": "5"}, {"cv": "5"})
    for wanted in (["epochs", "3"], ["epochs", 3]):
        assert Model(ws, "best", tags=[wanted], properties=[["cv", "5"]]).version == 1
