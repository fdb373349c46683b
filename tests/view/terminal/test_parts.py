"""What the page is made of."""

from __future__ import annotations

import runstore
from runstore.view.terminal.parts import Lines, Prompt
from tests.view.terminal.scenes import Eyes, finished, look


def test_text_that_looks_like_markup_is_shown_as_it_is(ws: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        head = eyes.app.query_one("#head", Lines)
        head.put([[("[bold]x[/bold]", "")]])
        assert head.render().plain == "[bold]x[/bold]"

    look(ws, act)


def test_a_click_chooses_a_run_and_the_wheel_the_next(ws: runstore.Workspace) -> None:
    for name in ("run_a", "run_b", "run_c"):
        finished(ws, name)

    async def act(eyes: Eyes) -> None:
        await eyes.sees("run_a", "run_c")
        await eyes.pilot.click("#board", offset=(5, 2))
        await eyes.until(lambda: "run_b" in eyes.chosen)
        eyes.app.query_one("#board", Lines).on_mouse_scroll_down()
        await eyes.until(lambda: "run_a" in eyes.chosen)
        eyes.app.query_one("#board", Lines).on_mouse_scroll_up()
        await eyes.until(lambda: "run_b" in eyes.chosen)

    look(ws, act)


def test_keys_go_to_the_prompt_only_while_it_asks(ws: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        assert eyes.app.focused is None
        await eyes.press("slash", "q", "tab")
        assert isinstance(eyes.app.focused, Prompt)
        assert eyes.app.query_one(Prompt).value == "q"
        await eyes.sees("Enter keep it", "Esc as before")
        await eyes.press("escape")
        assert eyes.app.focused is None
        await eyes.sees("q quit")

    look(ws, act)
