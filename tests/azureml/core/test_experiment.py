"""The experiment's own ways, beside the golden tests."""

from __future__ import annotations

import pytest

from runstore.azureml.core import Experiment, Run, Workspace
from runstore.azureml.exceptions import UserErrorException


def test_the_rule_for_names_can_be_left_out(ws: Workspace) -> None:
    assert Experiment(ws, "any name", _skip_name_validation=True).name == "any name"


def test_native_arguments_are_passed_on(exp: Experiment) -> None:
    run = exp.start_logging(snapshot_directory=None, tags={"a": "b"}, params={"lr": 0.1}, type="mine")
    assert (run.get_tags(), run.params, run.type) == ({"a": "b"}, {"lr": 0.1}, "mine")


def test_only_runs_started_by_themselves_are_interactive(exp: Experiment, run: Run) -> None:
    assert run._interactive
    assert not run.child_run()._interactive
    assert not Run(exp, run.id)._interactive


def test_a_name_must_be_text(ws: Workspace) -> None:
    with pytest.raises(UserErrorException):
        Experiment(ws, None)  # type: ignore[arg-type]


def test_its_page_is_the_workspace(exp: Experiment) -> None:
    assert exp.get_portal_url() == exp.workspace.path.as_uri()
