"""runstore: an embedded, local-first store for machine-learning runs.

The public names are loaded on first use, so that ``import runstore`` costs nothing.
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing for it would cost more than all the rest here

if TYPE_CHECKING:
    from typing import Any

    from runstore import errors
    from runstore.launch.config import Docker, Environment, ScriptRunConfig
    from runstore.launch.sweep.config import Sweep
    from runstore.launch.workspace import Experiment, Run, Workspace, start_run
    from runstore.query.models import Model
    from runstore.runs.diagnostics import diagnostic_log
    from runstore.runs.logrecords import LogHandler

__version__ = "0.1.0"
__all__ = [
    "Docker", "Environment", "Experiment", "LogHandler", "Model", "Run", "ScriptRunConfig", "Sweep", "Workspace",
    "__version__", "diagnostic_log", "errors", "start_run",
]  # fmt: skip
_ELSEWHERE = {
    "Docker": "runstore.launch.config", "Environment": "runstore.launch.config",
    "ScriptRunConfig": "runstore.launch.config", "Sweep": "runstore.launch.sweep.config",
    "LogHandler": "runstore.runs.logrecords", "Model": "runstore.query.models",
    "diagnostic_log": "runstore.runs.diagnostics",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    if name == "errors":
        import importlib

        return importlib.import_module("runstore.errors")
    if name in __all__:
        import importlib

        value = getattr(importlib.import_module(_ELSEWHERE.get(name, "runstore.launch.workspace")), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'runstore' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
