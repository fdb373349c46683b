"""A function as the designer's "Execute Python Script" takes it, run as a child run that can log to its parent.

The script is code as it stands there: a function ``azureml_main(dataframe1, dataframe2)``, in which
``Run.get_context()`` gives the run of this step and ``.parent`` the run it belongs to.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from runstore.azureml import translation
from runstore.azureml.core import context
from runstore.azureml.exceptions import UserErrorException

if TYPE_CHECKING:
    from runstore.azureml.core.experiment import Experiment
    from runstore.azureml.core.run import Run

ENTRY = "azureml_main"
Source: TypeAlias = str | os.PathLike[str] | Callable[..., Any]


@translation.function
def execute_python_script(
    source: Source,
    dataframe1: Any = None,
    dataframe2: Any = None,
    *,
    parent: Run | None = None,
    experiment: Experiment | str | None = None,
) -> Any:
    """Call ``azureml_main`` as a child run; give what it returns.

    The child ends as the function ends: well, or as failed with the exception, which is raised here as well. What is
    printed meanwhile is the child's log. Functions may run in several threads, each with a child of its own; a thread
    that a function starts by itself gets the child from it, not from ``Run.get_context()``.

    Args:
        source: a file of Python that defines ``azureml_main``, or a function.
        dataframe1: its first argument, as it is.
        dataframe2: its second one.
        parent: the run above the child. None: the run that this call is made in, if there is one (a submitted script,
            a function that is called like this); else a new run, which ends with the function and as it ends.
        experiment: of such a new run, or its name; ``Default`` where none is given.

    Raises:
        UserErrorException: no such file, or no such function in it; parent and experiment both.
    """
    if parent is not None and experiment is not None:
        raise UserErrorException("the child is in its parent's experiment; give parent or experiment, not both")
    with (
        _loaded(source) as (function, name),
        _above(parent, experiment, name) as above,
        above.child_run(name) as child,
        context.within(child),
    ):
        return function(dataframe1, dataframe2)


@contextmanager
def _above(parent: Run | None, experiment: Experiment | str | None, name: str) -> Iterator[Run]:
    """The run to put the child below."""
    if parent is None and experiment is None:
        parent = context.current()
    if parent is not None:
        yield parent
        return
    with _experiment(experiment).start_logging(name, outputs=False, snapshot_directory=None) as started:
        yield started


def _experiment(given: Experiment | str | None) -> Experiment:
    from runstore.azureml.core.experiment import Experiment
    from runstore.azureml.core.workspace import Workspace

    if given is None or isinstance(given, str):
        return Experiment(Workspace.from_config(), given or context.DEFAULT)
    return given


@contextmanager
def _loaded(source: Source) -> Iterator[tuple[Callable[..., Any], str]]:
    """The function and a name for people. While it is called, a script's neighbours can be imported."""
    if callable(source):
        yield source, getattr(source, "__name__", ENTRY)
        return
    path = Path(source).absolute()
    if not path.is_file():
        raise UserErrorException(f"{source}: no such file; give one that defines {ENTRY}, or a function")
    module_name, folder = f"{ENTRY}_{uuid.uuid4().hex}", str(path.parent)
    spec = importlib.util.spec_from_file_location(module_name, path)
    if spec is None or spec.loader is None:
        raise UserErrorException(f"{source} is no file of Python; its name should end in .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
        function = getattr(module, ENTRY, None)
        if not callable(function):
            raise UserErrorException(f"{source} defines no function {ENTRY}(dataframe1, dataframe2)")
        yield cast("Callable[..., Any]", function), path.stem
    finally:
        sys.modules.pop(module_name, None)
        with suppress(ValueError):
            sys.path.remove(folder)
