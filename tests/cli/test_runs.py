"""The list of runs: for people, and for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest

import runstore
from tests.cli import scenes
from tests.cli.conftest import Call


@pytest.fixture
def three(ws: runstore.Workspace) -> runstore.Workspace:
    for run_id, lr in (("one", 0.1), ("two", 0.2), ("three", 0.05)):
        scenes.finished(ws, lr, run_id)
    return ws


def ids(told: str) -> list[str]:
    return [run["run_id"] for run in json.loads(told)]


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    ("options", "order"),
    [
        ((), ["three", "two", "one"]),
        (("--sort", "loss"), ["three", "one", "two"]),
        (("--sort", "loss", "desc"), ["two", "one", "three"]),
        (("--sort", "loss desc"), ["two", "one", "three"]),
        (("--sort", "last.loss", "DESC", "--limit", "1"), ["two"]),
        (("--sort", "batch", "--sort", "params.lr"), ["three", "one", "two"]),
        (("--sort", "run_id"), ["one", "three", "two"]),
        (("--where", "lr < 0.15 and loss > 0.02"), ["one"]),
        (("--where", "status = 'Failed'"), []),
        (("--limit", "2"), ["three", "two"]),
        (("--limit", "0"), ["three", "two", "one"]),
        (("--offset", "1"), ["two", "one"]),
        (("--offset", "1", "--limit", "1"), ["two"]),
        (("--offset", "9"), []),
        (("--page", "1"), ["three", "two", "one"]),
        (("--page", "2", "--limit", "2", "--sort", "loss"), ["two"]),
        (("--experiment", "mnist"), ["three", "two", "one"]),
        (("-e", "other"), []),
    ],
)
def test_they_are_sorted_filtered_and_counted_as_asked(call: Call, options: tuple[str, ...], order: list[str]) -> None:
    assert ids(call("runs", "--json", *options).stdout) == order


@pytest.mark.usefixtures("three")
def test_json_has_every_column_with_params_and_metrics(call: Call) -> None:
    run = json.loads(call("runs", "--json", "--where", "run_id = 'one'").stdout)[0]
    assert run["params"] == {"lr": 0.1, "batch": 32}
    assert run["last"] == {"loss": pytest.approx(0.1 / 3), "acc": 0.2}
    assert run["status"] == "Completed"


@pytest.mark.usefixtures("three")
def test_csv_has_a_column_for_every_param_and_metric(call: Call) -> None:
    rows = list(csv.DictReader(io.StringIO(call("runs", "--csv", "--sort", "lr").stdout)))
    assert [row["params.lr"] for row in rows] == ["0.05", "0.1", "0.2"]
    assert rows[0]["last.acc"] == "0.2"


@pytest.mark.usefixtures("three")
def test_columns_choose_names_of_any_kind(call: Call) -> None:
    done = call("runs", "--columns", "run_id, lr,loss", "--sort", "run_id", "--csv")
    assert done.stdout.splitlines()[:2] == ["run_id,lr,loss", "one,0.1,0.03333333333333333"]


@pytest.mark.usefixtures("three")
def test_a_pipe_gets_whole_ids_all_runs_and_no_dots(call: Call) -> None:
    done = call("runs")
    assert done.stdout.splitlines()[-1] == "3 runs"
    assert "●" not in done.stdout
    assert "Completed" in done.stdout


@pytest.mark.parametrize("columns", [40, 80, 160])
def test_a_terminal_gets_lines_that_fit(
    ws: runstore.Workspace, call: Call, terminal: Callable[[int], None], columns: int
) -> None:
    for number in range(3):
        with runstore.start_run("e" * 30, name="长" * 30, params={f"p{n}": n * number for n in range(9)}, workspace=ws):
            pass
    terminal(columns)
    from runstore.cli.text import width

    lines = call("runs").stdout.splitlines()
    assert max(map(width, lines)) <= columns
    assert "● Completed" in lines[2]


def test_a_terminal_gets_the_first_runs_and_hears_of_the_rest(
    ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]
) -> None:
    for _ in range(27):
        runstore.start_run("many", workspace=ws).complete()
    terminal(80)
    lines = call("runs").stdout.splitlines()
    assert len(lines) == 2 + 25 + 1
    assert lines[-1] == "25 of 27 runs; --limit 0 shows all"
    assert call("runs", "--limit", 0).stdout.splitlines()[-1] == "27 runs"


def test_params_that_are_alike_in_all_runs_are_not_shown(three: runstore.Workspace, call: Call) -> None:
    head = call("runs").stdout.splitlines()[0].split()
    assert "lr" in head
    assert "batch" not in head


def test_what_runs_are_called_is_shown_harmless(ws: runstore.Workspace, call: Call) -> None:
    evil = "\x1b[2J\u202e[red]x[/red]"
    with runstore.start_run(evil, name=evil, params={evil: evil, "a": 1}, workspace=ws) as run:
        run.log(evil, 1.0)
    runstore.start_run("e", params={evil: "b"}, workspace=ws).complete()
    for options in ((), ("--csv",), ("--json",)):
        shown = call("runs", *options).stdout
        assert ("\x1b" in shown) == (options == ("--csv",))  # a pipe of data gets the data
        assert "[red]x[/red]" in shown


def test_without_runs_it_says_what_to_do(ws: runstore.Workspace, call: Call) -> None:
    done = call("runs")
    assert done.exit_code == 0
    assert "runstore demo" in done.stdout
    assert call("runs", "--json").stdout == "[]\n"


@pytest.mark.usefixtures("three")
def test_where_nothing_matches_it_says_so(call: Call) -> None:
    assert call("runs", "--where", "lr > 5").stdout == "no runs match\n"


def test_an_id_is_as_short_as_tells_runs_apart(
    ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]
) -> None:
    for end in ("4000-8000-000000000000", "4000-8000-000000000001", "4100-8000-000000000000"):
        scenes.finished(ws, run_id=f"12345678-1234-{end}")
    terminal(200)
    shown = {line.split()[0] for line in call("runs").stdout.splitlines()[2:5]}
    assert shown == {f"12345678-1234-{end}" for end in ("4000-8000-000000000000", "4000-8000-000000000001",
                                                        "4100-8000-000000000000")}  # fmt: skip
    assert call("runs", "--limit", 2).stdout.splitlines()[2].split()[0] == "12345678-1234-41"


def test_ids_that_differ_in_their_ends_are_shown_to_the_end(
    ws: runstore.Workspace, call: Call, terminal: Callable[[int], None]
) -> None:
    for number in range(2):
        scenes.finished(ws, lr=number, run_id=f"HD_b3048754-a3ea-49a0-866e-f428e67f6de8_{number}")
    terminal(80)
    rows = call("runs").stdout.splitlines()[2:4]
    assert [row.split()[0][-2:] for row in rows] == ["_1", "_0"]


def test_the_runs_there_were_are_listed_as_they_were(ws: runstore.Workspace, call: Call) -> None:
    scenes.finished(ws, run_id="one")
    ((started,),) = ws.sql("select started from runs").fetchall()
    scenes.finished(ws, run_id="two")
    for more in ((), ("--limit", "5"), ("--columns", "run_id,status")):
        told = call("runs", "--as-of", started.isoformat(), *more).stdout
        assert "Running" in told and "two" not in told
    assert call("runs", "--as-of", "2001-01-01").stdout == "no runs by then\n"


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("extra", [(), ("--columns", "run_id,loss")])
@pytest.mark.parametrize(
    ("options", "shown", "last"),
    [
        (("--page", "2", "--limit", "2"), ["one"], "3 to 3 of 3 runs"),
        (("--offset", "1", "--limit", "1"), ["two"], "2 to 2 of 3 runs"),
        (("--offset", "1"), ["two", "one"], "2 to 3 of 3 runs"),
        (("--page", "9"), [], "no more than 3 runs"),
        (("--offset", "9"), [], "no more than 3 runs"),
    ],
)
def test_a_page_says_which_runs_it_shows(
    call: Call, extra: tuple[str, ...], options: tuple[str, ...], shown: list[str], last: str
) -> None:
    lines = call("runs", *options, *extra).stdout.splitlines()
    assert [line.split()[0] for line in lines[2:-1]] == shown
    assert lines[-1] == last


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(
    "options", [("--page", "1", "--offset", "1"), ("--page", "1", "--limit", "0"), ("--page", "0"), ("--offset", "-1")]
)
def test_a_page_that_makes_no_sense_is_refused(call: Call, options: tuple[str, ...]) -> None:
    assert call("runs", *options).exit_code == 2


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize(("way", "mode"), [((), "min"), (("desc",), "max")])
def test_sorted_by_a_metric_it_shows_the_numbers_of_the_leaderboard(
    ws: runstore.Workspace, call: Call, way: tuple[str, ...], mode: str
) -> None:
    told = json.loads(call("runs", "--json", "--sort", "loss", *way).stdout)
    board = ws.leaderboard("loss", mode).fetchall()
    assert [(run["run_id"], run["last"]["loss"]) for run in told] == [(row[1], row[5]) for row in board]
