"""Scripts submitted from a shell: what is printed, what comes of it, and the exit code."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.cli import submit
from runstore.launch import submit as launching
from runstore.launch.experiment import Experiment
from tests.cli.conftest import Call

ID = re.compile(r"train_\d+_[0-9a-f]{8}")


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``script("print(1)")``: that is train.py in src/, here."""
    (tmp_path / "project" / "src").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")

    def one(text: str) -> None:
        Path("src", "train.py").write_text(text)

    return one


@pytest.fixture
def asked(script: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, dict[str, Any]]]:
    """What is submitted, which nobody starts."""
    script("")
    found: list[tuple[Any, dict[str, Any]]] = []

    def take(self: Experiment, config: Any, **told: Any) -> runstore.Run:
        found.append((config, told))
        return self.start_logging(run_id=f"{self.name}_1")

    monkeypatch.setattr(Experiment, "submit", take)
    return found


def test_it_prints_the_id_first_and_says_how_to_follow_and_cancel(
    script: Callable[[str], None], call: Call, workspace: Path
) -> None:
    script("print('at work')")
    done = call("submit", "src/train.py")
    assert done.exit_code == 0
    run_id = done.stdout.strip()
    assert ID.fullmatch(run_id)
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["follow it", "cancel it"]
    assert all(line.endswith(f" {run_id}") for line in done.stderr.splitlines())
    run = runstore.Workspace(workspace).get_run(run_id)
    run.wait_for_completion()
    assert (run.experiment.name, run.status) == ("train", "Completed")


def test_following_shows_what_it_prints_and_ends_well_if_it_does(
    script: Callable[[str], None], call: Call, workspace: Path
) -> None:
    script("import sys, mylib; print(mylib.NAME, sys.argv[1:])")
    Path("src", "mylib.py").write_text("NAME = 'beside'")
    done = call("submit", "src/train.py", "-f", "-e", "other", "--name", "by hand", "--tag", "a=b=c", "--", "--x", "-f")
    run_id, *printed = done.stdout.splitlines()
    assert (done.exit_code, printed) == (0, ["beside ['--x', '-f']"])
    assert f"run {run_id} is completed" in done.stderr
    run = runstore.Workspace(workspace).get_run(run_id)
    assert (run.experiment.name, run.display_name, run.tags) == ("other", "by hand", {"a": "b=c"})


def test_following_a_script_that_fails_says_why_and_exits_with_one(script: Callable[[str], None], call: Call) -> None:
    script("raise ValueError('no')")
    done = call("submit", "src/train.py", "--show-output")
    assert done.exit_code == 1
    assert "ValueError: no" in done.stdout
    assert re.search(r"^runstore: run train_\S+ has failed after \S+: ValueError: no$", done.stderr, re.MULTILINE)


def test_one_that_takes_too_long_is_canceled_and_told_so(script: Callable[[str], None], call: Call) -> None:
    script("import time; time.sleep(600)")
    done = call("submit", "src/train.py", "-f", "--timeout", "0.1")
    assert done.exit_code == 1
    assert re.search(r"was canceled after \S+: ran longer than 0.1 seconds", done.stderr)


def test_a_command_and_variables_and_json(script: Callable[[str], None], call: Call) -> None:
    script("")
    code = "import os; print(os.environ['A'])"
    done = call("submit", "--command", "--source", "src", "-f", "--json", "--env", "A=1=2", "--", "python", "-c", code)
    begun, *lines, ended = map(json.loads, done.stdout.splitlines())
    assert begun.keys() == {"run_id", "experiment", "status", "path"}
    assert begun["experiment"] == "src"
    assert [line["text"] for line in lines] == ["1=2"]
    assert ended == {"run_id": begun["run_id"], "status": "Completed", "error": None}


def test_what_is_not_followed_is_one_json_document(asked: list[Any], call: Call) -> None:
    assert json.loads(call("submit", "src/train.py", "--json").stdout)["run_id"] == "train_1"


def test_the_options_reach_what_is_submitted(asked: list[Any], call: Call) -> None:
    call("submit", "src/train.py", "--processes", 2, "--timeout", 60, "--launcher", "slurm", "-o", "partition=gpu")
    ((config, told),) = asked
    assert (config.source_directory, config.script, config.processes) == ("src", "train.py", 2)
    assert config.max_run_duration_seconds == 60
    assert (told["launcher"], told["launcher_options"]) == ("slurm", {"partition": "gpu"})


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["src/train.py", "--alpha", "3"], "no such option: --alpha; the script's stand behind `--`"),
        (["src/train.py", "--env", "x"], "'x' is no NAME=VALUE"),
        (["src/train.py", "--docker", "a", "--interpreter", "b"], "can't be had together"),
        ([], "name a script"),
        (["--resume", "x", "--", "a"], "leave out what is to run"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(asked: list[Any], call: Call, words: list[str], told: str) -> None:
    done = call("submit", *words)
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert told in done.stderr
    assert asked == []


def test_a_sweep_is_followed_run_by_run(script: Callable[[str], None], call: Call) -> None:
    script("import sys, runstore; runstore.start_run('any').log('loss', float(sys.argv[-1]))")
    Path("sweep.yaml").write_text(
        "script: train.py\nsource_directory: src\nparameters: {lr: [0.5, 0.25]}\nmetric: loss\nsampling: grid\n"
    )
    done = call("submit", "--sweep", "sweep.yaml", "-f")
    run_id, *lines = done.stdout.splitlines()
    assert done.exit_code == 0, done.stderr
    assert sorted(line.removeprefix(run_id).split()[1:] for line in lines) == [
        ["Completed", "lr=0.25", "loss=0.25"], ["Completed", "lr=0.5", "loss=0.5"],
    ]  # fmt: skip
    assert f"run {run_id} is completed" in done.stderr


def test_a_script_that_is_not_there_is_named_in_one_line(script: Callable[[str], None], call: Call) -> None:
    done = call("submit", "src/nothing.py")
    assert (done.exit_code, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
    assert "nothing.py: no such script" in done.stderr


def test_a_ctrl_c_ends_the_watching_only(asked: list[Any], call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    from runstore.cli import watch

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "follow", interrupt)
    done = call("submit", "src/train.py", "-f")
    assert (done.exit_code, done.stdout) == (130, "train_1\n")
    assert re.fullmatch(r"the run goes on; cancel it:  \S+( -m runstore)? cancel train_1\n", done.stderr)


def test_a_run_that_ended_is_not_resumed(script: Callable[[str], None], call: Call) -> None:
    script("")
    run_id = call("submit", "src/train.py", "-f").stdout.strip()
    done = call("submit", "--resume", run_id)
    assert done.exit_code == 1
    assert "is Completed; only one that was cut short is resumed" in done.stderr


def test_a_sweep_goes_on_by_a_beginning_of_its_id(
    ws: runstore.Workspace, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = runstore.start_run("tune", run_id="HD_1234", workspace=ws)
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(launching, "resume", lambda experiment, run_id, launcher: asked.append((run_id, launcher)))
    assert call("submit", "--resume", "HD_1", "--launcher", "slurm").stdout == "HD_1234\n"
    assert (asked, run.status) == ([("HD_1234", "slurm")], "Running")


def test_it_makes_the_workspace_and_says_where_it_is_to_be_looked_for(
    script: Callable[[str], None], call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script("")
    monkeypatch.setattr(submit, "program", lambda: "runstore")
    done = call("submit", "src/train.py", "-w", tmp_path / "another")
    assert done.stderr.splitlines()[0].startswith("follow it:  runstore logs -f -w ")
    assert len(list(runstore.Workspace(tmp_path / "another", create=False).experiments["train"].get_runs())) == 1
    runstore.Workspace(tmp_path / "another").get_run(done.stdout.strip()).wait_for_completion()


def test_an_interpreter_can_be_named(script: Callable[[str], None], call: Call) -> None:
    script("import sys; print(sys.executable)")
    done = call("submit", "src/train.py", "-f", "--interpreter", sys.executable)
    assert done.stdout.splitlines()[1:] == [sys.executable]
