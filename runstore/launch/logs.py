"""What a launcher keeps in writing: what the script prints, what prepares it, and what the launcher itself does."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from runstore.disk import files
from runstore.runs import logfile, redact
from runstore.runs.logfile import LogFile
from runstore.runs.media import MediaRun

CONTROL = "azureml-logs/60_control_log.txt"  # names as in the Azure ML SDK v1
PREPARATION = "azureml-logs/20_image_build_log.txt"


class Logs:
    """The streams of the launcher's writer."""

    def __init__(self, run: MediaRun) -> None:
        """None is there before it is asked for."""
        self._writer = run._live()
        self._open: dict[str, LogFile] = {}

    def stream(self, name: str) -> LogFile:
        """The file of a stream, made by the first call.

        Raises:
            OSError: the file system refuses.
        """
        if name not in self._open:
            self._open[name] = logfile.opened(self._writer, name)
        return self._open[name]

    def say(self, text: str) -> None:
        """Write down what the launcher does; nothing happens where that can't be written."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.line(CONTROL, f"{now} {redact.of_process().text(text)}")

    def prepare(self, text: str) -> None:
        """Write down what is said while the environment is made."""
        self.line(PREPARATION, text)

    def line(self, stream: str, text: str) -> None:
        """Write a line into a stream; nothing happens where that can't be written."""
        with suppress(OSError):
            file = self.stream(stream)
            file.write(f"{text}\n".encode("utf-8", "backslashreplace"))
            self._take(file)

    def tick(self) -> None:
        """Take into account what has grown, whoever wrote it."""
        for file in self._open.values():
            with suppress(OSError):
                self._take(file)

    def _take(self, file: LogFile) -> None:
        while file.advance():
            pass
        file.mark()

    def tail(self, stream: str, size: int) -> bytes:
        """The last bytes of a stream."""
        try:
            with files.opened(self.stream(stream).path) as file:
                end = files.size(file.fileno())
                return files.read_at(file.fileno(), max(0, end - size), end)
        except OSError:
            return b""

    def settle(self) -> None:
        """Leave them all: nobody writes there any more."""
        for file in self._open.values():
            with suppress(OSError):
                file.settle()
