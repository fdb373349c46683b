"""A child that logs and logs, whatever happens to its disk; and what must be there in the end."""

from __future__ import annotations

import os
import resource
import threading
import time
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.errors import StoreError
from runstore.format import names
from runstore.runs import state
from tests.crash import jobs, oracle
from tests.crash.template import Child, Shared, Talk, Template, until

LOGGED, RAISED, DROPPED, SYNCED, FLUSHED = range(5)  # counters
AT_ONCE, PAUSE = 100, 0.001  # points, seconds


def job(talk: Talk, shared: Shared, path: str, run_id: str, rotate: int = 0, synced: bool = True) -> None:
    """Log the point (v, i / 10, i) for i = 0, 1, ... in a thread; do what the test says in this one."""
    if not synced:
        files.sync = files.sync_dir = lambda what: None
    jobs.small(rotate)
    jobs.unsealed()
    run = jobs.start(path, run_id)
    stop = threading.Event()
    thread = threading.Thread(target=_log, args=(run, shared, stop))
    thread.start()
    acts = {"flush": lambda: _flush(run, shared), "descriptors": _descriptors, "params": run.log_params}
    while (message := talk.receive())[0] != "stop":
        talk.send(acts[message[0]](*message[1:]))
    stop.set()
    thread.join()
    run.complete()
    talk.send([shared[LOGGED], shared[RAISED]])
    os._exit(0)


def _log(run: Any, shared: Shared, stop: threading.Event) -> None:
    writer, first = run._writer, 0
    while not stop.is_set():
        for i in range(first, first + AT_ONCE):
            try:
                run.log("v", i * 0.1, step=i)
            except Exception:  # noqa: BLE001 (whatever it is, the test fails for it)
                shared[RAISED] += 1
            shared[LOGGED] = i + 1
        first += AT_ONCE
        shared[DROPPED] = writer.stream.faults.dropped
        shared[SYNCED] = writer.stream.synced[1]
        time.sleep(PAUSE)


def _flush(run: Any, shared: Shared) -> bool:
    """Whether the disk confirmed; then FLUSHED counts the points that it holds."""
    before = shared[LOGGED]
    try:
        run.flush()
    except StoreError:
        return False
    shared[FLUSHED] = before
    return True


def _descriptors(most: int) -> int:
    """Allow so many open files more than there are; the limit that was."""
    before, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(map(int, os.listdir("/dev/fd"))) + 1
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(used + most, hard), hard))
    return before


class Logger:
    """The child, seen from the test."""

    def __init__(self, template: Template, shared: Shared, workspace: Path, errors: Path, **more: Any) -> None:
        self.shared, self.errors, self.workspace = shared, errors, workspace
        self.child: Child = template.start(job, shared, errors=errors, path=workspace, run_id="r", **more)
        self.path = workspace / names.run_dir("r")

    def reach(self, more: int = 3000, counter: int = LOGGED) -> int:
        """Wait till so much more has been counted; the count."""
        goal = self.shared[counter] + more
        until(lambda: self.shared[counter] >= goal, f"counter {counter} to reach {goal}")
        return self.shared[counter]

    def kept_again(self) -> int:
        """Wait till no point is dropped any more; how many were logged then."""
        while True:
            before = self.shared[DROPPED]
            self.reach(2000)
            if self.shared[DROPPED] == before:
                return self.shared[LOGGED]

    def stop(self) -> int:
        """Have the run completed; how many points were logged. None of the calls has raised."""
        logged, raised = self.child.ask("stop")
        assert self.child.wait() == 0
        assert raised == 0
        return int(logged)

    def found(self, whole: bool = True) -> list[int]:
        """The steps that are there, each once, in order, the values exact."""
        points = [point for own in oracle.decoded(self.path, whole).values() for point in own]
        assert all(name == "v" and value == repr(step * 0.1) for _, name, step, value in points)
        steps = [step for _, _, step, _ in points]
        assert steps == sorted(set(steps))
        return steps

    def check(self, logged: int, first: int, last: int) -> int:
        """All that is missing was dropped between the calls ``first`` and ``last``; give how many, as counted."""
        found = self.found()
        missing = sorted(set(range(logged)) - set(found))
        assert found == [] or found[-1] < logged
        folded = state.fold(self.path)
        assert folded.damaged == []
        assert len(missing) == folded.dropped == sum(writer.dropped for writer in folded.writers)
        assert missing == [] or (missing[0] >= first and missing[-1] < last)
        assert oracle.agree(self.workspace, ["r"])
        oracle.sound(self.workspace)
        return len(missing)

    def warnings(self) -> list[str]:
        return [line for line in self.errors.read_text().splitlines() if line.startswith("runstore:")]
