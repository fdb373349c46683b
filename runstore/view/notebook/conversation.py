"""What a widget's page asks and hears. Nothing is done in the thread in which a kernel runs cells.

A kernel may hear no message while a cell runs, yet say as much as it likes. So when something has changed and the page
asks nothing, what it asked before is answered again, unasked (``fresh``); if it can ask, it does, and this stays quiet.

A kernel that hears comms beside its cells sends each message to where its comm spoke last. It knows that by context
variables, so whatever is said is said in the context of the last message that was heard.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from typing import TYPE_CHECKING, Any

from runstore.view.notebook import code, watching
from runstore.view.notebook.answers import Answers, Told

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

Send = Callable[[dict[str, Any], list[bytes]], None]
PATIENCE = 1.0  # seconds in which a page that can ask has asked
STANDING = 48  # questions that are answered again
SHARE = 10.0  # which takes no more than one part in so many of the time
_AT_ONCE = 2  # a training loop has the rest of the machine
_log = logging.getLogger("runstore.view")


class Conversation:
    """One widget's, with all its views. ``close`` ends it."""

    def __init__(
        self, ws: Workspace, send: Send, *, editable: bool = False, refresh: Callable[[], None] | None = None,
        looked: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        """Nothing is looked at until somebody asks.

        Args:
            ws: what is asked.
            send: sends a message and its buffers; called in any thread.
            editable: the page may change tags, notes and the like.
            refresh: fetches what has come to where the workspace really lies.
            looked: called after every look, in the watch's thread.
            clock: seconds; only goes on.
        """
        self._ws, self._send, self._refresh = ws, send, refresh
        self._looked, self._clock = looked, clock
        self._answers = Answers(ws, editable)
        self._threads = ThreadPoolExecutor(_AT_ONCE, "runstore-notebook")
        self._lock = threading.Lock()
        self._standing: OrderedDict[str, None] = OrderedDict()
        self._views: set[str] = set()
        self.held = False  # looks go on though no view listens
        self._watch: watching.Watch | None = None
        self._cursor: str | None = None
        self._asked, self._told, self._due, self._rest = clock(), 0.0, float("inf"), 0.0
        self._context: Context = copy_context()
        self._closed = False

    def heard(self, message: Mapping[str, Any]) -> None:
        """Take what the page says; returns at once."""
        if self._closed or not isinstance(message, Mapping):
            return
        self._asked, self._context = self._clock(), copy_context()
        kind, view = message.get("kind"), str(message.get("view"))
        if kind == "ask":
            self._later(lambda: self._answer(str(message.get("ask")), [str(key) for key in message.get("keys") or ()]))
        elif kind == "code":
            self._later(lambda: self._send({"kind": "code", "version": code.version()}, code.whole()))
        elif kind == "listen":
            self._views.add(view)
            self._later(self._watching)
        elif kind == "leave":
            self._views.discard(view)
            self._idle()

    def hold(self, held: bool) -> None:
        """Look though no view listens, as long as there is something to draw; or no longer."""
        self.held = held
        if held:
            self._later(self._watching)
        else:
            self._idle()

    def goes_on(self, run_id: str) -> bool:
        """Whether the last look found a run at work, or there was none yet."""
        watch = self._watch
        return watch is None or watch.changes.last is None or watch.changes.goes_on(run_id)

    def close(self) -> None:
        """Say nothing more."""
        self._closed, self.held = True, False
        self._views.clear()
        self._idle()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._answers.close()

    def _later(self, work: Callable[[], None]) -> None:
        context = self._context.copy()  # one is entered by one thread at a time

        def guarded() -> None:
            try:
                context.run(work)
            except Exception as problem:  # noqa: BLE001 - a comm that has gone, a page that is not built
                _log.error("a widget was not answered", exc_info=problem)

        with suppress(RuntimeError):  # closed meanwhile
            self._threads.submit(guarded)

    def _answer(self, ask: str, keys: Sequence[str]) -> None:
        self._watching()  # what changes is told against what was seen before the first answer
        with self._lock:
            for key in keys:
                self._standing[key] = None
                self._standing.move_to_end(key)
            while len(self._standing) > STANDING:
                self._standing.popitem(last=False)
        self._say({"kind": "answer", "ask": ask}, self._answers.to(keys))

    def _say(self, message: dict[str, Any], told: Told) -> None:
        if not self._closed:
            self._send({**message, "told": told.about}, told.buffers)

    def _watching(self) -> None:
        with self._lock:
            if self._closed or self._watch is not None:
                return
            self._watch = watching.join(self._ws.path, self._seen, self._refresh)
            if self._watch.changes.last is None:
                self._watch.changes.look()
            self._cursor = self._cursor or self._watch.changes.last

    def _idle(self) -> None:
        """Look no longer, where nobody wants to know."""
        with self._lock:
            if self._views or self.held or self._watch is None:
                return
            watch, self._watch = self._watch, None
        watch.leave(self._seen)

    def _seen(self) -> None:
        """Of the watch's thread, after each look."""
        self._context.copy().run(self._tick)

    def _tick(self) -> None:
        """Tell what has changed, and answer what can't be asked."""
        watch, now = self._watch, self._clock()
        if watch is None:
            return
        told = watch.changes.since(self._cursor)
        if self._cursor is not None and (told.runs or told.listed) and self._views:
            self._send({"kind": "changed", "changed": told._asdict()}, [])
            self._due = min(self._due, max(now + PATIENCE, self._rest))
            self._told = now
        self._cursor = told.cursor
        if now >= self._due:
            self._due = float("inf")
            if self._asked < self._told:
                self._unasked(now)
        self._looked()

    def _unasked(self, now: float) -> None:
        with self._lock:
            keys = [*self._standing]
        keys = [key for key in keys if not key.startswith(('["file"', '["post"'))]  # what lasts, and what is done once
        if keys:
            self._say({"kind": "fresh"}, self._answers.to(keys))
            after = self._clock()
            self._rest = after + max(PATIENCE, SHARE * (after - now))
