"""The page in the terminal: each key, each state, and a run that logs while somebody looks."""

from __future__ import annotations

from dataclasses import replace

import pytest

import runstore
from runstore.query import watchers
from runstore.view.terminal import pages
from runstore.view.terminal.app import Top
from runstore.view.terminal.wanted import CURVES, LOG, MACHINE, STEP, TIME, Wanted
from tests.view.terminal.scenes import Eyes, failed, finished, look

KEPT = ("run_1", "run_2", "run_3")


@pytest.fixture
def three(ws: runstore.Workspace) -> runstore.Workspace:
    """Three runs, the last of which is the newest."""
    for number, run_id in enumerate(KEPT, 1):
        finished(ws, run_id, "mnist" if number < 3 else "cifar", scale=float(number))
    return ws


@pytest.mark.parametrize("size", [(80, 24), (160, 50), (40, 12), (20, 6)])
def test_it_shows_the_newest_run_and_its_curves_at_any_size(three: runstore.Workspace, size: tuple[int, int]) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.until(lambda: eyes.app.view.found.run_id == "run_3")
        await eyes.until(lambda: len(eyes.part("panel")) > 0)
        if size[0] >= 80:
            await eyes.sees("3 runs", "run_1", "loss", "✓ run_3 name of run_3", "last")

    look(three, act, size)


def test_an_empty_workspace_shows_runs_as_soon_as_there_are_some(ws: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("no runs yet", "start_run")
        await eyes.press("j", "k", "G", "space", "s", "r", "right", "left", "u", "l", "c", "enter", "enter", "pagedown")
        finished(ws, "run_1")
        await eyes.sees("1 run", "run_1")

    look(ws, act)


def test_a_run_that_logs_is_followed(ws: runstore.Workspace) -> None:
    run = runstore.start_run("mnist", run_id="live", workspace=ws)
    run.log("loss", 4.0, step=0)

    async def act(eyes: Eyes) -> None:
        await eyes.sees("▶ Running", "1 running", "last 4")
        run.log("loss", 2.5, step=1)
        await eyes.sees("last 2.5", "min 2.5", "max 4")
        run.log("new", 1.0, step=2)
        await eyes.sees("of 2")
        run.complete()
        await eyes.sees("✓ Completed")
        await eyes.misses("1 running")

    look(ws, act)


def test_what_a_running_run_prints_is_followed(ws: runstore.Workspace) -> None:
    run = runstore.start_run("mnist", run_id="live", workspace=ws)

    async def act(eyes: Eyes) -> None:
        await eyes.press("l")
        await eyes.sees("nothing was printed yet")
        run.attach_log("user_logs/std_log.txt", b"epoch 1\n\x1b[1mepoch 2\x1b[0m\n")
        await eyes.sees("epoch 1", "epoch 2")
        run.complete()

    look(ws, act)


def test_the_machine_of_a_running_run_is_shown(ws: runstore.Workspace) -> None:
    run = runstore.start_run("mnist", run_id="live", workspace=ws)

    async def act(eyes: Eyes) -> None:
        await eyes.press("u")
        await eyes.sees("no system metrics")
        run._live().side().system({"cpu.percent": 37.5})
        await eyes.sees("cpu.percent", "37.5 %")
        run.complete()

    look(ws, act)


def test_runs_are_walked_through(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.until(lambda: "run_3" in eyes.chosen)
        for keys, run_id in (
            (("j",), "run_2"), (("down",), "run_1"), (("down",), "run_1"), (("k",), "run_2"), (("up",), "run_3"),
            (("G",), "run_1"), (("g",), "run_3"), (("end",), "run_1"), (("home",), "run_3"), (("pagedown",), "run_1"),
            (("pageup",), "run_3"),
        ):  # fmt: skip
            await eyes.press(*keys)
            await eyes.until(lambda wanted=run_id: wanted in eyes.chosen)  # type: ignore[misc]
        await eyes.press("j")
        await eyes.sees("── ✓ run_2 name of run_2", "last 0.98")

    look(three, act)


def test_a_long_list_is_read_in_stretches(ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        finished(ws, f"run_{number:02d}", steps=1)
    sizes: list[int] = []
    read = pages.read

    def counted(*given: object) -> pages.Page:
        page = read(*given)  # type: ignore[arg-type]
        sizes.append(len(page.rows))
        return page

    monkeypatch.setattr(pages, "read", counted)

    async def act(eyes: Eyes) -> None:
        await eyes.until(lambda: "run_59" in eyes.chosen)
        await eyes.press("G")
        await eyes.until(lambda: "run_00" in eyes.chosen)
        await eyes.sees("── ✓ run_00")
        await eyes.press("pageup")
        await eyes.until(lambda: "run_09" in eyes.chosen)
        await eyes.press("g")
        await eyes.until(lambda: "run_59" in eyes.chosen)

    look(ws, act)
    assert max(sizes) <= 27


def test_marked_runs_are_drawn_beside_the_chosen_one(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.until(lambda: "run_3" in eyes.chosen)
        await eyes.press("space", "j")
        await eyes.sees("and 1 marked", "━ run_3", "━ run_2")
        await eyes.press("space", "j")
        await eyes.sees("and 2 marked", "━ run_3", "━ run_2", "━ run_1")
        await eyes.press("k", "space")
        await eyes.sees("and 1 marked")
        await eyes.press("escape")
        await eyes.misses("marked")

    look(three, act, (100, 40))


def test_more_runs_than_there_are_colours_are_not_marked(ws: runstore.Workspace) -> None:
    for number in range(11):
        finished(ws, f"run_{number:02d}", steps=1)

    async def act(eyes: Eyes) -> None:
        await eyes.sees("run_10")
        for _ in range(9):
            await eyes.press("space", "j")
        await eyes.press("space")
        await eyes.sees("more than 9 can't be told apart")
        assert len(eyes.app.view.wanted.marked) == 9

    look(ws, act, (80, 40))


def test_a_condition_leaves_the_runs_it_is_true_for(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("3 runs")
        await eyes.press("slash", *"lr>1.5", "enter")
        await eyes.sees("2 runs", "where lr>1.5")
        assert eyes.app.focused is None
        await eyes.press("slash", *" and acc>2", "enter")
        await eyes.sees("no run matches", "0 runs")
        await eyes.press("escape")
        await eyes.sees("3 runs")
        await eyes.press("slash", *"lr>9", "escape")
        await eyes.sees("3 runs")
        assert eyes.app.view.wanted.where == ""

    look(three, act)


def test_a_wrong_condition_is_said_and_the_list_stays(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("run_1")
        await eyes.press("slash", *"nonsense>1", "enter")
        await eyes.sees("no run has a column, param or metric 'nonsense'", "run_1", "3 runs")
        await eyes.press("escape")
        await eyes.misses("nonsense")

    look(three, act)


def test_the_list_is_sorted_by_its_columns(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("age▼", "loss")
        await eyes.press("r")
        await eyes.sees("age▲")
        await eyes.until(lambda: "run_1" in eyes.part("board")[1] and "run_3" in eyes.part("board")[3])
        await eyes.press("r")
        await eyes.until(lambda: "run_3" in eyes.part("board")[1])
        await eyes.press("s")
        await eyes.sees("status▲")
        await eyes.press("s")
        await eyes.sees("run▲")
        await eyes.until(lambda: "run_1" in eyes.part("board")[1])
        await eyes.press("r")
        await eyes.sees("run▼")
        await eyes.until(lambda: "run_3" in eyes.part("board")[1])
        await eyes.press("S", "S", "S")
        await eyes.sees("val/loss▲")
        await eyes.until(lambda: "run_1" in eyes.part("board")[1])

    look(three, act, (120, 30))


def test_metrics_are_searched_as_one_writes(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("metric 1 of 3")
        await eyes.press("m", *"VAL")
        await eyes.sees("named *VAL*", "val/loss")
        await eyes.press(*"xyz")
        await eyes.sees("no metric is named *VALxyz*")
        await eyes.press("escape")
        await eyes.sees("metric 1 of 3")
        await eyes.press("m", *"val", "enter")
        await eyes.sees("named *val*")
        await eyes.press("escape")
        await eyes.sees("metric 1 of 3")

    look(three, act)


def test_metrics_are_leafed_through(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("metric 1 of 3")
        for key, shown in (
            ("right", "metric 2 of 3"),
            ("right_square_bracket", "metric 3 of 3"),
            ("right", "metric 3 of 3"),
            ("left", "metric 2 of 3"),
            ("left_square_bracket", "metric 1 of 3"),
            ("left", "metric 1 of 3"),
        ):
            await eyes.press(key)
            await eyes.sees(shown)

    look(three, act)


def test_the_named_metrics_alone_are_shown(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("val/loss", "last 0.12")
        assert "acc" not in eyes.text()

    look(three, act, wanted=Wanted(given=("val/loss",)))


def test_an_experiment_alone_is_shown(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("· cifar", "1 run", "run_3")
        assert "run_1" not in eyes.text()

    look(three, act, wanted=Wanted(experiment="cifar"))


def test_curves_are_drawn_as_one_likes(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("step")
        await eyes.press("y")
        await eyes.sees("· log", "not drawn: 1 point not above 0")
        await eyes.press("plus", "plus")
        await eyes.sees("smoothed 0.8")
        await eyes.press("minus", "minus", "minus")
        await eyes.misses("smoothed")
        await eyes.press("x")
        await eyes.sees("along time", "time, s")
        assert eyes.app.view.wanted.x == TIME
        await eyes.press("x", "y")
        await eyes.misses("along time")
        assert eyes.app.view.wanted.x == STEP

    look(three, act)


def test_panels_follow_each_other(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("run_3")
        for key, panel in (
            ("tab", MACHINE),
            ("tab", LOG),
            ("tab", CURVES),
            ("shift+tab", LOG),
            ("u", MACHINE),
            ("c", CURVES),
        ):
            await eyes.press(key)
            assert eyes.app.view.wanted.panel == panel

    look(three, act)


def test_one_run_has_the_whole_screen(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("run_3")
        low = len(eyes.part("panel"))
        await eyes.press("f")
        await eyes.until(lambda: len(eyes.part("panel")) >= 18 > low)
        await eyes.press("j")
        await eyes.sees("── ✓ run_2")
        await eyes.press("escape")
        await eyes.until(lambda: len(eyes.part("panel")) == low)

    look(three, act)


def test_a_page_that_stands_still_reads_no_more(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("3 runs")
        await eyes.press("p")
        await eyes.sees("paused")
        finished(three, "run_4")
        await eyes.pilot.pause(0.7)
        assert "run_4" not in eyes.text()
        await eyes.press("p")
        await eyes.sees("run_4", "4 runs")

    look(three, act)


def test_how_a_run_ended_is_shown_with_a_sign(ws: runstore.Workspace) -> None:
    failed(ws, "bad")
    run = runstore.start_run("mnist", run_id="off", workspace=ws)
    run.cancel()

    async def act(eyes: Eyes) -> None:
        await eyes.sees("✗ Failed", "⊘ Canceled")

    look(ws, act)


def test_work_that_begins_by_itself_is_told(three: runstore.Workspace) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.sees("3 runs")
        watchers.tell(3, 12)
        await eyes.sees("index 25 %")
        watchers.tell(12, 12)
        await eyes.misses("index")

    look(three, act)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_it_ends_by_a_key(three: runstore.Workspace, key: str) -> None:
    async def act(eyes: Eyes) -> None:
        await eyes.press(key)
        assert not eyes.app.is_running or eyes.app._exit

    app = look(three, act)
    assert app.return_code == 0
    assert not app._reader._thread.is_alive()


def test_without_colours_curves_are_letters(three: runstore.Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def act(eyes: Eyes) -> None:
        await eyes.until(lambda: "run_3" in eyes.chosen)
        await eyes.press("space", "j")
        await eyes.sees("a run_3", "b run_2")

    assert look(three, act, (100, 40)).no_color


def test_names_can_not_move_the_cursor(ws: runstore.Workspace) -> None:
    with runstore.start_run("mn\x1b[2Jist", name="[bold]\x1b]0;x\x07", workspace=ws) as run:
        run.log("lo\nss\x1b[31m", 1.0)

    async def act(eyes: Eyes) -> None:
        await eyes.sees("[bold]\\x1b]0;x", "lo\\nss\\x1b[31m")
        assert "\x1b" not in eyes.text()

    look(ws, act)


def test_looking_for_long_keeps_nothing(three: runstore.Workspace) -> None:
    """What was read before is given up: one answer is known, and one value of each part."""

    async def act(eyes: Eyes) -> None:
        await eyes.sees("3 runs")
        for key in "yxyx+-jkjk":
            await eyes.press({"+": "plus", "-": "minus"}.get(key, key))
        await eyes.press("l", "u", "c")
        await eyes.until(lambda: eyes.app.view.found.wanted == replace(eyes.app.view.wanted))
        assert len(eyes.app._reader._parts) <= 5

    look(three, act)


def test_a_page_can_be_made_without_being_shown(ws: runstore.Workspace) -> None:
    assert Top(ws).view.place == ws.path.name
