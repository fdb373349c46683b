"""Sections 3.4, 6 and 7: what a submitted script prints is shown, whichever process prints it, and kept."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core import Experiment, ScriptRunConfig
from runstore.azureml.exceptions import ExperimentExecutionException
from tests.azureml.scenes import WAITING, source, until

LOG = "user_logs/std_log.txt"


def configured(here: Path, text: str, *arguments: Any) -> ScriptRunConfig:
    source(here, text)
    return ScriptRunConfig(str(here / "source"), "train.py", list(arguments))


def test_submitting_with_output_shows_it_until_the_end_and_gives_the_run(
    exp: Experiment, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = exp.submit(configured(here, "print('first')\nprint('last')"), show_output=True)
    assert run.get_status() == "Completed"
    shown = capsys.readouterr().out
    assert shown.startswith(f"run {run.id}\nfile:")
    assert f"{LOG}\n{'-' * len(LOG)}\nfirst\nlast\n" in shown
    assert shown.count("first\n") == 1
    assert f"run {run.id}: Completed" in shown


def test_a_script_that_fails_is_shown_and_given_as_well(
    exp: Experiment, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = exp.submit(configured(here, "raise ValueError('no')"), show_output=True)
    assert run.get_status() == "Failed"
    shown = capsys.readouterr().out
    assert "Traceback" in shown
    assert "ValueError: no" in shown.rpartition("error: ")[2]


class Interrupting:
    """A terminal at which somebody presses Ctrl-C once the script has begun."""

    def write(self, text: str) -> int:
        if "begun" in text:
            raise KeyboardInterrupt
        return len(text)

    def flush(self) -> None:
        pass


@pytest.mark.parametrize("by", ["wait", "submit"])
def test_ctrl_c_ends_the_watching_and_not_the_run(
    exp: Experiment, here: Path, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    config = configured(here, WAITING, here / "go")
    with monkeypatch.context() as patch, pytest.raises(ExperimentExecutionException, match="goes on"):
        patch.setattr(sys, "stdout", Interrupting())
        if by == "wait":
            exp.submit(config, run_id="mine").wait_for_completion(show_output=True)
        exp.submit(config, run_id="mine", show_output=True)
    run = exp.workspace.get_run("mine")
    assert run.get_status() == "Running"
    (here / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"
    assert run.get_details_with_logs()["logFiles"][LOG] == "begun\ndone\n"


WATCHING = """
from runstore.azureml.core import Experiment, ScriptRunConfig, Workspace
from runstore.azureml.exceptions import ExperimentExecutionException
run = Experiment(Workspace(), "first-steps").submit(ScriptRunConfig("source", "train.py", ["go"]), run_id="mine")
try:
    run.wait_for_completion(show_output=True)
except ExperimentExecutionException:
    print("let go")
"""


def test_a_terminals_ctrl_c_reaches_the_one_who_watches_only(exp: Experiment, here: Path) -> None:
    if sys.platform == "win32":
        return
    source(here, "import os\nos.chdir(sys.argv[2])\n".replace("import os", "import os, sys") + WAITING)
    text = WATCHING.replace('["go"]', f'["go", {str(here)!r}]')
    watching = subprocess.Popen(
        [sys.executable, "-c", text], cwd=here, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert watching.stdout is not None
    until(lambda: "begun" in watching.stdout.readline())
    os.killpg(watching.pid, signal.SIGINT)
    assert watching.communicate(timeout=60)[0].endswith("let go\n")
    run = exp.workspace.get_run("mine")
    assert run.get_status() == "Running"
    (here / "go").touch()
    assert run.wait_for_completion()["status"] == "Completed"


def test_its_lines_can_be_read_while_it_goes_on(exp: Experiment, here: Path) -> None:
    run = exp.submit(configured(here, WAITING, here / "go"))
    until(lambda: run.get_details_with_logs()["logFiles"].get(LOG) == "begun\n")
    assert run.get_status() == "Running"
    (here / "go").touch()
    run.wait_for_completion()


TREE = """
import ctypes, logging, os, subprocess, sys
from runstore.azureml.core import Run
logging.basicConfig(level=logging.DEBUG)
logging.getLogger("mine").debug("said by logging")
Run.get_context().log("process", 0)
code = "from runstore.azureml.core import Run; Run.get_context().log('process', 1); print('said by a child')"
subprocess.run([sys.executable, "-c", code], check=True)
os.write(2, b"said to the descriptor\\n")
os.makedirs("logs", exist_ok=True)
with open("logs/own.txt", "w") as file:
    file.write("its own log")
"""


def test_the_whole_tree_of_processes_prints_into_one_log_and_logs_into_one_run(exp: Experiment, here: Path) -> None:
    run = exp.submit(configured(here, TREE))
    run.wait_for_completion()
    text = run.get_details_with_logs()["logFiles"][LOG]
    assert all(f"said {by}" in text for by in ("by logging", "by a child", "to the descriptor"))
    assert sorted(run.get_metrics()["process"]) == [0, 1]
    assert "logs/own.txt" in run.get_file_names()


def test_the_old_name_of_the_log_leads_to_the_same_text_and_the_launcher_has_its_own(
    exp: Experiment, here: Path
) -> None:
    run = exp.submit(configured(here, "print('hello')"))
    run.wait_for_completion()
    logs = run.get_details_with_logs()["logFiles"]
    assert logs["azureml-logs/70_driver_log.txt"] == logs[LOG] == "hello\n"
    assert logs["azureml-logs/60_control_log.txt"]
    assert set(run.get_all_logs(destination=str(here / "all"))) >= {str(here / "all" / LOG)}


def test_the_source_is_kept_as_the_runs_snapshot(exp: Experiment, here: Path) -> None:
    import zipfile

    source(here, "/secret.txt\n", ".amlignore")
    source(here, "hidden", "secret.txt")
    text = "import os; print(sorted(os.listdir()))"
    run = exp.submit(configured(here, text))
    run.wait_for_completion()
    assert "secret.txt" not in run.get_details_with_logs()["logFiles"][LOG]
    with zipfile.ZipFile(run.restore_snapshot(path=str(here / "snapshots"))) as archive:
        assert sorted(archive.namelist()) == [".amlignore", "train.py"]
        assert archive.read("train.py").decode() == text
