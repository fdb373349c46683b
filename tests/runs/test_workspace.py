"""Workspaces are made where nothing is, opened where one is, and refuse everything else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files
from runstore.errors import Damaged, FormatTooNew, NotAWorkspace, NotWritable
from runstore.format import documents, names
from runstore.runs import workspace as module
from runstore.runs.workspace import Workspace


def test_a_missing_path_becomes_a_workspace(tmp_path: Path) -> None:
    ws = Workspace(tmp_path / "a" / "b")
    assert (ws.path / names.WORKSPACE).exists()
    assert Workspace(tmp_path / "a" / "b").id


def test_an_empty_directory_becomes_a_workspace(tmp_path: Path) -> None:
    Workspace(tmp_path)
    assert "runstore" in (tmp_path / names.README).read_text()


def test_a_directory_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("hours of work")
    with pytest.raises(NotAWorkspace, match="name another path"):
        Workspace(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.tex"]


@pytest.mark.parametrize("calls", range(1, 12))
def test_a_workspace_whose_making_was_cut_short_is_made_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    left = [calls]

    def dying(real: Any) -> Any:
        def call(*arguments: Any, **named: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt  # the process is gone: what it was about to do never happens
            return real(*arguments, **named)

        return call

    with monkeypatch.context() as patch:
        for name in ("create", "write", "reveal", "make_dirs", "unlink", "sync_dir"):
            patch.setattr(files, name, dying(getattr(files, name)))
        with suppress(KeyboardInterrupt):
            Workspace(tmp_path / "w")
    made = Workspace(tmp_path / "w")
    assert Workspace(made.path, create=False).id
    assert (made.path / names.README).read_text().startswith("# A runstore workspace")


@pytest.mark.parametrize("there", [["README.md"], ["runs/"], ["README.md", "runs/", "experiments/"]])
def test_a_directory_whose_names_only_look_like_ours_is_refused(tmp_path: Path, there: list[str]) -> None:
    for name in there:
        (tmp_path / name).mkdir() if name.endswith("/") else (tmp_path / name).write_text("# My thesis")
    with pytest.raises(NotAWorkspace, match="name another path"):
        Workspace(tmp_path)
    assert not (tmp_path / names.WORKSPACE).exists()


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("x")
    with pytest.raises(NotAWorkspace):
        Workspace(tmp_path / "f")


def test_reading_never_makes_a_workspace(tmp_path: Path) -> None:
    with pytest.raises(NotAWorkspace, match="runstore init"):
        Workspace(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()


def test_a_later_format_is_refused_by_name(tmp_path: Path) -> None:
    Workspace(tmp_path)
    body = {"runstore": 99, "workspace": "x", "created": 0}
    (tmp_path / names.WORKSPACE).write_bytes(documents.render(body))
    with pytest.raises(FormatTooNew, match="upgrade"):
        Workspace(tmp_path)


def test_a_damaged_workspace_document_is_refused(tmp_path: Path) -> None:
    Workspace(tmp_path)
    path = tmp_path / names.WORKSPACE
    data = bytearray(path.read_bytes())
    data[40] ^= 1
    path.write_bytes(data)
    with pytest.raises(Damaged, match=r"workspace\.json"):
        Workspace(tmp_path)


def test_a_moved_workspace_keeps_its_id(tmp_path: Path) -> None:
    before = Workspace(tmp_path / "here")
    identity = Workspace(before.path).id
    shutil.move(before.path, tmp_path / "there")
    assert Workspace(tmp_path / "there", create=False).id == identity


def test_no_path_means_the_nearest_dot_runstore_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Workspace(tmp_path / ".runstore")
    deep = tmp_path / "src" / "model"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert Workspace().path == tmp_path / ".runstore"


def test_the_environment_names_the_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_DIR", str(tmp_path / "w"))
    assert module.find() == tmp_path / "w"


def test_an_unwritable_place_is_one_line_that_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NotWritable, match="name another path") as caught:
        Workspace(tmp_path / "file" / "below")
    assert "\n" not in str(caught.value)


def test_a_workspace_that_can_not_be_read_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Workspace(tmp_path)

    def exhausted(path: Path) -> bytes:
        raise OSError(24, "Too many open files", str(path))

    monkeypatch.setattr(files, "read", exhausted)
    with pytest.raises(NotWritable, match=r"workspace\.json: can't be read \(Too many open files\)"):
        Workspace(tmp_path)


def test_disabled_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    run = Workspace(tmp_path / "w").experiment("e").start_logging(params={"lr": 1}, tags={"a": "b"})
    run.log("loss", 1.0)
    run.log({"a": object()})
    run.log_row("r", a=1)
    run.upload_file("x", tmp_path / "missing")
    run.flush()
    run.complete()
    assert not (tmp_path / "w").exists()


def test_a_new_workspace_knows_its_id_at_once(tmp_path: Path) -> None:
    assert Workspace(tmp_path / "w").id == Workspace(tmp_path / "w").id != ""


def test_processes_that_make_one_workspace_at_once_agree(tmp_path: Path) -> None:
    script = "import sys; from runstore.runs.workspace import Workspace as W; W(sys.argv[1]); print(W(sys.argv[1]).id)"
    argv = [sys.executable, "-c", script, str(tmp_path / "w")]
    children = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    ids = {child.communicate()[0].strip() for child in children}
    assert [child.returncode for child in children] == [0] * 8
    assert len(ids) == 1
