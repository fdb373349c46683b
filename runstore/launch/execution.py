"""One script from its queueing to its end, in the launcher: prepared, started, supervised, cleared up."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from runstore.errors import RunstoreError
from runstore.launch import failure, inside, leftover, ranks, supervise, working_copy
from runstore.launch.config import Environment, ScriptRunConfig
from runstore.launch.guard import Guard
from runstore.launch.logs import Logs
from runstore.launch.output import Output
from runstore.launch.outside import Outside
from runstore.launch.ranks import Ranks, Start
from runstore.launch.supervise import Outcome
from runstore.launch.working_copy import LOGS, OUTPUTS
from runstore.runs import process, redact, state, watch
from runstore.runs.console import STREAM
from runstore.runs.redact import LONGEST_SAID, Redactor
from runstore.runs.run import CANCELED, COMPLETED, FAILED

if TYPE_CHECKING:
    from typing import Any

    from runstore.launch.environments import Prepared
    from runstore.launch.job import Job
    from runstore.launch.stop import Stop
    from runstore.runs.media import MediaRun


class Ending(NamedTuple):
    """How a run ends."""

    status: str
    error: str | None = None
    failure: dict[str, Any] | None = None


class Stopped(Exception):
    """The script is not to be started any more."""


class Execution:
    """A script's run, open in this process."""

    def __init__(self, run: MediaRun, job: Job, stop: Stop) -> None:
        """Nothing is done yet.

        Args:
            run: this process is its opener.
            job: what to start.
            stop: whether this process is told to end.
        """
        self._run, self._job, self._stop = run, job, stop
        self._config = ScriptRunConfig.from_dict(job.config or {})
        self._environment = self._config.environment or Environment()
        self._logs = Logs(run)
        self._outside = Outside(run.path, run._live().identity.attempt)
        self._directory: Path | None = None
        self._prepared: Prepared | None = None

    def __call__(self) -> Ending:
        """Carry it out. Whatever happens, it ends with a word on how it went, and with no process left."""
        self._logs.say(f"launcher {os.getpid()}, attempt {self._run._live().identity.attempt}")
        try:
            ending = self._carry_out()
        except Stopped:
            ending = self._stopped()
        except RunstoreError as problem:
            ending = Ending(FAILED, str(problem), process.failure(problem, None)[1])
        except OSError as problem:
            where = f"{problem.filename}: " if problem.filename else ""
            ending = Ending(FAILED, f"the launcher could not go on: {where}{problem.strerror or problem}")
        except Exception as problem:  # noqa: BLE001 - a run whose launcher fails says so
            text, told = process.failure(problem, None)
            ending = Ending(FAILED, f"the launcher failed: {text}", told)
        self._clear_up(ending)
        return ending

    # ---- Preparing

    def _carry_out(self) -> Ending:
        run, workspace = self._run, self._run.experiment.workspace.path
        run._phase("Preparing")
        attempt = run._live().identity.attempt
        self._directory = directory = working_copy.make(workspace, run.id, run._folded().snapshot, attempt)
        self._logs.say(f"working copy {directory}")
        watch.start(run, outputs=directory / OUTPUTS, logs=directory / LOGS)
        self._prepared = self._realised(directory)
        self._ask()
        run._phase("Starting")
        return self._ended(self._supervised(directory, self._prepared))

    def _realised(self, directory: Path) -> Prepared:
        from runstore.launch import environments

        quiet = self._environment.docker is None and self._environment.user_managed
        say: Callable[[str], None] = self._logs.say if quiet else self._logs.prepare
        try:
            prepared = environments.realise(self._environment, directory, say, self._run.id, self._asked)
        except environments.Stopped:
            raise Stopped from None
        self._trace(prepared)
        return prepared

    def _trace(self, prepared: Prepared) -> None:
        """Record which packages the script has, where these are others than its submitter's."""
        packages = prepared.packages().encode()
        known = [body for _, _, body in state.told(self._run.path, "provenance")] if packages else []
        if known:
            found = {"count": packages.count(b"\n"), **self._run._share(packages)}
            self._run._record("provenance", {**known[-1], "packages": found, "environment": self._environment.name})

    def _asked(self) -> bool:
        """Whether somebody wants the run to end."""
        return self._stop() or self._outside.end() is not None

    def _ask(self) -> None:
        if self._asked():
            raise Stopped

    # ---- Starting, Running

    def _supervised(self, directory: Path, prepared: Prepared) -> Outcome:
        mark = f"{directory.name}-{os.urandom(4).hex()}"  # this attempt's: the guard of one before may be at work
        started = Ranks(self._starts(prepared, directory), directory, mark)
        streams = [self._logs.stream(name) for name in self._streams()]
        pairs = list(zip(started.outputs, [stream.fd for stream in streams], strict=True))
        output, guard = Output(pairs), None
        try:
            guard = Guard(mark, output.streams)
            output.start()
            started.start()
            last = leftover.command(self._run.experiment.workspace.path, self._run.id, directory)
            guard.know(started.groups, prepared.stop_commands(), last)
            self._run._phase("Running")
            self._logs.say(f"started: processes {', '.join(map(str, started.groups))}")
            longest = self._config.max_run_duration_seconds
            outcome = supervise.supervise(started, self._said_outside, longest, self._stop, lambda: self._tick(output))
            self._run._phase("Finalizing")
            return outcome
        finally:
            left = supervise.end(started, output, guard)
            self._tell(output, left)

    def _starts(self, prepared: Prepared, directory: Path) -> list[Start]:
        from runstore.launch.handover import nodes

        count = self._config.processes
        port = ranks.free_port()
        found = []
        for rank, place in enumerate(nodes.places(count, os.environ)):
            own = {**self._variables(directory), **ranks.variables(rank, count, port), **place.variables}
            command, variables = prepared.start(self._config.argv(), own)
            found.append(Start([*place.prefix, *command], {**os.environ, **variables}))
        return found

    def _variables(self, directory: Path) -> dict[str, str]:
        """What the script's processes find in their environment of this run."""
        run = self._run
        return {
            inside.RUN_ID: run.id,
            inside.DIRECTORY: str(run.experiment.workspace.path),
            inside.ATTEMPT: str(run._live().identity.attempt),
            inside.COPY: str(directory),
            inside.PROJECT: run.experiment.name,
            "AZUREML_RUN_ID": run.id,
            "AZUREML_ARM_WORKSPACE_NAME": self._job.workspace_name,
            "AZUREML_OUTPUT_DIRECTORY": f"./{OUTPUTS}",
            "PYTHONUNBUFFERED": "1",
            **self._environment.variables,
            **self._config.variables,
        }

    def _streams(self) -> list[str]:
        if self._config.processes == 1:
            return [STREAM]
        stem, dot, kind = STREAM.rpartition(".")
        return [f"{stem}_process_{rank}{dot}{kind}" for rank in range(self._config.processes)]

    def _said_outside(self) -> str | None:
        """What was told from outside, if anything."""
        told = self._outside.end()
        return None if told is None else told[0]

    def _tick(self, output: Output) -> None:
        self._logs.tick()
        output.retry()

    def _tell(self, output: Output, left: set[int]) -> None:
        if output.lost:
            text = f"{output.lost:,} bytes that were printed could not be kept ({output.problem or 'no room'})"
            self._logs.say(text)
            self._run._record("warning", {"text": text})
        if left:
            self._logs.say(f"processes that can't be ended: {', '.join(map(str, sorted(left)))}")

    # ---- how it ended

    def _ended(self, outcome: Outcome) -> Ending:
        if outcome.ending in ("stopped", "outside"):
            return self._stopped()
        if outcome.ending == "timeout":
            longest = self._config.max_run_duration_seconds
            return Ending(CANCELED, f"ran longer than {longest:g} seconds (max_run_duration_seconds)")
        stream = self._streams()[outcome.rank]
        secrets = Redactor({**os.environ, **self._environment.variables, **self._config.variables}, LONGEST_SAID)
        described = failure.describe(outcome.code or 0, self._logs.tail(stream, failure.TAIL))
        error, told = (redact.strings(part, secrets) for part in described)
        if error is None:
            return Ending(COMPLETED)
        own = self._run._folded().failure  # what the script itself said by fail()
        if own and own.get("message") and (outcome.code or 0) > 0 and "debug_type" not in (told or {}):
            error, told = f"{error}: {own['message']}", own
        which = f"process {outcome.rank}: " if self._config.processes > 1 else ""
        return Ending(FAILED, f"{which}{error}", told)

    def _stopped(self) -> Ending:
        told = self._outside.end()
        if told is not None:
            return Ending(*told)
        return Ending(CANCELED, f"its launcher was told to end ({self._stop.signal})")

    # ---- Finalizing

    def _clear_up(self, ending: Ending) -> None:
        if self._prepared is not None:
            with suppress(OSError, RunstoreError):
                self._prepared.stop()
        self._run._let_go()  # what lies in outputs/ and logs/ is taken in
        if self._directory is not None:
            self._remove(self._directory)
        why = f": {ending.error}" if ending.error else ""
        self._logs.say(f"{ending.status}{why}")
        self._logs.settle()

    def _remove(self, directory: Path) -> None:
        left = self._run._watch.left() if self._run._watch is not None else []
        if left:
            text = f"{', '.join(left[:3])} could not be taken in; kept in {directory}"
            self._logs.say(text)
            self._run._record("warning", {"text": text})
            return
        try:
            working_copy.remove(directory)
        except OSError as problem:
            self._logs.say(f"{directory} can't be removed ({problem.strerror})")
