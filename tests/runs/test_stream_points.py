"""A stream keeps every point once, in journals that begin and end where they should."""

from __future__ import annotations

import itertools
import signal
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runstore.disk import append
from runstore.runs import hot, stream
from tests.runs.streams import SMALL, WAYS, Bench


def test_no_file_is_there_before_the_first_point(bench: Bench) -> None:
    assert list(bench.directory.iterdir()) == []
    assert bench.stream.sync()
    assert bench.end() == 0
    assert list(bench.directory.iterdir()) == []


def test_what_is_logged_is_in_the_file_at_once(bench: Bench) -> None:
    for step in range(5):
        bench.log("loss", 0.5, step=step)
    assert bench.steps() == [0, 1, 2, 3, 4]


def test_a_sync_covers_what_is_new_with_one_checking_line(bench: Bench) -> None:
    for step in range(3):
        bench.log("loss", 0.5, step=step)
        assert bench.stream.sync()
    assert bench.stream.sync()
    (one,) = bench.journals()
    assert [(span.first, span.count, span.verified) for span in one.spans] == [(0, 1, True), (1, 1, True), (2, 1, True)]


def test_a_sync_with_nothing_new_touches_no_file(bench: Bench, disk: object) -> None:
    bench.log("loss", 0.5, step=0)
    assert bench.stream.sync()
    before = bench.path(0).read_bytes()
    assert bench.stream.sync()
    assert bench.path(0).read_bytes() == before


def test_an_ended_journal_is_closed_and_cut_to_its_bytes(bench: Bench) -> None:
    bench.log("loss", 0.5, step=0)
    assert bench.end() == 1
    (one,) = bench.journals()
    assert (one.closed, one.torn, one.damage) == (True, 0, [])
    assert bench.closed[0][1] == bench.path(0).stat().st_size


def test_after_the_end_calls_go_where_they_are_told(bench: Bench) -> None:
    bench.log("loss", 0.5, step=0)
    bench.end()
    with pytest.raises(AssertionError, match="ended"):
        bench.log("loss", 0.5, step=1)


def test_every_value_of_a_wide_line_has_a_number_of_its_own(bench: Bench) -> None:
    bench.log({"a": 1.0, "b": 2.0, "c": 3.0}, step=0)
    bench.stream.sync()
    bench.log("a", 1.0, step=1)
    bench.log({"a": 1.0, "b": 2.0}, step=2)
    assert bench.end() == 6
    assert [(name, step) for name, _, step, _ in bench.items()] == [
        ("a", 0), ("b", 0), ("c", 0), ("a", 1), ("a", 2), ("b", 2)
    ]  # fmt: skip


@pytest.mark.usefixtures("small")
def test_a_full_journal_is_left_and_the_next_goes_on_with_its_numbers(bench: Bench) -> None:
    for step in range(20_000):
        bench.log("loss", 0.123456789, step=step)
    assert bench.stream.number > 3
    assert bench.woken >= bench.stream.number
    bench.stream.left.finish()
    assert bench.end() == 20_000
    assert bench.steps() == list(range(20_000))
    numbers = [(one.header["number"], one.first, one.next) for one in bench.journals()]
    assert [number for number, _, _ in numbers] == list(range(len(numbers)))
    assert all(before[2] == after[1] for before, after in itertools.pairwise(numbers))
    assert all(one.closed for one in bench.journals())
    assert [(detached.number, size) for detached, size in bench.closed] == [
        (number, bench.path(number).stat().st_size) for number, _, _ in numbers
    ]


@pytest.mark.usefixtures("small")
def test_journals_stay_near_the_size_at_which_they_are_left(bench: Bench) -> None:
    for step in range(20_000):
        bench.log("loss", 0.123456789, step=step)
    bench.end()
    slack = append.AHEAD + 2 * 100 * 64
    assert all(path.stat().st_size < SMALL + slack for path in bench.directory.iterdir())


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("length", [1, append.PIECE, append.LAST_WINDOW + 5])
def test_a_line_of_any_length_is_kept(bench: Bench, length: int) -> None:
    for step in range(4):
        bench.log("text", "x" * length, step=step)
        bench.log("loss", 0.5, step=step)
    assert bench.end() == 8
    assert [len(value) for name, value, _, _ in bench.items() if name == "text"] == [length] * 4


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    actions=st.lists(st.integers(1, 300) | st.sampled_from(["sync", "finish", "wide", "list"]), max_size=40),
    way=st.sampled_from(WAYS),
)
def test_whatever_happens_between_points_each_is_there_once(
    tmp_path_factory: pytest.TempPathFactory, actions: list[int | str], way: bool
) -> None:
    bench = Bench(tmp_path_factory.mktemp("s"), way)
    logged: list[tuple[str, int]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream, "ROTATE", 3000)
        patch.setattr(stream, "LOOK", 10)
        for number, action in enumerate(actions):
            if action == "sync":
                assert bench.stream.sync()
            elif action == "finish":
                bench.stream.left.finish()
            elif action == "wide":
                many = {f"m{i}": i / 3 for i in range(50)}
                bench.log(many, step=number)
                logged += [(name, number) for name in many]
            elif action == "list":
                bench.points.series("list", [0.5] * 1200, number)
                logged += [("list", number)] * 1200
            else:
                for step in range(int(action)):
                    bench.log("loss", step / 7, step=step)
                    logged.append(("loss", step))
        assert [(name, step) for name, _, step, _ in bench.items()] == logged
        assert bench.end() == len(logged)
    assert [(name, step) for name, _, step, _ in bench.items()] == logged


# ---- threads


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads take turns as often as can be."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("small", "impatient")
def test_threads_that_share_a_stream_lose_nothing_and_leave_no_gap(bench: Bench) -> None:
    count = 3_000
    stop = threading.Event()

    def log(name: str) -> None:
        for step in range(count):
            if step % 100:
                bench.log(name, step / 3, step=step)
            else:
                bench.log({name: step / 3, "both": 1.0}, step=step)

    def flush() -> None:
        while not stop.is_set():
            bench.stream.left.finish()
            bench.stream.sync()

    flusher = threading.Thread(target=flush)
    threads = [threading.Thread(target=log, args=(f"t{number}",)) for number in range(4)]
    for thread in [flusher, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    flusher.join()

    assert bench.end() == 4 * count + 4 * count // 100
    items = bench.items()
    for number in range(4):
        assert [step for name, _, step, _ in items if name == f"t{number}"] == list(range(count))
    assert bench.stream.faults.dropped == 0


@pytest.mark.usefixtures("impatient")
def test_threads_without_steps_share_one_index_per_name(bench: Bench) -> None:
    def log() -> None:
        for _ in range(500):
            bench.log("loss", 1.0)
            bench.log({"loss": 1.0, "acc": 2})

    threads = [threading.Thread(target=log) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bench.end()
    indexes: dict[str, list[int]] = {"loss": [], "acc": []}
    for one in bench.journals():
        for name, value, step, _ in one.items():
            for key, index in zip([name] if name else value, step, strict=True):
                indexes[key].append(index)
    assert sorted(indexes["loss"]) == list(range(4_000))
    assert sorted(indexes["acc"]) == list(range(2_000))


# ---- the clock


def test_a_clock_moved_forward_counts_from_then_on(bench: Bench) -> None:
    bench.log("loss", 0.5, step=0)
    bench.stream.set_offset(10**18)
    bench.log("loss", 0.5, step=1)
    before, after = (time for _, _, _, time in bench.items())
    assert after - before >= 10**18


# ---- a forked child


def test_a_stream_let_go_leaves_its_files_as_they_are(bench: Bench) -> None:
    bench.log("loss", 0.5, step=0)
    bench.stream.sync()
    before = bench.path(0).read_bytes()
    taken: list[tuple[bytes, int]] = []
    assert bench.stream.hot.get().lock.acquire()  # as another thread of the parent had it when it forked
    bench.stream.abandon(lambda line, count: taken.append((line, count)))
    bench.log("loss", 0.5, step=1)
    bench.log({"a": 1.0, "b": 1.0}, step=2)
    assert [count for _, count in taken] == [1, 2]
    assert bench.path(0).read_bytes() == before


# ---- signal handlers


def test_a_lock_that_nobody_can_give_back_is_replaced(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PATIENCE", 0.01)
    bench.log("loss", 0.5, step=0)
    assert bench.stream.hot.get().lock.acquire()  # Ctrl-C came right after
    bench.stream._broken()
    bench.log("loss", 0.5, step=1)
    assert bench.stream.sync()
    assert bench.end() == 2
    assert bench.steps() == [0, 1]


def test_a_lock_is_replaced_though_the_second_ctrl_c_comes_while_it_is_waited_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "PATIENCE", 0.01)
    real, calls = hot.free, iter([KeyboardInterrupt])

    def waiting(lock: threading.Lock, patience: float | None = None) -> bool:
        for again in calls:
            raise again
        return real(lock, patience)

    bench.log("loss", 0.5, step=0)
    assert bench.stream.hot.get().lock.acquire()
    monkeypatch.setattr(stream, "free", waiting)
    with pytest.raises(KeyboardInterrupt):
        bench.stream._broken()
    bench.log("loss", 0.5, step=1)
    assert bench.end() == 2
    assert bench.steps() == [0, 1]


def test_a_lock_that_was_not_taken_after_all_stays(bench: Bench) -> None:
    before = bench.stream.hot.get().lock
    bench.stream._broken()
    assert bench.stream.hot.get().lock is before
    assert not before.locked()


def test_who_logs_from_a_signal_handler_inside_its_own_thread_waits_a_moment_and_loses_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runstore.runs.hot.PATIENCE", 0.01)
    bench.log("loss", 0.5, step=0)
    real = bench.stream._make_room
    inside: list[int] = []

    def interrupted(line: bytes) -> None:
        if not inside:
            inside.append(1)
            bench.log("loss", 0.5, step=100)
            bench.log({"a": 1.0, "b": 2.0}, step=101)
            bench.log("loss", 0.5)
        real(line)

    monkeypatch.setattr(bench.stream, "_make_room", interrupted)
    bench.stream.hot.change(limit=-1)
    bench.log("loss", 0.5, step=1)
    bench.log("loss", 0.5, step=2)
    assert bench.stream.sync()
    assert bench.end() == 7
    assert sorted(map(str, bench.steps())) == sorted(map(str, [0, 1, 100, 101, 101, [0], 2]))


@pytest.mark.parametrize("where", ["sum_up", "sync", "close"])
def test_a_signal_handler_that_ends_the_run_inside_a_flush_spoils_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr("runstore.runs.hot.STUCK", 0.01)
    monkeypatch.setattr(stream, "ROTATE", SMALL)
    count = 0
    while not bench.stream.left.journals:
        bench.log("loss", 0.5, step=count)
        count += 1
    real = getattr(append.AppendFile, where)
    inside: list[int] = []

    def interrupted(self: append.AppendFile, *args: int) -> None:
        if not inside:
            inside.append(1)
            bench.end()
        real(self, *args)

    monkeypatch.setattr(append.AppendFile, where, interrupted)
    bench.stream.left.finish()
    bench.stream.sync()
    assert inside
    assert bench.steps() == list(range(count))


@pytest.mark.parametrize("rotate", [SMALL, 1 << 30])
def test_ctrl_c_at_any_instant_loses_nothing_acknowledged_and_logging_goes_on(
    tmp_path: Path, mapped: bool, monkeypatch: pytest.MonkeyPatch, rotate: int
) -> None:
    bench = Bench(tmp_path, mapped)  # on the bare disk: writing is one step

    class CtrlC(Exception):
        pass

    def raise_it(number: int, frame: object) -> None:
        if armed:
            raise CtrlC

    monkeypatch.setattr("runstore.runs.hot.PATIENCE", 0.01)
    monkeypatch.setattr(stream, "PATIENCE", 0.01)
    monkeypatch.setattr(stream, "ROTATE", rotate)
    before = signal.signal(signal.SIGALRM, raise_it)
    many = {f"m{number}": 0.5 for number in range(7)}
    acknowledged: Counter[int] = Counter()
    step = 0
    for turn in range(100):
        try:
            armed = True
            signal.setitimer(signal.ITIMER_REAL, 0.0001 + turn * 0.00001)
            while True:
                step += 1
                count = 7 if step % 5 == 0 else 1
                bench.log(many if count == 7 else "loss", hot.MISSING if count == 7 else 0.5, step=step)
                acknowledged[step] = count
        except CtrlC:
            armed = False
    signal.signal(signal.SIGALRM, before)

    bench.stream.left.finish()
    assert bench.stream.sync()
    bench.end()
    there = Counter(bench.steps())
    assert {step: there[step] for step in acknowledged} == acknowledged
    assert len(there) <= len(acknowledged) + 100
