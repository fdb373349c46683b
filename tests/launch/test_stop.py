"""A launcher is told to end by signals, and only by some."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from runstore.launch.stop import Stop


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    kept = {name: signal.getsignal(getattr(signal, name)) for name in ("SIGTERM", "SIGINT", "SIGHUP")}
    yield
    for name, handler in kept.items():
        signal.signal(getattr(signal, name), handler)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_to_end_is_told_by_its_name(name: str) -> None:
    stop = Stop()
    stop.install()
    assert not stop()
    os.kill(os.getpid(), getattr(signal, name))
    assert stop(60.0) and stop.signal == name


def test_the_terminal_closing_is_no_signal_to_end() -> None:
    stop = Stop()
    stop.install()
    os.kill(os.getpid(), signal.SIGHUP)
    assert not stop(0.05)


def test_waiting_ends_when_it_is_told() -> None:
    stop = Stop()
    stop.signal = "SIGTERM"
    began = time.monotonic()
    assert stop(600.0)
    assert time.monotonic() - began < 300


def test_what_is_started_meanwhile_inherits_no_handler() -> None:
    Stop().install()
    program = "import signal; print(*(signal.getsignal(s) == signal.SIG_IGN for s in (signal.SIGHUP, signal.SIGINT)))"
    assert subprocess.check_output([sys.executable, "-c", program], text=True) == "False False\n"
