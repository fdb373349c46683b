"""Colours: few, only where somebody looks, and never the only sign."""

from __future__ import annotations

import os
import shutil
import sys
from typing import TextIO

import click

DOTS = {
    "Completed": ("●", "green"),
    "Queued": ("○", "blue"),
    "Preparing": ("◐", "blue"),
    "Starting": ("◐", "blue"),
    "Running": ("●", "cyan"),
    "Finalizing": ("◐", "cyan"),
    "Failed": ("●", "red"),
    "Canceled": ("○", "yellow"),
    "CancelRequested": ("○", "yellow"),
    "NotResponding": ("◌", "magenta"),
}
CURVES = ("cyan", "yellow", "magenta", "green", "red", "blue", "white", "bright_green", "bright_red", "bright_blue")


def watched(stream: TextIO | None = None) -> bool:
    """Whether somebody looks at the stream (default: stdout): it is a terminal."""
    return (stream or sys.stdout).isatty()


def coloured() -> bool:
    """Whether stdout takes colours: a terminal that isn't dumb, unless NO_COLOR or FORCE_COLOR say otherwise."""
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (watched() and os.environ.get("TERM") != "dumb")


def columns() -> int | None:
    """How wide the terminal is; None when stdout is no terminal and lines may be as long as they are."""
    return shutil.get_terminal_size().columns if watched() else None


def plain_letters() -> bool:
    """Whether stdout's encoding has no room for dots and braille."""
    try:
        "●⣿─".encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        return True
    return False


def paint(text: str, colour: str | None = None, *, bold: bool = False, dim: bool = False) -> str:
    """The text in a colour, where stdout takes colours."""
    if not coloured() or not text:
        return text
    return click.style(text, fg=colour, bold=bold or None, dim=dim or None)


def dim(text: str) -> str:
    """Text that may be overlooked."""
    return paint(text, dim=True)


def bold(text: str) -> str:
    """Text to find first."""
    return paint(text, bold=True)


def dot(word: object) -> tuple[str, str]:
    """A status's dot and its colour."""
    return DOTS.get(str(word), ("○", "white"))


def status(word: str) -> str:
    """A status with its coloured dot. The word alone when nobody looks, so that it can be grepped and cut."""
    if not watched() or plain_letters():
        return word
    sign, colour = dot(word)
    return f"{paint(sign, colour)} {word}"


def unpainted(text: str) -> str:
    """The text without its colours."""
    return click.unstyle(text)


def echo(text: str = "") -> None:
    """Print one piece of output."""
    click.echo(text, color=True)


def note(text: str) -> None:
    """Say something beside the output: stderr, so that pipes carry data only."""
    click.echo(text, err=True)
