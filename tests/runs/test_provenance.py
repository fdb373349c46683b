"""Where a run comes from is recorded by itself, beside the training, and without a secret."""

from __future__ import annotations

import contextlib
import io
import json
import os
import string
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runstore
from runstore.errors import NotWritable
from runstore.query import provenance as origins
from runstore.runs import git, provenance, state
from runstore.runs.provenance import Asked


@pytest.fixture(autouse=True)
def captured(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(provenance.VARIABLE)
    monkeypatch.setattr(sys, "argv", ["train.py", "--lr", "0.1"])
    monkeypatch.setattr(provenance, "_beside_main", list)
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None)  # of whoever runs these tests
    monkeypatch.chdir(tmp_path)
    provenance._found.clear()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    call(tmp_path, "init")
    (tmp_path / "train.py").write_text("lr = 0.1\n")
    (tmp_path / ".gitignore").write_text("ws\n")
    call(tmp_path, "add", ".")
    call(tmp_path, "commit", "-m", "first")
    call(tmp_path, "remote", "add", "origin", "https://me:hunter2@example.com/o/r.git")
    return tmp_path


def call(directory: Path, *arguments: str) -> str:
    who = ["-c", "user.name=n", "-c", "user.email=e@x", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, *arguments], cwd=directory, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def recorded(workspace: Path, **start: Any) -> dict[str, Any]:
    with runstore.start_run("x", workspace=workspace, **start) as run:
        pass
    return run.provenance


def test_command_line_python_packages_and_machine_are_recorded(workspace: Path) -> None:
    body = recorded(workspace)
    assert body["argv"] == ["train.py", "--lr", "0.1"]
    assert body["python"] == sys.version.split()[0].rstrip("+")
    assert body["hardware"]["cpus"] == os.cpu_count()
    assert origins.packages(workspace, body)["pytest"] == pytest.__version__
    assert "git" not in body


def test_the_command_line_of_another_process_is_recorded_as_given(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = provenance.look

    def look(asked: Asked) -> Any:
        time.sleep(0.0 if asked.elsewhere else 0.2)  # this process's own is found late, and told first all the same
        return real(asked)

    monkeypatch.setattr(provenance, "look", look)
    monkeypatch.setattr(provenance, "_lock", contextlib.nullcontext())
    with runstore.start_run("x", workspace=workspace) as run:
        run._trace(None, ["other.py", "--password=hunter2"])
    told = [body["argv"] for _, _, body in state.told(run.path, "provenance")]
    assert len(told) == 2
    assert told[-1] == ["other.py", "--password=[redacted]"]


def test_git_is_recorded_and_told_as_properties(repository: Path, workspace: Path) -> None:
    (repository / "train.py").write_text("lr = 0.2\n")
    with runstore.start_run("x", workspace=workspace) as run:
        pass
    commit = call(repository, "rev-parse", "HEAD")
    assert run.properties == {
        "git.commit": commit, "git.branch": "main", "git.dirty": "true",
        "git.repository_uri": "https://example.com/o/r.git",
    }  # fmt: skip
    assert run.provenance["git"]["commit"] == commit
    assert "+lr = 0.2" in origins.changes(workspace, run.provenance)


def test_git_is_asked_about_the_snapshot_directory(
    repository: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    assert "git" not in recorded(workspace)
    assert recorded(workspace, snapshot_directory=repository)["git"]["branch"] == "main"


def test_only_listed_variables_are_recorded(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "4")
    monkeypatch.setenv("SOMETHING_ELSE", "x")
    variables = recorded(workspace)["variables"]
    assert variables["OMP_NUM_THREADS"] == "4"
    assert "SOMETHING_ELSE" not in variables


def test_no_place_on_this_machine_is_recorded(tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", [str(tmp_path / "code" / "train.py"), f"{tmp_path}/data"])
    (tmp_path / "code").mkdir()
    monkeypatch.chdir(tmp_path / "code")
    body = recorded(workspace)
    assert (body["argv"], body["directory"]) == (["train.py", "~/data"], "code")
    assert str(tmp_path) not in json.dumps(body)


def test_a_module_run_with_m_is_named(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__main__.py").write_text(
        f"import runstore\nwith runstore.start_run('x', run_id='r', workspace={str(workspace)!r}): pass\n"
    )
    subprocess.run([sys.executable, "-m", "pkg", "--lr", "1"], cwd=tmp_path, check=True)
    assert runstore.Workspace(workspace).get_run("r").provenance["argv"] == ["-m", "pkg", "--lr", "1"]


def test_it_can_be_switched_off(repository: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(provenance.VARIABLE, "0")
    with runstore.start_run("x", workspace=workspace) as run:
        pass
    assert (run.provenance, run.properties) == ({}, {})


def test_many_runs_of_a_process_ask_git_once_and_store_the_packages_once(
    repository: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    ask = git._git
    monkeypatch.setattr(git, "_git", lambda directory, *arguments: calls.append(1) or ask(directory, *arguments))
    bodies = [recorded(workspace) for _ in range(5)]
    assert len(calls) == 2
    assert {json.dumps(body["packages"]["sha256"]) for body in bodies} == {json.dumps(bodies[0]["packages"]["sha256"])}
    assert list((workspace / "runs").glob("*/*/k-*")) == []  # no run has a file more for it
    assert len(list((workspace / "blobs").glob("*/*"))) == 1


def test_what_was_found_too_long_ago_is_found_again(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "FRESH", 0.0)
    recorded(workspace)
    monkeypatch.setenv("RANK", "7")
    assert recorded(workspace)["variables"]["RANK"] == "7"


def test_one_more_writer_of_a_run_asks_git_no_more(repository: Path, workspace: Path) -> None:
    with runstore.start_run("x", run_id="r", workspace=workspace):
        program = f"import runstore; runstore.start_run('x', run_id='r', workspace={str(workspace)!r}).complete()"
        subprocess.run([sys.executable, "-c", program], cwd=repository, check=True)
    body = runstore.Workspace(workspace).get_run("r").provenance
    assert body["git"]["branch"] == "main"
    assert body["argv"][0] == "train.py"


def test_the_end_of_a_run_does_not_wait_for_ever(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    monkeypatch.setattr(provenance, "WAIT", 0.01)
    monkeypatch.setattr(provenance, "look", lambda asked: go.wait(60))
    with runstore.start_run("x", workspace=workspace) as run:
        thread = run._captured
    go.set()
    assert thread is not None
    thread.join()
    assert (run.status, run.provenance) == ("Completed", {})


def test_a_failure_to_find_out_hurts_nothing(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provenance, "look", lambda asked: 1 / 0)
    assert recorded(workspace) == {}


def test_a_forked_child_waits_for_no_thread_of_its_parent(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    monkeypatch.setattr(provenance, "look", lambda asked: go.wait(60))
    monkeypatch.setattr(provenance, "WAIT", 60)
    run = runstore.start_run("x", workspace=workspace)
    pid = os.fork()
    if not pid:
        run.log("loss", 1)
        run.complete()
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    go.set()
    run.complete()


def test_a_process_that_reaps_all_children_loses_nothing(repository: Path, workspace: Path) -> None:
    program = (
        "import os, signal, runstore\n"
        "signal.signal(signal.SIGCHLD, signal.SIG_IGN)\n"
        f"with runstore.start_run('x', run_id='r', workspace={str(workspace)!r}): pass\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=repository, check=True)
    assert runstore.Workspace(workspace).get_run("r").properties["git.branch"] == "main"


# ---- secrets

SECRETS = st.text(string.ascii_letters + string.digits, min_size=12, max_size=40).map("zQ{}".format)
"""Never a word that the journals hold anyway, such as "implementation"."""


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SECRETS, st.booleans())
def test_a_planted_secret_reaches_no_byte_of_the_workspace(secret: str, known: bool) -> None:
    with tempfile.TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        root = Path(place)
        call(root, "init")
        (root / "train.py").write_text("lr = 0.1\n")
        call(root, "add", ".")
        call(root, "commit", "-m", "first")
        call(root, "remote", "add", "origin", f"https://me:{secret}@example.com/o/r.git")
        named = f"api_key = '{secret}'\nos.environ['HF_TOKEN'] = \"{secret}\"\nclone('https://x:{secret}@h/r')\n"
        (root / "train.py").write_text(named + (f"plain = '{secret}'\n" if known else ""))
        (root / ".env").write_text(f"X={secret}\n")
        call(root, "add", ".")
        patch.chdir(root)
        argv = [
            "train.py",
            "--token",
            secret,
            f"--password={secret}",
            f"model.api_key={secret}",
            f"--url=https://u:{secret}@h",
        ]
        if known:  # by the name of a variable that has this value
            patch.setenv("SOME_TOKEN", secret)
            patch.setenv("SLURM_JOB_NAME", f"job-{secret}")
            argv.append(f"--note=about {secret}")
        patch.setenv("OTHER", secret)
        patch.setattr(sys, "argv", argv)
        provenance._found.clear()
        body = recorded(root / "ws")
        assert body["git"]["dirty"] is True
        written = [path for path in (root / "ws").rglob("*") if path.is_file()]
        assert [path.name for path in written if secret.encode() in path.read_bytes()] == []


def test_a_found_origin_is_kept_for_one_question_only() -> None:
    first, second = (Asked((name,), "/", ("/",), "/", False) for name in ("a", "b"))
    for asked in (first, second):
        provenance._work(_Nobody(), asked)
    assert list(provenance._found) == [second]


class _Nobody:
    _captured = None

    def _put(self, source: Any, name: str = "") -> dict[str, Any]:
        return {}

    def _record(self, kind: str, body: Any) -> None:
        return


def test_properties_asked_for_right_after_the_start_are_there(repository: Path, workspace: Path) -> None:
    with runstore.start_run("x", workspace=workspace) as run:
        assert run.get_properties()["git.branch"] == "main"


def test_nothing_is_written_to_the_old_path_of_a_workspace_that_was_moved(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = threading.Event()
    look = provenance.look

    def look_later(asked: Asked) -> provenance.Origin:
        moved.wait()
        return look(asked)

    monkeypatch.setattr(provenance, "look", look_later)
    run = runstore.start_run("x", workspace=workspace)
    run.log("loss", 0.5)
    target = workspace.with_name("moved")
    workspace.rename(target)
    moved.set()
    with pytest.raises(NotWritable, match="moved or deleted"):
        run.upload_file("model.bin", io.BytesIO(b"x" * (1 << 20)))
    experiment = run.experiment
    run.complete()
    with pytest.raises(NotWritable, match="moved or deleted"):
        experiment.start_logging()
    with pytest.raises(NotWritable):
        experiment.workspace.experiment("other")
    assert not workspace.exists()
    assert "was moved while the run logs" in capsys.readouterr().err
    assert runstore.Workspace(target).sql("select status, points from runs").fetchall() == [("Completed", 1)]
