"""So many bytes a second: as arithmetic, and over threads, without anybody sleeping."""

from __future__ import annotations

from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.errors import UsageError
from runstore.sync.limit import BURST, Bucket, Limit, parse


class Clock:
    """Time that passes only where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.mark.parametrize(
    ("text", "rate"),
    [("10MB", 10e6), ("512KiB", 512 * 1024), ("1.5 mb/s", 1.5e6), ("200000", 2e5), ("3k", 3e3), ("1GiB/s", 2**30)],
)
def test_a_rate_is_written_as_people_write_it(text: str, rate: float) -> None:
    assert parse(text) == rate


@pytest.mark.parametrize("text", ["", "fast", "-1MB", "0", "0.1", "10 M B", "10TB", "1e6", "nan"])
def test_what_is_no_rate_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="write 10MB"):
        parse(text)


def test_the_first_bytes_go_at_once_and_the_next_wait_for_them() -> None:
    bucket = Bucket(1000, 0.0)
    assert bucket.take(1250, 0.0) == 0.0
    assert bucket.take(1, 0.0) == pytest.approx(1.0)


def test_a_pause_saves_up_no_more_than_the_burst() -> None:
    bucket = Bucket(1000, 0.0)
    assert bucket.take(int(1000 * BURST) + 500, 3600.0) == 0.0
    assert bucket.take(1, 3600.0) == pytest.approx(0.5)


def test_a_clock_that_goes_back_lends_nothing() -> None:
    bucket = Bucket(1000, 50.0)
    bucket.take(250, 50.0)
    bucket.take(1000, 10.0)
    assert bucket.take(0, 50.0) == pytest.approx(1.0)


@given(st.lists(st.integers(0, 5000), max_size=60), st.floats(10, 10_000))
def test_never_more_than_the_rate_and_the_burst_go_before_the_last_piece(sizes: list[int], rate: float) -> None:
    clock = Clock()
    limit = Limit(rate, clock, clock.sleep)
    gone = 0
    for size in sizes:
        limit.wait(size)
        assert gone <= rate * (clock.now - 100.0 + BURST) + 1e-3
        gone += size


def test_all_threads_share_one_rate() -> None:
    slept: list[float] = []
    limit = Limit(1000, lambda: 0.0, slept.append)
    limit.wait(int(1000 * BURST))
    threads = [Thread(target=limit.wait, args=(100,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(slept) == pytest.approx([0.1 * n for n in range(1, 8)])


def test_chunks_are_handed_on_as_they_are() -> None:
    clock = Clock()
    chunks = [b"a" * 500, b"", b"b" * 500, b"c"]
    assert list(Limit(1000, clock, clock.sleep).held_back(chunks)) == chunks
    assert clock.now == pytest.approx(100.75)
