"""Watch that a writer's files stay where it made them: an open file whose name is gone takes points without a word.

The flusher looks once a second, and the end of the run once more; the caller of ``log()`` never does.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from runstore.disk import files
from runstore.errors import NotWritable
from runstore.runs.closing import extra, held
from runstore.runs.stream import Stream


class Presence:
    """The directory and the streams of one writer."""

    def __init__(self, directory: Path, points: Stream, others: Sequence[Stream]) -> None:
        """Nothing is missing yet.

        Args:
            directory: the run's directory.
            points: the stream whose account gets the warnings.
            others: the other streams of the writer.
        """
        self._directory, self._points, self._streams = directory, points, (points, *others)
        self.deleted = False  # the whole directory

    def check(self) -> bool:
        """Look for deleted journals, count and report once what they held; False where something is lost for good."""
        missing = files.is_missing(self._directory)
        dropped = [drop_deleted(stream, missing) for stream in self._streams]
        faults = self._points.faults
        if any(dropped):
            faults.deleted(self._directory, missing)
            if missing:
                self.deleted = True
                for stream in self._streams:
                    stream.faults.share(faults)
            return False
        if missing and not self.deleted:
            faults.moved(self._directory)  # the journals are safe where they are now
        return not self.deleted

    def refuse_new_files(self) -> None:
        """Refuse to store files when the run is no longer at its path: they would lie apart from it.

        Raises:
            NotWritable: its directory was moved or deleted.
        """
        if files.is_missing(self._directory):
            where = f"{self._directory}: was moved or deleted while the run logs"
            raise NotWritable(f"{where}; end this run and start the next one where the workspace is")


def drop_deleted(stream: Stream, directory: bool) -> bool:
    """Let go of a stream's journal if its file was deleted, and count what it held; later items go to the next one.

    Args:
        stream: a stream of a live writer.
        directory: the run's directory was deleted too, and with it all that came before this journal.
    """
    with stream.locked() as taken:
        file = stream.file
        if file is None or not taken or not files.is_deleted(file.fd, file.path):
            return False
        start, end = stream.synced
        with suppress(OSError):  # what was never synced is counted by its lines
            kept = held(file, start)
            end += kept.count(b"\n") + extra(kept)
        if stream.place.rotate:  # facts are few and of many kinds: the warning says enough
            stream.faults.dropped += end - (0 if directory else stream.first)
        stream.hot.change(window=None, limit=-1)
        stream.file, stream.first, stream.shaken = None, end, False
        file.abandon()
    return True
