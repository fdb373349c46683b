"""A bar for those who wait, and for nobody else."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from runstore.cli.progress import Bar


def test_quick_work_shows_nothing(capsys: pytest.CaptureFixture[str], terminal: Callable[[int], None]) -> None:
    terminal(80)
    with Bar("working") as bar:
        bar(1, 2)
    assert capsys.readouterr() == ("", "")
    assert bar.total == 2


def test_long_work_shows_a_bar_on_stderr_where_somebody_looks(
    monkeypatch: pytest.MonkeyPatch, terminal: Callable[[int], None]
) -> None:
    terminal(80)
    stream = io.StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setenv("TERM", "xterm")
    with Bar("working", delay=0) as bar:
        bar(1, 2)
    assert "working" in stream.getvalue()
    assert "1/2" in stream.getvalue()


def test_long_work_shows_nothing_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with Bar("working", delay=0) as bar:
        bar(1, 2)
    assert capsys.readouterr() == ("", "")
