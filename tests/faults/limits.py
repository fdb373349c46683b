"""Jobs: children that may not do all that they would."""

from __future__ import annotations

import errno
import os
import resource
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from runstore.disk import files
from runstore.errors import RunstoreError
from runstore.launch.workspace import Workspace, start_run
from runstore.query import check
from tests.crash import jobs
from tests.crash.template import Shared, Talk

POINTS = 3000
NOBODY = 65534


@contextmanager
def descriptors(more: int = 0) -> Iterator[None]:
    """Allow no more than so many new open files."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    free = os.dup(0)  # the lowest number there is
    os.close(free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (free + more, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def _log(run: Any, first: int, last: int) -> None:
    for i in range(first, last):
        run.log("v", i * 0.1, step=i)


def kept_again(run: Any, first: int) -> int:
    """Log till a hundred points in a row are kept; the number after them."""
    faults = run._writer.stream.faults
    while True:
        before = faults.dropped
        _log(run, first, first + 100)
        first += 100
        if faults.dropped == before:
            return first
        time.sleep(0.01)


def no_descriptors_for_the_first_point(talk: Talk, shared: Shared, path: str) -> None:
    jobs.unsealed()
    run = jobs.start(path, "r")
    with descriptors():
        _log(run, 0, POINTS)
    first = kept_again(run, POINTS)
    _log(run, first, first + POINTS)
    run.complete()
    talk.send([0, first - 1, first + POINTS])
    os._exit(0)


def no_descriptors_for_the_next_journal(talk: Talk, shared: Shared, path: str) -> None:
    jobs.small(1 << 14)
    jobs.unsealed()
    run = jobs.start(path, "r")
    _log(run, 0, 100)
    with descriptors():
        _log(run, 100, POINTS)
        run.log_params({"still": "kept"})
    first = kept_again(run, POINTS)
    _log(run, first, first + POINTS)
    run.complete()
    talk.send([100, first - 1, first + POINTS])
    os._exit(0)


def no_quota_for_a_while(talk: Talk, shared: Shared, path: str) -> None:
    jobs.small(1 << 14)
    jobs.unsealed()
    spent = [False]
    for name in ("write", "allocate", "create"):
        real = getattr(files, name)

        def call(*arguments: Any, real: Any = real, **named: Any) -> Any:
            if spent[0]:
                raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
            return real(*arguments, **named)

        setattr(files, name, call)
    run = jobs.start(path, "r")
    _log(run, 0, 500)
    spent[0] = True
    _log(run, 500, POINTS)
    spent[0] = False
    first = kept_again(run, POINTS)
    _log(run, first, first + POINTS)
    run.complete()
    talk.send([500, first - 1, first + POINTS])
    os._exit(0)


def start_without_descriptors(talk: Talk, shared: Shared, path: str, more: int) -> None:
    Workspace(path)
    jobs.unsealed()
    with descriptors(more):
        talk.send(_refusal(path))
    _log(start_run("e", run_id="later", workspace=path), 0, 10)


def start_and_read(talk: Talk, shared: Shared, path: str, user: int | None, new: str) -> None:
    """Read everything there is; try to start a run, to go on with one, and to make a workspace."""
    if user is not None:
        _read(path)  # loads every module as long as that is allowed
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    ((run_id,),) = Workspace(path).sql("select run_id from runs").fetchall()
    told = {"start": _refusal(path), "resume": _refusal(path, run_id=run_id), "new": _refusal(new)}
    talk.send({**told, "read": _read(path), "check": [str(found) for found in check.check(Path(path))]})
    os._exit(0)


def _read(path: str) -> str:
    ws = Workspace(path)
    views = ("runs", "metrics", "params", "artifacts", "metric_summary")
    answers = [ws.sql(f"select * from {view}").fetchall() for view in views]
    runs = [ws.get_run(run_id) for (run_id,) in ws.sql("select run_id from runs").fetchall()]
    return repr([answers, [(run.get_metrics(), run.status, run.params) for run in runs]])


def _refusal(path: str, **more: Any) -> list[str] | None:
    """Class and message of what ``start_run`` raises."""
    try:
        start_run("another", workspace=path, **more)
    except RunstoreError as problem:
        return [type(problem).__name__, str(problem)]
    return None
