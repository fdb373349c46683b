"""The machine's figures as lines."""

from __future__ import annotations

import pytest

from runstore.view.terminal import gauges
from runstore.view.terminal.pieces import cells, plain
from runstore.view.terminal.wanted import Gauge


def gauge(name: str, *means: float | None, last: float = 1.0) -> Gauge:
    known = [value for value in means if value is not None]
    return Gauge(name, means, last, sum(known) / len(known), max(known))


@pytest.mark.parametrize(
    ("name", "last", "shown"),
    [
        ("cpu.percent", 12.34, "12.3 %"),
        ("process.memory.rss_bytes", 2e9, "2 GB"),
        ("network.sent_bytes_per_second", 1500.0, "1.5 kB/s"),
        ("gpu.0.temperature_celsius", 61.0, "61"),
    ],
)
def test_a_figure_has_its_unit(name: str, last: float, shown: str) -> None:
    (_, line) = gauges.lines([gauge(name, 1.0, last=last)], 90, 9)
    assert shown in plain(line)


def test_shares_are_drawn_from_none_to_all() -> None:
    (_, line) = gauges.lines([gauge("cpu.percent", 50.0, 51.0)], 90, 9)
    assert "█" not in plain(line) and "▁" not in plain(line)


def test_a_stretch_without_a_sample_is_as_the_one_before() -> None:
    (_, line) = gauges.lines([gauge("cpu.percent", 100.0, None, 100.0)], 90, 9)
    assert plain(line).count("█") == 90 - 11 - 33 - 3


@pytest.mark.parametrize("wide", [30, 80, 160])
def test_lines_fit(wide: int) -> None:
    many = [gauge(f"gpu.{number}.memory.percent", 1.0, 2.0) for number in range(30)]
    lines = gauges.lines(many, wide, 8)
    assert len(lines) == 8
    assert max(cells(plain(line)) for line in lines) <= wide
    assert "24 more figures" in plain(lines[-1])


def test_a_run_without_figures_says_so() -> None:
    assert "no system metrics" in plain(gauges.lines([], 80, 9)[0])
