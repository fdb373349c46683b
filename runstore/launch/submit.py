"""A script or a sweep, submitted: checked, queued, handed over. What is submitted goes on by itself."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.errors import LaunchError, NotWritable, UsageError
from runstore.format import names, values
from runstore.launch import checks, handover
from runstore.launch import job as jobs
from runstore.launch.config import Environment, ScriptRunConfig
from runstore.launch.job import Job
from runstore.launch.queue import SCRIPT, SWEEP, About, Origin, queue
from runstore.runs import attempts, edits, state
from runstore.runs.experiment import Experiment
from runstore.runs.redact import Redactor

if TYPE_CHECKING:
    from runstore.launch.sweep.config import Sweep
    from runstore.runs.run import Run


def submit(
    experiment: Experiment,
    config: ScriptRunConfig | Sweep,
    about: About,
    run_id: str | None = None,
    launcher: str = handover.LOCAL,
    options: Mapping[str, Any] | None = None,
) -> str:
    """Run a script or a sweep; give the run's id. See ``Experiment.submit``."""
    from runstore.launch.sweep.config import Sweep

    if isinstance(config, Sweep):
        config.check()
        asked = config.config
        script = checks.script(asked, experiment.workspace.path)
        config = replace(config, config=script).settled()
        properties, tags = config.labels()
        about = replace(
            about, type=SWEEP, properties={**properties, **about.properties}, tags={**tags, **about.tags}
        )  # fmt: skip
    elif isinstance(config, ScriptRunConfig):
        asked = config
        config = script = checks.script(asked, experiment.workspace.path)
    else:
        raise UsageError(f"submit() takes a ScriptRunConfig or a Sweep, not a {type(config).__name__}")
    if experiment.workspace.disabled:
        raise LaunchError("RUNSTORE_MODE=disabled: a script that runs is a run, and there are none; unset it")
    processes = script.processes if config is script else 1
    handover.check(launcher, options, processes)
    run_id = _new_id(experiment, run_id, about.type)
    _check_parent(experiment, about.parent_id)
    job = Job(experiment.name, workspace_name=_label(experiment))
    job = replace(job, config=script.as_dict()) if config is script else replace(job, sweep=config.as_dict())
    definition = replace(script, environment=asked.environment).definition()
    origin = Origin(_argv(script), definition, _redactor(script), Path(script.source_directory))
    queue(experiment, run_id, job, about, origin)
    name = about.display_name or about.name or experiment.name
    _hand_over(experiment, handover.Queued(experiment.workspace.path, run_id, name, processes, options or {}), launcher)
    return run_id


def start_child(
    parent: Run,
    config: ScriptRunConfig,
    run_id: str,
    *,
    params: Mapping[str, Any] | None = None,
    properties: Mapping[str, Any] | None = None,
    tags: Mapping[str, Any] | None = None,
    display_name: str | None = None,
    launcher: str = handover.LOCAL,
) -> None:
    """Run a script with its parent's snapshot, below it. Called again for the same run, it does what is not done yet.

    Args:
        parent: the run above, whose snapshot is run, whatever its directory holds by now.
        config: checked already.
        run_id: of the child.
        params: recorded at once, as are ``properties`` and ``tags``.
        properties: labels that never change.
        tags: labels.
        display_name: a name for people.
        launcher: as in ``Experiment.submit``.

    Raises:
        LaunchError: the launcher can't be started; the child has failed then.
    """
    experiment = parent.experiment
    found = state.fold(experiment.workspace.path / names.run_dir(run_id))
    if any(writer.opener for writer in found.writers) or (found.status in state.TERMINAL and not _half(found)):
        return
    if found.status != state.QUEUED:
        about = About(SCRIPT, None, parent.id, display_name, params or {}, properties or {}, tags or {})
        origin = Origin(_argv(config), config.definition(), _redactor(config), above=parent._folded())
        job = Job(experiment.name, config.as_dict(), workspace_name=_label(experiment))
        queue(experiment, run_id, job, about, origin)
    name = display_name or experiment.name
    queued = handover.Queued(experiment.workspace.path, run_id, name, config.processes)
    _hand_over(experiment, queued, launcher)


def _half(found: state.RunState) -> bool:
    """Whether a run is not there, or whoever queued it died before it was whole."""
    return not found.writers or (found.error == state.VANISHED and not any(one.opener for one in found.writers))


def resume(experiment: Experiment, run_id: str, launcher: str = handover.LOCAL) -> None:
    """Start the launcher of a run once more where the first one died; see ``Experiment.resume``."""
    path = experiment.workspace.path / names.run_dir(run_id)
    found = state.fold(path)
    if found.run_id != run_id:
        raise LaunchError(f"no run {run_id} in {experiment.workspace.path}; `runstore runs` lists them")
    if found.status != state.QUEUED and not vanished(found):
        raise LaunchError(f"run {run_id} is {found.status}; only one that was cut short is resumed")
    job = jobs.read(path)
    if job is None:
        raise LaunchError(f"run {run_id} has begun and can't go on where it stopped; submit it again")
    handover.check(launcher)
    _hand_over(experiment, handover.Queued(experiment.workspace.path, run_id, experiment.name), launcher)


def vanished(found: state.RunState) -> bool:
    """Whether a run's launcher has died without a word."""
    return found.status == state.FAILED and found.error == state.VANISHED


def _hand_over(experiment: Experiment, queued: handover.Queued, launcher: str) -> None:
    try:
        told = handover.start(launcher, queued)
    except LaunchError as problem:
        body = {"status": state.FAILED, "error": str(problem)}
        with suppress(NotWritable):
            edits.end(queued.workspace, queued.run_id, experiment.name, body, None)
        with suppress(OSError):
            jobs.remove(queued.workspace / names.run_dir(queued.run_id))
        raise
    if launcher != handover.LOCAL:
        known = {"runstore.scheduler": handover.kind(launcher), "runstore.scheduler_job": told}
        facts = {key: value for key, value in known.items() if value}
        edits.record(queued.workspace, queued.run_id, experiment.name, [("properties", facts)])


# ---- what is asked of the surroundings


def _new_id(experiment: Experiment, given: str | None, type: str) -> str:
    if given is None:
        token = uuid.uuid4()
        return f"HD_{token}" if type == SWEEP else f"{experiment.name}_{int(time.time())}_{token.hex[:8]}"
    run_id = values.name(given, "run id")
    if state.fold(experiment.workspace.path / names.run_dir(run_id)).run_id:
        raise LaunchError(f"run {run_id} is there already; give another run_id, or none")
    return run_id


def _check_parent(experiment: Experiment, parent_id: str | None) -> None:
    if parent_id is not None and not attempts.there(experiment.workspace.path / names.run_dir(parent_id)):
        raise LaunchError(f"no run {parent_id} in {experiment.workspace.path} to be the parent; `runstore runs` lists")


def _label(experiment: Experiment) -> str:
    return str(getattr(experiment.workspace, "name", None) or "local")


def _argv(script: ScriptRunConfig) -> list[str]:
    """The command line as provenance has it: without the interpreter."""
    return script.argv()[script.script is not None :]


def _redactor(script: ScriptRunConfig) -> Redactor:
    environment = script.environment or Environment()
    return Redactor({**os.environ, **environment.variables, **script.variables})
