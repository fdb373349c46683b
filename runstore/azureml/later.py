"""What is not built yet says so when it is called, never when it is imported or constructed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from runstore.azureml.exceptions import NotYetException

WIDGET = "it comes with the page and the notebook widget"
MLFLOW = "it comes with remotes and sync"
NEVER = "it is out of runstore's scope"


def not_yet(what: str, when: str) -> NoReturn:
    """Raise the error.

    Args:
        what: the call.
        when: one of the sentences above.
    """
    raise NotYetException(f"{what} can't be called yet: {when}")


def method(what: str, when: str) -> Callable[..., Any]:
    """A function or method that takes anything and raises."""

    def call(*_: Any, **__: Any) -> NoReturn:
        not_yet(what, when)

    call.__name__ = what.rpartition(".")[2].removesuffix("()")
    call.__doc__ = f"Raise: {when}."
    return call
