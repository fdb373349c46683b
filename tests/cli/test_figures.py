"""The command line writes numbers as the terminal's page does."""

from __future__ import annotations

from runstore.cli import figures
from runstore.view.terminal import figures as shown


def test_commands_and_the_page_in_the_terminal_write_figures_with_the_same_functions() -> None:
    assert {name: getattr(figures, name) for name in figures.__all__} == {
        name: getattr(shown, name) for name in figures.__all__
    }
