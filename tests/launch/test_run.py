"""What is submitted can be watched, left alone, and ended, by the object that submit() gives."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

import runstore
from tests.launch.lab import Lab
from tests.launch.scripts import SLEEP, pid, until

FOLLOW = """
import sys, runstore
try:
    runstore.Workspace(sys.argv[1]).get_run(sys.argv[2]).wait_for_completion(show_output=True)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_what_it_prints_is_shown_until_it_ends(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    run = lab.submit("print('one'); time.sleep(0.3); print('two')", show_output=True)
    shown = capsys.readouterr().out
    assert "one\ntwo\n" in shown and shown.count("user_logs/std_log.txt") == 1
    assert run.status == "Completed"


def test_a_script_that_fails_while_it_is_shown_is_given_back(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    run = lab.submit("sys.exit('broken')", show_output=True)
    assert run.status == "Failed" and "broken" in capsys.readouterr().out


def test_ctrl_c_ends_the_watching_and_not_the_run(lab: Lab) -> None:
    run = lab.submit("print('begun'); born(str(out / 'it')); " + SLEEP)
    pid(lab.out / "it")
    command = [sys.executable, "-u", "-c", FOLLOW, str(lab.workspace.path), run.id]
    watching = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert watching.stdout is not None
    while watching.stdout.readline() != "begun\n":
        assert watching.poll() is None
    watching.send_signal(signal.SIGINT)
    said, told = watching.communicate()
    assert "interrupted" in said
    assert f"run {run.id} goes on; `runstore logs -f {run.id}` follows it, `runstore cancel {run.id}` ends it" in told
    assert run.status == "Running"


def test_a_child_is_a_run_of_its_own(lab: Lab) -> None:
    parent = lab.experiment.start_logging()
    run = parent.submit_child(lab.config("sys.exit(1)"), {"t": "1"}, params={"a": 1})
    lab.runs.append(run)
    run.wait_for_completion(raise_on_error=False)
    assert (run.status, run.parent_id, run.tags, run.params) == ("Failed", parent.id, {"t": "1"}, {"a": 1})
    assert parent.status == "Running"
    parent.complete()


def test_a_script_may_submit_another_that_outlives_it(lab: Lab) -> None:
    run = lab.run("""
        import runstore
        from runstore.launch.config import ScriptRunConfig
        me = runstore.start_run('x')
        pathlib.Path('below').mkdir()
        pathlib.Path('below/child.py').write_text("import time; time.sleep(1); print('outlived')")
        print(me.submit_child(ScriptRunConfig('below', 'child.py')).id)
    """)
    assert run.status == "Completed", lab.log(run)
    child = lab.workspace.get_run(lab.log(run).strip())
    lab.runs.append(child)
    assert child.parent_id == run.id
    assert child.wait_for_completion()["status"] == "Completed"
    assert lab.log(child) == "outlived\n"


def test_cancel_of_a_script_leaves_what_it_submitted(lab: Lab) -> None:
    run = lab.submit("""
        import runstore
        from runstore.launch.config import ScriptRunConfig
        pathlib.Path('below').mkdir()
        pathlib.Path('below/child.py').write_text("import time; time.sleep(600)")
        child = runstore.start_run('x').submit_child(ScriptRunConfig('below', 'child.py'))
        (out / 'new').write_text(child.id)
        os.replace(out / 'new', out / 'child')
        time.sleep(600)
    """)
    until((lab.out / "child").exists)
    child = lab.workspace.get_run((lab.out / "child").read_text())
    lab.runs.append(child)
    run.cancel()
    assert run.status == "Canceled" and child.status not in ("Failed", "Canceled")
    assert runstore.Workspace(lab.workspace.path).get_run(child.id).parent_id == run.id
