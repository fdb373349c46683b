"""A run written down whole for its launcher: its facts, its source, where it comes from, and the job.

The writer of this process is no opener: the first attempt is the launcher's to begin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runstore.errors import RunstoreError
from runstore.launch import job as jobs
from runstore.launch.job import Job
from runstore.launch.working_copy import LOGS, OUTPUTS
from runstore.runs import state
from runstore.runs.experiment import Experiment, start_fact
from runstore.runs.media import MediaRun
from runstore.runs.redact import REDACTED, Redactor, is_secret
from runstore.runs.state import RunState

SCRIPT, SWEEP = "azureml.scriptrun", "hyperdrive"  # the types of runs (Azure ML SDK v1)
RESULTS = (OUTPUTS, LOGS)  # at the root of a source: of earlier runs, and no part of it


@dataclass
class About:
    """What is said of a run when it is queued."""

    type: str = SCRIPT
    name: str | None = None
    parent_id: str | None = None
    display_name: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    tags: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Origin:
    """Where the run's code comes from: a directory, or another run (``above``) whose snapshot it shares."""

    argv: list[str]
    definition: dict[str, Any]
    redactor: Redactor
    directory: Path | None = None
    above: RunState | None = None


def queue(experiment: Experiment, run_id: str, job: Job, about: About, origin: Origin) -> None:
    """Queue a run. Queueing it once more, where a first try died, goes on with the same run.

    Raises:
        NotWritable: the workspace can't take it.
        SnapshotError: the source can't be kept; the run has failed then, and says why.
    """
    run = experiment.workspace.run_class(experiment, run_id)
    told = start_fact(
        name=about.name, parent=about.parent_id, type=about.type, display_name=about.display_name
    )  # fmt: skip
    run._seal = _later  # type: ignore[method-assign]
    run._open({**told, "rank": None, "queued": True}, attempt=1, opener=False)
    try:
        _tell(run, about, origin)
        jobs.write(run.path, job)
    except BaseException as problem:
        native = problem.__cause__  # of an error of the SDK's, which is several lines long
        run.fail(native if isinstance(native, RunstoreError) else problem)
        raise
    run._end(state.QUEUED, None, explicit=False)


def _later(directory: Path) -> None:
    """Nothing: the launcher's end has all of the run sealed; the sealer now would only be in its way."""


def _tell(run: MediaRun, about: About, origin: Origin) -> None:
    if origin.above is None:
        run._left_out = [origin.directory / name for name in RESULTS] if origin.directory else ()
        run._trace(origin.directory, origin.argv)
    else:
        _inherit(run, origin.above, origin)
    run._record("definition", redacted(origin.definition, origin.redactor))
    if about.params:
        run.log_params(about.params)
    if about.properties:
        run.add_properties(about.properties)
    if about.tags:
        run.set_tags(about.tags)


def _inherit(run: MediaRun, above: RunState, origin: Origin) -> None:
    """The source and what is known of it are the other run's, whatever its directory holds by now."""
    if above.snapshot is not None:
        run._record("snapshot", above.snapshot)
    git = {key: value for key, (value, _) in above.properties.items() if "git." in key}
    if git:
        run._record("properties", git)
    known = [body for _, _, body in state.told(above.path, "provenance")]
    if known:
        run._record("provenance", {**known[0], "argv": origin.redactor.arguments(origin.argv)})


def redacted(said: Any, redactor: Redactor, name: str = "") -> Any:
    """A definition without its secrets, which only the job has."""
    if isinstance(said, Mapping):
        return {key: redacted(value, redactor, str(key)) for key, value in said.items()}
    if isinstance(said, list) and all(isinstance(one, str) for one in said):
        return redactor.arguments(said)
    if isinstance(said, list | tuple):
        return [redacted(one, redactor) for one in said]
    if isinstance(said, str):
        return REDACTED if name and is_secret(name) and said else redactor.text(said)
    return said
