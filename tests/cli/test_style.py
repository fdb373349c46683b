"""Colours only where somebody looks, and never the only sign."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable

import pytest

from runstore.cli import style


def test_nobody_looks_no_colour_no_width_no_dot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    assert style.columns() is None
    assert style.bold("x") == "x"
    assert style.status("Failed") == "Failed"


def test_a_terminal_gets_its_width_colours_and_dots(
    terminal: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal(97)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "xterm")
    assert style.columns() == 97
    assert style.paint("x", "red").startswith("\x1b[31m")
    assert style.unpainted(style.status("Failed")) == "● Failed"


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_colours_can_be_refused(
    terminal: Callable[[int], None], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    terminal(80)
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv(name, value)
    assert style.bold("x") == "x"


def test_colours_can_be_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert style.bold("x") != "x"


def test_an_encoding_without_dots_gets_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="latin-1"))
    assert style.plain_letters()


def test_an_unknown_status_has_a_dot_too() -> None:
    assert style.dot("Whatever") == style.dot(None)
