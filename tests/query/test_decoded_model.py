"""Journals that grow, tear, are begun anew and sealed, in any order: what is kept answers as if nothing were."""

from __future__ import annotations

import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from runstore.disk import tail
from runstore.format import lines, names, ranges
from runstore.query import connect, decoded, live
from runstore.query.decoded import Decoded

RUN = "r"
TIME = 1_700_000_000_123_456_789
WRITERS = ("a1b2c3d4e5f60718", "b1b2c3d4e5f60718")
VALUES = st.sampled_from([0.5, 3, True, None, "text", {"i": str(2**70)}, {"f": "nan"}])
STEPS = st.one_of(st.integers(-3, 30), st.integers(0, 9).map(lambda index: [index]))
LINES = st.one_of(
    st.builds(lambda name, value, step: lines.point(name, value, step, TIME), st.sampled_from("abc"), VALUES, STEPS),
    st.builds(
        lambda values, step: lines.points(values, step, TIME),
        st.dictionaries(st.sampled_from("abc"), VALUES, min_size=1),
        st.integers(0, 30),
    ),
    st.builds(lambda values: lines.series("a", {"list": values}, [4], TIME), st.lists(VALUES, min_size=1, max_size=5)),
    st.builds(lambda x: lines.row("table", {"x": x}, x, TIME), st.integers(0, 9)),
)


class File:
    """A journal as its writer makes it. ``padded``: it is mapped, so NULs follow what is in use."""

    def __init__(self, writer: str, number: int, first: int, padded: bool) -> None:
        self.path = Path("runs", *Path(names.run_dir(RUN)).parts[1:], names.points(writer, number))
        self.data = lines.header(lines.POINTS, RUN, "e", writer, 1, number, first)
        self.number, self.first, self.next, self.checked, self.checked_next = number, first, first, 0, first
        self.padded, self.closed, self.torn = padded, False, b""

    def add(self, line: bytes) -> None:
        self.data += line
        self.next += lines.count(line)

    def check(self) -> None:
        at = len(self.data)
        count = self.next - self.checked_next
        crc = zlib.crc32(self.data[self.checked :])
        self.data += lines.checksum(lines.SUM, self.checked, at, self.checked_next, count, crc)
        self.checked, self.checked_next = at, self.next

    def close(self) -> None:
        count = self.next - self.first
        self.data += lines.checksum(lines.END, 0, len(self.data), self.first, count, zlib.crc32(self.data))
        self.closed = True

    @property
    def bytes(self) -> bytes:
        return self.data + self.torn + (bytes(64) if self.padded and not self.closed else b"")


class Journals(RuleBasedStateMachine):
    """Two writers of a run."""

    def __init__(self) -> None:
        super().__init__()
        self.eager = mock.patch.multiple(decoded, ASKED=2, _STEP=100, MOST=6000)
        self.eager.start()
        self.kept = Decoded(live.load)
        self.files: dict[str, list[File]] = {}
        self.numbers = dict.fromkeys(WRITERS, 0)
        self.sealed: dict[str, list[ranges.Range]] = {}

    def teardown(self) -> None:
        self.kept._drop([*self.kept._kept])
        self.eager.stop()

    def current(self, writer: str) -> File:
        own = self.files.setdefault(writer, [])
        if not own or own[-1].closed:
            self.begin(writer, own[-1].next if own else self.numbers[writer] and self.nexts(writer), False)
        return own[-1]

    def nexts(self, writer: str) -> int:
        return max((last + 1 for _, last in self.sealed.get(writer, [])), default=0)

    def begin(self, writer: str, first: int, padded: bool) -> File:
        self.numbers[writer] += 1
        made = File(writer, self.numbers[writer], first, padded)
        self.files.setdefault(writer, []).append(made)
        return made

    @rule(writer=st.sampled_from(WRITERS), added=st.lists(LINES, min_size=1, max_size=12))
    def log(self, writer: str, added: list[bytes]) -> None:
        file = self.current(writer)
        for line in added:
            file.torn = b""  # what was torn is written whole, or cut
            file.add(line)

    @rule(writer=st.sampled_from(WRITERS))
    def flush(self, writer: str) -> None:
        file = self.current(writer)
        file.torn = b""
        file.check()

    @rule(writer=st.sampled_from(WRITERS), line=LINES, share=st.floats(0, 0.99))
    def tear(self, writer: str, line: bytes, share: float) -> None:
        self.current(writer).torn = line[: int(share * len(line))]

    @rule(writer=st.sampled_from(WRITERS), padded=st.booleans(), closed=st.booleans(), repeated=st.booleans())
    def rotate(self, writer: str, padded: bool, closed: bool, repeated: bool) -> None:
        """The next journal; it may repeat what was not checked of the one before."""
        file = self.current(writer)
        if closed and not file.torn:
            file.close()
            self.begin(writer, file.next, padded)
        elif repeated:
            made = self.begin(writer, file.checked_next, padded)
            for line in file.data[file.checked :].splitlines(keepends=True):
                if line.startswith(b"["):
                    made.add(line)
        else:
            self.begin(writer, file.next, padded)

    @precondition(lambda self: any(len(own) > 1 for own in self.files.values()))
    @rule(writer=st.sampled_from(WRITERS), gone=st.booleans())
    def seal(self, writer: str, gone: bool) -> None:
        """The oldest journal's points are in a segment; the journal may be there for a moment longer."""
        own = self.files.get(writer, [])
        if len(own) > 1:
            file = own[0]
            held = [(file.first, file.next - 1)] if file.next > file.first else []
            self.sealed[writer] = ranges.join([*self.sealed.get(writer, []), *held])
            if gone:
                own.pop(0)

    @invariant()
    def the_answers_are_the_same(self) -> None:
        for wanted in (None, {"a", "table"}):
            assert self.told(self.kept, wanted) == self.told(None, wanted)

    def told(self, kept: Decoded | None, wanted: Any) -> list[list[str]]:
        inventory: Any = SimpleNamespace(sealed=self.sealed, facts=[], points=[], sides=[])
        sources = [(file.path, lambda file=file: file.bytes) for own in self.files.values() for file in own]
        found = [one for _, one in tail._read(inventory, sorted(sources, key=lambda source: tail.order(source[0])))]
        assert not any(one.damage for one in found)
        connection = connect.connect()
        live.load(connection, [one for one in found if one.spans], wanted, kept)
        number = "seq" if wanted is None else "0"  # where only some names matter they keep the order only
        views = {
            "live_points": f"name, step, value, kind, text, indexed, time, writer, attempt, run_id, {number} AS n",
            "live_rows": f"row, name, data, step, time, writer, attempt, run_id, {number} AS n",
        }
        chosen = "" if wanted is None else "WHERE name IN ('a', 'table')"
        return [
            sorted(map(repr, connection.execute(f"SELECT {columns} FROM {view} {chosen}").fetchall()))
            for view, columns in views.items()
        ]


TestJournals = Journals.TestCase
TestJournals.pytestmark = [pytest.mark.slow]
TestJournals.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
