"""A submitted script, from its start to its end, with real processes."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from runstore.disk.capabilities import CAN
from runstore.errors import RunFailed
from runstore.launch.config import Environment, ScriptRunConfig
from runstore.launch.environments import Prepared
from runstore.launch.execution import Execution
from runstore.launch.job import Job
from runstore.launch.stop import Stop
from runstore.query import provenance
from tests.launch.lab import Lab
from tests.launch.scripts import SLEEP, lives, pid, until


def test_a_script_that_ends_well_is_a_completed_run(lab: Lab) -> None:
    run = lab.run("print('hello', *sys.argv[1:])", ["--alpha", 0.4])
    assert (run.status, run.error, run.type) == ("Completed", None, "azureml.scriptrun")
    assert lab.log(run) == "hello --alpha 0.4\n"


def test_both_streams_of_the_whole_tree_are_one_log_in_their_order(lab: Lab) -> None:
    run = lab.run("""
        print('one')
        print('two', file=sys.stderr)
        subprocess.run([sys.executable, '-c', 'print("three")'])
        os.write(1, b'four\\n')
    """)
    assert lab.log(run) == "one\ntwo\nthree\nfour\n"


def test_a_script_runs_in_a_copy_of_its_source(lab: Lab) -> None:
    (lab.source / "mylib").mkdir()
    (lab.source / "mylib" / "__init__.py").write_text("NAME = 'mine'")
    run = lab.run("import mylib; print(mylib.NAME); open('written.txt', 'w').write('x'); print(os.getcwd())")
    copy = lab.copy(run)
    assert lab.log(run).splitlines() == ["mine", str(copy)]
    assert sorted(path.name for path in lab.source.iterdir()) == ["mylib", "script.py"]


def test_the_copy_goes_with_the_run(lab: Lab, temporary: Path) -> None:
    lab.run("open('large.bin', 'wb').write(bytes(1000))")
    assert list(temporary.iterdir()) == []


def test_what_lies_in_outputs_and_logs_belongs_to_the_run(lab: Lab) -> None:
    run = lab.run("""
        pathlib.Path('outputs/deep').mkdir()
        pathlib.Path('outputs/deep/model.bin').write_bytes(bytes(300_000))
        pathlib.Path('logs/train.log').write_text('a line\\n')
    """)
    assert run.read_file("outputs/deep/model.bin") == bytes(300_000)
    assert lab.log(run, "logs/train.log") == "a line\n"


def test_outputs_are_there_even_of_a_script_that_fails(lab: Lab) -> None:
    run = lab.run("open('outputs/partial', 'w').write('x'); sys.exit(3)")
    assert (run.status, run.error) == ("Failed", "exit code 3")
    assert run.read_file("outputs/partial") == b"x"


def test_the_last_traceback_is_the_error(lab: Lab) -> None:
    run = lab.run("raise ValueError('no such column: x')")
    error = run.get_details()["error"]["error"]
    assert run.error == "ValueError: no such column: x"
    assert error["debug_type"] == "ValueError" and "script.py" in error["debug_stack_trace"]


def test_what_a_script_says_of_its_failure_is_the_error_where_it_only_exits(lab: Lab) -> None:
    script = "import runstore\nrunstore.start_run('lab').fail('out of data', 'NoData')\n"
    run = lab.run(script + "sys.exit(4)")
    assert (run.status, run.error) == ("Failed", "exit code 4: out of data")
    assert run.get_details()["error"]["error"] == {"code": "NoData", "message": "out of data"}
    assert lab.run(script + "raise ValueError('seen last')").error == "ValueError: seen last"


def test_waiting_for_a_script_that_fails_raises(lab: Lab) -> None:
    with pytest.raises(RunFailed, match="exit code 2"):
        lab.submit("sys.exit(2)").wait_for_completion()


def test_a_script_finds_its_run_in_its_environment(lab: Lab) -> None:
    names = (
        "RUNSTORE_RUN_ID RUNSTORE_DIR RUNSTORE_ATTEMPT AZUREML_RUN_ID AZUREML_ARM_PROJECT_NAME "
        "AZUREML_ARM_WORKSPACE_NAME AZUREML_OUTPUT_DIRECTORY MINE THEIRS"
    )
    environment = Environment(variables={"THEIRS": "environment", "MINE": "environment"})
    script = f"import json; print(json.dumps([os.environ[name] for name in '{names}'.split()]))"
    run = lab.run(script, variables={"MINE": "config"}, environment=environment)
    where = str(lab.workspace.path)
    expected = [run.id, where, "1", run.id, "lab", "local", "./outputs", "config", "environment"]
    assert json.loads(lab.log(run)) == expected


def test_a_script_takes_no_rank_and_no_run_from_who_submits_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "RUNSTORE_LAUNCH", "AZUREML_RUN_ID"):
        monkeypatch.setenv(name, "7")
    run = lab.run("print([os.environ.get(name) for name in ('RANK', 'WORLD_SIZE')])")
    assert lab.log(run) == "[None, None]\n"
    assert run._folded().writers[0].rank is None


def test_each_rank_has_a_log_of_its_own(lab: Lab) -> None:
    run = lab.run("print(os.environ['RANK'], 'of', os.environ['WORLD_SIZE'])", processes=3)
    assert [lab.log(run, f"user_logs/std_log_process_{rank}.txt") for rank in range(3)] == [
        "0 of 3\n", "1 of 3\n", "2 of 3\n",
    ]  # fmt: skip


def test_the_first_rank_that_fails_fails_the_run_and_ends_the_others(lab: Lab) -> None:
    run = lab.run("if os.environ['RANK'] == '1': sys.exit(4)\ntime.sleep(600)", processes=2)
    assert (run.status, run.error) == ("Failed", "process 1: exit code 4")


def test_cancel_ends_every_process_of_the_tree_and_keeps_what_there_is(lab: Lab) -> None:
    run = lab.submit("""
        print('begun')
        open('outputs/partial', 'w').write('x')
        born(str(out / 'first'))
        code = "import os, sys, time; open(sys.argv[1], 'w').write(str(os.getpid())); time.sleep(600)"
        subprocess.Popen([sys.executable, '-c', code, str(out / 'second')])
        subprocess.Popen([sys.executable, '-c', code, str(out / 'third')], start_new_session=True)
        time.sleep(600)
    """)
    until(lambda: all((lab.out / name).exists() and (lab.out / name).read_text() for name in ("second", "third")))
    tree = [pid(lab.out / name) for name in ("first", "second", "third")]
    run.cancel()
    assert [lives(one) for one in tree] == [False] * 3 or os.name == "nt"
    assert run.status == "Canceled"
    assert run._folded().settled
    assert lab.log(run) == "begun\n" and run.read_file("outputs/partial") == b"x"


@pytest.mark.parametrize("end", ["fail", "cancel"])
def test_what_was_told_from_outside_stays_though_the_script_ends_well(lab: Lab, end: str) -> None:
    run = lab.submit("signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); born(str(out / 'it')); " + SLEEP)
    pid(lab.out / "it")
    lab.workspace.get_run(run.id).fail("no good") if end == "fail" else run.cancel()
    until(lambda: run._folded().settled)
    assert (run.status, run.error) == (("Failed", "no good") if end == "fail" else ("Canceled", None))


def test_a_script_that_takes_too_long_is_canceled(lab: Lab) -> None:
    run = lab.run("print('begun'); " + SLEEP, max_run_duration_seconds=0.5)
    assert run.status == "Canceled" and run.error is not None and "ran longer than 0.5 seconds" in run.error


def test_who_ends_the_launcher_cancels_the_run(lab: Lab) -> None:
    run = lab.submit("born(str(out / 'it')); " + SLEEP)
    script = pid(lab.out / "it")
    os.kill(lab.launcher(run), signal.SIGTERM)
    run.wait_for_completion()
    assert run.status == "Canceled" and run.error == "its launcher was told to end (SIGTERM)"
    assert not lives(script)


def test_the_terminal_may_close_and_interrupt_as_it_likes(lab: Lab) -> None:
    run = lab.submit("born(str(out / 'it')); " + SLEEP)
    pid(lab.out / "it")
    assert os.getsid(lab.launcher(run)) != os.getsid(0)
    os.kill(lab.launcher(run), signal.SIGHUP)
    assert run.status == "Running"


def test_a_run_whose_launcher_was_killed_is_dead_with_all_its_processes(lab: Lab) -> None:
    run = lab.submit("born(str(out / 'it')); print('said'); " + SLEEP)
    script = pid(lab.out / "it")
    os.kill(lab.launcher(run), signal.SIGKILL)
    until(lambda: not lives(script))
    if not CAN.proc:
        return  # there is no proof of its death
    until(lambda: run.status == "Failed")
    assert run.error == "vanished"
    assert lab.log(run) == "said\n"
    until(lambda: not lab.copy(run).exists())
    assert run.clean() == [f"{lab.copy(run)}: was deleted when the run ended"]


def test_a_program_that_is_not_there_fails_the_run_and_says_so(lab: Lab) -> None:
    run = lab.experiment.submit(ScriptRunConfig(str(lab.source), command=["no-such-program", "-x"]))
    run.wait_for_completion(raise_on_error=False)
    assert run.status == "Failed" and run.error is not None and "no-such-program: can't be started" in run.error


def test_the_launcher_writes_down_what_it_does(lab: Lab) -> None:
    lines = lab.log(lab.run("sys.exit(3)"), "azureml-logs/60_control_log.txt").splitlines()
    assert [line.partition(" ")[2].partition(" ")[0] for line in lines] == [
        "launcher",
        "working",
        "started:",
        "Failed:",
    ]


def test_the_statuses_on_the_way_are_recorded(lab: Lab) -> None:
    from runstore.runs import state

    run = lab.run("pass")
    told = [body["status"] for _, _, body in state.told(run.path, "status")]
    assert told == ["Preparing", "Starting", "Running", "Finalizing"]


def test_a_working_copy_that_cant_be_made_fails_the_run(lab: Lab, temporary: Path) -> None:
    (temporary / "runstore_runs").write_text("in the way")
    (temporary / f"runstore_runs_{os.getuid()}").write_text("in the way")
    run = lab.run("pass")
    assert run.status == "Failed" and run.error is not None and "RUNSTORE_WORKING_COPIES" in run.error


def test_a_script_that_uploads_what_is_watched_clashes_with_nobody(lab: Lab) -> None:
    run = lab.run("""
        import runstore
        run = runstore.start_run("any")
        path = pathlib.Path('outputs/model.bin')
        for content in (b'one', b'two', b'three'):
            path.write_bytes(content)
            run.upload_file('outputs/model.bin', path)
        run.upload_file('outputs/model.bin', path)
    """)
    assert run.status == "Completed", lab.log(run)
    assert run.read_file("outputs/model.bin") == b"three"


def test_the_packages_of_an_environment_that_was_built_are_the_runs(lab: Lab) -> None:
    class Built(Prepared):
        def packages(self) -> str:
            return "numpy==2.0\nscipy==1.9\n"

    run = lab.experiment.start_logging()
    run._record(
        "provenance", {"argv": ["train.py"], "packages": {"count": 0, **run._share(b"")}, "git": {"commit": "c"}}
    )
    job = Job("lab", lab.config("pass", environment=Environment("mine")).as_dict())
    Execution(run, job, Stop())._trace(Built("python"))
    assert run.provenance["environment"] == "mine" and run.provenance["git"] == {"commit": "c"}
    assert provenance.packages(lab.workspace.path, run.provenance) == {"numpy": "2.0", "scipy": "1.9"}
    run.complete()


def test_a_script_that_fails_keeps_no_secret_of_its_environment_or_of_its_message(lab: Lab) -> None:
    environment = Environment(variables={"DB_PASSWORD": "h4Xs0n-of-the-job"})
    run = lab.run(
        "raise ValueError('url postgres://me:pa55@db.example, got ' + os.environ['DB_PASSWORD'])",
        environment=environment,
    )
    shown = f"{run.error} {run.get_details()}"
    assert "ValueError: url postgres://" in shown
    assert "h4Xs0n" not in shown
    assert "pa55" not in shown
