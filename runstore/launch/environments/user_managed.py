"""An interpreter that is used as it is: its owner cares for its packages."""

from __future__ import annotations

import os
import shutil
import sys

from runstore.errors import LaunchError
from runstore.launch.config import PYTHON, Environment
from runstore.launch.environments import links, own, tools
from runstore.launch.environments.prepared import Prepared

_OWN = (
    "import importlib.util, sys; sys.path = [place for place in sys.path if place]; "  # without the current directory
    "print('has' if importlib.util.find_spec('runstore') else 'none')"
)


def interpreter(environment: Environment) -> str:
    """The path of the interpreter; "python" is the running one.

    Raises:
        LaunchError: there is none of that name.
    """
    asked = os.path.expanduser(environment.interpreter)
    if asked == PYTHON:
        return sys.executable
    found = shutil.which(asked)
    if found is None:
        raise LaunchError(
            f"environment {environment.name!r}: there is no interpreter {environment.interpreter!r}; name one that can "
            "be executed, or 'python' for the running one"
        )
    return os.path.abspath(found)  # its own name: a virtual environment is told by where its link lies


def check(environment: Environment) -> None:
    """Find out whether the interpreter runs.

    Raises:
        LaunchError: it is not there, or does not run.
    """
    _has_runstore(environment, interpreter(environment))


def realise(environment: Environment) -> Prepared:
    """Use it. One without runstore is given the running one, without what that needs.

    Raises:
        LaunchError: it is not there, or does not run.
    """
    path = interpreter(environment)
    return Prepared(path, None if _has_runstore(environment, path) else links.link())


def _has_runstore(environment: Environment, path: str) -> bool:
    """Whether an interpreter finds a runstore of its own; the running one, whether it is the running runstore."""
    if path == sys.executable:
        return own.installed()
    done = tools.ask([path, "-c", _OWN], {k: v for k, v in os.environ.items() if k != "PYTHONPATH"})
    if done.code != 0 or done.last not in ("has", "none"):
        raise LaunchError(
            f"environment {environment.name!r}: {path} does not run as a Python interpreter ({done.last}); name another"
        )
    return done.last == "has"
