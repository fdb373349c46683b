"""A workspace in which scripts are really submitted, and a look at everything that they may leave behind."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import runstore
from runstore.launch import working_copy
from runstore.launch.config import ScriptRunConfig
from runstore.launch.job import Job
from runstore.launch.queue import About, Origin, queue
from runstore.runs.redact import Redactor
from runstore.runs.state import TERMINAL
from tests.launch.scripts import BORN, lives, until


@dataclass
class Lab:
    """Scripts are written into ``source``; what they are to tell the test they put into ``out``."""

    directory: Path
    runs: list[runstore.Run] = field(default_factory=list)

    def __post_init__(self) -> None:
        for path in (self.source, self.out):
            path.mkdir(parents=True, exist_ok=True)
        self.workspace = runstore.Workspace(self.directory / "ws")
        self.experiment = runstore.Experiment(self.workspace, "lab")

    @property
    def source(self) -> Path:
        return self.directory / "source"

    @property
    def out(self) -> Path:
        return self.directory / "out"

    def config(self, script: str, **given: Any) -> ScriptRunConfig:
        """A script of this text, which begins with ``born`` and ``out``."""
        text = f"{BORN}out = pathlib.Path(os.environ['OUT'])\n{textwrap.dedent(script)}"
        (self.source / "script.py").write_text(text, encoding="utf-8")
        variables = {"OUT": str(self.out), **given.pop("variables", {})}
        return ScriptRunConfig(str(self.source), "script.py", variables=variables, **given)

    def submit(self, script: str, arguments: Any = None, **given: Any) -> runstore.Run:
        """Submit such a script. What is no argument of ``ScriptRunConfig`` is one of ``submit``."""
        names = ("environment", "processes", "max_run_duration_seconds", "variables")
        config = self.config(script, arguments=arguments, **{key: given.pop(key) for key in names if key in given})
        run = self.experiment.submit(config, **given)
        self.runs.append(run)
        return run

    def run(self, script: str, arguments: Any = None, **given: Any) -> runstore.Run:
        """Submit one and wait for its end."""
        run = self.submit(script, arguments, **given)
        run.wait_for_completion(raise_on_error=False)
        return run

    def queued(self, run_id: str, job: Job) -> runstore.Run:
        """A run that nobody has started yet."""
        queue(self.experiment, run_id, job, About(), Origin(["python"], {}, Redactor({}), self.source))
        self.runs.append(run := self.workspace.get_run(run_id))
        return run

    def copy(self, run: runstore.Run, attempt: int = 1) -> Path:
        """Where the working copy of the run's attempt lies."""
        return working_copy.place(self.workspace.path, run.id, attempt)

    def log(self, run: runstore.Run, name: str = "user_logs/std_log.txt") -> str:
        return run.read_file(name).decode()

    def launcher(self, run: runstore.Run) -> int:
        """The process id of the run's launcher."""
        found = [writer.pid for writer in run._folded().writers if writer.opener]
        assert found[-1] is not None
        return found[-1]

    def close(self) -> None:
        """End what a test has left running."""
        for run in self.runs:
            if run.status not in TERMINAL:
                run.cancel()
        pids = [one.pid for run in self.runs for one in run._folded().writers if one.opener and one.pid]
        until(lambda: not any(lives(one) for one in pids))


def descriptors() -> int:
    """How many descriptors this process has open."""
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
