"""Sections 10 and 2.1: scripts are submitted, and how their runs end."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runstore.azureml.core import Environment, Experiment, Run, RunConfiguration, ScriptRun, ScriptRunConfig, Workspace
from runstore.azureml.core.compute import ComputeTarget
from runstore.azureml.core.runconfig import PyTorchConfiguration
from runstore.azureml.exceptions import (
    ActivityFailedException,
    AzureMLException,
    ExperimentExecutionException,
    RunConfigurationException,
    SnapshotException,
)
from runstore.errors import SnapshotError
from tests.azureml.scenes import WAITING, source, until


def configured(here: Path, text: str, *arguments: Any, **given: Any) -> ScriptRunConfig:
    source(here, text)
    return ScriptRunConfig(str(here / "source"), "train.py", list(arguments), **given)


def finished(exp: Experiment, config: ScriptRunConfig, **given: Any) -> Run:
    run = exp.submit(config, **given)
    run.wait_for_completion(raise_on_error=False)
    return run


def printed(run: Run) -> str:
    return str(run.get_details_with_logs()["logFiles"]["user_logs/std_log.txt"])


# ---- a run from submit to its end

SCRIPT = """
import os, sys
import mylib
open("scratch.txt", "w").write("mine")
os.makedirs("outputs", exist_ok=True)
open("outputs/model.txt", "w").write(mylib.WORD)
print(os.getcwd(), sys.argv[1:], sep="|")
"""


def test_a_script_runs_in_a_copy_of_its_source(exp: Experiment, here: Path, copies: Path) -> None:
    source(here, "WORD = 'imported'", "mylib.py")
    run = exp.submit(configured(here, SCRIPT, "--alpha", 0.4, np.float64(0.05), "a b"))
    assert type(run) is ScriptRun
    assert re.fullmatch(r"first-steps_\d{10}_[0-9a-f]{8}", run.id)
    details = run.wait_for_completion()
    assert (details["status"], run.type, run.get_status()) == ("Completed", "azureml.scriptrun", "Completed")
    directory, arguments = printed(run).strip().split("|")
    assert copies in Path(directory).parents
    assert arguments == "['--alpha', '0.4', '0.05', 'a b']"
    run.download_file("outputs/model.txt", "model.txt")
    assert (here / "model.txt").read_text() == "imported"
    assert {path.name for path in (here / "source").iterdir()} - {"__pycache__"} == {"train.py", "mylib.py"}


def test_it_is_found_again_as_what_it_is(exp: Experiment, ws: Workspace, here: Path) -> None:
    run = exp.submit(configured(here, "print('hello')"), run_id="mine")
    assert run.id == "mine"
    found = ws.get_run("mine")
    assert type(found) is type(Run(exp, "mine").get(ws, "mine")) is ScriptRun
    assert [type(one) for one in exp.get_runs(type="azureml.scriptrun")] == [ScriptRun]
    assert found.wait_for_completion()["runId"] == "mine"


def test_tags_are_there_from_the_beginning_as_text(exp: Experiment, here: Path) -> None:
    with pytest.warns(UserWarning, match="tag 'fold'"):
        run = exp.submit(configured(here, ""), tags={"fold": 1, "kept": None})
    assert run.get_tags() == {"fold": "1", "kept": None}
    run.wait_for_completion()


def test_without_an_environment_it_is_the_current_interpreter(exp: Experiment, here: Path) -> None:
    run = finished(exp, configured(here, "import sys; print(sys.prefix)"))
    assert printed(run).strip() == sys.prefix
    assert run.get_environment().python.user_managed_dependencies


@pytest.mark.parametrize(
    "command", [["python", "train.py", "-n", 3], "python train.py -n 3", "cd . && python train.py -n 3"]
)
def test_a_command_in_place_of_a_script(exp: Experiment, here: Path, command: Any) -> None:
    source(here, "import sys; print(sys.prefix, sys.argv[1:])")
    run = finished(exp, ScriptRunConfig(str(here / "source"), command=command))
    assert printed(run).strip() == f"{sys.prefix} ['-n', '3']"


def test_variables_of_both_kinds_reach_the_process_and_so_does_what_the_service_would_say(
    exp: Experiment, here: Path
) -> None:
    names = ["MESSAGE", "LEVEL", "AZUREML_RUN_ID", "AZUREML_ARM_PROJECT_NAME", "AZUREML_ARM_WORKSPACE_NAME",
             "AZUREML_OUTPUT_DIRECTORY", "PYTHONUNBUFFERED"]  # fmt: skip
    env = Environment("mine")
    env.python.user_managed_dependencies = True
    env.environment_variables = {"MESSAGE": "grün"}
    config = configured(here, f"import os, json; print(json.dumps([os.environ[n] for n in {names}]))", environment=env)
    config.run_config.environment_variables["LEVEL"] = 3  # type: ignore[assignment]
    run = finished(exp, config)
    assert json.loads(printed(run)) == ["grün", "3", run.id, "first-steps", "lab", "./outputs", "1"]


# ---- how it ends


def test_an_exception_fails_it_and_says_which(exp: Experiment, here: Path) -> None:
    run = exp.submit(configured(here, "print('before')\nraise ValueError('no such column')"))
    with pytest.raises(ActivityFailedException) as raised:
        run.wait_for_completion()
    error = json.loads(raised.value.message)["error"]
    assert "ValueError: no such column" in error["message"]
    assert (error["debug_type"], error["debug_message"]) == ("ValueError", "no such column")
    assert "train.py" in error["debug_stack_trace"]
    details = run.wait_for_completion(raise_on_error=False)
    assert (details["status"], details["error"]["error"]) == ("Failed", error)
    assert "before" in printed(run)


def test_an_exit_code_fails_it(exp: Experiment, here: Path) -> None:
    run = finished(exp, configured(here, "raise SystemExit(3)"))
    assert run.get_status() == "Failed"
    assert "3" in run.get_details()["error"]["error"]["message"]


INSIDE = """
from runstore.azureml.core import Run
run = Run.get_context()
assert run is Run.get_context(allow_offline=False)
run.log("loss", 1)
run.{call}
run.log("loss", 2)
print(run.get_status())
with Run.get_context() as again:
    again.log("loss", 3)
"""


@pytest.mark.parametrize("call", ["complete()", "fail('said so')", "cancel()"])
def test_what_a_script_says_of_its_end_is_not_the_runs(exp: Experiment, here: Path, call: str) -> None:
    run = finished(exp, configured(here, INSIDE.format(call=call)))
    assert run.get_status() == "Completed", printed(run)
    assert "Running" in printed(run)
    assert run.get_metrics() == {"loss": [1, 2, 3]}
    assert ("error" in run.get_details()) == (call.startswith("fail"))


@pytest.mark.parametrize(("call", "status"), [("cancel", "Canceled"), ("fail", "Failed")])
def test_an_end_told_from_outside_is_final_and_ends_the_script(
    exp: Experiment, here: Path, call: str, status: str
) -> None:
    text = "import os\nprint('pid', os.getpid())\nopen('outputs.txt', 'w')\n" + WAITING
    run = exp.submit(configured(here, text, here / "go"))
    until(lambda: "begun" in run.get_details_with_logs()["logFiles"].get("user_logs/std_log.txt", ""))
    getattr(run, call)()
    assert run.get_status() == status
    (here / "go").touch()
    details = run.wait_for_completion(raise_on_error=False)
    assert details["status"] == status
    assert "done" not in printed(run)


def test_a_canceled_run_never_raises(exp: Experiment, here: Path) -> None:
    run = exp.submit(configured(here, WAITING, here / "go"))
    run.cancel()
    assert run.wait_for_completion(raise_on_error=True)["status"] == "Canceled"


def test_a_run_that_takes_too_long_is_canceled(exp: Experiment, here: Path) -> None:
    run = finished(exp, configured(here, WAITING, here / "go", max_run_duration_seconds=1))
    assert run.get_status() == "Canceled"


def test_cleaning_twice_is_an_error(exp: Experiment, here: Path) -> None:
    run = finished(exp, configured(here, ""))
    messages = run.clean()
    assert all(isinstance(message, str) for message in messages)
    with pytest.raises(AzureMLException):
        run.clean()


# ---- the configuration


def test_the_definition_is_under_the_keys_of_the_sdk(exp: Experiment, here: Path) -> None:
    run = finished(exp, configured(here, "", "--alpha", 0.4))
    found = run.get_details()["runDefinition"]
    assert (found["script"], found["arguments"], found["command"]) == ("train.py", ["--alpha", "0.4"], None)
    assert (found["target"], found["framework"], found["nodeCount"]) == ("local", "Python", 1)
    assert found["environment"]["name"] == "default-environment"
    assert found["environment"]["python"]["interpreterPath"]
    assert found["history"]["directoriesToWatch"] == ["logs"]


def test_config_objects_are_live_between_submits_and_an_environment_is_frozen_in_its_run(
    exp: Experiment, ws: Workspace, here: Path
) -> None:
    config = configured(here, "import os; print(os.environ['TURN'])")
    runs = []
    for turn in ("one", "two"):
        env = Environment("mine")
        env.python.user_managed_dependencies = True
        env.environment_variables = {"TURN": turn}
        config.run_config.environment = env.register(ws)
        runs.append(exp.submit(config))
        config.run_config.environment.environment_variables["TURN"] = "changed"
    for run in runs:
        run.wait_for_completion()
    assert [printed(run).strip() for run in runs] == ["one", "two"]
    found = [run.get_environment() for run in runs]
    assert [(env.name, env.version, env.environment_variables["TURN"]) for env in found] == [
        ("mine", "1", "one"), ("mine", "2", "two"),
    ]  # fmt: skip


def test_a_run_configuration_rules_what_is_said_beside_it(exp: Experiment, here: Path) -> None:
    run_config = RunConfiguration("other.py", ["--other"])
    run_config.environment_variables["WORD"] = "theirs"
    with pytest.warns(UserWarning, match="max_run_duration_seconds"):
        config = configured(
            here, "import os, sys; print(os.environ['WORD'], sys.argv[1:])", "mine", run_config=run_config,
            max_run_duration_seconds=1,
        )  # fmt: skip
    run = finished(exp, config)
    assert printed(run).strip() == "theirs ['mine']"
    assert run.get_details()["runDefinition"]["maxRunDurationSeconds"] == 2592000


def refused(name: str) -> tuple[dict[str, Any], type[AzureMLException]]:
    docker = Environment.from_docker_image("image", "python:3.12")
    elsewhere = Environment("elsewhere")
    elsewhere.python.user_managed_dependencies, elsewhere.python.interpreter_path = True, "no-such-python"
    return {
        "missing script": ({"script": "none.py"}, ExperimentExecutionException),
        "outside": ({"script": "../outside.py"}, ExperimentExecutionException),
        "both": ({"script": "train.py", "command": ["make"]}, ExperimentExecutionException),
        "neither": ({"script": None}, ExperimentExecutionException),
        "target": ({"compute_target": "cpu-cluster"}, ExperimentExecutionException),
        "nodes": ({"distributed_job_config": PyTorchConfiguration(node_count=2)}, ExperimentExecutionException),
        "docker": ({"environment": docker}, RunConfigurationException),
        "interpreter": ({"environment": elsewhere}, RunConfigurationException),
    }[name]


@pytest.mark.parametrize(
    "name", ["missing script", "outside", "both", "neither", "target", "nodes", "docker", "interpreter"]
)
def test_what_can_not_be_run_says_so_and_leaves_no_run(
    exp: Experiment, here: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    source(here, "")
    (here / "outside.py").touch()
    monkeypatch.setenv("PATH", str(here))
    given, error = refused(name)
    config = ScriptRunConfig(**{"source_directory": str(here / "source"), "script": "train.py", **given})
    with pytest.raises(error):
        exp.submit(config)
    assert list(exp.get_runs(include_children=True)) == []


def test_a_source_that_is_not_there_says_so(exp: Experiment) -> None:
    with pytest.raises(ExperimentExecutionException, match="none"):
        exp.submit(ScriptRunConfig("./none", "train.py"))


# ---- several processes, children, compute


def test_a_source_that_is_too_big_is_no_run(exp: Experiment, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runstore.runs.snapshot.MOST_BYTES", 1)
    with pytest.raises(SnapshotException, match="source: more than 0 MB"):
        exp.submit(configured(here, "print(1)"))
    assert list(exp.get_runs()) == []


def test_a_source_that_turns_out_not_to_be_kept_fails_its_run_in_one_line(
    exp: Experiment, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise SnapshotError("data.bin: can't be read")

    monkeypatch.setattr("runstore.runs.snapshot.take", refuse)
    with pytest.raises(SnapshotException, match="can't be read"):
        exp.submit(configured(here, "print(1)"))
    (run,) = exp.get_runs()
    error = run.get_details()["error"]["error"]
    assert error["debug_type"] == "SnapshotError" and "\n" not in error["message"]


def test_a_distributed_job_is_one_run_of_several_processes(exp: Experiment, here: Path) -> None:
    text = (
        "import os\nfrom runstore.azureml.core import Run\n"
        "Run.get_context().log('rank', int(os.environ['RANK']))\nprint('of', os.environ['WORLD_SIZE'])\n"
    )
    run = finished(exp, configured(here, text, distributed_job_config=PyTorchConfiguration(process_count=2)))
    assert run.get_status() == "Completed"
    assert sorted(run.get_metrics()["rank"]) == [0, 1]
    logs = run.get_details_with_logs()["logFiles"]
    assert [logs[f"user_logs/std_log_process_{rank}.txt"].strip() for rank in range(2)] == ["of 2", "of 2"]


def test_a_child_is_submitted_and_ends_by_itself(exp: Experiment, run: Run, here: Path) -> None:
    text = "from runstore.azureml.core import Run\nRun.get_context().parent.log('from below', 1)\nraise SystemExit(1)"
    child = run.submit_child(configured(here, text), tags={"a": "b"})
    child.wait_for_completion(raise_on_error=False)
    assert [one.id for one in run.get_children()] == [child.id]
    assert (child.parent.id, child.get_tags(), child.get_status()) == (run.id, {"a": "b"}, "Failed")
    assert run.get_metrics() == {"from below": 1}
    run.complete()
    assert run.get_status() == "Completed"


NESTED = """
from runstore.azureml.core import Run, ScriptRunConfig
child = Run.get_context().submit_child(ScriptRunConfig(".", "leaf.py"))
child.wait_for_completion()
"""


def test_a_script_submits_one_below_itself(exp: Experiment, here: Path) -> None:
    source(here, "from runstore.azureml.core import Run\nRun.get_context().log('leaf', 1)", "leaf.py")
    run = finished(exp, configured(here, NESTED))
    assert run.get_status() == "Completed", printed(run)
    (child,) = run.get_children()
    assert (child.get_status(), child.get_metrics(), run.get_metrics()) == ("Completed", {"leaf": 1}, {})


def test_what_goes_on_is_listed_by_its_compute_target(exp: Experiment, ws: Workspace, here: Path) -> None:
    run = exp.submit(configured(here, WAITING, here / "go"))
    local = ComputeTarget(ws, "local")
    until(lambda: run.get_status() == "Running")
    assert [one.id for one in Run.list_by_compute(local)] == [run.id]
    assert [one.id for one in Run.list_by_compute(local, status="Queued")] == []
    (here / "go").touch()
    run.wait_for_completion()
    assert list(Run.list_by_compute(local)) == []
