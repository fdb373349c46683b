"""What a writer keeps beside its points: log records and system metrics, in journals of their own.

They are read by name only where somebody asks for them, so they never slow down a question about metrics.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import count

from runstore.format import lines, values
from runstore.runs.closing import Closed, Place
from runstore.runs.hot import MISSING, Overflow
from runstore.runs.points import Points
from runstore.runs.stream import Stream

THINGS = "log records and system metrics"


class Side:
    """The side of one writer. Its first journal is opened when something is put into it; threads may share it.

    A full or failing disk never raises here: what can't be kept is counted, apart from points.
    """

    def __init__(self, place: Place, offset: int, label: str, wake: Callable[[], None], closed: Closed) -> None:
        """Nothing is opened yet. The arguments are those of ``Stream``."""
        self._points = Points(lambda name, text: None)
        self.stream = Stream(place, self._points.log, offset, label, wake, closed, THINGS)
        self._points.hot = self.stream.hot
        self._lines = _counters()

    def log(
        self,
        stream: str,
        logger: str | None,
        level: str | None,
        text: str,
        exception: str | None = None,
        time_ns: int | None = None,
    ) -> None:
        """Keep one log record.

        Args:
            stream: where it belongs, such as ``logs/azureml/run.log``.
            logger: the logger's name.
            level: DEBUG, INFO, WARNING, ERROR, CRITICAL or a name of one's own.
            text: the message, of one line or several.
            exception: the traceback, if there was one.
            time_ns: when it was, nanoseconds UTC; None is now.

        Raises:
            RunClosed: the writer has ended.
        """
        data = {"logger": logger, "level": level, "text": text, "exception": exception}
        self._put(stream, data, next(self._lines[stream]), time_ns)

    def mark(self, stream: str, offset: int) -> None:
        """Keep that at this moment the stream's file had ``offset`` bytes: where its lines get their times from."""
        self._put(stream, {"mark": offset}, next(self._lines[f"\0{stream}"]), None)

    def system(self, sample: Mapping[str, float]) -> None:
        """Keep one moment's figures of the machine."""
        self._points.log(sample, MISSING, "", None)

    def _put(self, stream: str, data: Mapping[str, str | int | None], line: int, time_ns: int | None) -> None:
        when = self.stream.hot.now() if time_ns is None else time_ns
        try:
            record = lines.record(stream, data, line, when)
        except TypeError:  # a lone surrogate: what a script prints need not be Unicode
            told = {key: values.escaped(value) if isinstance(value, str) else value for key, value in data.items()}
            record = lines.record(values.escaped(stream), told, line, when)
        self.stream.hot.put(record, 1)

    # ---- forks

    def abandon(self, overflow: Overflow) -> None:
        """In a forked child: let go of the parent's files; what comes later goes to ``overflow``."""
        self._points.forget()
        self._lines = _counters()
        self.stream.abandon(overflow)

    def follow(self, other: Side) -> None:
        """In a forked child: one that was kept from before the fork goes on as the child's own."""
        self._points.follow(other._points)
        self.stream, other._lines = other.stream, self._lines  # a record that is on its way has its line already


def _counters() -> defaultdict[str, count[int]]:
    """The next line of each stream. Taking one is a single step, for threads and for signal handlers alike."""
    return defaultdict(count)
