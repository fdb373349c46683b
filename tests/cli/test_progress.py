"""A bar for those who wait, and for nobody else."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from runstore.cli import style
from runstore.cli.progress import Bar, Passing, Spinner, Waiting


def test_quick_work_shows_nothing(capsys: pytest.CaptureFixture[str], terminal: Callable[[int], None]) -> None:
    terminal(80)
    with Bar("working") as bar:
        bar(1, 2)
    assert capsys.readouterr() == ("", "")
    assert bar.total == 2


def watched(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What somebody sees on stderr from now on."""
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_long_work_shows_a_bar_on_stderr_where_somebody_looks(
    monkeypatch: pytest.MonkeyPatch, terminal: Callable[[int], None]
) -> None:
    terminal(80)
    stderr = watched(monkeypatch)
    with Bar("working", delay=0) as bar:
        bar(1, 2)
    assert "working" in stderr.getvalue()
    assert "1/2" in stderr.getvalue()


def test_bytes_are_shown_as_sizes(monkeypatch: pytest.MonkeyPatch, terminal: Callable[[int], None]) -> None:
    terminal(80)
    stderr = watched(monkeypatch)
    with Bar("sending", delay=0, sizes=True) as bar:
        bar(1_200_000, 3_000_000)
    assert "sending" in stderr.getvalue()
    assert "1.2/3.0 MB" in stderr.getvalue()


def test_long_work_shows_nothing_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("working", delay=0) as bar:
        bar(1, 2)
    assert capsys.readouterr() == ("", "")


def test_waiting_shows_for_what_and_the_newest_word_on_one_line(
    monkeypatch: pytest.MonkeyPatch, terminal: Callable[[int], None]
) -> None:
    terminal(40)
    stderr = watched(monkeypatch)
    with Spinner(delay=0) as spinner:
        spinner("preparing")
        spinner("preparing", "Collecting [numpy]\x1b[2J" + "!" * 40)
    shown = style.unpainted(stderr.getvalue())
    assert "preparing 0s  Collecting [numpy]\\x1b[…\n" in shown


def test_a_short_wait_or_one_that_nobody_watches_shows_nothing(
    capsys: pytest.CaptureFixture[str], terminal: Callable[[int], None]
) -> None:
    with Spinner(delay=0) as spinner:
        spinner("preparing")
    terminal(80)
    with Spinner() as spinner:
        spinner("preparing")
    assert capsys.readouterr() == ("", "")


def test_a_bar_of_work_in_between_goes_when_that_is_done_and_may_come_again(
    monkeypatch: pytest.MonkeyPatch, terminal: Callable[[int], None]
) -> None:
    terminal(80)
    stderr = watched(monkeypatch)
    bar = Passing("index", delay=0)
    for _ in range(2):
        bar(1, 2)
        bar(2, 2)
    assert bar._bar is None
    assert "index" in stderr.getvalue()


def test_what_takes_long_says_so_by_itself_until_there_is_more_to_show(
    monkeypatch: pytest.MonkeyPatch, terminal: Callable[[int], None]
) -> None:
    terminal(80)
    stderr = watched(monkeypatch)
    with Waiting("looking", delay=0) as waiting:
        waiting._timer.join()
        waiting.stop()
        assert "looking 0s" in style.unpainted(stderr.getvalue())
        waiting._begin()  # it comes too late
        assert waiting._spinner._drawn is None


def test_what_is_quick_never_says_that_it_takes_long(
    monkeypatch: pytest.MonkeyPatch, terminal: Callable[[int], None]
) -> None:
    terminal(80)
    stderr = watched(monkeypatch)
    with Waiting("looking", delay=600) as waiting:
        pass
    waiting._timer.join()
    assert stderr.getvalue() == ""
