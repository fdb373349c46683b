"""One run: logging into it, and ending it."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from runstore.disk import files, lock
from runstore.disk.capabilities import can_map
from runstore.errors import NotWritable, RunClosed, StoreError, UsageError
from runstore.format import names, values
from runstore.runs import attempts, diagnostics, flusher, process, provenance, sampler, seal
from runstore.runs.forked import Forked
from runstore.runs.hot import MISSING
from runstore.runs.writer import Identity, Writer

if TYPE_CHECKING:
    from signal import Signals

    from runstore.runs.attached import Source
    from runstore.runs.experiment import Experiment
    from runstore.runs.state import RunState

_joining = Lock()  # threads that share a run's parent join it once
COMPLETED, FAILED, CANCELED = "Completed", "Failed", "Canceled"


class Run:
    """A run of an experiment. Started by ``Experiment.start_logging`` or ``runstore.start_run``.

    Threads may share it. A forked child may go on using it: it then logs as one more writer of the same run.
    An object got from ``Workspace.get_run`` takes no points; it can be asked, tagged, and ended from outside.
    """

    def __init__(self, experiment: Experiment, run_id: str) -> None:
        """Name a run without starting it."""
        self.experiment = experiment
        self.id = run_id
        self._writer: Writer | None = None
        self._forked: Forked | None = None
        self._start: dict[str, Any] = {}
        self._outside = True  # not started here: what ends it, ends it from outside
        self._may_join = False
        self._parent: Run | None = None
        self._captured: Thread | None = None  # finds out where the run comes from
        self._disabled = experiment.workspace.disabled
        self._mapped = False
        self._companions: list[Any] = []  # what goes on beside the run until it ends, each with a ``close``

    def __repr__(self) -> str:
        return f"Run(experiment={self.experiment.name!r}, id={self.id!r})"

    @property
    def path(self) -> Path:
        """The run's directory."""
        return self.experiment.workspace.path / names.run_dir(self.id)

    # ---- starting

    def _open(self, start: dict[str, Any], attempt: int | None = None, opener: bool | None = None) -> Self:
        """Begin logging: join the newest attempt or open the next. ``opener=False``: queue it (``attempts.enter``).

        Raises:
            NotWritable: the workspace can't be written.
        """
        if self._disabled:
            self.log = _nothing  # type: ignore[method-assign]
            return self
        self._start, self._outside = start, False
        if files.is_missing(self.experiment.workspace.path):  # half a workspace would be made there
            path = self.experiment.workspace.path
            raise NotWritable(f"{path}: the workspace was moved or deleted; open it where it is now")
        self._mapped = can_map(self.experiment.workspace.path)
        where = self.path, self.id, self.experiment.name
        writer = attempts.enter(*where, self._new_writer, attempt, opener, start.get("rank"))
        self._use(writer)
        diagnostics.debug("run %s: writer %s logs", self.id, writer.identity.writer, run=self.id)
        return self

    def _new_writer(self, identity: Identity) -> Writer:
        start = {"opener": identity.opener, **self._start, **lock.me()}
        return Writer(self.path, identity, start, self._mapped, flusher.wake, self._seal)

    def _use(self, writer: Writer) -> None:
        self._writer = writer
        self.log = writer.stream.hot.log  # type: ignore[method-assign]
        process.watch(self)
        flusher.add(writer)
        sampler.add(writer)

    def _seal(self, directory: Path) -> None:
        seal.request(self.experiment.workspace.path, directory)

    # ---- logging

    def log(self, name: str | Mapping[str, Any], value: Any = MISSING, description: str = "", step: Any = None) -> None:
        """Log one value of a metric, or a dict of several as one moment.

        When this returns, the point survives ``kill -9``. A full or failing disk never raises here: points that
        can't be kept are counted exactly, and logging goes on when there is room.

        Args:
            name: any non-empty Unicode text, or a dict of name to value.
            value: float, int, bool, str, None, or a numpy, torch or jax scalar. Kept exactly.
            description: said once about the name.
            step: a 64-bit integer, kept as given, in any order, repeated or not. None: the next index of this name.

        Raises:
            InvalidValue: a value, name or step of a type that can't be logged.
            RunClosed: the run has ended, or this object only reads it.
        """
        hot = self._live().stream.hot  # while the run is open, the instance has this ``log`` in place of the method
        hot.log(name, value, description, step)

    def log_row(self, name: str, row: Mapping[str, Any] | None = None, /, *, step: Any = None, **columns: Any) -> None:
        """Log one row of a table: columns as keywords, or as a dict where a name is no Python identifier.

        Raises:
            InvalidValue: a value that can't be logged.
            UsageError: no column at all, or the name holds images, charts or the like.
        """
        data = {**(row or {}), **columns}
        if not data:
            raise UsageError(f"log_row({name!r}) got no columns; give them as keywords")
        writer = self._taking(1)
        if writer is not None:
            writer.points.row(name, data, step)

    def log_params(self, params: Mapping[str, Any]) -> None:
        """Record parameters, nested or not: ``{"optimizer": {"name": "adam"}}`` is param ``optimizer.name``.

        Raises:
            InvalidValue: a leaf that is no number, bool, text, None or list of these.
        """
        if not isinstance(params, Mapping):
            raise UsageError(f"log_params() takes a dict, not {type(params).__name__}")
        leaves = [[name, values.leaf(value, f"param {name!r}")] for name, value in values.leaves(params)]
        self._record("params", leaves)

    def child_run(self, name: str | None = None, run_id: str | None = None, **start: Any) -> Self:
        """Start a run below this one, in the same experiment. How one of them ends says nothing of the other.

        Args:
            name: a name for people.
            run_id: the id of the new run.
            start: what else ``Experiment.start_logging`` takes.
        """
        child = self.experiment.start_logging(name=name, run_id=run_id, parent_id=self.id, **start)
        child._parent = self
        return child  # type: ignore[return-value]

    def flush(self) -> None:
        """Make everything logged so far survive the death of the machine.

        Raises:
            StoreError: the disk refuses; the data stay in memory and on the page cache, and it is tried again.
        """
        if not self._disabled and not self._live().flush():
            raise StoreError(f"run {self.id}: the disk did not confirm the data; logging goes on, flush again later")

    # ---- ending

    def complete(self) -> None:
        """End well. Sealing goes on in a child process; reads are right at once."""
        self._end(COMPLETED, None, explicit=True)

    def fail(self, error_details: BaseException | str | None = None, error_code: str | None = None) -> None:
        """End as failed, and say why. Final.

        Args:
            error_details: text, or the exception, whose type and trace are kept as well.
            error_code: a word for the kind of error; ``UserError`` where none is given.

        Raises:
            InvalidValue: neither text nor an exception.
        """
        text, failure = process.failure(error_details, error_code)
        self._end(FAILED, text, explicit=True, failure=failure)

    def cancel(self) -> None:
        """End as canceled. Final.

        On an object that didn't start the run (``Workspace.get_run``) these three end it from outside: the process that
        logs goes on unhurt, and finds out by asking ``status``; its own end, later, changes the status no more. A
        run that has ended stays as it ended.
        """
        self._end(CANCELED, None, explicit=True)

    @contextmanager
    def capture(self) -> Iterator[Self]:
        """Keep what is printed in the block, by this process and those it starts, as its log; ``with run`` does so.

        The terminal shows it as before. Log records and warnings of Python are kept as records (``docs/logging.md``).
        """
        held = self._capture()
        try:
            yield self
        finally:
            if held is not None:
                held.close()
                with suppress(ValueError):  # the run ended inside
                    self._companions.remove(held)

    def attach_log(self, name: str, source: Any) -> Source:
        """Keep the log of another source, a container or a tool, as one more stream of the run.

        An object from ``Workspace.get_run`` keeps it too, of a run that goes on in another process, until the source
        or the run ends, or this process does.

        Args:
            name: the stream's name, such as ``system_logs/container/main.txt``.
            source: a path, followed until the run ends, also where the file is made or rotated later; a pipe, a socket,
                an open file or an iterator, read to its end in a thread; or bytes.

        Returns:
            What reads it: ``wait(timeout)`` until it has ended, ``close()`` to end it now.

        Raises:
            InvalidValue, RunClosed: none of these; the run has ended, or has not begun.
        """
        from runstore.runs import bystander

        return bystander.attach(self, values.name(name, "stream name"), source)

    def _capture(self) -> Any:
        """Begin to keep what is printed; None where it is kept already or there is no run to keep it in."""
        from runstore.runs.capture import Capture

        if self._disabled or self._writer is None or any(isinstance(one, Capture) for one in self._companions):
            return None
        held = Capture(self)
        self._companions.append(held)
        return held

    def _let_go(self) -> None:
        """End what goes on beside the run, the newest first."""
        while self._companions:
            self._companions.pop().close()

    def __enter__(self) -> Self:
        self._capture()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        try:
            self._let_go()
        finally:
            self._close_block(error)

    def _close_block(self, error: BaseException | None) -> None:
        if self._writer is None:
            return  # ended inside the block
        if error is None or (isinstance(error, SystemExit) and error.code in (None, 0)):
            self.complete()
        else:
            self.fail(error)

    def end_on_signal(self, *signals: Signals) -> None:
        """Opt in: on these signals (default SIGTERM) leave an end file that says so, then do what was done before.

        The handler takes no lock and writes one small file. Call from the main thread.
        """
        from runstore.runs import signals as handlers

        handlers.install(self, signals)

    def _end(self, status: str, error: str | None, explicit: bool, failure: dict[str, Any] | None = None) -> None:
        if self._disabled:
            return
        if explicit and self._outside:
            from runstore.runs import edits

            experiment = self.experiment
            body = {"status": status, "error": error}
            edits.end(experiment.workspace.path, self.id, experiment.name, body, failure)
            if self._writer is None:
                return
        self._let_go()
        writer = self._live()
        provenance.settle(self)
        self._leave()
        dropped = writer.end(status, error, explicit, self._closed, failure)
        diagnostics.debug("run %s: writer %s ends, %s", self.id, writer.identity.writer, status, run=self.id)
        if dropped:
            with suppress(OSError, ValueError, AttributeError):
                sys.stderr.write(f"runstore: run {self.id}: {dropped:,} points could not be kept (see `show`)\n")

    def _leave(self) -> None:
        writer, self._writer = self._writer, None
        self.__dict__.pop("log", None)
        if writer is not None:
            sampler.remove(writer)
            flusher.remove(writer)
        process.unwatch(self)

    def end_at_exit(self, error: str | None) -> None:
        """The process ends with the run still open: say how."""
        if self._writer is None:
            return
        if self._writer.ended and self._forked is not None:
            self._forked.give_up()
        else:
            self._end(FAILED if error else COMPLETED, error, explicit=False)

    # ---- forks

    def forked(self) -> None:
        """This process is a forked child: let the parent's files go; join as a writer of its own when it logs."""
        writer = self._writer
        if writer is None:
            return

        def join() -> Writer:
            who = writer.identity  # a new name at each try: nothing left of one that failed is in the way
            joined = self._new_writer(Identity.new(who.run_id, who.experiment, who.attempt, opener=False))
            self._use(joined)
            writer.points.follow(joined.points)  # for a ``log`` that was kept from before the fork
            writer.side().follow(joined.side())
            return joined

        self._forked = Forked(f"run {self.id}", self.path, join, partial(process.watch, self))
        self.log = self._forked.log  # type: ignore[method-assign]
        writer.abandon(self._forked.put_point, self._forked.put_fact, self._forked.put_record)

    # ---- shared

    def _phase(self, status: str) -> None:
        """Say what the run is at, as its opener: ``Preparing``, ``Running``; it is its status while this one lives."""
        self._record("status", {"status": status})

    def _record(self, kind: str, body: Any) -> None:
        if self._disabled:
            return
        if self._writer is None:
            from runstore.runs import edits

            if kind in edits.KINDS:
                experiment = self.experiment
                edits.record(experiment.workspace.path, self.id, experiment.name, [(kind, body)])
                return
        self._live().record(kind, body)

    def _live(self) -> Writer:
        if self._writer is None and self._may_join:
            self._join()
        if self._writer is None:
            again = f"start_run({self.experiment.name!r}, run_id={self.id!r})"
            raise RunClosed(f"run {self.id} is not open for logging; {again} resumes it")
        if self._writer.ended and self._forked is not None:
            return self._forked.writer()
        return self._writer

    def _taking(self, count: int) -> Writer | None:
        """The writer. None where runstore is disabled, and where a forked child gets none, which costs ``count``."""
        if self._disabled:
            return None
        try:
            return self._live()
        except NotWritable:
            if self._forked is None:
                raise
            self._forked.lose(count)
            return None

    def _join(self) -> None:
        """Log into a run that goes on elsewhere, as one more writer; what has ended is not begun again."""
        from runstore.runs import experiment, state

        with _joining:
            run = self._folded()
            if run.status == state.QUEUED:  # to join it would be to begin it
                raise RunClosed(f"run {self.id} is queued; it takes something when its launcher has begun it")
            if self._writer is None and run.attempts and run.status not in state.TERMINAL:
                self._open(experiment.start_fact(), run.attempts[-1].number)
                self._outside = True

    def _closed(self, line: bytes, count: int) -> None:
        raise RunClosed(f"run {self.id} has ended; start_run(..., run_id={self.id!r}) resumes it")

    @property
    def status(self) -> str:
        """The run's status now, in the words of the SDK: Queued, Running, Completed, Failed, Canceled and the like."""
        return self._folded().status

    def _folded(self) -> RunState:
        """The run by its facts, as they are now."""
        from runstore.runs import state

        return state.fold(self.path)


def _nothing(*_: Any, **__: Any) -> None:
    """What ``log`` is where runstore is disabled."""
