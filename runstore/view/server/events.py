"""Server-sent events: that something has changed, at most twice a second, and what to ask for again.

An event never holds data: who hears it asks with the same questions as before, and what was missed meanwhile is told
at the next connection, by the cursor.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

import orjson
from starlette.concurrency import run_in_threadpool

from runstore.view.server.changes import Changed, Changes

EVERY = 0.5  # seconds between two looks
BEAT = 15.0  # seconds after which a connection on which nothing happens is shown to live
_log = logging.getLogger("runstore.view")


class Events:
    """Looks for changes as long as somebody listens."""

    def __init__(self, changes: Changes, every: float = EVERY, beat: float = BEAT) -> None:
        self._changes, self._every, self._beat = changes, every, beat
        self._listeners: set[asyncio.Event] = set()
        self._task: asyncio.Task[None] | None = None
        self._looked = asyncio.Event()
        self._closed = False

    async def stream(self, cursor: str | None) -> AsyncIterator[bytes]:
        """The events from a cursor on, for one listener; without one, from the last look on.

        That look was before whatever the listener has asked so far, since no question is answered before the first.
        So there is nothing to ask for again, and what has come since is told with the next look.
        """
        last = self._changes.last
        heard = asyncio.Event()
        self._listeners.add(heard)
        if self._task is None:
            self._looked.clear()
            self._task = asyncio.create_task(self._watch())
        try:
            yield b"retry: 1000\n\n"
            if cursor or last is None:
                await self._looked.wait()
            last = last or self._changes.last
            told = Changed(last, [], False) if last and not cursor else self._changes.since(cursor)
            yield _event("changed", _body(told))
            while not self._closed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(heard.wait(), self._beat)
                if not heard.is_set():
                    yield _event("beat", {"cursor": told.cursor})
                    continue
                heard.clear()
                told = self._changes.since(told.cursor)
                if told.runs or told.listed:
                    yield _event("changed", _body(told))
        finally:
            self._listeners.discard(heard)
            if not self._listeners:
                self._rest()

    def close(self) -> None:
        """End all streams."""
        self._closed = True
        self._looked.set()
        for one in self._listeners:
            one.set()
        self._rest()

    def _rest(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    async def _watch(self) -> None:
        try:
            following = False
            while True:
                await self._look()
                self._looked.set()
                if not following:  # after the first look: it takes longer than one
                    following = True
                    await run_in_threadpool(self._changes.follow)
                await asyncio.sleep(self._every)
        finally:
            self._changes.leave()

    async def _look(self) -> None:
        try:
            changed = await run_in_threadpool(self._changes.look)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the next look may go well
            _log.error("looking for changes came to nothing", exc_info=problem)
            return
        if changed:
            for one in self._listeners:
                one.set()


def _body(told: Changed) -> dict[str, object]:
    return {"cursor": told.cursor, "runs": told.runs, "listed": told.listed}


def _event(kind: str, body: dict[str, object]) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (kind.encode(), orjson.dumps(body))
