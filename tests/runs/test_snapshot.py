"""Which files belong to a snapshot, what its id is a hash of, and what is stored of it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

import runstore
from runstore.disk import inventory
from runstore.errors import SnapshotError
from runstore.runs import snapshot


@pytest.fixture
def code(tmp_path: Path) -> Path:
    directory = tmp_path / "code"
    (directory / "pkg").mkdir(parents=True)
    (directory / "train.py").write_text("lr = 0.1\n")
    (directory / "pkg" / "model.py").write_text("x = 1\n")
    return directory


@pytest.fixture
def ws(workspace: Path) -> runstore.Workspace:
    return runstore.Workspace(workspace)


def paths(directory: Path, *leave_out: Path) -> list[str]:
    return [entry.path for entry in snapshot.tree(directory, leave_out).entries]


def write(directory: Path, **files: str) -> None:
    for name, text in files.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(text)


# ---- which files


def test_everything_belongs_without_an_ignore_file(code: Path) -> None:
    write(code, **{".env": "x", "data/a.bin": "x", "outputs/x": "x"})
    assert paths(code) == [".env", "data/a.bin", "outputs/x", "pkg/model.py", "train.py"]


def test_patterns_are_those_of_git_with_negation(code: Path) -> None:
    write(code, **{".gitignore": "*.log\n!keep.log\n/data/\nbuild/\n", "a.log": "", "keep.log": "", "pkg/b.log": "",
                   "data/x": "", "pkg/data/x": "", "pkg/build/x": ""})  # fmt: skip
    assert paths(code) == [".gitignore", "keep.log", "pkg/data/x", "pkg/model.py", "train.py"]


def test_amlignore_stands_in_for_gitignore_and_only_the_root_counts(code: Path) -> None:
    write(
        code, **{".gitignore": "train.py\n", ".amlignore": "/outputs\n", "pkg/.amlignore": "model.py", "outputs/x": ""}
    )
    assert paths(code) == [".amlignore", ".gitignore", "pkg/.amlignore", "pkg/model.py", "train.py"]


def test_what_is_never_source_never_belongs(code: Path) -> None:
    write(
        code,
        **{".git/HEAD": "", "pkg/__pycache__/m.pyc": "", ".runstore/workspace.json": "", "store/x": "", "out/y": ""},
    )
    assert paths(code, code / "store", code / "out") == ["pkg/model.py", "train.py"]


def test_a_link_within_is_kept_as_a_link_and_one_that_leads_out_is_left_out(code: Path, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (code / "inside").symlink_to(code / "pkg")
    (code / "pkg" / "up").symlink_to("../train.py")
    (code / "outside").symlink_to(tmp_path / "data")
    found = snapshot.tree(code)
    assert {entry.path: entry.target for entry in found.entries if entry.mode == snapshot.LINK} == {
        "inside": "pkg", "pkg/up": "../train.py",
    }  # fmt: skip
    assert found.outside == ["outside"]


def test_a_link_to_the_directory_above_is_not_followed(code: Path) -> None:
    (code / "pkg" / "loop").symlink_to(code)
    assert paths(code) == ["pkg/loop", "pkg/model.py", "train.py"]


def test_what_is_no_file_is_left_out(code: Path) -> None:
    os.mkfifo(code / "pipe")
    assert "pipe" not in paths(code)


def test_a_program_stays_one(code: Path) -> None:
    (code / "train.py").chmod(0o755)
    assert {entry.path: entry.mode for entry in snapshot.tree(code).entries} == {
        "train.py": snapshot.PROGRAM, "pkg/model.py": snapshot.FILE,
    }  # fmt: skip


# ---- limits


def test_too_many_files_are_refused_with_the_folder_they_are_in(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(code, **{f"many/{number}": "" for number in range(snapshot.MOST_FILES)})
    with pytest.raises(SnapshotError, match=r"more than 2,000 files \(many has .*\.amlignore.*snapshot_directory=None"):
        snapshot.tree(code)
    monkeypatch.setenv(snapshot.NO_FILE_LIMIT, "True")
    assert len(paths(code)) == snapshot.MOST_FILES + 2


def test_too_many_bytes_are_refused_with_the_largest_file(code: Path) -> None:
    with open(code / "big.bin", "wb") as file:
        file.truncate(snapshot.MOST_BYTES)
    with pytest.raises(SnapshotError, match=r"more than 300 MB \(big.bin has 300 MB\)"):
        snapshot.tree(code)
    write(code, **{".amlignore": "*.bin"})
    assert "big.bin" not in paths(code)


def test_a_path_that_is_no_directory_is_refused(code: Path) -> None:
    with pytest.raises(SnapshotError, match="no directory"):
        snapshot.tree(code / "train.py")


# ---- storing


def test_an_unchanged_tree_has_the_same_id_and_nothing_is_stored_again(ws: runstore.Workspace, code: Path) -> None:
    found = []
    for _ in range(2):
        with runstore.start_run("x", workspace=ws, snapshot_directory=code) as run:
            found.append(run)
    assert found[0].get_snapshot_id() == found[1].get_snapshot_id()
    assert [len(inventory.scan(run.path).packs) for run in found] == [1, 0]


def test_of_a_changed_tree_only_what_changed_is_stored(ws: runstore.Workspace, code: Path) -> None:
    write(code, **{"data.txt": "x" * 100_000})
    with runstore.start_run("x", workspace=ws, snapshot_directory=code) as first:
        pass
    write(code, **{"train.py": "lr = 0.2\n"})
    with runstore.start_run("x", workspace=ws, snapshot_directory=code) as second:
        pass
    assert first.get_snapshot_id() != second.get_snapshot_id()
    (pack,) = inventory.scan(second.path).packs
    assert pack.stat().st_size < 5000


@pytest.mark.parametrize("change", [
    lambda code: (code / "train.py").rename(code / "fit.py"),
    lambda code: (code / "train.py").chmod(0o755),
    lambda code: (code / "train.py").write_text("lr = 1.0\n"),
    lambda code: (code / "train.py").unlink(),
], ids=["renamed", "made a program", "changed", "removed"])  # fmt: skip
def test_the_id_changes_with(change: object, ws: runstore.Workspace, code: Path) -> None:
    ids = []
    for step in (lambda code: None, change):
        step(code)
        with runstore.start_run("x", workspace=ws) as run:
            ids.append(run.take_snapshot(code))
    assert ids[0] != ids[1]


def test_a_touched_file_changes_nothing(ws: runstore.Workspace, code: Path) -> None:
    ids = set()
    for moment in (1, 2):
        os.utime(code / "train.py", (moment, moment))
        with runstore.start_run("x", workspace=ws) as run:
            ids.add(run.take_snapshot(code))
    assert len(ids) == 1


def test_a_run_has_one_snapshot(ws: runstore.Workspace, code: Path) -> None:
    with runstore.start_run("x", workspace=ws, snapshot_directory=code) as run:
        with pytest.raises(SnapshotError, match="has only one"):
            run.take_snapshot(code)
        assert run.status == "Running"


def test_a_resumed_run_keeps_the_snapshot_of_its_first_attempt(ws: runstore.Workspace, code: Path) -> None:
    with runstore.start_run("x", workspace=ws, snapshot_directory=code) as run:
        pass
    write(code, **{"train.py": "other"})
    with runstore.start_run("x", run_id=run.id, workspace=ws, snapshot_directory=code) as again:
        assert again.get_snapshot_id() == run.get_snapshot_id()


def test_a_run_whose_snapshot_is_refused_has_failed(ws: runstore.Workspace, code: Path) -> None:
    with pytest.raises(SnapshotError):
        runstore.start_run("x", run_id="r", workspace=ws, snapshot_directory=code / "nowhere")
    assert ws.get_run("r").status == "Failed"


def test_watched_outputs_and_the_workspace_are_no_part_of_it(code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(code)
    write(code, **{"outputs/model": "x", "results/x": "x"})
    ws = runstore.Workspace(code / "ws")
    fact = snapshot.take(
        code, ws.path, [Path("outputs"), Path("results")], lambda data: {"sha256": "", "size": 0, "pack": None}
    )
    assert fact["files"] == 2


def test_files_of_a_snapshot_are_no_artifacts(ws: runstore.Workspace, code: Path) -> None:
    with runstore.start_run("x", workspace=ws, snapshot_directory=code):
        pass
    assert ws.sql("select * from artifacts").fetchall() == []


def test_an_unreadable_file_is_named(ws: runstore.Workspace, code: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        if path.name == "model.py":
            raise PermissionError(13, "Permission denied", str(path))
        return path.read_bytes()

    monkeypatch.setattr(snapshot.files, "read", refuse)
    with pytest.raises(SnapshotError, match=r"model\.py: can't be read \(Permission denied\)"):
        snapshot.take(code, ws.path, [], lambda data: {})


def test_links_that_lead_out_are_warned_of(ws: runstore.Workspace, code: Path, tmp_path: Path) -> None:
    (code / "outside").symlink_to(tmp_path)
    with runstore.start_run("x", workspace=ws) as run, pytest.warns(UserWarning, match="links out of .*: outside"):
        run.take_snapshot(code)


def test_nothing_is_read_where_runstore_is_disabled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    with runstore.start_run("x", workspace=tmp_path / "ws", snapshot_directory=tmp_path / "nowhere") as run:
        assert run.take_snapshot(tmp_path / "nowhere") == ""
    assert stat.S_ISDIR(tmp_path.stat().st_mode)
