"""One push on its way: runs side by side, parents before those that were started under them.

What is wrong with one run keeps no other; where nothing more can be asked, no other is tried.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from threading import Lock

from runstore.disk import block
from runstore.errors import Refused, RunstoreError, Unreachable
from runstore.format import names
from runstore.query import listing
from runstore.query.connect import connect
from runstore.runs import tombstones
from runstore.runs.state import RunState
from runstore.sync.choice import Choice
from runstore.sync.mlflow import one, pushing
from runstore.sync.mlflow.cursor import Cursors, Entry
from runstore.sync.mlflow.one import Ready, Way
from runstore.sync.mlflow.server import NoEntry, Server
from runstore.sync.mlflow.there import Catalog
from runstore.sync.push import Progress, Pushed
from runstore.sync.retry import Patience

PREFIX = "RUNSTORE_MLFLOW_PREFIX"  # stands before the names of experiments, where these must be paths
SAVED = 64  # runs, after which the cursors are put on disk
GLANCE = Patience(total=5.0)
Given = tuple[RunState, str]  # a run and the signature of its directory


def greet(server: Server) -> None:
    """Ask whether anybody is there.

    Raises:
        Unreachable: nobody answers.
        Refused: who asks may not, or it is no tracking server.
    """
    answer = server.sure("experiments/search", {"max_results": 1})
    if not isinstance(answer.get("experiments", []), list):
        raise Refused(f"{server.url}: the answer is none of MLflow's; is this the address of a tracking server?")


class Course:
    """One push."""

    def __init__(
        self, workspace: Path, server: Server, cursors: Cursors, choice: Choice, verify: bool,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        self._workspace, self._server, self._cursors, self._choice = workspace, server, cursors, choice
        self._verify, self._progress = verify, progress
        self._done, self._lock, self._expected, self._since = Pushed(), Lock(), 0, 0
        self._down: RunstoreError | None = None  # why nothing more can be asked
        self._way: Way | None = None
        self._orphans = False  # whether a run waits for its parent
        self._opened = ExitStack()

    def look(self, paths: Iterable[tuple[Path, str]]) -> Pushed:
        """What would be sent of these runs."""
        for found, _ in self._fold(paths):
            if found.deleted is None:
                seen = self._ready(found)
                if seen is not None and not seen.nothing:
                    self._done.sent_segments += seen.requests
                    self._done.sent_bytes += seen.size
                    self._report(seen)
        return self._done

    def push(self, paths: Iterable[tuple[Path, str]], deletes: bool, jobs: int) -> Pushed:
        """Send what lacks of these runs; see ``pushing.push``."""
        blocks = frozenset(name for name, _ in pushing.blocks(self._workspace))
        found = self._fold(paths)
        gone = [*self._gone()] if deletes else []
        going = [(run, signature) for run, signature in found if run.deleted is None]
        with self._opened, ThreadPoolExecutor(jobs) as pool:
            try:
                for level in _levels(going):
                    connect()  # before the threads: it is made once in a process
                    for _ in pool.map(self._send, level):
                        pass
                for key in gone:
                    self._delete(key)
            except BaseException:
                pool.shutdown(wait=True, cancel_futures=True)
                raise
        self._leave(found)
        if self._choice.all_runs and not self._done.failed and not self._done.partial and not self._orphans:
            still = {name for name in self._cursors.blocks if name.partition("-")[0] in blocks}
            self._cursors.whole(frozenset(still | {name + self._choice.mark for name in blocks}))
        self._cursors.save()
        if self._down is not None and not self._done.ok and not self._done.partial:
            raise self._down
        return self._done

    def _fold(self, paths: Iterable[tuple[Path, str]]) -> list[Given]:
        """Those of the runs that are chosen."""
        found = []
        for path, now in paths:
            try:
                run = one.fold(path)
            except (RunstoreError, OSError) as problem:
                self._done.failed[path.name] = str(problem)
                continue
            if self._choice.run(run.run_id, run.experiment):
                found.append((run, now))
        return found

    # ---- one run

    def _ready(self, run: RunState) -> Ready | None:
        try:
            entry = self._cursors.run(block.key(run.path))
            return one.ready(self._workspace, run, entry, self._choice, self._parent(run))
        except (RunstoreError, OSError) as problem:
            with self._lock:
                self._done.failed[run.run_id] = str(problem)
            return None

    def _parent(self, run: RunState) -> str:
        """MLflow's id of a run's parent; empty where that is not known there."""
        if not run.parent_id:
            return ""
        entry = self._cursors.run(block.key(self._workspace / names.run_dir(run.parent_id)))
        return entry.there if entry is not None else ""

    def _send(self, given: Given) -> None:
        run, now = given
        seen = self._ready(run)
        if seen is None:
            return
        if not seen.nothing or self._verify:
            way = self._reach()
            if way is None:
                with self._lock:
                    self._done.failed[run.run_id] = str(self._down)
                return
            if not self._sent_all(way, seen):
                return
        seen.entry.signature = now + self._choice.mark if now and not seen.trouble else ""
        self._orphans |= seen.entry.orphan
        if seen.entry != self._cursors.run(seen.key):
            self._note(seen)
        self._report(seen)

    def _leave(self, found: list[Given]) -> None:
        """Note that nothing more is to be sent of what is deleted here."""
        for run, now in found:
            if run.deleted is not None:
                key = block.key(run.path)
                entry = self._cursors.run(key) or Entry()
                self._cursors.note(key, replace(entry, signature=now, orphan=False))

    def _sent_all(self, way: Way, seen: Ready) -> bool:
        """Send what lacks of a run; whatever happens, what has arrived is noted."""
        with self._lock:
            self._expected += seen.size
        try:
            requests = way.send(seen)
        except (RunstoreError, OSError) as problem:
            self._failed(seen, problem)
            return False
        except BaseException:
            self._cut(seen)
            raise
        with self._lock:
            self._done.sent_segments += requests
        return True

    def _cut(self, seen: Ready) -> None:
        seen.entry.signature, seen.entry.sure = "", False
        self._note(seen)

    def _failed(self, seen: Ready, problem: Exception) -> None:
        self._cut(seen)
        with self._lock:
            self._done.failed[seen.run.run_id] = str(problem)
        if isinstance(problem, NoEntry):
            self._down = problem
        elif isinstance(problem, Unreachable):
            try:
                brief = copy.copy(self._server)
                brief.patience = GLANCE
                greet(brief)
            except Unreachable:
                self._down = problem

    def _reach(self) -> Way | None:
        """The way to the server; None where nothing more can be asked."""
        with self._lock:
            if self._way is None:
                self._done.asked = True
                cut_off = self._opened.enter_context(self._cursors.open())
                prefix = os.environ.get(PREFIX, "")
                catalog = Catalog(self._server)
                self._way = Way(self._workspace, self._server, catalog, prefix, cut_off, self._verify, self._sent)
            return self._way if self._down is None else None

    def _note(self, seen: Ready) -> None:
        self._cursors.note(seen.key, seen.entry)
        with self._lock:
            self._since += 1
            save, self._since = self._since >= SAVED, self._since % SAVED
        if save:
            self._cursors.save()

    def _report(self, seen: Ready) -> None:
        with self._lock:
            if seen.trouble:
                self._done.partial[seen.run.run_id] = "; ".join(seen.trouble)
            else:
                self._done.ok.append(seen.run.run_id)

    def _sent(self, size: int) -> None:
        with self._lock:
            self._done.sent_bytes += size
            done, expected = self._done.sent_bytes, max(self._expected, self._done.sent_bytes)
        if self._progress is not None:
            self._progress(done, expected)

    # ---- what is deleted here

    def _gone(self) -> Iterator[str]:
        """The runs that are there and deleted here."""
        deleted = [run for run in listing.every(self._workspace) if run.deleted is not None]
        keys = [block.key(run.path) for run in deleted if self._choice.run(run.run_id, run.experiment)]
        keys += [
            block.key(self._workspace / names.run_dir(run_id))
            for run_id, body in tombstones.every(self._workspace).items()
            if self._choice.run(run_id, str(body["experiment"]))
        ]
        for key in dict.fromkeys(keys):
            entry = self._cursors.run(key)
            if entry is not None and entry.there and entry.told != _DELETED:
                yield key

    def _delete(self, key: str) -> None:
        entry = self._cursors.run(key)
        if entry is None or self._reach() is None:
            return
        try:
            one.delete(self._server, entry)
        except RunstoreError as problem:
            self._done.failed[key] = str(problem)
            return
        self._cursors.note(key, replace(entry, told=_DELETED))


_DELETED = "deleted"


def _levels(found: list[Given]) -> Iterator[list[Given]]:
    """Those first whose parent is not among the others, then those under them, and so on."""
    left = {run.run_id: (run, now) for run, now in found}
    while left:
        level = [given for given in left.values() if given[0].parent_id not in left] or [*left.values()]
        yield level
        for run, _ in level:
            del left[run.run_id]
