"""Section 6, as far as it needs no submitted script: Python's logging, diagnostics, waiting."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest

from runstore.azureml.core import Experiment, Run, diagnostic_log
from runstore.azureml.exceptions import ActivityFailedException, ExperimentExecutionException


def test_one_line_of_basic_config_shows_debug_records(here: Path) -> None:
    program = (
        "import logging; logging.basicConfig(level=logging.DEBUG)\n"
        "from runstore.azureml.core import Experiment, Workspace\n"
        "with Experiment(Workspace(), 'e').start_logging(snapshot_directory=None) as run:\n"
        "    logging.getLogger('mine').debug('a record of mine')\n"
        "print(run.get_details_with_logs()['logFiles']['user_logs/std_log.txt'])\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=here, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "DEBUG:mine:a record of mine" in done.stdout
    assert "DEBUG:runstore" in done.stderr


def test_warnings_belong_on_the_run(exp: Experiment) -> None:
    with exp.start_logging(snapshot_directory=None) as run:
        logging.getLogger("mine").warning("low on %s", "disk")
    assert {"message": "low on disk"} in run.get_details()["warnings"]


def test_no_handler_is_put_on_the_root_logger(here: Path) -> None:
    program = (
        "import logging\nfrom runstore.azureml.core import Run\nRun.get_context().complete()\n"
        "print(logging.getLogger().handlers)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=here, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_debug_logs_go_into_a_file_while_in_the_block(exp: Experiment, here: Path) -> None:
    with diagnostic_log():
        run = exp.start_logging(snapshot_directory=None)
    with diagnostic_log(log_path="mine.log", namespaces=["mine"], context_name="any"):
        logging.getLogger("mine").debug("a record of mine")
        run.complete()
    logging.getLogger("mine").debug("not this one")
    assert run.id in (here / "azureml.log").read_text(encoding="utf-8")
    text = (here / "mine.log").read_text(encoding="utf-8")
    assert "|mine|DEBUG|a record of mine" in text
    assert "not this one" not in text


def test_waiting_gives_the_details(run: Run) -> None:
    ending = Timer(0.2, run.complete)
    ending.start()
    assert run.wait_for_completion()["status"] == "Completed"
    ending.join()


def test_a_failed_run_raises_unless_told_not_to(run: Run) -> None:
    run.fail("out of memory")
    with pytest.raises(ActivityFailedException, match="out of memory"):
        run.wait_for_completion()
    assert run.wait_for_completion(raise_on_error=False)["status"] == "Failed"


def test_a_canceled_run_never_raises(run: Run) -> None:
    run.cancel()
    assert run.wait_for_completion(wait_post_processing=True)["status"] == "Canceled"


def test_what_it_prints_is_shown_while_waiting(exp: Experiment, here: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program = (
        "import sys\nfrom runstore.azureml.core import Experiment, Workspace\n"
        "with Experiment(Workspace(), 'first-steps').start_logging(run_id='other', snapshot_directory=None):\n"
        "    print('from the other process', flush=True)\n    sys.stdin.readline()\n"
    )
    child = subprocess.Popen([sys.executable, "-c", program], cwd=here, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    other = Run(exp, "other")
    while not other.path.exists() or "user_logs/std_log.txt" not in other.get_file_names():
        assert child.poll() is None
    ending = Timer(0.3, child.communicate, [b"\n"])
    ending.start()
    other.wait_for_completion(show_output=True)
    shown = capfd.readouterr().out
    assert shown.count("from the other process") == 1
    assert "other" in shown
    ending.join()
    assert child.returncode == 0


def test_ctrl_c_ends_the_waiting_and_not_the_run(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading
    import time

    real = time.sleep

    def interrupted(seconds: float) -> None:
        if threading.current_thread() is threading.main_thread():  # as Python does it
            raise KeyboardInterrupt
        real(seconds)

    monkeypatch.setattr(time, "sleep", interrupted)
    with pytest.raises(ExperimentExecutionException):
        run.wait_for_completion()
    monkeypatch.undo()
    assert run.get_status() == "Running"


def test_a_child_process_prints_into_the_same_log(exp: Experiment) -> None:
    with exp.start_logging(snapshot_directory=None) as run:
        subprocess.run([sys.executable, "-c", "print('from a child')"], check=True)
        os.write(2, b"raw\n")
    text = run.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"]
    assert {"from a child", "raw"} <= set(text.splitlines())
