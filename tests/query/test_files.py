"""The files of a run come back byte for byte, under their names, wherever they are asked to go."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.disk import pack
from runstore.errors import Damaged, RunNotFound, StoreError, UsageError

FILES = {
    "outputs/model.pkl": b"model",
    "outputs/deep/er/weights": b"w" * pack.SMALL,
    "out": b"not below outputs",
    "outputs2/x": b"nor this",
    "top.txt": b"",
}


@pytest.fixture
def run(ws: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    one = ws.experiment("e").start_logging()  # without ``with``: nothing that is printed is a file of it
    for name, data in FILES.items():
        one.upload_file(name, io.BytesIO(data))
    yield one
    if one.status == "Running":
        one.complete()


def tree(directory: Path) -> dict[str, bytes]:
    return {p.relative_to(directory).as_posix(): p.read_bytes() for p in directory.rglob("*") if p.is_file()}


def test_names_are_sorted_and_hold_what_is_a_file_of_the_run(run: Any) -> None:
    run._store("manifest", b"hidden", kind="snapshot")
    assert run.get_file_names() == sorted(FILES)


def test_what_a_run_printed_is_among_its_files(ws: runstore.Workspace, tmp_path: Path) -> None:
    with ws.experiment("e").start_logging() as run:
        print("printed")
    assert run.get_file_names() == ["user_logs/std_log.txt"]
    assert run.read_file("azureml-logs/70_driver_log.txt") == b"printed\n"
    assert run.download_file("user_logs/std_log.txt", tmp_path / "log").read_bytes() == b"printed\n"


def test_every_file_is_read_as_it_was(run: Any) -> None:
    assert {name: run.read_file(name) for name in FILES} == FILES
    run.complete()
    again = run.experiment.workspace.get_run(run.id)
    assert {name: again.read_file(name) for name in again.get_file_names()} == FILES


def test_a_file_that_is_not_there_is_told_with_those_that_are(run: Any, tmp_path: Path) -> None:
    for ask in (run.read_file, run.download_file, run.versions):
        with pytest.raises(StoreError, match=r"no artifact 'nothing'.*'out', 'outputs/deep/er/weights'"):
            ask("nothing")
    assert list(Path.cwd().iterdir()) == []


def test_a_file_goes_where_it_is_told(run: Any, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    assert run.download_file("outputs/model.pkl") == Path("model.pkl")
    assert Path("model.pkl").read_bytes() == b"model"
    assert run.download_file("outputs/model.pkl", tmp_path / "there") == tmp_path / "there" / "model.pkl"
    assert run.download_file("outputs/model.pkl", str(tmp_path / "new" / "name")) == tmp_path / "new" / "name"
    assert (tmp_path / "new" / "name").read_bytes() == (tmp_path / "there" / "model.pkl").read_bytes() == b"model"


def test_a_file_is_found_under_the_name_it_was_uploaded_as(run: Any) -> None:
    run.upload_file("./notes//today.txt", io.BytesIO(b"sun"))
    assert run.read_file("./notes//today.txt") == run.read_file("notes/today.txt") == b"sun"


def test_an_interrupted_download_leaves_what_was_there(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("model.pkl").write_bytes(b"before")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left on device")))
    with pytest.raises(StoreError, match="another path"):
        run.download_file("outputs/model.pkl")
    assert tree(Path.cwd()) == {"model.pkl": b"before"}


def test_all_files_keep_their_folders(run: Any, tmp_path: Path) -> None:
    assert len(run.download_files(output_directory=tmp_path / "all")) == len(FILES)
    assert tree(tmp_path / "all") == FILES


@pytest.mark.parametrize("prefix", ["outputs", "outputs/"])
def test_a_prefix_is_a_folder(run: Any, tmp_path: Path, prefix: str) -> None:
    run.download_files(prefix, tmp_path / "one")
    assert tree(tmp_path / "one") == {n: d for n, d in FILES.items() if n.startswith("outputs/")}
    run.download_files(prefix, tmp_path / "two", append_prefix=False)
    assert sorted(tree(tmp_path / "two")) == ["deep/er/weights", "model.pkl"]


def test_paths_are_taken_one_for_each_file_and_ignored_otherwise(run: Any, tmp_path: Path) -> None:
    run.download_files("outputs", output_paths=[tmp_path / "a", tmp_path / "b"])
    assert (tmp_path / "b").read_bytes() == b"model"
    with pytest.warns(UserWarning, match="1 paths for 2 files"):
        run.download_files("outputs", tmp_path / "dir", output_paths=[tmp_path / "c"])
    assert len(tree(tmp_path / "dir")) == 2


def test_no_name_leads_out_of_the_directory(run: Any, tmp_path: Path) -> None:
    for number, name in enumerate(["../../up", "/abs", "a/../b"]):
        run._store(name, b"%d" % number)
    run.download_files(output_directory=tmp_path / "all")
    assert set(tree(tmp_path / "all")) == {*FILES, "_/_/up", "_/abs", "a/_/b"}
    run._store("..", b"")
    with pytest.raises(UsageError, match="say where"):
        run.download_file("..")


def test_versions_count_from_one_and_the_newest_is_given(run: Any) -> None:
    run.upload_file("top.txt", io.BytesIO(b"second"), overwrite=True)
    run.upload_file("top.txt", io.BytesIO(b"third"), overwrite=True)
    found = run.versions("top.txt")
    assert [(one.version, one.read()) for one in found] == [(1, b""), (2, b"second"), (3, b"third")]
    assert run.read_file("top.txt") == b"third"
    rows = run.experiment.workspace.sql("select size from artifacts where name = 'top.txt'").fetchall()
    assert rows == [(5,)]


def test_what_was_removed_is_no_file_any_more(run: Any) -> None:
    run.remove_files(["out", "top.txt"])
    assert run.get_file_names() == ["outputs/deep/er/weights", "outputs/model.pkl", "outputs2/x"]
    assert run.experiment.workspace.sql("select count(*) from artifacts").fetchall() == [(3,)]


def test_what_a_run_used_is_recorded(run: Any) -> None:
    run.upload_file("out", io.BytesIO(b"second"), overwrite=True)
    with run.experiment.start_logging() as user:
        assert user.use_artifact(run, "outputs/model.pkl").read() == b"model"
        assert user.use_artifact(run.id[:8], "out", version=1).read() == FILES["out"]
        for wrong in (0, 3):
            with pytest.raises(StoreError, match="versions 1 to 2"):
                user.use_artifact(run, "out", version=wrong)
        with pytest.raises(RunNotFound):
            user.use_artifact("no such run", "out")
        with pytest.raises(StoreError):
            user.use_artifact(run, "nothing")
    run.remove_files("outputs/model.pkl")
    used = run.experiment.workspace.get_run(user.id).inputs
    assert [(one.run_id, one.name, one.version) for one in used] == [
        (run.id, "outputs/model.pkl", 1),
        (run.id, "out", 1),
    ]
    assert used[0].read() == b"model"
    assert used[1].download("copy").read_bytes() == FILES["out"]


def test_an_input_whose_bytes_are_not_right_is_not_recorded(run: Any, tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"original")
    run.upload_file("data", tmp_path / "data", reference=True)
    (tmp_path / "data").write_bytes(b"changed!")
    with run.experiment.start_logging() as user, pytest.raises(Damaged):
        user.use_artifact(run, "data")
    assert user.inputs == []
