"""The process that answers what strangers ask, one question after another: statements, and questions to the feed.

Run as ``python -m runstore.view.sql.child WORKSPACE DIRECTORY LIMITS [TARGETS]``: the directory is its own, for what
does not fit into memory; the limits are a JSON list; answers that are files go below TARGETS. Questions come on its
standard input, answers go to its standard output, and when the input ends so does the process. Whoever started it ends
it where it takes too long; SIGUSR1 stops the question it works on.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import IO

import orjson

from runstore.errors import QueryError, RunstoreError
from runstore.query import locked, stopping
from runstore.query.stopping import Stop
from runstore.query.workspace import Workspace
from runstore.view.server.questions import answering
from runstore.view.sql import exchange
from runstore.view.sql.exchange import Answer, Question
from runstore.view.sql.limits import Limits

ANSWERS = 200  # statements of one process: whatever they may leave behind in it ends with it
IDLE = 600.0  # seconds without a question; whoever asks then starts another process
OVERDUE = 3  # what it ends with where nobody has ended it
GRACE = 10.0  # seconds that whoever started it has to do so
_QUESTION = 32 << 20
_WARNINGS, _LONG = 20, 500
_JSON = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS


def main(argv: Sequence[str]) -> int:
    """Answer until there are no more questions."""
    workspace, directory, limits = Path(argv[0]), Path(argv[1]), Limits(*json.loads(argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is meant for the server, which ends this one
    questions, answers = os.fdopen(0, "rb"), _own_output()
    try:
        locked.confine(limits.memory, [*locked.data(workspace), directory, *map(Path, argv[3:])])
        exchange.send(answers, b"{}")
        left = ANSWERS
        while left:
            with _no_longer_than(IDLE, 0):
                question = exchange.load(exchange.receive(questions, _QUESTION))
            with _no_longer_than(question.seconds + GRACE, OVERDUE):
                answer, sound = _stoppable(workspace, directory, limits, question)
            exchange.send(answers, orjson.dumps(answer.head), answer.body)
            left = 0 if not sound else left - (not question.asked)
    except (EOFError, OSError, ValueError, TypeError):  # nobody asks any more
        pass
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    return 0


def _stoppable(workspace: Path, directory: Path, limits: Limits, question: Question) -> tuple[Answer, bool]:
    """Answer in another thread, so that this one hears the signal."""
    stop = Stop()
    if hasattr(signal, "SIGUSR1"):
        signal.signal(signal.SIGUSR1, lambda *_: stop.now())

    def work() -> tuple[Answer, bool]:
        with stop.of_this_thread():
            return answered(workspace, directory, limits, question)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def answered(workspace: Path, directory: Path, limits: Limits, question: Question) -> tuple[Answer, bool]:
    """The answer to one question, and whether this process may answer more; if not, ``last`` says so."""
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        try:
            if question.asked:
                answer = _from_feed(workspace, question)
            else:
                answer = _from_statement(workspace, directory, limits, question)
        except RunstoreError as problem:
            return _refused(str(problem), type(problem).__name__, str(problem) != locked.large(limits.memory))
        except Exception as problem:  # noqa: BLE001  nobody else listens here
            if stopping.over():
                return _refused(stopping.OVER, QueryError.__name__, True)
            if (refusal := locked.refusal(problem, limits.memory)) is not None:
                return _refused(refusal, QueryError.__name__, refusal != locked.large(limits.memory))
            return Answer({"unexpected": traceback.format_exc(), "last": True}), False
    return Answer({**answer.head, "warnings": _lines(noted)}, answer.body), True


def _from_statement(workspace: Path, directory: Path, limits: Limits, question: Question) -> Answer:
    allowed = locked.Allowed(
        min(question.rows, limits.rows), limits.size, question.seconds, limits.memory, limits.spill
    )  # fmt: skip
    found = locked.answer(workspace, question.query, allowed, directory)
    head = {"columns": found.columns, "truncated": found.truncated}
    return Answer({}, orjson.dumps(head)[:-1] + b',"rows":[' + b",".join(found.rows) + b"]}")


def _from_feed(workspace: Path, question: Question) -> Answer:
    target = {"target": Path(question.target)} if question.target else {}
    with _in_time(question.seconds):
        answer = answering(question.asked)(_opened(workspace), **target, **(question.arguments or {}))
    if question.target:
        return Answer({"name": answer.name, "media_type": answer.media_type, "size": answer.size})
    return Answer({}, answer if isinstance(answer, bytes) else orjson.dumps(answer, option=_JSON))


@lru_cache(maxsize=1)
def _opened(workspace: Path) -> Workspace:
    return Workspace(workspace, create=False)


@contextmanager
def _in_time(seconds: float) -> Iterator[None]:
    """Stop what this thread asks when the time is over.

    Raises:
        QueryError: it was.
    """
    late, stop = threading.Event(), Stop()

    def end() -> None:
        late.set()
        stop.now()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        with stopping.ending(stop.now), stop.of_this_thread():
            yield
    except Exception:
        if late.is_set():
            raise QueryError(locked.slow(seconds)) from None
        raise
    finally:
        timer.cancel()


def _refused(text: str, kind: str, sound: bool) -> tuple[Answer, bool]:
    head = {"error": text, "kind": kind}
    return Answer(head if sound else {**head, "last": True}), sound


def _lines(noted: Sequence[warnings.WarningMessage]) -> list[str]:
    lines = dict.fromkeys(" ".join(str(each.message).split())[:_LONG] for each in noted)
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
