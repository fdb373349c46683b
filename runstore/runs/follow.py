"""Notices of what changes below directories, where the system gives any: the one door to watchdog.

A notice is a hint and never the truth. Network file systems give none, queues overflow, limits are reached, watchdog is
missing. So whoever follows a directory also looks by itself from time to time, only less often.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from watchdog.observers.api import BaseObserver, ObservedWatch

_STOPPED = 2.0  # seconds to wait for watchdog's threads


class Notices:
    """Calls back with the path of what was made, written or moved in below the directories followed.

    Loading watchdog takes long and starts threads: make one where nobody waits.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        """Nothing is followed yet.

        Args:
            tell: called in a thread of watchdog's with a path, perhaps of a directory; it must be quick.
        """
        self._tell = tell
        self._observer: BaseObserver | None = None
        self._watches: dict[Path, ObservedWatch] = {}

    def follow(self, directory: Path) -> bool:
        """Follow a directory and everything below it; False where no notices are to be had."""
        if directory in self._watches:
            return True
        try:
            watch = self._schedule(directory)
        except Exception:  # noqa: BLE001 - not installed, limits of the system, no thread: whatever it is, one can look
            return False
        self._watches[directory] = watch
        return True

    def leave(self, directory: Path) -> None:
        """Follow a directory no longer."""
        watch = self._watches.pop(directory, None)
        if watch is not None and self._observer is not None:
            with suppress(KeyError, OSError, RuntimeError):
                self._observer.unschedule(watch)

    def close(self) -> None:
        """Follow nothing any longer, and end watchdog's threads."""
        observer, self._observer = self._observer, None
        self._watches.clear()
        if observer is not None:
            with suppress(OSError, RuntimeError):
                observer.stop()
                observer.join(_STOPPED)

    def _schedule(self, directory: Path) -> ObservedWatch:
        import logging
        import warnings

        from watchdog import events
        from watchdog.observers import Observer

        log = logging.getLogger("watchdog")
        if log.level == logging.NOTSET:  # it tells of every event at DEBUG: into a log that is itself followed
            log.setLevel(logging.CRITICAL)
        warnings.filterwarnings("ignore", "Callback with id", RuntimeWarning)  # of directories made at one time
        if self._observer is None:
            observer = Observer()
            observer.start()
            self._observer = observer
        handler = events.FileSystemEventHandler()
        handler.dispatch = self._notice  # type: ignore[method-assign]
        # Not each write where the system tells of closing: a log that is appended to costs nothing then.
        written = events.FileClosedEvent if sys.platform == "linux" else events.FileModifiedEvent
        made = [events.FileCreatedEvent, events.FileMovedEvent, events.DirCreatedEvent, events.DirMovedEvent]
        return self._observer.schedule(handler, str(directory), recursive=True, event_filter=[*made, written])

    def _notice(self, event: Any) -> None:
        self._tell(os.fsdecode(event.dest_path or event.src_path))
