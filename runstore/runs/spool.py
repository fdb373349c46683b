"""What a descriptor gets while it and the run's log have different readers: kept, shown, and copied into the log.

Where stdout and stderr lead to different places, or Python's own streams lead elsewhere than the descriptors, one file
can't tell what is to be shown where. So each such place has a spool of its own, whose writer copies it into the log.
The spool's first line says how much of it was copied: what a process that was killed printed last is read from here.
"""

from __future__ import annotations

from pathlib import Path

from runstore.disk import files
from runstore.runs.logfile import PIECE, LogFile

_HEAD = b'{"copied":%020d}\n'
HEAD = len(_HEAD % 0)


class Spool:
    """One such file. ``fd`` is what a descriptor is made to lead to."""

    def __init__(self, path: Path) -> None:
        """Create it.

        Raises:
            OSError: the file system refuses.
        """
        self.path = path
        self._head = files.create(path)
        files.write_all(self._head, _HEAD % 0)
        self.fd = files.reopen(path, append=True)
        self._copied = self._shown = HEAD

    def drain(self, log: LogFile) -> None:
        """Copy what is new into the log. One thread at a time.

        Raises:
            OSError: the file system refuses; it is tried again by the next call.
        """
        while piece := files.read_at(self._head, self._copied, self._copied + PIECE):
            log.write(piece)
            self._copied += len(piece)
            files.rewrite(self._head, 0, _HEAD % (self._copied - HEAD))

    def unshown(self) -> bytes:
        """What nobody has been shown yet, or the first of it. One thread at a time.

        Raises:
            OSError: it can't be read.
        """
        piece = files.read_at(self._head, self._shown, self._shown + PIECE)
        self._shown += len(piece)
        return piece

    def leave(self) -> None:
        """Let go of it; it goes, as the log has all of it."""
        files.close(self.fd)
        files.close(self._head)
        files.unlink(self.path)


def rest(data: bytes) -> bytes | None:
    """What of a spool's bytes the log has not got; None where they are no spool's."""
    head = data[:HEAD]
    digits = head[10:30]
    if not digits.isdigit() or head != _HEAD % int(digits):
        return None if data else b""
    return data[HEAD + int(digits) :]
