"""The one thread that looks at the machine for all open runs of a process.

It takes the first sample a second after the first start, so a short run pays nothing and imports nothing, then one
every ten seconds (``RUNSTORE_SYSTEM_INTERVAL``), and a last one when a run ends. It ends with the last run. It needs
psutil (the extra ``system``); without, or with ``RUNSTORE_SYSTEM=0``, nothing is sampled. Nothing it meets may reach
the training.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from threading import Event, Lock, RLock, Thread
from typing import TYPE_CHECKING, Protocol

from runstore.disk.capabilities import CAN
from runstore.errors import RunClosed

if TYPE_CHECKING:
    from runstore.runs.system import Machine

FIRST, EVERY = 1.0, 10.0  # seconds
PATIENCE = 0.1  # seconds that the end of a run waits for its last sample


class Taker(Protocol):
    """What takes samples."""

    def system(self, sample: Mapping[str, float]) -> None:
        """Keep one."""


class Sampled(Protocol):
    """What is needed of a writer."""

    directory: Path

    def side(self) -> Taker:
        """What takes its samples."""


_writers: list[Sampled] = []
_sampled: list[Sampled] = []  # those of them that have a sample
_leaving: list[tuple[Sampled, Event]] = []
_lock = RLock()  # a signal handler may end a run while its own thread is here
_wake = Event()
_thread: Thread | None = None
_absent = False
_loading = Lock()
_guarded = False


def interval() -> float:
    """Seconds between two samples, from the environment."""
    try:
        given = float(os.environ.get("RUNSTORE_SYSTEM_INTERVAL", ""))
    except ValueError:
        return EVERY
    return given if 0 < given < float("inf") else EVERY


def add(writer: Sampled) -> None:
    """Sample for a writer from now on, unless it is switched off."""
    global _thread
    if _absent or os.environ.get("RUNSTORE_SYSTEM") == "0":
        return
    with _lock:
        _writers.append(writer)
        if _thread is None:
            try:
                _thread = Thread(target=_run, name="runstore-sampler", daemon=True)
                _thread.start()
            except RuntimeError:  # no thread to be had: a later run may get one
                _thread = None


def remove(writer: Sampled) -> None:
    """Stop sampling for a writer; it gets a last sample if it had any."""
    done = None
    with _lock:
        if writer not in _writers:
            return
        _writers.remove(writer)
        if writer in _sampled:
            _sampled.remove(writer)
            done = Event()
            _leaving.append((writer, done))
        if done is not None or not _writers:
            _wake.set()
    if done is not None:
        done.wait(PATIENCE)


def forget() -> None:
    """In a forked child: the thread is not here, the writers are the parent's."""
    global _writers, _sampled, _leaving, _lock, _wake, _thread
    _writers, _sampled, _leaving, _lock, _wake, _thread = [], [], [], RLock(), Event(), None


def _run() -> None:
    global _absent, _thread
    due = time.monotonic() + FIRST
    machine: Machine | None = None
    reported = False
    while True:
        with _lock:
            if not _writers and not _leaving:
                _thread = None
                return
        _wake.wait(max(due - time.monotonic(), 0))
        _wake.clear()
        with _lock:
            writers, leaving = list(_writers), list(_leaving)
            _leaving.clear()
        try:
            if writers and time.monotonic() >= due:
                due = time.monotonic() + interval()
                machine = machine or _machine()
                _take(machine, writers)
                with _lock:
                    _sampled[:] = [writer for writer in _writers if writer in writers or writer in _sampled]
            if machine is not None and leaving:
                _take(machine, [writer for writer, _ in leaving])
        except ImportError:
            with _lock:
                _absent, _thread = True, None
                _writers.clear()
            return
        except Exception as problem:  # noqa: BLE001 - whatever it is, training goes on, and the next sample may do
            if not reported:
                reported = True
                sys.stderr.write(f"runstore: sampling the machine failed ({problem!r}); logging goes on\n")
        finally:
            for _, done in leaving:
                done.set()


def _machine() -> Machine:
    """Begin to look at the machine.

    Raises:
        ImportError: psutil is not installed.
    """
    global _guarded
    if CAN.fork and not _guarded:  # a child that is forked amid an import could never import that module
        os.register_at_fork(before=_loading.acquire, after_in_parent=_loading.release, after_in_child=_loading.release)
        _guarded = True
    with _loading:
        from runstore.runs import gpus
        from runstore.runs.system import Machine

        gpus.load()
    return Machine()


def _take(machine: Machine, writers: list[Sampled]) -> None:
    """Give every writer a sample of now; one that has ended meanwhile needs none."""
    sample = machine.sample()
    for writer in writers:
        try:
            writer.side().system({**sample, **machine.space(writer.directory)})
        except RunClosed:
            continue
