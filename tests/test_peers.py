"""The comparison with other trackers: what it makes of figures, and that runstore's own part of it works."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.peers import __main__ as command
from benchmarks.peers import environments, jobs, table, trackers, works
from benchmarks.peers.trackers import wandb
from benchmarks.table import read

ROOT = Path(__file__).resolve().parents[1]
MACHINE = {"cpus": 2, "load": 0.1, "python": "3.11", "system": "Linux 6", "file_system": "ext4"}


def peers(*arguments: object) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "benchmarks.peers", *map(str, arguments)]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)


def line(peer: str, **figures: float) -> dict[str, Any]:
    sizes = {"points": 9, "steps": 9, "runs": 300, "curve": 100_000, "rounds": 1, "readings": 1, "kills": 5}
    known = {"bench": "peers", "peer": peer, "size": "full", "sizes": sizes, "machine": MACHINE}
    return {
        **known,
        "versions": {peer: "1.2"},
        "figures": figures,
        "details": {},
        "failed": {},
        "command": "the command",
    }


# ---- runstore's own part


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    done = peers("runstore", "--tiny", "--workspace", tmp_path_factory.mktemp("peers"))
    assert done.returncode == 0, done.stderr
    (printed,) = done.stdout.splitlines()
    return dict[str, Any](json.loads(printed))


@pytest.mark.slow
def test_every_row_has_a_figure_of_runstore(tiny: dict[str, Any]) -> None:
    assert tiny["failed"] == {}
    assert set(tiny["figures"]) == set(table.ROWS)
    assert set(tiny["versions"]) == {"runstore", "duckdb", "pyarrow"}


def test_runstore_loses_no_point_when_it_is_killed(tiny: dict[str, Any]) -> None:
    assert (tiny["figures"]["lost"], tiny["figures"]["lost_paced"]) == (0, 0)
    assert all(returned >= works.FIRST for _, returned in tiny["details"]["lost"])


def test_a_line_names_the_command_that_made_it(tiny: dict[str, Any]) -> None:
    assert tiny["command"] == "python -m benchmarks.peers runstore --tiny"


def test_an_unknown_tracker_is_refused_with_the_names_there_are() -> None:
    done = peers("clearml")
    assert done.returncode == 2
    assert "no tracker clearml; there are runstore, mlflow, wandb, tensorboard, aim, trackio" in done.stderr


# ---- the other trackers, without their libraries


@pytest.mark.parametrize("name", trackers.NAMES)
def test_a_tracker_is_read_without_its_library_and_has_every_part(name: str, tmp_path: Path) -> None:
    tracker = trackers.find(name)
    assert tracker(tmp_path).place == tmp_path
    assert all((tracker.title, tracker.packages, tracker.used))
    parts = ("start", "scalars", "rows", "finish", "leaderboard", "curve")
    assert [part for part in parts if part not in vars(tracker)] == []


@pytest.mark.parametrize("name", [*trackers.NAMES, "__init__"])
def test_a_tracker_imports_its_library_inside_its_functions_only(name: str) -> None:
    source = ROOT / "benchmarks" / "peers" / "trackers" / f"{name}.py"
    statements = ast.parse(source.read_text(encoding="utf-8")).body
    names = {one.names[0].name for one in statements if isinstance(one, ast.Import)}
    names |= {one.module or "" for one in statements if isinstance(one, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names | {"benchmarks"}


def test_records_of_a_log_are_put_together_from_their_pieces_up_to_where_it_is_cut_off() -> None:
    whole = piece(1, b"one") + piece(2, b"tw") + piece(3, b"o ") + piece(4, b"pieces")
    assert list(wandb.pieces(bytes(7) + whole)) == [b"one", b"two pieces"]
    assert list(wandb.pieces(bytes(7) + whole[:-1])) == [b"one"]


def test_no_record_of_a_log_lies_across_a_block() -> None:
    first = piece(1, bytes(wandb.BLOCK - 7 - 7 - 3))  # three bytes are left in the block: too few for a header
    assert [len(one) for one in wandb.pieces(bytes(7) + first + bytes(3) + piece(1, b"next"))] == [wandb.BLOCK - 17, 4]


def piece(kind: int, content: bytes) -> bytes:
    import struct
    import zlib

    return struct.pack("<IHB", zlib.crc32(bytes([kind]) + content), len(content), kind) + content


# ---- jobs, and environments


def test_the_result_of_a_job_is_found_among_what_libraries_print() -> None:
    assert jobs.result(f"* run started\n{jobs.MARK}[1, 2]\n* bye\n") == [1, 2]
    with pytest.raises(ValueError, match="no result"):
        jobs.result("* run started\n")


class Wrong(trackers.Tracker):
    def leaderboard(self, params: Any) -> list[tuple[Any, ...]]:
        return [(jobs.final(0), *jobs.params(0).values()), (jobs.final(1), *jobs.params(0).values())]

    def curve(self) -> trackers.Curve:
        return [0, 1, 3], [jobs.value(0), jobs.value(1), jobs.value(3)]


def test_a_wrong_leaderboard_or_curve_has_no_figure(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="leaderboard is not right"):
        jobs.board(Wrong(tmp_path), runs=2)
    with pytest.raises(ValueError, match="curve is not right"):
        jobs.curve(Wrong(tmp_path), points=3, rounds=1)


def test_points_that_were_on_their_way_when_it_was_killed_do_not_make_up_for_lost_ones(tmp_path: Path) -> None:
    assert jobs.count(Wrong(tmp_path), returned=3) == 2


@pytest.mark.slow
def test_what_can_not_be_installed_says_why(tmp_path: Path) -> None:
    with pytest.raises(environments.Unavailable, match="Invalid requirement"):
        environments.make(tmp_path, "none", ["no such: requirement"])


def test_of_what_pip_says_the_first_error_counts() -> None:
    said = "WARNING: slow\nERROR: No matching distribution found for x\nERROR: more\nhint: none"
    assert environments.reason(said) == "No matching distribution found for x"
    assert environments.reason("Traceback\n  File\nKeyError: 'loss'\n") == "KeyError: 'loss'"


def test_a_part_that_fails_is_noted_and_the_others_go_on(tmp_path: Path) -> None:
    said: list[str] = []
    subject = works.Subject("runstore", trackers.find("runstore"), sys.executable, tmp_path)
    subject.python = str(tmp_path / "missing")
    works.compare([subject], works.SIZES["tiny"], said.append)
    assert "logging" in subject.failed
    assert any(text.startswith("killed in a loop with pauses") for text in said)
    assert subject.figures() == {}


def test_of_lost_points_the_worst_counts_and_of_times_the_median(tmp_path: Path) -> None:
    subject = works.Subject("aim", trackers.find("aim"), sys.executable, tmp_path)
    for figure in (1.0, 5.0, 2.0):
        subject.note("lost", figure)
        subject.note("board", figure)
    assert subject.figures() == {"lost": 5.0, "board": 2.0}


# ---- verdicts and tables


def test_runstore_leads_where_nobody_is_better() -> None:
    found = table.verdict({"runstore": 2.0, "aim": 9.0, "trackio": 8.0})
    assert found == table.Verdict(leads=True, best="trackio", ratio=4.0)
    assert found.text == "yes, 4x before Trackio"


def test_who_leads_instead_is_named() -> None:
    found = table.verdict({"runstore": 6.0, "mlflow": 2.0, "aim": 7.0})
    assert found is not None
    assert (found.leads, found.text) == (False, "**no**: MLflow, 3x")


def test_as_good_as_the_best_is_leading_too() -> None:
    found = table.verdict({"runstore": 0.0, "aim": 0.0, "trackio": 8.0})
    assert found is not None
    assert (found.leads, found.text) == (True, "yes, as Aim")


def test_without_others_or_without_runstore_there_is_no_verdict() -> None:
    assert table.verdict({"runstore": 1.0}) is None
    assert table.verdict({"aim": 1.0, "mlflow": 2.0}) is None


def test_the_tables_say_what_was_measured_of_whom_and_who_could_not_be() -> None:
    failed = {**line("aim", scalars=80.0), "failed": {"leaderboard": "board: a | b"}}
    gone = {**line("mlflow"), "unavailable": "no wheel\nfor this"}
    del gone["figures"]
    text = table.render([line("runstore", scalars=0.8, board=1234.0), gone, failed])
    assert "| log one scalar: a call, us | **0.8** | 80 | yes, 100x before Aim |" in text
    assert "| leaderboard over these, a fresh process, ms | **1,234** | failed |  |" in text
    assert "| 300 runs, each with 10 params and 10 steps of 5 metrics, s |" in text
    assert "| MLflow | | can't be installed: no wheel for this |" in text
    assert "; failed: leaderboard: board: a / b |" in text
    assert text.endswith("Measured in one run of `the command` on 2 cores, Python 3.11, Linux 6, ext4.")


def test_a_machine_that_others_used_is_told() -> None:
    busy = {**line("runstore"), "machine": {**MACHINE, "load": 4.25}}
    assert table.render([busy]).endswith(
        "Others were at work there (load average 4.2 before it began): compare ratios."
    )


def test_without_results_the_page_says_so() -> None:
    assert table.render([]) == "Not measured yet."


def test_rows_that_runstore_does_not_lead_are_said_at_the_end() -> None:
    lines = [line("runstore", scalars=0.8, board=9.0), line("aim", scalars=80.0, board=3.0)]
    assert command.behind(lines) == ["board: runstore does not lead but aim"]


def test_writing_the_tables_replaces_only_the_tables(tmp_path: Path) -> None:
    page = tmp_path / "benchmarks.md"
    page.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n", encoding="utf-8")
    table.write("new", page)
    assert page.read_text(encoding="utf-8") == f"before\n{table.BEGIN}\n\nnew\n\n{table.END}\nafter\n"


def test_the_tables_on_the_page_are_those_of_the_results_file() -> None:
    shown = table.PAGE.read_text(encoding="utf-8").partition(table.BEGIN)[2].partition(table.END)[0]
    assert shown.strip() == table.render(read(table.RESULTS))
