"""Secrets: environment variables, in place of the SDK's Key Vault. No value is ever stored."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any

from runstore.azureml.exceptions import UserErrorException


class Keyvault:
    """The environment of this process as a vault.

    A secret ``db-password`` is the variable of that very name, or ``DB_PASSWORD`` (the SDK's names hold hyphens, which
    shells refuse). What is set lasts as long as the process and is inherited by its children.
    """

    def __init__(self, workspace: Any = None) -> None:
        """Name the workspace it belongs to."""
        self.workspace = workspace
        self._set: dict[str, None] = {}

    def get_secret(self, name: str) -> str:
        """The value of one secret.

        Raises:
            UserErrorException: there is none of that name.
        """
        value = _look(name)
        if value is None:
            raise UserErrorException(f"no secret {name!r}; set the environment variable {_variable(name)}")
        return value

    def get_secrets(self, secrets: Iterable[str]) -> dict[str, str | None]:
        """Several secrets by name; None where there is none."""
        return {name: _look(name) for name in secrets}

    def set_secret(self, name: str, value: str) -> None:
        """Set one for this process and the processes it starts."""
        self.set_secrets({name: value})

    def set_secrets(self, secrets_batch: Mapping[str, str]) -> None:
        """Set several."""
        for name, value in secrets_batch.items():
            os.environ[_variable(name)] = value
            self._set[name] = None

    def delete_secret(self, name: str) -> None:
        """Forget one."""
        self.delete_secrets([name])

    def delete_secrets(self, secrets_batch: Iterable[str]) -> None:
        """Forget several."""
        for name in secrets_batch:
            os.environ.pop(_variable(name), None)
            self._set.pop(name, None)

    def list_secrets(self) -> list[dict[str, str]]:
        """The names of the secrets set through this object; the environment's other variables are none of its own."""
        return [{"name": name} for name in self._set]


def _variable(name: str) -> str:
    return name.replace("-", "_").upper()


def _look(name: str) -> str | None:
    return os.environ.get(name, os.environ.get(_variable(name)))
