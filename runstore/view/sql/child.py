"""The process that answers what a page asks in SQL, one question after another.

Run as ``python -m runstore.view.sql.child WORKSPACE DIRECTORY LIMITS``: the directory is its own, for what does not fit
into memory; the limits are a JSON list. Questions come on its standard input, answers go to its standard output, and
when the input ends so does the process. Whoever started it ends it where it takes too long.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import orjson

from runstore.errors import RunstoreError
from runstore.query import locked
from runstore.view.sql import exchange
from runstore.view.sql.limits import Limits

ANSWERS = 200  # of one process: whatever a statement may leave behind in it ends with it
IDLE = 600.0  # seconds without a question; whoever asks then starts another process
OVERDUE = 3  # what it ends with where nobody has ended it
GRACE = 10.0  # seconds that whoever started it has to do so
_QUESTION = 8 << 20
_WARNINGS, _LONG = 20, 500


def main(argv: Sequence[str]) -> int:
    """Answer until there are no more questions."""
    workspace, directory, limits = Path(argv[0]), Path(argv[1]), Limits(*json.loads(argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is meant for the server, which ends this one
    questions, answers = os.fdopen(0, "rb"), _own_output()
    try:
        locked.confine(limits.memory)
        exchange.send(answers, b"{}")
        for _ in range(ANSWERS):
            with _no_longer_than(IDLE, 0):
                query, rows = exchange.question(exchange.receive(questions, _QUESTION))
            with _no_longer_than(limits.seconds + GRACE, OVERDUE):
                body, sound = answered(workspace, directory, limits, query, rows)
            exchange.send(answers, body)
            if not sound:
                break
    except (EOFError, OSError, ValueError):  # nobody asks any more
        pass
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


def answered(workspace: Path, directory: Path, limits: Limits, query: str, rows: int) -> tuple[bytes, bool]:
    """The answer to one question, and whether this process may answer more; if not, ``last`` says so."""
    allowed = locked.Allowed(min(rows, limits.rows), limits.size, limits.seconds, limits.memory, limits.spill)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            found = locked.answer(workspace, query, allowed, directory)
        except RunstoreError as problem:
            return _refused(str(problem), str(problem) != locked.large(limits.memory))
        except MemoryError:
            return _refused(locked.large(limits.memory), False)
        except Exception as problem:  # noqa: BLE001  a page is told, and nobody else listens here
            what = " ".join(f"{type(problem).__name__}: {problem}".split())
            return _refused(f"the statement could not be answered: {what}", False)
    head = {"columns": found.columns, "truncated": found.truncated, "warnings": _lines(told)}
    return orjson.dumps(head)[:-1] + b',"rows":[' + b",".join(found.rows) + b"]}", True


def _refused(what: str, sound: bool) -> tuple[bytes, bool]:
    return orjson.dumps({"error": what} if sound else {"error": what, "last": True}), sound


def _lines(told: Sequence[warnings.WarningMessage]) -> list[str]:
    lines = dict.fromkeys(" ".join(str(one.message).split())[:_LONG] for one in told)
    return [*lines][:_WARNINGS]


def _own_output() -> IO[bytes]:
    """The standard output for answers only: what anything else prints goes nowhere."""
    own = os.dup(1)
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.close(null)
    return os.fdopen(own, "wb")


@contextmanager
def _no_longer_than(seconds: float, code: int) -> Iterator[None]:
    """End this process where the block lasts longer."""
    timer = threading.Timer(seconds, os._exit, (code,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
