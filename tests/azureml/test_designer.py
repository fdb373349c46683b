"""Functions as the designer has them."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pandas
import pytest

from runstore.azureml.core import Experiment, Run, ScriptRunConfig, Workspace
from runstore.azureml.designer import execute_python_script
from runstore.azureml.exceptions import UserErrorException

SCRIPT = """
import pandas as pd
from dataclasses import dataclass
from runstore.azureml.core import Run
from beside import FACTOR

@dataclass
class Figure:
    name: str

def azureml_main(dataframe1=None, dataframe2=None):
    run = Run.get_context()
    run.parent.log(name="Mean_Absolute_Error", value=FACTOR * dataframe1["Mean_Absolute_Error"][0])
    with open("graphics.png", "wb") as file:
        file.write(b"\\x89PNG\\r\\n\\x1a\\n")
    run.upload_file(f"graphics/{Figure('x').name}.png", "graphics.png")
    print("hello from the step")
    return dataframe1,
"""


@pytest.fixture
def script(here: Path) -> Path:
    """In a directory of its own, with a neighbour that it imports."""
    (here / "steps").mkdir()
    (here / "steps" / "beside.py").write_text("FACTOR = 2.0\n")
    (here / "steps" / "score.py").write_text(SCRIPT)
    return here / "steps" / "score.py"


def only_child(run: Run) -> Run:
    (child,) = run.get_children()
    return child


def test_a_script_of_the_designer_logs_to_its_parent_and_uploads_to_its_own_run(run: Run, script: Path) -> None:
    frame = pandas.DataFrame({"Mean_Absolute_Error": [0.5]})
    (returned,) = execute_python_script(script, frame, parent=run)
    assert returned is frame
    child = only_child(run)
    assert run.get_metrics() == {"Mean_Absolute_Error": 1.0}
    assert "graphics/x.png" in child.get_file_names()
    assert child.get_metrics() == {}
    assert "hello from the step" in child.read_file("user_logs/std_log.txt").decode()
    assert child.name == f"{run.name}>score"
    assert child.get_status() == "Completed"
    assert run.get_status() == "Running"  # it ends by itself


def test_the_function_gets_both_frames_and_what_it_returns_comes_back(run: Run) -> None:
    assert execute_python_script(lambda one, two: (two, one), 1, 2, parent=run) == (2, 1)


def test_a_function_that_raises_fails_its_child_only_and_the_error_comes_back(run: Run) -> None:
    def azureml_main(dataframe1: Any = None, dataframe2: Any = None) -> None:
        raise ValueError("bad data")

    with pytest.raises(ValueError, match="bad data"):
        execute_python_script(azureml_main, parent=run)
    child = only_child(run)
    assert child.get_status() == "Failed"
    assert child.get_details()["error"]["error"]["debug_type"] == "ValueError"
    assert run.get_status() == "Running"


def test_without_a_parent_one_is_started_and_ends_with_the_function(exp: Experiment) -> None:
    def azureml_main(dataframe1: Any, dataframe2: Any) -> str:
        Run.get_context().parent.log("seen", 1)
        return str(Run.get_context().parent.id)

    parent = Run(exp, execute_python_script(azureml_main, experiment=exp))
    assert parent.get_metrics() == {"seen": 1}
    assert (parent.get_status(), only_child(parent).get_status()) == ("Completed", "Completed")


def test_a_parent_that_was_started_for_it_fails_with_it(exp: Experiment) -> None:
    def azureml_main(dataframe1: Any, dataframe2: Any) -> None:
        raise KeyError("none")

    with pytest.raises(KeyError):
        execute_python_script(azureml_main, experiment=exp)
    (parent,) = exp.get_runs()
    assert parent.get_status() == "Failed"


def test_with_nothing_but_the_function_the_run_is_in_the_default_experiment(ws: Workspace) -> None:
    ws.write_config()
    context = execute_python_script(lambda one, two: Run.get_context().parent)
    assert context.experiment.name == "Default"


def test_outside_the_function_the_context_is_what_it_was(run: Run) -> None:
    seen = execute_python_script(lambda one, two: Run.get_context(), parent=run)
    assert seen.id == only_child(run).id
    assert Run.get_context().id.startswith("OfflineRun")


def test_a_function_inside_a_function_is_below_it(run: Run) -> None:
    def inner(dataframe1: Any, dataframe2: Any) -> str:
        return str(Run.get_context().parent.id)

    def outer(dataframe1: Any, dataframe2: Any) -> tuple[str, str]:
        return execute_python_script(inner), Run.get_context().id

    above, own = execute_python_script(outer, parent=run)
    assert above == own == only_child(run).id


def test_each_of_several_threads_has_its_own_child(run: Run) -> None:
    meet = threading.Barrier(3)

    def azureml_main(number: int, dataframe2: Any) -> str:
        meet.wait(30)  # all three are inside
        child = Run.get_context()
        child.log("number", number)
        child.parent.log("numbers", number)
        meet.wait(30)
        return str(child.id)

    found: dict[int, str] = {}
    threads = [
        threading.Thread(target=lambda n=n: found.update({n: execute_python_script(azureml_main, n, parent=run)}))
        for n in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {child.id: child.get_metrics()["number"] for child in run.get_children()} == {
        id: number for number, id in found.items()
    }
    assert sorted(run.get_metrics()["numbers"]) == [0, 1, 2]


def test_in_a_submitted_script_the_parent_is_the_submitted_run(ws: Workspace, script: Path) -> None:
    (script.parent / "main.py").write_text(
        "import pandas\n"
        "from runstore.azureml.designer import execute_python_script\n"
        "execute_python_script('score.py', pandas.DataFrame({'Mean_Absolute_Error': [0.5]}))\n"
    )
    run = Experiment(ws, "steps").submit(ScriptRunConfig(str(script.parent), "main.py"))
    assert run.wait_for_completion()["status"] == "Completed"
    assert run.get_metrics() == {"Mean_Absolute_Error": 1.0}
    assert only_child(run).get_status() == "Completed"


@pytest.mark.parametrize(
    ("text", "said"), [(None, "no such file"), ("x = 1\n", "defines no function azureml_main"), ("", "defines no")]
)
def test_what_has_no_such_function_is_refused_and_there_is_no_run(
    exp: Experiment, here: Path, text: str | None, said: str
) -> None:
    if text is not None:
        (here / "step.py").write_text(text)
    with pytest.raises(UserErrorException, match=said):
        execute_python_script("step.py", experiment=exp)
    assert list(exp.get_runs()) == []


def test_parent_and_experiment_are_not_given_both(exp: Experiment, run: Run) -> None:
    with pytest.raises(UserErrorException, match="not both"):
        execute_python_script(print, parent=run, experiment=exp)
