"""One child that answers, as the server sees it: started, asked, and ended where it takes too long or has broken."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import orjson

from runstore.errors import QueryError
from runstore.view.sql import exchange
from runstore.view.sql.exchange import Answer, Question
from runstore.view.sql.limits import Limits

GRACE = 2.0  # seconds after its time for a child to stop by itself, so that it can go on answering
STARTING = 60.0  # seconds until a child has loaded what it needs, on a busy machine
_CANCELS = 2
_BESIDE = 16 << 20  # bytes of an answer that are no rows: names and types of columns, warnings
_KEPT = (
    "PATH", "LANG", "LC_ALL", "LC_CTYPE", "SYSTEMROOT", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
    "RUNSTORE_CAPABILITIES",
)  # fmt: skip


class Retired(Exception):
    """The child has ended without having begun to answer; another one can be asked."""


class Child:
    """A process that answers one question at a time."""

    def __init__(self, workspace: Path, limits: Limits, targets: Path | None = None) -> None:
        """Start it. ``targets``: the directory below which answers that are files go.

        Raises:
            QueryError: it can't be started.
        """
        if getattr(sys, "frozen", False) or not sys.executable:  # the executable is the user's program
            raise QueryError("no process that answers can be started: there is no Python interpreter of its own")
        self._limits, self._ready, self._late, self._cancels = limits, False, False, 0
        self._directory = tempfile.mkdtemp(prefix="runstore-sql-")
        argv = [sys.executable, "-m", "runstore.view.sql.child", str(workspace.absolute()), self._directory]
        argv += [json.dumps(limits), *([str(targets)] if targets is not None else [])]
        try:
            self._process = subprocess.Popen(
                argv,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=_environment(self._directory),
                cwd=self._directory,
            )
        except OSError as problem:
            shutil.rmtree(self._directory, ignore_errors=True)
            raise QueryError(f"the process that answers could not be started: {problem}") from None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def living(self) -> bool:
        """Whether it can still be asked."""
        return self._process.poll() is None

    def ask(self, question: Question) -> Answer:
        """Ask one question and wait for the answer; a child that raises has ended.

        Raises:
            QueryError: it took too long, or the child has broken.
            Retired: the child has ended before.
        """
        try:
            if not self._ready:
                self._in_time(STARTING, b"", self._receive_start)
                self._ready = True
            self._cancels = 0
            answer = self._in_time(question.seconds + GRACE, exchange.dump(question), self._receive_answer)
        except (OSError, EOFError):
            self._leave()
            raise self._why(self._ready and self._process.returncode == 0) from None
        except ValueError:
            self.end()
            raise self._why() from None
        except BaseException:
            self.end()
            raise
        if answer.head.pop("last", False):
            self.end()
        return answer

    def _receive_start(self, pipe: IO[bytes]) -> Answer:
        return Answer({}, exchange.receive(pipe, exchange.HEAD))

    def _receive_answer(self, pipe: IO[bytes]) -> Answer:
        head = orjson.loads(exchange.receive(pipe, exchange.HEAD))
        if not isinstance(head, dict):
            raise ValueError("no answer")
        return Answer(head, exchange.receive(pipe, max(self._limits.size + _BESIDE, self._limits.frame)))

    def _in_time(self, seconds: float, question: bytes, receive: Callable[[IO[bytes]], Answer]) -> Answer:
        """Send what there is to be sent and wait for what comes; when the time is over the child is ended.

        Raises:
            OSError, EOFError, ValueError: nothing came, or no answer.
        """
        pipes = self._process.stdin, self._process.stdout
        if pipes[0] is None or pipes[1] is None:
            raise EOFError("no pipes")
        timer = threading.Timer(seconds, self._end_late)
        timer.daemon = True
        timer.start()
        try:
            if question:
                exchange.send(pipes[0], question)
            return receive(pipes[1])
        finally:
            timer.cancel()

    def _end_late(self) -> None:
        self._late = True
        self._process.kill()

    def _leave(self) -> None:
        """Give a child that has closed its pipes the time to go by itself, so that it can be told how it went."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(GRACE)
        self.end()

    def _why(self, in_peace: bool = False) -> Exception:
        """What to say of a child that has ended."""
        code = self._process.returncode
        if self._late and self._ready:
            limit = f"{self._limits.seconds:g} s"
            return QueryError(f"the statement took longer than {limit} and was ended; ask for less")
        if self._late:
            return QueryError("the process that answers did not start in time; ask again")
        if in_peace:
            return Retired()
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return QueryError(f"the process that answers has broken ({how}) and was started anew; ask for less")

    def cancel(self) -> None:
        """Stop the question that it works on, at the third call the whole process. Safe from any thread."""
        self._cancels += 1
        if self._cancels > _CANCELS or not self._ready or not hasattr(signal, "SIGUSR1"):
            self._process.kill()
        else:
            self._process.send_signal(signal.SIGUSR1)

    def end(self) -> None:
        """End it now, whatever it does, and remove what it has left."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what was not sent yet has nobody to go to
                    pipe.close()
        shutil.rmtree(self._directory, ignore_errors=True)


def _environment(directory: str) -> dict[str, str]:
    """What a child needs to start; no secret of the server's is among it, and temporary files lie where they go."""
    package = str(Path(__file__).resolve().parents[3])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    places = {"TMPDIR": directory, "TEMP": directory, "TMP": directory, "HOME": directory, "USERPROFILE": directory}
    # without the safe path a file in the current directory could stand in for any module
    return {**kept, **places, "PYTHONPATH": os.pathsep.join(paths), "PYTHONSAFEPATH": "1"}
