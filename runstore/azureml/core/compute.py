"""Compute targets: this machine is the only one, so every other name is unknown."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NoReturn

from runstore.azureml.exceptions import ComputeTargetException

LOCAL = "local"


class ComputeTarget:
    """A machine to run on. ``ComputeTarget(ws, "local")`` is this one."""

    type_name = "Local"

    def __init__(self, workspace: Any, name: str) -> None:
        """Look a target up.

        Raises:
            ComputeTargetException: it is not this machine. Samples catch it, and create one.
        """
        if name != LOCAL:
            raise ComputeTargetException(f"no compute target {name!r}; the only one here is {LOCAL!r}, this machine")
        self.workspace, self.name, self.type = workspace, name, self.type_name
        self.provisioning_state = "Succeeded"

    def wait_for_completion(self, show_output: bool = False, **kwargs: Any) -> None:
        """Return: this machine is there."""

    def get_status(self) -> SimpleNamespace:
        """The state, which is good."""
        return SimpleNamespace(serialize=lambda: {"provisioningState": self.provisioning_state})

    @staticmethod
    def create(workspace: Any, name: str, provisioning_configuration: Any) -> NoReturn:
        """Refuse: no machine is rented here.

        Raises:
            ComputeTargetException: always.
        """
        raise ComputeTargetException(f"can't create compute target {name!r}: runstore runs on this machine ({LOCAL!r})")

    @staticmethod
    def attach(workspace: Any, name: str, attach_configuration: Any) -> NoReturn:
        """Refuse, as ``create`` does."""
        raise ComputeTargetException(f"can't attach compute target {name!r}: runstore runs on this machine ({LOCAL!r})")

    @classmethod
    def list(cls, workspace: Any) -> list[ComputeTarget]:
        """This machine."""
        return [ComputeTarget(workspace, LOCAL)]

    @staticmethod
    def provisioning_configuration(**kwargs: Any) -> SimpleNamespace:
        """What a cluster would be like; kept as given."""
        return SimpleNamespace(**kwargs)

    @staticmethod
    def attach_configuration(**kwargs: Any) -> SimpleNamespace:
        """How a machine would be reached; kept as given."""
        return SimpleNamespace(**kwargs)


class AmlCompute(ComputeTarget):
    """A cluster of the service's: there is none here."""


class RemoteCompute(ComputeTarget):
    """A machine reached through SSH: there is none here."""


class ComputeInstance(ComputeTarget):
    """A machine of the service's: there is none here."""
