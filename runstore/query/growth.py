"""What the logs of a run gain while it goes on: read from the ends of its files, so that following costs no query."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from typing import Any

import orjson

from runstore.disk import files as disk
from runstore.disk import wherever
from runstore.errors import Damaged
from runstore.format import names
from runstore.query import consoles
from runstore.runs import state

Line = dict[str, Any]  # the columns of the view ``logs`` without run_id and experiment
Key = tuple[str, str]  # writer and stream


@dataclass(slots=True)
class _Tail:
    """A file that is open from now on, so that its end is read even where it is sealed meanwhile."""

    file: FileIO
    key: Key  # of a side journal without the stream
    attempt: int
    at: int = 0

    def more(self) -> bytes:
        """The whole lines after the last ones."""
        data = disk.read_at(self.file.fileno(), self.at, disk.size(self.file.fileno()))
        data = data[: data.rfind(b"\n", 0, data.find(b"\0") if b"\0" in data and self.key[1] == "" else None) + 1]
        self.at += len(data)
        return data


class Growth:
    """The logs of one run. ``take`` gives the lines that came since the last call, or since this was made."""

    def __init__(self, run_path: Path) -> None:
        self._path = run_path
        self._tails: dict[str, _Tail] = {}
        self._next: dict[Key, int] = {}  # the line after the last one known
        self._find()
        for tail in self._tails.values():
            data = tail.more()
            if tail.key[1]:
                self._next[tail.key] = data.count(b"\n")

    def is_new(self, line: Line) -> bool:
        """Whether a line, from the view, is a whole one that was not known yet; from now on it is."""
        key = line["writer"], line["stream"]
        if line["line"] < self._next.get(key, 0):
            return False
        self._next[key] = line["line"] + 1
        return True

    def knows(self, line: Line) -> bool:
        """Whether a line, from the view, was known when this was made; log records are, the newest too."""
        if line["level"] is not None:
            self.is_new(line)
            return True
        return bool(line["line"] < self._next.get((line["writer"], line["stream"]), 0))

    @property
    def least(self) -> int:
        """The line before which every printed one is known."""
        known = [self._next.get(tail.key, 0) for tail in self._tails.values() if tail.key[1]]
        return min(known, default=0)

    def take(self) -> list[Line]:
        """The new lines. Their time is when they were seen."""
        self._find()
        lines: list[Line] = []
        for tail in self._tails.values():
            if data := tail.more():
                lines += self._printed(tail, data) if tail.key[1] else filter(self.is_new, _records(tail, data))
        return lines

    def close(self) -> None:
        """Let go of the files."""
        for tail in self._tails.values():
            tail.file.close()

    def _find(self) -> None:
        """Open the files that are new."""
        run = None
        for name in wherever.listed(self._path):
            parsed = names.parse(name)
            if parsed is None or name in self._tails or parsed.kind not in ("log", "side"):
                continue
            run = run or state.fold(self._path)
            attempt = next((one.attempt for one in run.writers if one.writer == names.owner(parsed.writer)), 1)
            key = (names.owner(parsed.writer), "")
            if parsed.kind == "log":
                raw = next((raw for raw in consoles.raws(run) if raw.path.name == name), None)
                if raw is None:
                    continue  # its fact is on its way
                key = (raw.writer, raw.stream)
            with suppress(FileNotFoundError, Damaged):
                self._tails[name] = _Tail(_opened(self._path / name), key, attempt)

    def _printed(self, tail: _Tail, data: bytes) -> Iterator[Line]:
        now = datetime.now(UTC).replace(tzinfo=None)
        first = self._next.get(tail.key, 0)
        parts = consoles.text(data[:-1]).split("\n")
        self._next[tail.key] = first + len(parts)
        for line, part in enumerate(parts, first):
            yield _line(tail, tail.key[1], line, now, text=part.rstrip("\r").rpartition("\r")[2])


def _opened(path: Path) -> FileIO:
    """A file of the run; of what lies in a block, which will not grow, a copy without a name."""
    try:
        return disk.opened(path)
    except FileNotFoundError:
        data = wherever.read(path)
        copy = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115  its reader closes it
        copy.write(data)
        return copy


def _records(tail: _Tail, data: bytes) -> Iterator[Line]:
    for row in data.splitlines():
        if row.startswith(b"[") and b'{"log":' in row:
            stream, body, (line,), time = orjson.loads(row)
            told = body.get("log", {})
            if "text" in told:
                when = datetime.fromtimestamp(time / 1e9, UTC).replace(tzinfo=None)
                yield _line(tail, stream, line, when, **told)


def _line(tail: _Tail, stream: str, line: int, time: datetime, **told: Any) -> Line:
    whose = {"attempt": tail.attempt, "writer": tail.key[0], "stream": stream, "line": line, "time": time}
    return {**whose, "level": None, "logger": None, "text": None, "exception": None, **told}
