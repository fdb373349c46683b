"""Asks the workspace in a thread of its own, so that the screen never waits; at most twice a second by itself."""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from runstore.errors import RunstoreError
from runstore.view.terminal import machine, pages, plots, tail
from runstore.view.terminal.text import safe
from runstore.view.terminal.wanted import CURVES, LOG, MACHINE, Found, Wanted

if TYPE_CHECKING:
    from runstore.query.workspace import Workspace

INTERVAL = 0.5
FAR = 10.0  # seconds between two fetches of what lies elsewhere
SHARE = 3.0  # a question that takes long is asked less often: it gets a quarter of the time
_T = TypeVar("_T")


class Reader:
    """Answers what is wanted, and again when it is time, until it is closed. ``tell`` is called in its thread."""

    def __init__(self, ws: Workspace, tell: Callable[[Found], None], refresh: Callable[[], None] | None = None) -> None:
        self._ws, self._tell, self._refresh = ws, tell, refresh
        self._refreshed = time.monotonic()
        self._wanted: Wanted | None = None
        self._paused = self._closed = False
        self._heard = threading.Condition()
        self._parts: dict[str, tuple[object, Any]] = {}  # what each was read for, and what it was
        self._found = Found()
        self._thread = threading.Thread(target=self._work, daemon=True, name="runstore-top")

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def want(self, wanted: Wanted, again: bool = False) -> None:
        """Answer this, at once, in place of what was wanted before; ``again``: also what is known already."""
        with self._heard:
            if again:
                self._parts.clear()
            self._wanted = wanted
            self._heard.notify()

    def pause(self, paused: bool) -> None:
        """Answer only what is asked anew, or go on."""
        with self._heard:
            self._paused = paused
            self._heard.notify()

    def close(self, patience: float = 2.0) -> None:
        """Ask nothing more. A question on its way is not waited for long."""
        with self._heard:
            self._closed = True
            self._heard.notify()
        if self._thread.is_alive():
            self._thread.join(patience)

    def _work(self) -> None:
        pause: float | None = None
        while True:
            with self._heard:
                if self._wanted is None and not self._closed:
                    self._heard.wait(None if self._paused else pause)
                if self._closed:
                    return
                fresh, self._wanted = self._wanted, None
                paused = self._paused
            if fresh is None and paused:
                continue
            begun = time.monotonic()
            self._found = self.answer(fresh or self._found.wanted, renew=fresh is None)
            pause = max(INTERVAL, SHARE * (time.monotonic() - begun))
            if not self._closed:
                self._tell(self._found)

    def answer(self, wanted: Wanted, renew: bool = True) -> Found:
        """Read what is wanted. ``renew``: also what is known, as far as it may have changed."""
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                self._fetch(renew)
                found = self._read(wanted, renew)
            except RunstoreError as problem:
                found = replace(self._found, wanted=wanted, problem=safe(problem), read=True)
            except Exception as problem:  # noqa: BLE001 - whatever it is, the screen stays and says it
                what = f"{type(problem).__name__}: {problem}".partition("\n")[0]
                found = replace(self._found, wanted=wanted, problem=safe(what), read=True)
        return replace(found, warnings=tuple(dict.fromkeys(safe(one.message) for one in told)))

    def _fetch(self, renew: bool) -> None:
        """Of a workspace that lies elsewhere, what has come to it; that takes longer than to look here."""
        if renew and self._refresh is not None and time.monotonic() - self._refreshed > FAR:
            try:
                self._refresh()
            finally:
                self._refreshed = time.monotonic()

    def _read(self, wanted: Wanted, renew: bool) -> Found:
        listed = (wanted.experiment, wanted.where, wanted.sort, wanted.desc, wanted.first, wanted.limit)
        page = self._part("page", listed, renew, lambda: pages.read(self._ws, wanted))
        page = self._part("values", (page, wanted.given), False, lambda: pages.values(self._ws, page, wanted.given))
        run_id = wanted.run_id or (page.rows[0].run_id if page.rows else None)
        found = Found(wanted, page, run_id, read=True)
        if run_id is None:
            return found
        states = {row.run_id: row for row in page.rows}
        chosen = tuple(dict.fromkeys((*wanted.marked, run_id)))
        unknown = renew and any(one not in states for one in chosen)  # of the others their rows say what has come
        seen = tuple((one, states.get(one)) for one in chosen)
        if wanted.panel == CURVES:
            called = {row.run_id: row.name for row in page.rows}
            how = (wanted.search, wanted.given, wanted.skip, wanted.charts, wanted.pixels, wanted.x, wanted.smoothing)
            asked = (seen, how, wanted.log)
            charts = self._part(CURVES, asked, unknown, lambda: plots.read(self._ws, wanted, chosen, called))
            return replace(found, charts=charts)
        grows = renew and (run_id not in states or states[run_id].going_on)
        here = (run_id, states.get(run_id), wanted.lines)
        if wanted.panel == MACHINE:
            gauges = self._part(MACHINE, here, grows, lambda: machine.read(self._ws, run_id))
            return replace(found, gauges=gauges)
        lines = self._part(LOG, here, grows, lambda: tail.read(self._ws, run_id, wanted.lines))
        return replace(found, lines=lines)

    def _part(self, name: str, asked: object, renew: bool, read: Callable[[], _T]) -> _T:
        """A part as it is known, or read anew where something else is asked."""
        known = self._parts.get(name)
        if known is None or known[0] != asked or renew:
            known = self._parts[name] = asked, read()
        value: _T = known[1]
        return value
