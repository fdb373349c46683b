"""The closure before the writer's own ``log``, and what is as fast as it."""

from __future__ import annotations

import numpy as np
import pytest

import runstore
from runstore.azureml.core import Experiment, Run, Workspace
from runstore.azureml.exceptions import UserErrorException


def test_a_description_is_kept(run: Run, ws: Workspace) -> None:
    run.log("a", 1, "about a")
    run.log_row("b", "about b", x=1)
    run.log_list("c", [1], "about c")
    run.log_table("d", {"x": [1]}, "about d")
    from runstore.runs import state

    assert state.fold(run.path).descriptions == {name: f"about {name}" for name in "abcd"}


def test_a_description_that_is_no_text_becomes_it(run: Run) -> None:
    run.log("a", 1, 5)  # type: ignore[arg-type]
    run.log("b", 1, None)  # type: ignore[arg-type]
    run.log_row("c", 5, x=1)  # type: ignore[arg-type]
    assert run.get_metrics() == {"a": 1, "b": 1, "c": {"x": 1}}


def test_a_kept_log_goes_on_checking(run: Run) -> None:
    log = run.log
    log("a", np.int64(1))
    with pytest.raises(UserErrorException):
        log("a", [1])
    run.complete()
    with pytest.raises(UserErrorException):
        log("a", 1)


def test_a_run_joined_from_elsewhere_checks_too(exp: Experiment, run: Run) -> None:
    parent = Run(exp, run.child_run().id).parent
    assert parent is not None
    with pytest.raises(UserErrorException):
        parent.log("a", [1])
    parent.log("a", np.int64(1))
    assert run.get_metrics() == {"a": 1}


def test_the_native_run_is_not_touched(ws: Workspace) -> None:
    native = runstore.start_run("native", workspace=ws.path)
    with pytest.raises(runstore.errors.InvalidValue):
        native.log("a", (1, 2))
    native.complete()


def test_a_name_that_is_no_text_is_refused(run: Run) -> None:
    for name in ("", 3, None):
        with pytest.raises(UserErrorException):
            run.log(name, 1)  # type: ignore[arg-type]


def test_an_image_and_a_chart_of_one_name_are_two_kinds(run: Run) -> None:
    run.log_residuals("a", {})
    with pytest.raises(UserErrorException, match="another name"):
        run.log_predictions("a", {})
