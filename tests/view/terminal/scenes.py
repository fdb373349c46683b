"""Runs to look at, and the page with keys to press."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from textual.pilot import Pilot

import runstore
from runstore.view.terminal.app import Top
from runstore.view.terminal.parts import Lines
from runstore.view.terminal.pieces import plain
from runstore.view.terminal.wanted import Wanted

PATIENCE = 30.0  # seconds until what is awaited has to be there


def finished(
    ws: runstore.Workspace, run_id: str, experiment: str = "mnist", scale: float = 1.0, steps: int = 50
) -> str:
    """A run that ended well, with three metrics."""
    with runstore.start_run(
        experiment, run_id=run_id, name=f"name of {run_id}", params={"lr": scale}, workspace=ws
    ) as run:
        for step in range(steps):
            run.log({"loss": scale / (step + 1), "val/loss": 2 * scale / (step + 1), "acc": step / steps}, step=step)
    return run.id


def failed(ws: runstore.Workspace, run_id: str) -> str:
    """A run that failed."""
    run = runstore.start_run("mnist", run_id=run_id, workspace=ws)
    run.log("loss", 3.0, step=0)
    run.fail("no data")
    return run.id


class Eyes:
    """Somebody in front of the page: presses keys, reads lines, waits until something is to be seen."""

    def __init__(self, app: Top, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    def part(self, name: str) -> list[str]:
        """The lines of a part of the page."""
        return [plain(line).rstrip() for line in self.app.screen_stack[0].query_one(f"#{name}", Lines)._shown]

    def text(self) -> str:
        """All of the page."""
        return "\n".join(line for name in ("head", "board", "middle", "panel", "foot") for line in self.part(name))

    async def press(self, *keys: str) -> None:
        """Press keys one after another."""
        await self.pilot.press(*keys)

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until this is so."""
        loop = asyncio.get_running_loop()
        end = loop.time() + PATIENCE
        while not true():
            assert loop.time() < end, self.text()
            await self.pilot.pause(0.02)

    async def sees(self, *words: str) -> None:
        """Wait until the page shows all of this."""
        await self.until(lambda: all(word in self.text() for word in words))

    async def misses(self, word: str) -> None:
        """Wait until the page shows this no more."""
        await self.until(lambda: word not in self.text())

    @property
    def chosen(self) -> str:
        """The line of the list that is chosen."""
        return next((line for line in self.part("board")[1:] if line.startswith((">", "■>"))), "")


def look(
    ws: runstore.Workspace,
    act: Callable[[Eyes], Awaitable[None]],
    size: tuple[int, int] = (80, 24),
    wanted: Wanted | None = None,
) -> Top:
    """Open the page, do something in front of it, leave."""

    async def session() -> Top:
        app = Top(ws, wanted)
        async with app.run_test(size=size) as pilot:
            await act(Eyes(app, pilot))
        return app

    return asyncio.run(session())
