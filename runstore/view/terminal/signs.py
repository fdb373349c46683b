"""What a status looks like, and the colours of curves: the terminal's own sixteen, so that any theme can be read."""

from __future__ import annotations

_SIGNS = {
    "Completed": ("✓", "ansi_green"),
    "Failed": ("✗", "ansi_red"),
    "Canceled": ("⊘", "ansi_yellow"),
    "CancelRequested": ("⊘", "ansi_yellow"),
    "Running": ("▶", "ansi_cyan"),
    "Finalizing": ("▷", "ansi_cyan"),
    "Starting": ("▷", "ansi_blue"),
    "Preparing": ("▷", "ansi_blue"),
    "Provisioning": ("▷", "ansi_blue"),
    "Queued": ("◦", "ansi_blue"),
    "NotStarted": ("◦", "ansi_blue"),
    "NotResponding": ("!", "ansi_magenta"),
}
CURVES = (
    "ansi_cyan", "ansi_yellow", "ansi_magenta", "ansi_green", "ansi_red", "ansi_blue", "ansi_bright_cyan",
    "ansi_bright_yellow", "ansi_bright_magenta", "ansi_bright_green",
)  # fmt: skip
MOST = len(CURVES)
"""Runs that can be told apart."""


def sign(status: str) -> tuple[str, str]:
    """A status's sign, a different one for each way of ending, and its colour."""
    return _SIGNS.get(status, ("◦", ""))


def curve(number: int) -> str:
    """The colour of a curve."""
    return CURVES[number % len(CURVES)]
