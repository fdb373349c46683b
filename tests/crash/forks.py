"""Jobs: processes that fork, pool and spawn while a run is open."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from tests.crash import calls, jobs
from tests.crash.template import Shared, Talk

CALLS = 200
POOL = 4


def log(run: Any, thread: int, first: int = 0) -> None:
    for i in range(first, first + CALLS):
        calls.log(run, thread, i)


def begin(path: str, run_id: str) -> Any:
    jobs.unsealed()
    run = jobs.start(path, run_id)
    log(run, 0)
    return run


def finish(run: Any) -> None:
    log(run, 0, CALLS)
    run.complete()
    os._exit(0)


def child_that(run: Any, act: Any) -> None:
    """Fork a child that does ``act`` and wait for it."""
    pid = os.fork()
    if pid == 0:
        act()
        os._exit(0)
    os.waitpid(pid, 0)


def fork_that_logs(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    """The child is one more writer of the run, though it ends without a word."""
    run = begin(path, run_id)
    child_that(run, lambda: log(run, 1))
    finish(run)


def fork_that_logs_by_a_name_kept_from_before(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    run = begin(path, run_id)
    kept = run.log

    def act() -> None:
        for i in range(CALLS):
            kept("t1.v", i * 0.1, step=i) if i % 16 in PLAIN else calls.log(run, 1, i)

    child_that(run, act)
    finish(run)


PLAIN = (0, 1, 2, 4, 5, 6, 8, 10, 12, 14)  # the calls that log "v" as i * 0.1 at step i


def fork_that_only_looks_on(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    """The child ends as a script does, by leaving through atexit: the parent's run stays open."""
    run = begin(path, run_id)
    pid = os.fork()
    if pid == 0:
        sys.exit(5)
    os.waitpid(pid, 0)
    assert run.status == "Running"
    finish(run)


def fork_that_is_killed(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    run = begin(path, run_id)

    def act() -> None:
        log(run, 1)
        os.kill(os.getpid(), signal.SIGKILL)

    child_that(run, act)
    finish(run)


def fork_of_a_fork(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    run = begin(path, run_id)

    def act() -> None:
        log(run, 1)
        child_that(run, lambda: log(run, 2))
        log(run, 1, CALLS)

    child_that(run, act)
    finish(run)


def fork_that_completes(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    """The child's complete() ends its own part only."""
    run = begin(path, run_id)

    def act() -> None:
        log(run, 1)
        run.complete()

    child_that(run, act)
    assert run.status == "Running"
    finish(run)


def forks_while_threads_log(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    """No lock is held for ever in a child, whatever the parent's threads were doing at that instant."""
    run = begin(path, run_id)
    threads = [threading.Thread(target=jobs.work, args=(run, shared, n, 6000)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for number in range(3, 3 + 12):
        child_that(run, lambda number=number: log(run, number))
    for thread in threads:
        thread.join()
    finish(run)


_pooled: Any = None


def _pool_work(thread: int) -> int:
    log(_pooled, thread)
    return os.getpid()


def fork_pool(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    """As data loaders do it: workers log into the run they inherited."""
    global _pooled
    _pooled = run = begin(path, run_id)
    processes = [multiprocessing.get_context("fork").Process(target=_pool_work, args=(n,)) for n in range(1, POOL + 1)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    finish(run)


def join(path: str, run_id: str, thread: int) -> None:
    """Join a run by its id, and log."""
    jobs.unsealed()
    run = jobs.start(path, run_id)
    log(run, thread)
    run.complete()


def spawn_pool(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    run = begin(path, run_id)
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        pool.starmap(join, [(path, run_id, thread) for thread in range(1, POOL + 1)], chunksize=1)
    finish(run)


def subprocesses(talk: Talk, shared: Shared, path: str, run_id: str) -> None:
    run = begin(path, run_id)
    script = "import sys; from tests.crash import forks; forks.join(sys.argv[1], sys.argv[2], int(sys.argv[3]))"
    argv = [sys.executable, "-c", script, path, run_id]
    for child in [subprocess.Popen([*argv, str(thread)]) for thread in (1, 2)]:
        assert child.wait() == 0
    finish(run)
