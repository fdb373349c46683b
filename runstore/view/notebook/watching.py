"""One look at a workspace for all widgets that show it, twice a second, as long as there are such."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from runstore.view.server.changes import Changes

EVERY = 0.5
_log = logging.getLogger("runstore.view")
_lock = threading.Lock()
_watches: dict[Path, Watch] = {}


class Watch:
    """Looks in a thread of its own. ``changes`` tells what has changed since a cursor."""

    def __init__(self, path: Path, refresh: Callable[[], None] | None, every: float = EVERY) -> None:
        """Nothing is looked at yet; ``refresh`` fetches what has come to a workspace that lies elsewhere."""
        self.changes = Changes(path, refresh)
        self._path, self._every = path, every
        self._heard: tuple[Callable[[], None], ...] = ()
        self._ended = threading.Event()

    def look(self) -> None:
        """Look once, and have everybody told; what goes wrong may go well the next time."""
        try:
            self.changes.look()
        except Exception as problem:  # noqa: BLE001
            _log.error("looking for changes came to nothing", exc_info=problem)
        for heard in self._heard:
            try:
                heard()
            except Exception as problem:  # noqa: BLE001 - one widget doesn't keep others from hearing
                _log.error("a widget could not be told what changed", exc_info=problem)

    def leave(self, heard: Callable[[], None]) -> None:
        """Tell this one no longer; the last one who leaves ends the watch."""
        with _lock:
            self._heard = tuple(one for one in self._heard if one != heard)
            if not self._heard:
                self._ended.set()
                if _watches.get(self._path) is self:
                    del _watches[self._path]

    def _join(self, heard: Callable[[], None]) -> None:
        first = not self._heard
        self._heard = (*self._heard, heard)
        if first:
            threading.Thread(target=self._work, daemon=True, name="runstore-notebook").start()

    def _work(self) -> None:
        while not self._ended.wait(self._every):
            self.look()
        self.changes.leave()


def join(path: Path, heard: Callable[[], None], refresh: Callable[[], None] | None = None) -> Watch:
    """The watch of a workspace, from now on; ``heard`` is called after every look, in its thread."""
    with _lock:
        watch = _watches.get(path)
        if watch is None:
            watch = _watches[path] = Watch(path, refresh)
        watch._join(heard)
    return watch
