"""Environments made ready before anything is submitted."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Environment, Workspace
from runstore.azureml.core.building import ImageBuildDetails
from runstore.azureml.exceptions import RunConfigurationException


def user_managed() -> Environment:
    env = Environment("mine")
    env.python.user_managed_dependencies = True
    return env


def test_an_interpreter_is_ready_as_it_is(ws: Workspace) -> None:
    details = user_managed().build(ws)
    assert details.status == "Succeeded"
    assert details.wait_for_completion(show_output=False) is details
    assert user_managed().build_local(ws) == details.log


def test_what_was_printed_is_shown_where_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    ImageBuildDetails(["one", "two"]).wait_for_completion(show_output=True)
    assert capsys.readouterr().out == "one\ntwo\n"
    ImageBuildDetails(["one"]).wait_for_completion(show_output=False)
    assert capsys.readouterr().out == ""


def test_what_can_not_be_had_here_says_so(ws: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RunConfigurationException, match="docker"):
        Environment.from_docker_image("mine", "image").build(ws)
    env = user_managed()
    env.python.interpreter_path = str(tmp_path / "none")
    with pytest.raises(RunConfigurationException, match="none"):
        env.build(ws)
