"""An environment made ready before anything is submitted (Azure ML SDK v1: what ``Environment.build`` gives)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from uuid import uuid4

from runstore.azureml.core import submitting
from runstore.azureml.core.environment import Environment
from runstore.azureml.core.runconfig import DockerConfiguration
from runstore.azureml.exceptions import RunConfigurationException
from runstore.errors import LaunchError


class ImageBuildDetails:
    """A build that has ended, and well: what fails raises at once."""

    status = "Succeeded"

    def __init__(self, log: list[str]) -> None:
        """Take what was printed."""
        self.log = log

    def wait_for_completion(self, show_output: bool = True) -> ImageBuildDetails:
        """Return: it has ended. With ``show_output`` its log is printed."""
        if show_output:
            sys.stdout.writelines(f"{line}\n" for line in self.log)
        return self


def build(environment: Environment) -> ImageBuildDetails:
    """Realise an environment, so that whoever needs it next finds it.

    Raises:
        RunConfigurationException: it can't be had on this machine.
    """
    from runstore.launch import environments

    asked = submitting.environment(environment, DockerConfiguration(), Path())
    log: list[str] = []
    try:
        environments.check(asked)
        with tempfile.TemporaryDirectory(prefix="runstore-") as directory:
            environments.realise(asked, Path(directory), log.append, f"build-{uuid4().hex[:8]}").stop()
    except LaunchError as problem:
        raise RunConfigurationException(str(problem), inner_exception=problem) from None
    return ImageBuildDetails(log)
