"""One workspace, asked by a page: a few questions at a time, each in a thread of its own."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
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
from runstore.view.server.questions import FILE, LONGEST, SQL_ARGUMENTS, ZIP, Question
from runstore.view.sql.questions import Limits, Questions

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

T = TypeVar("T")
CURSOR = "runstore-cursor"
_AT_ONCE = 6  # questions; DuckDB itself uses every processor for each
_MEMORY = 1 << 30  # bytes of DuckDB in this process
_AGAIN = 0.5  # seconds
_UNHEARD = "nobody waits for the answer"
_SPARE = 3.0  # seconds that a confined process has to say itself that it took too long


class Lane:
    """Questions of one kind: so many at once, each in a thread. Those of one lane don't wait for those of another."""

    def __init__(self, at_once: int) -> None:
        self.turns = asyncio.Semaphore(at_once)
        self.threads = ThreadPoolExecutor(at_once, "runstore-page")  # whose end nobody waits for

    async def enter(self, seconds: float) -> None:
        """Wait for a turn.

        Raises:
            Problem: none came in so many seconds.
        """
        try:
            await asyncio.wait_for(self.turns.acquire(), seconds)
        except TimeoutError:
            raise Problem(429, "too many questions are being answered", "Ask again in a moment.") from None


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
        self._inside, self._beside, self._aside = Lane(_AT_ONCE), Lane(Limits().children), Lane(Limits().children)
        self._scratch = tempfile.TemporaryDirectory(prefix="runstore-page-", ignore_cleanup_errors=True)
        self._copies = Copies(Path(self._scratch.name))
        self._lists, self._filters = (Questions(ws.path, targets=Path(self._scratch.name)) for _ in range(2))
        self._stopping: set[asyncio.Task[None]] = set()

    def close(self) -> None:
        """Leave nothing behind."""
        for lane in (self._inside, self._beside, self._aside):
            lane.threads.shutdown(wait=False, cancel_futures=True)
        self._scratch.cleanup()
        self._lists.close()
        self._filters.close()

    async def threaded(
        self, request: Request, work: Callable[[], T], lane: Lane | None = None, seconds: float = LONGEST
    ) -> T:
        """Do something in a thread, once there is one. Where nobody waits for it any more it is ended.

        Raises:
            Problem: nobody does; or it took longer than so many seconds.
        """
        lane = lane or self._inside
        await lane.enter(seconds)
        if await request.is_disconnected():
            lane.turns.release()
            raise Problem(499, _UNHEARD)
        stop = Stop()
        working = asyncio.get_running_loop().run_in_executor(lane.threads, self._first(work, stop))
        working.add_done_callback(lambda _: lane.turns.release())  # its turn lasts until its thread is free
        gone = asyncio.ensure_future(_gone(request))
        try:
            await asyncio.wait((working, gone), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:  # the server ends
            stop.now()
            raise
        finally:
            heard = not gone.done()
            gone.cancel()
        if working.done():
            return working.result()
        self._stop_soon(working, stop)
        raise (
            Problem(400, f"the answer took longer than {seconds:g} s", "Ask for less.")
            if heard
            else Problem(499, _UNHEARD)
        )

    def _stop_soon(self, working: asyncio.Future[Any], stop: Stop) -> None:
        """Stop what a thread does, again and again: a statement that begins just then hears nothing."""

        async def stopped() -> None:
            while not working.done():
                stop.now()
                await asyncio.wait((working,), timeout=_AGAIN)
            working.exception()  # heard of, though nobody waits for it

        task = asyncio.ensure_future(stopped())
        self._stopping.add(task)
        task.add_done_callback(self._stopping.discard)

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
        place = dict(request.path_params)
        if question.sent != FILE and any(given.get(key) for key in SQL_ARGUMENTS):
            filtered = bool(given.get("where"))
            return await self.confined(request, lambda: self._noted(self._beyond, question, place, given), filtered)
        return await self.threaded(
            request, lambda: self._noted(self._answer, question, place, given, framed), seconds=question.seconds
        )

    async def confined(self, request: Request, work: Callable[[], T], filtered: bool) -> T:
        """Wait for a process that answers; those with a filter, which may be slow, hold up only each other."""
        return await self.threaded(request, work, self._aside if filtered else self._beside, LONGEST + _SPARE)

    def _noted(self, answered: Callable[..., Response], *given: Any) -> Response:
        cursor = self._cursor()  # before anything is read
        answer = answered(*given)
        if cursor:
            answer.headers[CURSOR] = cursor
        return answer

    def _beyond(self, question: Question, place: dict[str, Any], given: dict[str, Any]) -> Response:
        """Ask a confined process."""
        target = self._target() if question.sent == ZIP else None
        answer = self._pool(bool(given.get("where"))).feed(question.asked, {**place, **given}, target)
        if target is not None:
            return answers.sent(target, answer.head["name"], answer.head["media_type"])
        return answers.json_bytes(answer.body)

    def _pool(self, filtered: bool) -> Questions:
        return self._filters if filtered else self._lists

    def frame(self, asked: str, arguments: dict[str, Any], filtered: bool) -> bytes:
        """Columns of numbers, by a confined process."""
        return self._pool(filtered).feed(asked, arguments).body

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
            content = asked(self.ws, target=target, **place, **given)
            return answers.sent(target, content.name, content.media_type)
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
        return self._filters.ask(query, rows)

    def prepare(self) -> None:
        """Begin before anybody asks, and make ready what the first page asks for. It takes a thread of its own."""
        with suppress(Exception):  # as below
            self._lists.warm()
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
                import_module("runstore.query.connect").limit_memory(_MEMORY)
                self._look()


async def _gone(request: Request) -> None:
    """Wait until whoever asks has gone. Its body, where there is one, has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
