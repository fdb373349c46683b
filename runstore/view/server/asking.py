"""One workspace, asked by a page: a few questions at a time, each in a thread of its own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from runstore.errors import NotAWorkspace
from runstore.query.stopping import Stop
from runstore.runs import workspace
from runstore.view.server import answers, arguments, figures, questions, tickets
from runstore.view.server.copies import Copies
from runstore.view.server.problems import Problem
from runstore.view.server.questions import FILE, ZIP, Question
from runstore.view.sql.questions import Questions

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

T = TypeVar("T")
CURSOR = "runstore-cursor"
_AT_ONCE = 6  # questions; DuckDB itself uses every processor for each
_AGAIN = 0.5  # seconds
_UNHEARD = "nobody waits for the answer"


class Asking:
    """Answers with what the feed says of the workspace that it was given."""

    def __init__(
        self, ws: Workspace, look: Callable[[], object] = bool, cursor: Callable[[], str | None] = str
    ) -> None:
        """Nothing is asked yet.

        Args:
            ws: the workspace.
            look: called before anything is answered: what is seen then is what changes are told against.
            cursor: of the events until the last look; an answer says it, so that nothing that came since is missed.
        """
        self.ws, self._look, self._cursor = ws, look, cursor
        self._beginning, self._begun = Lock(), False
        self.editable = not ws.mirrors
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._threads = ThreadPoolExecutor(_AT_ONCE, "runstore-page")  # whose end nobody waits for
        self._scratch = tempfile.TemporaryDirectory(prefix="runstore-page-", ignore_cleanup_errors=True)
        self._copies = Copies(Path(self._scratch.name))
        self._sql = Questions(ws.path)

    def close(self) -> None:
        """Leave nothing behind."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._scratch.cleanup()
        self._sql.close()

    async def threaded(self, request: Request, work: Callable[[], T]) -> T:
        """Do something in a thread, once there is one. Where nobody waits for it any more it is ended.

        Raises:
            Problem: nobody does.
        """
        async with self._turns:
            if await request.is_disconnected():
                raise Problem(499, _UNHEARD)
            stop = Stop()
            working = asyncio.get_running_loop().run_in_executor(self._threads, self._first(work, stop))
            gone = asyncio.ensure_future(_gone(request))
            try:
                await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
                if working.done():
                    return working.result()
                while not working.done():  # its turn lasts until its thread is free
                    stop.now()  # again and again: a statement that begins just then hears nothing
                    await asyncio.wait((working,), timeout=_AGAIN)
                raise Problem(499, _UNHEARD) from working.exception()
            except asyncio.CancelledError:  # the server ends
                stop.now()
                raise
            finally:
                gone.cancel()

    def _first(self, work: Callable[[], T], stop: Stop) -> Callable[[], T]:
        def begun() -> T:
            if not workspace.is_there(self.ws.path):  # it would look as if nothing had ever been logged
                raise NotAWorkspace(f"{self.ws.path}: is not there any more; bring it back, or show another with -w")
            self.begin()
            with stop.of_this_thread():
                return work()

        return begun

    async def get(self, request: Request, question: Question) -> Response:
        """Answer a question of the table."""
        given = arguments.read(request.query_params.multi_items(), question.known)
        lacking = [one for one in question.needs if one not in given]
        if lacking:
            raise Problem(400, f"{lacking[0]} is missing", f"Ask with ?{lacking[0]}=...")
        framed = tickets.NAME in request.query_params  # what is asked for with the token is the file itself
        return await self.threaded(request, lambda: self._told(question, dict(request.path_params), given, framed))

    def _told(self, question: Question, place: dict[str, Any], given: dict[str, Any], framed: bool) -> Response:
        cursor = self._cursor()  # before anything is read
        answer = self._answer(question, place, given, framed)
        if cursor:
            answer.headers[CURSOR] = cursor
        return answer

    def _answer(self, question: Question, place: dict[str, Any], given: dict[str, Any], framed: bool) -> Response:
        asked = questions.answering(question.asked)
        if question.sent == FILE:
            download = given.pop("download", False)
            content = asked(self.ws, **place, **given)
            if framed and not download and content.media_type == figures.PLOTLY:
                return figures.drawn(content.read())
            return answers.file_answer(content, self._copies, download)
        if question.sent == ZIP:
            target = self._target()
            return answers.sent(target, asked(self.ws, target=target, **place, **given))
        return answers.json_answer(asked(self.ws, **place, **given))

    def _target(self) -> Path:
        """Where a file may be made, by somebody who wants nothing to be there."""
        return Path(tempfile.mkdtemp(dir=self._scratch.name), "archive.zip")

    def workspace(self, editable: bool = True) -> Any:
        """What the workspace is. ``editable``: whether who asks may change anything that can be."""
        asked = questions.answering("workspace.workspace")
        return asked(self.ws, editable=editable and self.editable, url=self.ws.mirrors or None)

    def sql(self, query: str, rows: int | None) -> Any:
        """Ask in SQL, in a process that can only read."""
        return self._sql.ask(query, rows)

    def prepare(self) -> None:
        """Begin before anybody asks, and make ready what the first page asks for. It takes a thread of its own."""
        self.begin()
        with suppress(Exception):  # the question itself says what is wrong
            questions.answering("ahead.ready")(self.ws)

    def begin(self) -> None:
        """Load what questions need, and look what there is: the first one does it, all others wait for that."""
        with self._beginning:
            if self._begun:
                return
            self._begun = True
            with suppress(Exception):  # the question itself says what is wrong
                for asked in ("workspace.workspace", "runs.runs", "curves.curves"):
                    questions.answering(asked)
                self._look()


async def _gone(request: Request) -> None:
    """Wait until whoever asks has gone. Its body, where there is one, has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
