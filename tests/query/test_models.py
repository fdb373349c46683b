"""Files of a run become versions of a model: found by name, version and alias, labelled, fetched whole, deleted."""

from __future__ import annotations

import io
import shutil
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore import Model, Run, Workspace
from runstore.disk.pack import SMALL
from runstore.errors import Damaged, InvalidValue, ModelNotFound, StoreError, UsageError
from runstore.format import names


@pytest.fixture
def run(ws: Workspace) -> Run:
    """A finished run with a small and a large file, and some beside them."""
    with runstore.start_run("e", run_id="r", workspace=ws) as one:
        one.upload_file("outputs/m.pkl", io.BytesIO(b"small"))
        one.upload_file("outputs/net/weights.bin", io.BytesIO(b"w" * SMALL))
        one.upload_file("outputs/net/deep/config.json", io.BytesIO(b"{}"))
        one.upload_file("outputs.txt", io.BytesIO(b"no file of the folder"))
    return one


@pytest.mark.parametrize("path", ["outputs/m.pkl", "./outputs/m.pkl", "outputs//m.pkl", "outputs\\m.pkl"])
def test_a_file_of_a_run_is_registered(run: Run, path: str) -> None:
    model = run.register_model("ridge", path)
    assert (model.name, model.version, model.id, model.path, model.files) == (
        "ridge", 1, "ridge:1", "outputs/m.pkl", {"m.pkl": 5},
    )  # fmt: skip


@pytest.mark.parametrize("path", ["outputs/net", "outputs/net/", "./outputs/net"])
def test_a_folder_of_a_run_is_registered(run: Run, path: str) -> None:
    model = run.register_model("net", path)
    assert (model.path, model.files) == ("outputs/net", {"deep/config.json": 2, "weights.bin": SMALL})


def test_the_name_is_the_path_where_none_is_given(run: Run) -> None:
    assert run.register_model("outputs/m.pkl").files == {"m.pkl": 5}


def test_a_path_that_is_not_there_lists_what_is(run: Run, ws: Workspace) -> None:
    with pytest.raises(ModelNotFound, match=r"no file or folder 'outputs/x'.* outputs/m.pkl, outputs/net/deep"):
        run.register_model("x", "outputs/x")
    with pytest.raises(ModelNotFound, match="no file or folder 'output'"):
        run.register_model("x", "output")
    assert ws.models == {}


def test_each_registration_is_one_version_more(run: Run, ws: Workspace) -> None:
    assert [run.register_model("m", "outputs/m.pkl").version for _ in range(3)] == [1, 2, 3]
    assert ws.models == {"m": Model(ws, "m", version=3)}


def test_no_bytes_are_copied(run: Run, ws: Workspace) -> None:
    before = sum(path.stat().st_size for path in ws.path.rglob("*"))
    run.register_model("net", "outputs/net")
    assert sum(path.stat().st_size for path in ws.path.rglob("*")) < before + 20_000


def test_a_run_that_goes_on_and_one_that_was_looked_up_register_alike(ws: Workspace) -> None:
    with runstore.start_run("e", run_id="r", workspace=ws) as run:
        run.upload_file("a", io.BytesIO(b"1"))
        assert run.register_model("m", "a").run_id == "r"
        assert ws.get_run("r").register_model("m", "a").version == 2
        run.upload_file("a", io.BytesIO(b"22"), overwrite=True)
        assert run.register_model("m", "a").files == {"a": 2}


def test_what_lies_in_watched_outputs_can_be_registered_at_once(
    ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with ws.experiment("e").start_logging(outputs=True) as run:
        Path("outputs/m.pkl").write_bytes(b"fresh")
        assert run.register_model("m", "./outputs/m.pkl").files == {"m.pkl": 5}


def test_a_model_tells_where_it_comes_from(run: Run, ws: Workspace) -> None:
    before = datetime.now(UTC)
    model = run.register_model(
        "a b/c", "outputs/m.pkl", model_framework="scikit-learn", model_framework_version="1.5", description="ridge"
    )
    assert (model.run_id, model.experiment_name, model.workspace) == ("r", "e", ws)
    assert (model.framework, model.framework_version, model.description) == ("scikit-learn", "1.5", "ridge")
    assert model.url == "runstore://models/a%20b%2Fc/1"
    assert before - timedelta(seconds=1) <= model.created_time <= datetime.now(UTC)
    assert model.run is not None and model.run.id == "r"
    assert repr(model) == "Model(name='a b/c', version=1)"


# ---- finding


def test_the_latest_answers_unless_more_is_said(run: Run, ws: Workspace) -> None:
    for stage in ("a", "b", "a"):
        run.register_model("m", "outputs/m.pkl", tags={"stage": stage}, properties={"p": 1})
    assert Model(ws, "m").version == 3
    assert Model(ws).version == 3
    assert Model(ws, "m", version=1).version == 1
    assert Model(ws, id="m:2").version == 2
    assert Model(ws, "m:2").version == 2
    assert Model(ws, "m", tags=[["stage", "b"]]).version == 2
    assert Model(ws, tags={"stage": "b"}, properties=["p"], run_id="r").version == 2


def test_an_alias_names_one_version_and_moves(run: Run, ws: Workspace) -> None:
    first = run.register_model("m", "outputs/m.pkl", aliases=["production", "first"])
    second = run.register_model("m", "outputs/m.pkl", aliases="production")
    assert (first.aliases, second.aliases) == (["first"], ["production"])
    first.set_alias("production")
    assert (first.aliases, second.aliases) == (["first", "production"], [])
    assert Model(ws, "m@production") == Model(ws, id="m@production") == Model(ws, "m", alias="production") == first
    first.remove_alias("production")
    with pytest.raises(ModelNotFound, match="m@production"):
        Model(ws, "m@production")
    with pytest.raises(UsageError, match="no alias 'production'"):
        second.remove_alias("production")


def test_a_name_that_looks_like_a_version_is_a_name_first(run: Run, ws: Workspace) -> None:
    run.register_model("m:1", "outputs/m.pkl")
    run.register_model("m", "outputs/m.pkl")
    run.register_model("a@b", "outputs/m.pkl", aliases=["c"])
    assert Model(ws, "m:1").name == "m:1"
    assert Model(ws, id="m:1").name == "m"
    assert Model(ws, "m:1:1").name == "m:1"
    assert Model(ws, "a@b@c").name == "a@b"


@pytest.mark.parametrize("asked", [{"name": "x"}, {"id": "m:9"}, {"id": "m"}, {"id": "@"}, {"name": "m", "version": 9},
                                   {"tags": ["x"]}, {"run_id": "x"}, {"alias": "x"}])  # fmt: skip
def test_what_does_not_answer_is_told_with_what_there_is(run: Run, ws: Workspace, asked: dict[str, Any]) -> None:
    run.register_model("m", "outputs/m.pkl")
    with pytest.raises(ModelNotFound, match=r"no registered model has .*there are: m$"):
        Model(ws, **asked)


def test_the_list_is_filtered_and_begins_with_the_newest(run: Run, ws: Workspace) -> None:
    run.register_model("a", "outputs/m.pkl", tags={"x": 1, "y": 2})
    run.register_model("b", "outputs/m.pkl", tags={"x": 2}, properties={"p": "q"})
    run.register_model("a", "outputs/m.pkl")

    def found(**asked: Any) -> list[str]:
        return [model.id for model in Model.list(ws, **asked)]

    assert found() == ["a:2", "b:1", "a:1"]
    assert found(name="a") == ["a:2", "a:1"]
    assert found(latest=True) == ["a:2", "b:1"]
    assert found(tags="x") == found(tags=["x"]) == ["b:1", "a:1"]
    assert found(tags=["x", "y"]) == found(tags=[["x", 1]]) == found(tags=["y", ["x", 1]]) == ["a:1"]
    assert found(properties=[["p", "q"]]) == ["b:1"]
    assert found(run_id="r", name="b") == ["b:1"]
    assert found(run_id="x") == found(name="x") == found(tags=["x"], latest=True, name="a") == []


# ---- changing


def test_tags_change_and_properties_do_not(run: Run) -> None:
    model = run.register_model("m", "outputs/m.pkl", tags={"a": 1}, properties={"p": 1.5})
    model.add_tags({"a": None, "b": "x"})
    model.remove_tags(["c", "d"])
    model.add_properties({"p": 1.5, "q": True})
    assert (model.tags, model.properties) == ({"a": None, "b": "x"}, {"p": 1.5, "q": True})
    model.remove_tags("a")
    with pytest.raises(UsageError, match="never change"):
        model.add_properties({"r": 1, "p": 2})
    assert (model.tags, model.properties) == ({"b": "x"}, {"p": 1.5, "q": True})


def test_update_replaces_what_it_is_given(run: Run) -> None:
    model = run.register_model("m", "outputs/m.pkl", tags={"a": 1, "b": 2}, description="old")
    model.update(tags={"b": 3})
    model.update(description="new")
    assert (model.tags, model.description) == ({"b": 3}, "new")


def test_labels_are_scalars(run: Run, ws: Workspace) -> None:
    with pytest.raises(InvalidValue):
        run.register_model("m", "outputs/m.pkl", tags={"a": [1]})
    with pytest.raises(UsageError, match="given as a dict"):
        run.register_model("m", "outputs/m.pkl", properties=["a"])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="alias is empty"):
        run.register_model("m", "outputs/m.pkl", aliases=[""])
    assert Model.list(ws) == []


def test_a_deleted_version_is_gone_and_the_others_stay(run: Run, ws: Workspace) -> None:
    first, second = (run.register_model("m", "outputs/m.pkl", aliases=["x"]) for _ in range(2))
    second.delete()
    assert Model(ws, "m") == first
    assert ws.sql("select version, aliases from models").fetchall() == [(1, [])]
    with pytest.raises(ModelNotFound, match="deleted"):
        second.add_tags({"a": 1})
    assert run.register_model("m", "outputs/m.pkl").version == 3


# ---- bytes


def test_a_file_is_downloaded(run: Run, tmp_path: Path) -> None:
    path = run.register_model("m", "outputs/m.pkl").download(tmp_path / "to" / "there")
    assert path == tmp_path / "to" / "there" / "m.pkl"
    assert path.read_bytes() == b"small"


def test_a_folder_is_downloaded_whole(run: Run, tmp_path: Path) -> None:
    path = run.register_model("net", "outputs/net").download(tmp_path)
    assert path == tmp_path / "net"
    found = {one.relative_to(path).as_posix(): one.read_bytes() for one in path.rglob("*") if one.is_file()}
    assert found == {"weights.bin": b"w" * SMALL, "deep/config.json": b"{}"}
    assert [one.name for one in tmp_path.glob(".*.tmp")] == []


@pytest.mark.parametrize(("name", "base"), [("outputs/m.pkl", "m.pkl"), ("outputs/net", "net")])
def test_what_is_there_is_replaced_only_if_that_is_said(run: Run, tmp_path: Path, name: str, base: str) -> None:
    model = run.register_model("m", name)
    model.download(tmp_path)
    with pytest.raises(StoreError, match="exists already"):
        model.download(tmp_path)
    assert model.download(tmp_path, exist_ok=True) == tmp_path / base


def test_damaged_bytes_are_never_given(run: Run, ws: Workspace, tmp_path: Path) -> None:
    model = run.register_model("net", "outputs/net")
    (blob,) = (path for path in (ws.path / names.BLOBS).rglob("*") if path.is_file() and path.stat().st_size == SMALL)
    blob.write_bytes(b"x" * SMALL)
    with pytest.raises(Damaged):
        model.download(tmp_path)
    assert not (tmp_path / "net").exists()


def test_a_model_outlives_the_artifacts_of_its_run(ws: Workspace, tmp_path: Path) -> None:
    with runstore.start_run("e", workspace=ws) as run:
        run.upload_file("m.pkl", io.BytesIO(b"small"))
        model = run.register_model("m.pkl")
        run.remove_files(["m.pkl"])
    assert model.download(tmp_path).read_bytes() == b"small"


def test_models_move_with_the_workspace(run: Run, ws: Workspace, tmp_path: Path) -> None:
    run.register_model("m", "outputs/m.pkl", aliases=["best"])
    shutil.copytree(ws.path, tmp_path / "copy")
    shutil.rmtree(ws.path)
    moved = Workspace(tmp_path / "copy")
    assert Model(moved, "m@best").download(tmp_path).read_bytes() == b"small"


# ---- local files


def test_a_local_file_and_a_directory_are_registered(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "d" / "sub").mkdir(parents=True)
    (tmp_path / "d" / "sub" / "a").write_bytes(b"1")
    (tmp_path / "d" / "b").write_bytes(b"22")
    one = Model.register(ws, tmp_path / "d" / "b", "m", tags={"a": 1}, description="local", aliases=["x"])
    other = Model.register(ws, str(tmp_path / "d"), "m")
    assert (one.files, one.tags, one.run_id, one.run, one.aliases) == ({"b": 2}, {"a": 1}, None, None, ["x"])
    assert (other.version, other.path, other.files) == (2, "d", {"b": 2, "sub/a": 1})
    assert (other.download(tmp_path / "to") / "sub" / "a").read_bytes() == b"1"


def test_a_local_path_with_nothing_is_refused(ws: Workspace, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in ("missing", "empty"):
        with pytest.raises(StoreError, match="check the path"):
            Model.register(ws, tmp_path / path, "m")
    assert ws.models == {}


# ---- views and modes


def test_the_view_has_the_columns_of_the_contract(run: Run, ws: Workspace) -> None:
    model = run.register_model("m", "outputs/m.pkl", aliases=["b", "a"])
    found = ws.sql("select name, version, aliases, run_id, path, sha256, time from models where 'a' in aliases")
    created = model.created_time.replace(tzinfo=None)
    ((name, version, aliases, run_id, path, sha256, time),) = found.fetchall()
    assert (name, version, aliases, run_id, path, sha256) == ("m", 1, ["a", "b"], "r", "outputs/m.pkl", model.sha256)
    assert abs(time - created) < timedelta(milliseconds=1)


def test_disabled_nothing_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    ws = Workspace(tmp_path / "nowhere")
    run = runstore.start_run("e", workspace=ws)
    for model in (run.register_model("m", "outputs/m.pkl"), Model.register(ws, tmp_path, "m")):
        model.set_alias("x")
        model.delete()
        assert (model.version, model.aliases, model.files, ws.models) == (0, [], {}, {})
    assert not ws.path.exists()


def test_reading_warns_of_nothing_where_all_is_well(run: Run, ws: Workspace) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run.register_model("m", "outputs/m.pkl")
        assert len(ws.models) == 1
