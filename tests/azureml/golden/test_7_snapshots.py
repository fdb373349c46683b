"""Section 7: snapshots and what git knows."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from runstore.azureml.core import Experiment, Run
from runstore.azureml.exceptions import SnapshotException


def write(here: Path, *names: str) -> None:
    for name in names:
        (here / name).parent.mkdir(parents=True, exist_ok=True)
        (here / name).write_text(name, encoding="utf-8")


def kept(run: Run) -> list[str]:
    with zipfile.ZipFile(run.restore_snapshot(path="restored")) as archive:
        return sorted(archive.namelist())


def test_amlignore_replaces_gitignore(exp: Experiment, here: Path) -> None:
    write(here, "a.py", "b.log", "c.tmp")
    (here / ".gitignore").write_text("*.log\n", encoding="utf-8")
    (here / ".amlignore").write_text("*.tmp\n", encoding="utf-8")
    assert kept(exp.start_logging()) == [".amlignore", ".gitignore", "a.py", "b.log"]


def test_gitignore_counts_where_it_is_alone_with_exceptions(exp: Experiment, here: Path) -> None:
    write(here, "a.py", "b.log", "keep.log", "build/x")
    (here / ".gitignore").write_text("*.log\n!keep.log\n/build\n", encoding="utf-8")
    assert kept(exp.start_logging()) == [".gitignore", "a.py", "keep.log"]


def test_an_ignore_file_may_begin_with_a_byte_order_mark(exp: Experiment, here: Path) -> None:
    write(here, "a.py", "data/x")
    (here / ".amlignore").write_bytes(b"\xef\xbb\xbf/data\r\n")
    assert kept(exp.start_logging()) == [".amlignore", "a.py"]


def test_ignore_files_below_the_root_count_for_nothing(exp: Experiment, here: Path) -> None:
    write(here, "sub/a.py")
    (here / "sub" / ".gitignore").write_text("*.py\n", encoding="utf-8")
    assert kept(exp.start_logging()) == ["sub/.gitignore", "sub/a.py"]


def test_what_is_never_source_is_left_out_anyway(exp: Experiment, here: Path) -> None:
    write(here, "a.py", "__pycache__/a.pyc", ".git/config", "outputs/model.pkl")
    assert kept(exp.start_logging()) == ["a.py"]


def test_too_many_files_are_an_error_that_names_the_way_out(exp: Experiment, here: Path) -> None:
    for number in range(2001):
        (here / f"{number}.txt").touch()
    with pytest.raises(SnapshotException, match="snapshot_directory=None"):
        exp.start_logging()


def test_an_unchanged_tree_has_the_same_id(exp: Experiment, here: Path) -> None:
    write(here, "a.py")
    one, two = exp.start_logging(), exp.start_logging()
    assert one.get_snapshot_id() == two.get_snapshot_id()
    write(here, "b.py")
    assert exp.start_logging().get_snapshot_id() != one.get_snapshot_id()


def test_a_second_snapshot_of_a_run_is_refused(run: Run, here: Path) -> None:
    write(here, "src/a.py")
    assert run.take_snapshot("src") == run.get_snapshot_id()
    with pytest.raises(SnapshotException):
        run.take_snapshot("src")


def test_restoring_gives_the_absolute_path_of_a_zip_and_makes_the_directory(exp: Experiment, here: Path) -> None:
    write(here, "a.py")
    run = exp.start_logging()
    path = run.restore_snapshot(path="snapshots/deep")
    assert path == str(here / "snapshots" / "deep" / f"{run.get_snapshot_id()}.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.read("a.py") == b"a.py"
    elsewhere = Path(run.restore_snapshot(run.get_snapshot_id()))
    assert elsewhere.is_absolute()
    assert elsewhere.exists()


def test_without_a_snapshot_there_is_nothing_to_restore(run: Run) -> None:
    with pytest.raises(SnapshotException):
        run.restore_snapshot()


# ---- git


def git(here: Path, *arguments: str) -> str:
    options = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=trunk"]
    done = subprocess.run(["git", *options, *arguments], cwd=here, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("RUNSTORE_PROVENANCE", raising=False)
    write(here, "a.py")
    (here / ".gitignore").write_text("/outputs\n/.runstore\n", encoding="utf-8")
    git(here, "init", "-q")
    git(here, "add", ".gitignore", "a.py")
    git(here, "commit", "-qm", "first")
    return here


def properties(exp: Experiment) -> dict[str, str]:
    run = exp.start_logging(snapshot_directory=".")
    run.complete()
    found = run.get_properties()
    return {key: value for key, value in found.items() if ".git." in key}


def test_commit_branch_and_dirt_are_properties(repository: Path, exp: Experiment) -> None:
    commit = git(repository, "rev-parse", "HEAD")
    assert properties(exp) == {
        "azureml.git.commit": commit,
        "azureml.git.branch": "trunk",
        "azureml.git.dirty": "False",
        "mlflow.source.git.commit": commit,
        "mlflow.source.git.branch": "trunk",
    }


def test_a_change_makes_it_dirty(repository: Path, exp: Experiment) -> None:
    (repository / "a.py").write_text("changed", encoding="utf-8")
    assert properties(exp)["azureml.git.dirty"] == "True"


def test_the_remote_is_told_without_its_credentials(repository: Path, exp: Experiment) -> None:
    git(repository, "remote", "add", "origin", "https://user:s3cret@example.com/a/b.git")
    found = properties(exp)
    assert found["azureml.git.repository_uri"] == found["mlflow.source.git.repoURL"] == "https://example.com/a/b.git"


def test_a_detached_head_has_no_branch(repository: Path, exp: Experiment) -> None:
    git(repository, "checkout", "-q", "--detach")
    assert "azureml.git.branch" not in properties(exp)


def test_without_git_there_are_none(exp: Experiment, here: Path) -> None:
    write(here, "a.py")
    assert properties(exp) == {}


def test_variables_say_otherwise(repository: Path, exp: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZUREML_GIT_BRANCH", "theirs")
    monkeypatch.setenv("AZUREML_GIT_BUILD_ID", "42")
    found = properties(exp)
    assert (found["azureml.git.branch"], found["azureml.git.build_id"]) == ("theirs", "42")


def test_files_of_the_datastore_are_no_source(exp: Experiment, here: Path) -> None:
    write(here, "a.py", "data.csv")
    exp.workspace.get_default_datastore().upload_files(["data.csv"])
    assert kept(exp.start_logging()) == ["a.py", "data.csv"]
