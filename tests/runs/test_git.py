"""What git knows is told as git has it, and nothing is told where there is none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from runstore.runs import git
from runstore.runs.redact import REDACTED, Redactor

PLAIN = Redactor({})


def call(directory: Path, *arguments: str) -> str:
    who = ["-c", "user.name=n", "-c", "user.email=e@x", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, *arguments], cwd=directory, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    directory = tmp_path / "code"
    directory.mkdir()
    call(directory, "init")
    (directory / "train.py").write_text("lr = 0.1\n")
    call(directory, "add", ".")
    call(directory, "commit", "-m", "first")
    return directory


def look(directory: Path, **environ: str) -> git.Found:
    return git.look([directory], PLAIN, environ)


def test_commit_branch_and_remote_are_told_from_any_folder_of_the_repository(repository: Path) -> None:
    call(repository, "remote", "add", "origin", "https://me:hunter2@example.com/o/r.git")
    (repository / "deep").mkdir()
    assert look(repository / "deep").facts == {
        "commit": call(repository, "rev-parse", "HEAD"), "branch": "main", "dirty": False,
        "repository_uri": "https://example.com/o/r.git",
    }  # fmt: skip


def test_the_first_directory_that_is_in_a_repository_counts(repository: Path, tmp_path: Path) -> None:
    assert git.look([tmp_path, repository], PLAIN, {}) == look(repository) != git.Found()


def test_nothing_is_told_outside_a_repository(tmp_path: Path) -> None:
    assert look(tmp_path) == git.Found()


def test_nothing_is_told_without_the_program(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    assert look(repository) == git.Found()


def test_a_detached_head_has_no_branch_and_no_remote_no_uri(repository: Path) -> None:
    call(repository, "checkout", "--detach")
    assert look(repository).facts.keys() == {"commit", "dirty"}


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    call(tmp_path, "init")
    assert look(tmp_path).facts == {"branch": "main"}


def test_what_was_changed_and_staged_is_in_the_diff(repository: Path) -> None:
    (repository / "train.py").write_text("lr = 0.2\n")
    (repository / "new.py").write_text("x = 1\n")
    call(repository, "add", "new.py")
    found = look(repository)
    assert found.facts["dirty"] is True
    assert {"-lr = 0.1", "+lr = 0.2", "+x = 1"} <= set(found.diff.splitlines())


def test_untracked_files_are_named_and_make_nothing_dirty(repository: Path) -> None:
    (repository / "notes.txt").write_text("x")
    found = look(repository)
    assert (found.facts["dirty"], found.untracked, found.diff) == (False, ["notes.txt"], "")


def test_a_renamed_file_is_one_change(repository: Path) -> None:
    call(repository, "mv", "train.py", "fit.py")
    found = look(repository)
    assert (found.facts["dirty"], found.untracked) == (True, [])


def test_secrets_are_not_in_the_diff(repository: Path) -> None:
    (repository / "train.py").write_text("token = 'hunter2'\n")
    diff = look(repository).diff
    assert "hunter2" not in diff
    assert f"+token = {REDACTED}" in diff


@pytest.mark.parametrize("name", [".env", "deploy.pem", "MySecrets.yaml", "conf/.env.local"])
def test_files_that_are_there_for_secrets_are_not_in_the_diff_at_all(repository: Path, name: str) -> None:
    (repository / name).parent.mkdir(exist_ok=True)
    (repository / name).write_text("hunter2\n")
    call(repository, "add", ".")
    found = look(repository)
    assert (found.facts["dirty"], found.diff) == (True, "")


def test_a_long_diff_is_cut(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(git, "MOST", 1000)
    (repository / "train.py").write_text("x = 1\n" * 10_000)
    found = look(repository)
    assert found.cut
    assert len(found.diff) <= 1000


def test_the_repository_runs_no_program_of_its_own(repository: Path, tmp_path: Path) -> None:
    ran = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {ran}\n")
    program.chmod(0o755)
    for setting in ("core.fsmonitor", "diff.external", "diff.x.textconv", "core.pager"):
        call(repository, "config", setting, str(program))
    (repository / ".gitattributes").write_text("*.py diff=x\n")
    (repository / "train.py").write_text("lr = 0.2\n")
    assert "+lr = 0.2" in look(repository).diff
    assert not ran.exists()


def test_where_a_hook_started_the_run_its_variables_do_not_mislead(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert look(repository).facts["branch"] == "main"


def test_the_variables_of_the_sdk_override_what_git_says(repository: Path) -> None:
    given = {
        "AZUREML_GIT_BRANCH": "other", "AZUREML_GIT_DIRTY": "True", "AZUREML_GIT_BUILD_ID": "7",
        "AZUREML_GIT_REPOSITORY_URI": "https://me:hunter2@h/o", "AZUREML_GIT_COMMIT": "abc",
        "AZUREML_GIT_BUILD_URI": "",
    }  # fmt: skip
    assert look(repository, **given).facts == {
        "branch": "other", "dirty": True, "build_id": "7", "repository_uri": "https://h/o", "commit": "abc",
    }  # fmt: skip


def test_a_git_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    (tmp_path / ".git").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(git, "PATIENCE", 0.1)
    assert look(tmp_path) == git.Found()


def test_a_child_forked_meanwhile_that_holds_the_pipe_holds_up_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "git"
    program.write_text("#!/bin/sh\nsleep 60 & printf '# branch.head x\\0'; echo $! > pid\n")
    program.chmod(0o755)
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    assert look(tmp_path).facts == {"branch": "x"}
    subprocess.run(["kill", (tmp_path / "pid").read_text().strip()], check=True)
