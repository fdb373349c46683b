"""Who asks too often waits; others don't, and nobody is remembered for ever."""

from __future__ import annotations

from runstore.sync.server import rates
from runstore.sync.server.rates import Rates


def clocked(each_second: float, at_once: float) -> tuple[Rates, list[float]]:
    now = [0.0]
    return Rates(each_second, at_once, lambda: now[0]), now


def test_so_many_may_come_at_once_and_then_so_many_a_second() -> None:
    limit, now = clocked(2, 3)
    assert [limit.wait("a") for _ in range(4)] == [0, 0, 0, 0.5]
    now[0] = 0.5
    assert [limit.wait("a") for _ in range(2)] == [0, 0.5]


def test_who_waits_long_may_ask_no_more_at_once_than_before() -> None:
    limit, now = clocked(2, 3)
    now[0] = 1000.0
    assert [limit.wait("a") > 0 for _ in range(5)] == [False, False, False, True, True]


def test_one_does_not_take_from_another() -> None:
    limit, _ = clocked(1, 1)
    assert [limit.wait("a"), limit.wait("a"), limit.wait("b")] == [0, 1, 0]


def test_not_all_are_remembered() -> None:
    limit, _ = clocked(1, 1)
    for number in range(rates._KEPT + 10):
        limit.wait(str(number))
    assert len(limit._buckets) == rates._KEPT
