"""One watched directory of one run: which files changed, which of them rest, and taking those in.

A file is known by (size, modification time, inode); its bytes are read only where that changed. It is taken when it has
been left alone for a moment, and again when it changes later, at growing intervals. Text logs are not stored again and
again: they are followed as streams of the run, which costs only what is appended.
"""

from __future__ import annotations

import math
import os
import stat
import time
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from runstore.disk.capabilities import CAN
from runstore.errors import RunClosed, RunstoreError
from runstore.runs import growing
from runstore.runs.faults import Faults

if TYPE_CHECKING:
    from runstore.runs.media import MediaRun

REST = 0.7  # seconds a file is left alone before it is taken
LOOK, RARELY = 1.0, 5.0  # seconds between two looks at everything: without and with notices of changes
SHARE = 20  # looking takes at most one part in so many of a thread's time
AGAIN, LONGEST = 1.0, 300.0  # seconds between two takes of one file: doubled each time, up to
RETRY = 10.0  # seconds until what can't be taken is tried again
RATE = 1 << 20  # bytes a second that takes of one file may cost on average
PACE = 0.02  # seconds: how long the thread gives way, at most, after each file
TICK = 20_000_000  # ns: how much older than it is a file may look
STREAMS = 16  # text logs of a directory that are followed as streams; each keeps a descriptor


class Mark(NamedTuple):
    """By what a file's content is known again."""

    size: int
    changed: int  # ns
    inode: int


@dataclass(slots=True)
class Seen:
    """What is known of one file. Times are of the monotonic clock."""

    now: Mark  # as it was seen last
    since: float  # when it was seen so for the first time
    taken: Mark | None = None  # as it was stored; None: never, or while it may still have been changing
    takes: int = 0
    due: float = 0.0  # not to be taken before


class Folder:
    """A directory that is watched for a run."""

    def __init__(self, run: MediaRun, root: Path, prefix: str, logs: bool) -> None:
        """Nothing has been looked at yet.

        Args:
            run: gets the files.
            root: the directory, absolute.
            prefix: what the artifacts' names begin with, without a slash.
            logs: its files are logs: text is followed, dot-files are left out, nothing need rest.
        """
        self.root, self.noticed = root, False
        self._run, self._prefix, self._logs = run, prefix, logs
        self._top, self._real = f"{root}{os.sep}", f"{os.path.realpath(root)}{os.sep}"
        workspace = os.path.realpath(run.experiment.workspace.path)
        within = workspace.startswith(self._real)  # it grows by what is taken: never look into it
        self._left_out = f"{self._top}{workspace[len(self._real) :]}" if within else ""
        self._files: dict[str, Seen] = {}
        self._waiting: set[str] = set()
        self._streams: dict[str, growing.Stream] = {}
        self._hints: deque[str] = deque(maxlen=10_000)
        self._next_look = 0.0
        self._lock = RLock()  # held while one file is taken
        self._closing = False
        self._uploads: dict[str, int] = {}  # files that calls stored under their names, and when (ns)
        self._said: set[str] = set()
        self._cut: set[str] = set()  # text logs that were not copied to their ends

    @property
    def left(self) -> list[str]:
        """What could not be taken: the names of files, seen from the directory."""
        return sorted(self._waiting | self._cut)

    # ---- beside uploads by calls

    def has(self, name: str) -> bool:
        """Whether a file here has the name of this artifact, or had it and was taken."""
        relative = self._relative(name)
        return bool(relative) and (relative in self._files or os.path.isfile(self._top + relative))

    def uploaded(self, name: str) -> None:
        """Take note that a call stored this artifact."""
        relative = self._relative(name)
        if relative:
            self._uploads[relative] = time.time_ns()

    def _relative(self, name: str) -> str:
        prefix = f"{self._prefix}/"
        return name[len(prefix) :].replace("/", os.sep) if name.startswith(prefix) else ""

    # ---- in the watching thread

    def hint(self, path: str) -> None:
        """Take note that something changed there; from any thread."""
        self._hints.append(path)

    def work(self) -> float:
        """Look where it is time to, take what rests; give the seconds until there is something to do again."""
        while self._hints and not self._closing:
            self._see(self._hints.popleft())
        if time.monotonic() >= self._next_look:
            self.look()
        soonest = self._next_look
        for name in list(self._waiting):
            if self._closing:
                break
            seen = self._files.get(name)
            due = self._due(seen) if seen else self._next_look
            if due > time.monotonic():
                soonest = min(soonest, due)
            else:
                began = time.monotonic()
                self._take(name)
                time.sleep(min(time.monotonic() - began, PACE))
        return max(soonest - time.monotonic(), 0.0)

    def look(self) -> None:
        """Look at every file."""
        began = time.monotonic()
        self._copy_streams()
        for entry in self._walk(str(self.root)):
            self._note(entry.path, entry)
        spent = time.monotonic() - began
        pause = RARELY if self.noticed and not self._logs else LOOK
        self._next_look = began + spent + max(pause, SHARE * spent)

    def _copy_streams(self, last: bool = False) -> None:
        with self._lock:
            for name, stream in self._streams.items():
                try:
                    stream.take()
                    self._cut.discard(name)
                    if last:
                        stream.close()
                except OSError as problem:
                    self._cut.add(name)
                    self.say(f"{self._top}{name} is not kept in whole ({problem.strerror})", once=name)

    def _due(self, seen: Seen) -> float:
        if self._logs:
            return seen.due if seen.now.size else math.inf  # an empty one may become text
        return max(seen.due, seen.since + REST)

    def _see(self, path: str) -> None:
        if not path.startswith(self._top):
            return
        with suppress(OSError):
            found = os.lstat(path)
            if stat.S_ISDIR(found.st_mode):
                for entry in self._walk(path):
                    self._note(entry.path, entry)
            elif self._wanted(path, os.path.basename(path), stat.S_ISLNK(found.st_mode)):
                self._note(path, None)

    def _walk(self, directory: str) -> Iterator[os.DirEntry[str]]:
        """Every file below a directory that is to be taken."""
        left = [directory]
        while left:
            here = left.pop()
            try:
                with os.scandir(here) as entries:
                    for entry in entries:
                        if entry.is_dir(follow_symlinks=False):
                            if self._inside(entry.path, entry.name):
                                left.append(entry.path)
                        elif self._wanted(entry.path, entry.name, entry.is_symlink()) and entry.is_file():
                            yield entry
            except FileNotFoundError:
                continue
            except OSError as problem:
                self.say(f"{here} can't be read ({problem.strerror}); what is in it is not taken", once=here)

    def _inside(self, path: str, name: str) -> bool:
        """Whether to look into a directory."""
        return not (self._logs and name.startswith(".")) and path != self._left_out

    def _wanted(self, path: str, name: str, link: bool) -> bool:
        """Whether to take a file; not what a link leads to outside of the directory."""
        if self._logs and name.startswith("."):
            return False
        return not link or os.path.realpath(path).startswith(self._real)

    def _note(self, path: str, entry: os.DirEntry[str] | None) -> None:
        try:
            found = os.stat(path) if entry is None else entry.stat()
        except OSError:
            return  # gone meanwhile
        if not stat.S_ISREG(found.st_mode):
            return
        name, mark = path[len(self._top) :], _mark(found)
        if name in self._streams:
            return
        seen = self._files.get(name)
        if seen is None:
            seen = self._files[name] = Seen(mark, time.monotonic())
        elif seen.now != mark:
            seen.now, seen.since = mark, time.monotonic()
        elif not self._closing or seen.taken == mark:
            return
        self._waiting.add(name)

    # ---- taking

    def finish(self) -> None:
        """The run ends: take everything that is there and not taken as it is. Nothing is taken any more after."""
        self._closing = True
        try:
            with self._lock:
                self.look()
                for name in sorted(self._waiting):
                    self._take(name)
                self._copy_streams(last=True)
        except Exception as problem:  # noqa: BLE001 - whatever it is, the run ends as it was to end
            self.say(f"{self.root} was not taken in whole ({problem!r})")
        except BaseException:
            self._closing = False  # interrupted: the next end may do it
            raise

    def take(self) -> None:
        """Take everything there is now, as it is."""
        with self._lock:
            self.look()
            for name in sorted(self._waiting):
                self._take(name, now=True)

    def _take(self, name: str, now: bool = False) -> None:
        """Store a file, unless it is still being written and there is time."""
        path = f"{self._top}{name}"
        try:
            with self._lock:
                seen = self._files.get(name)
                if seen is None:
                    return
                if self._logs and self._followed(name, path, seen):
                    self._forget(name)
                    return
                with open(path, "rb") as file:
                    found = _mark(os.fstat(file.fileno()))
                    if found != seen.now and not (self._logs or self._closing or now):
                        seen.now, seen.since = found, time.monotonic()
                        return
                    if self._uploads.get(name, 0) <= _touched(os.fstat(file.fileno())) + TICK:
                        self._store(name, file, found, seen)
                    else:
                        seen.now = seen.taken = found
                self._waiting.discard(name)
        except FileNotFoundError:
            self._forget(name)
        except RunClosed:
            self._closing = True
            self._waiting.clear()
        except (OSError, RunstoreError) as problem:
            if name in self._files:
                self._files[name].due = time.monotonic() + RETRY
            self.say(f"{path} is not taken in ({getattr(problem, 'strerror', None) or problem})", once=path)

    def _store(self, name: str, file: BinaryIO, found: Mark, seen: Seen) -> None:
        rested = time.time_ns() - found.changed >= REST * 1e9
        kind = "log" if self._logs else "file"
        self._run._store(self._name(name), growing.UpTo(file, found.size), kind=kind, overwrite=True)
        pause = max(min(AGAIN * 2 ** min(seen.takes, 20), LONGEST), found.size / RATE)
        seen.now, seen.since = found, time.monotonic()
        seen.taken = found if rested else None
        seen.takes, seen.due = seen.takes + 1, seen.since + pause

    def _followed(self, name: str, path: str, seen: Seen) -> bool:
        """Whether a log is text, which is followed as a stream from now on."""
        if seen.takes or len(self._streams) >= STREAMS or not CAN.unlink_open:  # whoever rotates it must be able to
            return False
        if not growing.is_text(path):
            return False
        self._streams[name] = growing.Stream(self._run._live(), self._name(name), Path(path))
        self._copy_streams()
        return True

    def _forget(self, name: str) -> None:
        self._files.pop(name, None)
        self._waiting.discard(name)

    def _name(self, name: str) -> str:
        """The artifact's name; bytes of a file's name that are no text are kept as escapes."""
        relative = name.replace(os.sep, "/").encode("utf-8", "backslashreplace").decode()
        return f"{self._prefix}/{relative}"

    def say(self, what: str, once: str = "") -> None:
        """Warn on stderr and in the run, of each file once."""
        if what in self._said or once in self._said:
            return
        self._said.add(once or what)
        Faults(f"run {self._run.id}").say(what)
        writer = self._run._writer
        if writer is not None:
            with suppress(RunstoreError):
                writer.record("warning", {"text": what})


def _mark(found: os.stat_result) -> Mark:
    return Mark(found.st_size, found.st_mtime_ns, found.st_ino)


def _touched(found: os.stat_result) -> int:
    """When a file got its content or its name, in ns: what is moved here keeps the time of its content."""
    return max(found.st_mtime_ns, found.st_ctime_ns)
