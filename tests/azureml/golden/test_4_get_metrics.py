"""Section 4.2: what ``get_metrics`` gives back, and what many writers log."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from runstore.azureml.core import Experiment, Run
from runstore.azureml.exceptions import UserErrorException
from tests.azureml.scenes import Figure, python

# ---- get_metrics


def test_the_best_run_is_found_by_a_bare_scalar(exp: Experiment, run: Run) -> None:
    for mse in (3.0, 1.0, 2.0):
        run.child_run().log("mse", mse)
    found = run.get_metrics(recursive=True)
    best = min(found, key=lambda key: found[key]["mse"])
    assert found[best] == {"mse": 1.0}


def test_by_name_it_is_a_dict_still(run: Run) -> None:
    run.log("x", 1)
    run.log("y", 2)
    assert run.get_metrics(name="x") == {"x": 1}
    assert run.get_metrics("none") == {}


def test_recursively_it_is_by_run_and_without_those_that_have_none(run: Run) -> None:
    run.log("x", 1)
    child = run.child_run()
    leaf = child.child_run()
    leaf.log("x", 2)
    assert run.get_metrics(recursive=True) == {run.id: {"x": 1}, leaf.id: {"x": 2}}


def test_the_type_of_run_filters_descendants(run: Run) -> None:
    one, two = run.child_run(type="mine"), run.child_run()
    one.log("x", 1)
    two.log("x", 2)
    assert run.get_metrics(recursive=True, run_type="mine") == {one.id: {"x": 1}}


@pytest.mark.parametrize("name", ["scale factor", "a/b", "trailing ", "mäh ☃", "x'y\"z", "../up", "last.loss"])
def test_names_are_kept_to_the_letter(run: Run, name: str) -> None:
    run.log(name, 1)
    run.log_row(name + "r", x=1)
    assert run.get_metrics() == {name: 1, name + "r": {"x": 1}}


@pytest.mark.parametrize("name", ["a/b", "trailing ", "mäh ☃", "x'y\"z"])
def test_so_are_names_of_charts_and_plots(run: Run, name: str) -> None:
    run.log_residuals(name, {"a": 1})
    run.log_image(f"plot {name}", plot=Figure())
    assert set(run.get_metrics()) == {name, f"plot {name}"}


def test_a_name_stays_of_its_first_kind(run: Run) -> None:
    run.log("a", 1)
    for call in (
        lambda: run.log_row("a", x=1),
        lambda: run.log_table("a", {"x": 1}),
        lambda: run.log_image("a", plot=Figure()),
        lambda: run.log_residuals("a", {}),
    ):
        with pytest.raises(UserErrorException, match="another name"):
            call()
    run.log_row("t", x=1)
    with pytest.raises(UserErrorException, match="another name"):
        run.log("t", 1)
    assert run.get_metrics() == {"a": 1, "t": {"x": 1}}


def test_steps_change_nothing_about_it(run: Run) -> None:
    for step in (3, 1, 2):
        run.log("loss", step / 2, step=step)
    assert run.get_metrics() == {"loss": [1.5, 0.5, 1.0]}


# ---- many writers


def test_threads_and_forks_lose_nothing(run: Run) -> None:
    from threading import Thread

    def work(name: str) -> None:
        for number in range(200):
            run.log(name, number)

    threads = [Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key: len(found) for key, found in run.get_metrics().items()} == {f"t{n}": 200 for n in range(4)}


def test_a_forked_child_goes_on_with_the_same_checks(here: Path) -> None:
    program = (
        "import os\nimport numpy as np\nfrom runstore.azureml.core import Experiment, Workspace\n"
        "run = Experiment(Workspace(), 'e').start_logging(snapshot_directory=None)\n"
        "if os.fork() == 0:\n"
        "    run.log('a', np.int64(1))\n    run.log_list('b', [1, 2])\n    run.flush()\n    os._exit(0)\n"
        "os.wait()\nrun.log('a', 2)\nfound = run.get_metrics()\nprint(sorted(found['a']), found['b'])\n"
    )
    done = python(here, program, RUNSTORE_CAPABILITIES="")
    assert (done.returncode, done.stdout) == (0, "[1, 2] [1, 2]\n"), done.stderr


def test_parents_take_what_children_log_to_them(exp: Experiment, run: Run) -> None:
    child = Run(exp, run.child_run().id)
    child.parent.log("seen by", "child")
    assert run.get_metrics() == {"seen by": "child"}


def test_an_ended_run_takes_nothing_more(run: Run) -> None:
    run.complete()
    for call in (
        lambda: run.log("a", 1),
        lambda: run.log_row("b", x=1),
        lambda: run.log_list("c", [1]),
        lambda: run.log_table("d", {"x": 1}),
    ):
        with pytest.raises(UserErrorException, match=r"ended|not open"):
            call()


def test_disabled_nothing_is_stored(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from runstore.azureml.core import Workspace

    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    with Experiment(Workspace(), "off").start_logging() as run:
        run.log("a", 1)
        run.log_row("b", x=1)
        run.log_list("c", [1])
        run.log_table("d", {"x": [1]})
        run.log_image("e", plot=Figure())
        run.log_residuals("f", {})
    assert not (here / ".runstore").exists()


def test_importing_imghdr_is_not_needed() -> None:
    assert "imghdr" not in sys.modules
