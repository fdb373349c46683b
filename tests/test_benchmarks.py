"""Every benchmark still works, at a size that measures nothing, and says what it must in one line of JSON."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import runstore
from benchmarks import scale, scale_build, table
from benchmarks.goals import BENCHES, GOALS, Goal
from benchmarks.report import Claim, Report
from runstore.query import check

ROOT = Path(__file__).resolve().parents[1]
KEYS = {"bench", "value", "unit", "floor", "ratio", "goal", "met", "size", "claims", "details", "machine"}


def benchmarks(*arguments: object) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-m", "benchmarks", *map(str, arguments)]
    return subprocess.run(argv, cwd=ROOT, capture_output=True, text=True)


NEEDS = {"sync_mlflow": pytest.mark.server, "page": pytest.mark.browser, "page_live": pytest.mark.browser}
QUICK = ("log", "seal", "query")
RUNNING = [pytest.param(bench, marks=NEEDS.get(bench, () if bench in QUICK else pytest.mark.slow)) for bench in BENCHES]


@pytest.mark.parametrize("bench", RUNNING)
def test_a_benchmark_prints_one_line_with_a_claim_for_each_of_its_goals(bench: str, tmp_path: Path) -> None:
    done = benchmarks(bench, "--tiny", "--workspace", tmp_path / "data", "--results", tmp_path / "results.jsonl")
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    result = json.loads(line)
    assert set(result) == KEYS
    assert result["bench"] == bench
    assert set(result["machine"]) == {"cpus", "load", "python", "system", "file_system"}
    assert {claim["claim"] for claim in result["claims"]} == {key for key, goal in GOALS.items() if goal.bench == bench}
    assert all(math.isfinite(claim["value"]) and math.isfinite(claim["floor"]) for claim in result["claims"])
    assert f"[1/1] {bench} ..." in done.stderr
    assert (tmp_path / "results.jsonl").read_text(encoding="utf-8") == done.stdout


def test_no_point_is_lost_even_at_the_smallest_size(tmp_path: Path) -> None:
    done = benchmarks("crash", "--tiny", "--workspace", tmp_path)
    assert json.loads(done.stdout)["value"] == 0


SHAPE = scale_build.Shape(runs=3, metrics=3, steps=4, params=7)
VIEWS = (
    "select name, step, value, attempt, seq, kind, text from metrics order by seq",
    "select name, kind, value, text from params order by name",
    "select name, count, first, last, min, max, round(mean, 9), last_step, nan_count, inf_count from metric_summary "
    "order by name",
    "select experiment, status, attempts, writers, points, dropped, host, user, params, last from runs order by 1",
)


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("scale")
    scale_build.build(place, SHAPE)
    return place / "ws"


def test_a_generated_run_is_what_logging_the_same_would_have_made(generated: Path, tmp_path: Path) -> None:
    ready, logged = runstore.Workspace(generated), runstore.Workspace(tmp_path / "ws")
    chosen = scale_build.run_id(1)
    params = dict(scale_build.drawn(1, SHAPE.params).params)
    points = ready.sql(f"select name, value, step from metrics where run_id = '{chosen}' order by seq").fetchall()
    with runstore.start_run(scale_build.EXPERIMENT, workspace=logged, run_id=chosen, params=params) as run:
        for name, value, step in points:
            run.log(name, value, step=step)
    assert len(points) == SHAPE.metrics * SHAPE.steps
    assert len(params) == SHAPE.params
    for view in VIEWS:
        alone = view.replace(" order by", f" where run_id = '{chosen}' order by")
        assert ready.sql(alone).fetchall() == logged.sql(alone).fetchall()


def test_nothing_is_damaged_in_a_generated_store(generated: Path) -> None:
    assert check.check(generated) == []


def test_a_killed_build_goes_on_to_the_same_files(generated: Path) -> None:
    before = {path: path.read_bytes() for path in generated.rglob("*.*") if path.is_file()}
    (generated.parent / "built").unlink()
    for path in (generated / "runs").glob("*/*/*"):
        path.unlink()
        break
    for path in (generated / "runs").glob("*/*/seal-*.json"):
        path.unlink()
    scale_build.build(generated.parent, SHAPE)
    assert {path: path.read_bytes() for path in generated.rglob("*.*") if path.is_file()} == before


def test_growth_is_the_exponent_of_time_over_runs() -> None:
    stores = [{"runs": n, "before": {"ms": {"warm": {"page": 3.0, "board": n * 0.5}}}} for n in (10, 100, 1000)]
    found = scale._growth(stores)
    assert {name: round(b, 6) for name, b in found.items()} == {"page": 0.0, "board": 1.0}


def test_an_unknown_benchmark_is_refused_with_the_names_there_are() -> None:
    done = benchmarks("speed")
    assert done.returncode == 2
    assert "no benchmark speed; there are log, " in done.stderr


def test_a_relative_goal_is_about_the_ratio_to_the_floor() -> None:
    goal = Goal("log", "a call", 4, "ns", relative=True)
    assert (goal.text, goal.met(400, 100), goal.met(401, 100)) == ("<= 4x the floor", True, False)


def test_an_absolute_goal_is_about_the_value() -> None:
    goal = Goal("seal", "complete()", 50, "ms")
    assert (goal.text, goal.met(50, 1), goal.met(51, 1000)) == ("<= 50 ms", True, False)


def test_the_first_claim_is_the_headline_and_one_miss_is_a_miss(tmp_path: Path) -> None:
    claims = [Claim("complete", 25.0, 10.0, "fsync"), Claim("bytes", 8.5, 10.0, "pyarrow")]
    document = Report(claims).document("seal", "tiny", tmp_path)
    assert (document["value"], document["ratio"], document["unit"]) == (25.0, 2.5, "ms")
    assert [claim["met"] for claim in document["claims"]] == [True, False]
    assert document["met"] is False


def test_a_floor_of_nothing_has_no_ratio() -> None:
    assert Claim("lost", 0, 0, "nothing lost").document()["ratio"] is None


def result(value: float) -> dict[str, Any]:
    machine = {"cpus": 2, "python": "3.11", "system": "Linux 6", "file_system": "ext4"}
    claim = Claim("complete", value, 5.0, "fsync").document()
    return {"bench": "seal", "claims": [claim], "size": "full", "machine": machine}


def test_the_table_shows_the_last_result_of_a_benchmark_and_every_goal() -> None:
    text = table.render([result(30.0), result(60.0)])
    assert "| <= 50 ms | 60 ms | 5 | 12x | **no** | fsync |" in text
    assert "| 30 ms |" not in text
    assert all(goal.what in text for goal in GOALS.values())
    assert text.endswith("Measured on 2 cores, Python 3.11, Linux 6, ext4, size full.")


def test_a_result_of_some_claims_leaves_the_others_of_its_benchmark_as_they_were() -> None:
    other = {**result(7.0), "claims": [Claim("bytes", 6.5, 10.0, "pyarrow").document()], "size": "small"}
    text = table.render([result(30.0), other])
    assert "| <= 50 ms | 30 ms |" in text
    assert "| <= 8 bytes | 6.5 bytes |" in text
    assert text.endswith("size full.\nMeasured on 2 cores, Python 3.11, Linux 6, ext4, size small.")


def test_writing_the_table_replaces_only_the_table(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{table.BEGIN}\nold\n{table.END}\nafter\n", encoding="utf-8")
    table.write("new", readme)
    assert readme.read_text(encoding="utf-8") == f"before\n{table.BEGIN}\n\nnew\n\n{table.END}\nafter\n"


def test_the_table_in_the_readme_is_the_one_of_the_results_file() -> None:
    assert table.render(table.read(table.RESULTS)) in table.README.read_text(encoding="utf-8")
