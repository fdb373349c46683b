"""The keys that are said are the keys that are bound."""

from __future__ import annotations

import pytest

import runstore
from runstore.view.terminal import help as keys
from runstore.view.terminal.app import Top
from runstore.view.terminal.pieces import cells, plain
from tests.view.terminal.scenes import Eyes, look


def test_each_key_does_something() -> None:
    for key in (key for group in keys.GROUPS.values() for key in group):
        assert hasattr(Top, f"action_{key.action.partition('(')[0]}"), key.action


def test_no_key_does_two_things() -> None:
    bound = [one for group in keys.GROUPS.values() for key in group for one in key.keys.split(",")]
    assert len(bound) == len(set(bound))


@pytest.mark.parametrize("wide", [30, 50, 80, 160])
def test_help_and_quit_are_always_at_the_foot(wide: int) -> None:
    line = plain(keys.foot(wide))
    assert cells(line) == wide
    assert line.rstrip().endswith("? help  q quit")


def test_the_help_fits_a_small_terminal() -> None:
    assert len(keys.lines()) <= 22
    assert max(cells(plain(line)) for line in keys.lines()) <= 60


def test_a_question_mark_shows_the_keys_and_escape_goes_back(ws: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.press("question_mark")
        assert isinstance(eyes.app.screen, keys.Help)
        await eyes.press("down", "up", "escape")
        assert not isinstance(eyes.app.screen, keys.Help)
        await eyes.press("question_mark", "q")
        assert not isinstance(eyes.app.screen, keys.Help)

    look(ws, act)
