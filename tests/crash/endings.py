"""Jobs: one run each, ended in every way a process can end."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from tests.crash import calls, jobs
from tests.crash.template import Shared, Talk

CALLS = 50


def end(talk: Talk, shared: Shared, path: str, run_id: str, how: str) -> None:
    """Log a little, say so, and end as the function of that name below does."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
    jobs.unsealed()
    run = jobs.start(path, run_id)
    for i in range(CALLS):
        calls.log(run, 0, i)
    globals()[how](run, talk)


def returns(run: Any, talk: Talk) -> None:
    pass


def exits_with_0(run: Any, talk: Talk) -> None:
    sys.exit(0)


def exits_with_3(run: Any, talk: Talk) -> None:
    sys.exit(3)


def exits_with_a_text(run: Any, talk: Talk) -> None:
    sys.exit("no such file")


def quits_with_3(run: Any, talk: Talk) -> None:
    exit(3)


def exits_with_3_and_is_caught(run: Any, talk: Talk) -> None:
    try:
        sys.exit(3)
    except SystemExit:
        return


def exits_with_3_in_a_thread(run: Any, talk: Talk) -> None:
    thread = threading.Thread(target=sys.exit, args=(3,))
    thread.start()
    thread.join()


def raises_system_exit_in_a_block(run: Any, talk: Talk) -> None:
    with run:
        raise SystemExit(3)


def raises(run: Any, talk: Talk) -> None:
    raise ValueError("bad learning rate")


def raises_in_a_block(run: Any, talk: Talk) -> None:
    with run:
        raise ValueError("bad learning rate")


def raises_in_a_thread(run: Any, talk: Talk) -> None:
    thread = threading.Thread(target=raises, args=(run, talk))
    thread.start()
    thread.join()


def is_signalled(run: Any, talk: Talk) -> None:
    talk.send("ready")
    while True:
        time.sleep(0.01)  # ``signal.pause()`` sleeps for ever if the signal came while this thread waited for the GIL


def is_signalled_and_says_so(run: Any, talk: Talk) -> None:
    run.end_on_signal(signal.SIGTERM, signal.SIGHUP)
    is_signalled(run, talk)


def is_signalled_while_logging_and_says_so(run: Any, talk: Talk) -> None:
    run.end_on_signal()
    talk.send("ready")
    for i in range(CALLS, 1 << 40):
        calls.log(run, 0, i)


def had_its_own_handler(run: Any, talk: Talk) -> None:
    """The handler that was there before is called, and ends the process its own way."""
    before: Callable[..., None] = lambda *_: sys.exit(7)  # noqa: E731
    signal.signal(signal.SIGTERM, before)
    run.end_on_signal()
    is_signalled(run, talk)


def leaves_at_once(run: Any, talk: Talk) -> None:
    os._exit(0)


def aborts(run: Any, talk: Talk) -> None:
    os.abort()
