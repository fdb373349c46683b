"""``outputs/`` and ``logs/`` of runs, taken in while they go on: the one thread that does it, and when a run ends.

It starts with the first watched directory and ends with the last. It never holds a lock that logging takes, and nothing
it meets may reach the training.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, TypeAlias

from runstore.disk import files
from runstore.disk.capabilities import CAN
from runstore.errors import RunstoreError
from runstore.runs.folder import LOOK, Folder

if TYPE_CHECKING:
    from runstore.runs.follow import Notices
    from runstore.runs.media import MediaRun

WARM = 1.0  # seconds before watchdog is loaded: what starts quickly, and what ends quickly, is not to wait for it
BREATH = 0.05  # seconds: notices that come together are looked at together

Where: TypeAlias = bool | str | os.PathLike[str] | None

_folders: list[Folder] = []
_lock = Lock()
_wake = Event()
_thread: Thread | None = None


class Watch:
    """The directories that are watched for one run."""

    def __init__(self, run: MediaRun, folders: list[Folder]) -> None:
        """Watch from now on."""
        self._run, self._folders, self._pid = run, folders, os.getpid()
        for folder in folders:
            _add(folder)

    def shares(self, name: str) -> bool:
        """Whether a file in a watched directory has this artifact's name."""
        return any(folder.has(name) for folder in self._folders)

    def uploaded(self, name: str) -> None:
        """An artifact was stored by a call just now: only what is written later is taken under its name."""
        for folder in self._folders:
            folder.uploaded(name)

    def take(self) -> None:
        """Take what is there now, as it is. A forked child leaves that, too, to its parent."""
        for folder in self._folders if os.getpid() == self._pid else ():
            folder.take()

    def left(self) -> list[str]:
        """The paths of files that are there and could not be taken."""
        return [str(folder.root / name) for folder in self._folders for name in folder.left]

    def close(self) -> None:
        """Take all that is there and watch no longer."""
        if os.getpid() != self._pid:
            return
        try:
            for folder in self._folders:
                folder.finish()
        except BaseException:
            self._run._companions.insert(0, self)  # interrupted: the run's next end may do it
            raise
        _remove(self._folders)


class Beside(Watch):
    """``outputs/`` and ``logs/`` that another process watches for the run: looked into where a call is about them."""

    def __init__(self, run: MediaRun, directory: Path) -> None:
        """Nothing is watched from here."""
        self._run, self._pid = run, os.getpid()
        self._folders = [Folder(run, directory / "outputs", "outputs", logs=False)]

    def shares(self, name: str) -> bool:
        """Whether a file there has, or may have, this artifact's name."""
        return name.startswith("logs/") or super().shares(name)

    def close(self) -> None:
        """Nothing: who watches takes what is there."""


def start(run: MediaRun, outputs: Where = None, logs: Where = None) -> None:
    """Watch a run's directories, made where they are missing, until it ends.

    Args:
        run: gets each file as the artifact ``outputs/<relative path>`` or ``logs/<relative path>``.
        outputs: a directory; True: ``./outputs``; False, None: none.
        logs: the same for ``./logs``.
    """
    folders = []
    for prefix, where in (("outputs", outputs), ("logs", logs)):
        if where is None or where is False:
            continue
        root = Path(prefix if where is True else where).absolute()
        folder = Folder(run, root, prefix, logs=prefix == "logs")
        try:
            files.make_dirs(root)
        except OSError as problem:
            folder.say(f"{root} can't be made ({problem.strerror}); nothing is taken from there")
        else:
            folders.append(folder)
    if folders and not run._disabled:  # a script that writes there works all the same
        run._watch = Watch(run, folders)
        run._companions.append(run._watch)


def settle(run: MediaRun) -> None:
    """Take in what lies in a run's watched directories now, so that it can be referred to at once."""
    if run._watch is not None:
        run._watch.take()


def forget() -> None:
    """In a forked child: the thread is not here, the directories are the parent's."""
    global _folders, _lock, _wake, _thread
    _folders, _lock, _wake, _thread = [], Lock(), Event(), None


if CAN.fork:
    os.register_at_fork(after_in_child=forget)


def _add(folder: Folder) -> None:
    global _thread
    with _lock:
        _folders.append(folder)
        if _thread is None or not _thread.is_alive():  # nobody knows what may have ended it
            try:
                _thread = Thread(target=_run, name="runstore-watch", daemon=True)
                _thread.start()
            except RuntimeError:  # no thread to be had: everything is taken when the run ends
                _thread = None


def _remove(folders: list[Folder]) -> None:
    with _lock:
        _folders[:] = [folder for folder in _folders if folder not in folders]
        if not _folders:
            _wake.set()


def _run() -> None:
    global _thread
    notices: Notices | None = None
    began = time.monotonic()
    followed: dict[Path, bool] = {}
    while True:
        with _lock:
            folders = list(_folders)
            if not folders:
                _thread = None
                break
        if notices is None and time.monotonic() - began >= WARM:
            from runstore.runs import follow

            notices = follow.Notices(_notice)
        if notices is not None:
            _follow(notices, folders, followed)
        if _wake.wait(min(map(_work, folders))):
            time.sleep(BREATH)
            _wake.clear()
    if notices is not None:
        notices.close()


def _follow(notices: Notices, folders: list[Folder], followed: dict[Path, bool]) -> None:
    """Have notices of these directories and no others. ``followed``: of which there are any."""
    roots = {folder.root for folder in folders}
    for root in followed.keys() - roots:
        notices.leave(root)
        del followed[root]
    for folder in folders:
        if folder.root not in followed:
            followed[folder.root] = notices.follow(folder.root)
        folder.noticed = followed[folder.root]


def _notice(path: str) -> None:
    for folder in list(_folders):
        folder.hint(path)
    _wake.set()


def _work(folder: Folder) -> float:
    try:
        return folder.work()
    except (RunstoreError, OSError) as problem:
        folder.say(f"{folder.root} can't be followed ({problem}); it is looked at again")
    except Exception as problem:  # noqa: BLE001 - whatever it is, training goes on, so do the others
        folder.say(f"{folder.root} can't be followed ({problem!r}); it is looked at again")
    return LOOK
