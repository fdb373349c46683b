"""A report is written whole or not at all, over nothing but a report, and says what is not in it."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.errors import RunNotFound, StoreError, UsageError
from runstore.view.report import tables, written
from runstore.view.report.written import Wanted
from tests.view.report.conftest import logged
from tests.view.report.reading import answers, block, elements


@pytest.fixture
def runs(ws: runstore.Workspace, built: Path) -> list[str]:
    return [logged(ws, "one", lr=0.1), logged(ws, "two", lr=0.2)]


def test_what_is_written_is_counted(ws: runstore.Workspace, runs: list[str], tmp_path: Path) -> None:
    done = written.write(ws, tmp_path / "r.html", runs)
    assert (done.runs, done.curves, done.points, done.parquet, done.notes) == (2, 4, 8, True, [])
    assert done.bytes == (tmp_path / "r.html").stat().st_size
    assert [*answers(done.path)["runs"]] == runs
    assert elements(done.path.read_text()).texts["title"] == "e: 2 runs"


def test_the_door_of_the_workspace_takes_what_the_command_takes(
    ws: runstore.Workspace, runs: list[str], tmp_path: Path
) -> None:
    done = ws.report(tmp_path / "r.html", where="lr > 0.1", title="</title>mine", points=0, buckets=7)
    assert (done.runs, done.parquet) == (1, False)
    assert elements(done.path.read_text()).texts["title"] == "</title>mine"
    assert block(done.path.read_text(), "about")["buckets"] == 7


def test_without_names_the_newest_are_taken_and_the_rest_is_said(
    ws: runstore.Workspace, runs: list[str], tmp_path: Path
) -> None:
    done = ws.report(tmp_path / "r.html", limit=1)
    assert [*answers(done.path)["runs"]] == ["two"]
    assert done.notes == ["Runs that are meant beyond these: 1; --limit takes more."]


def test_too_many_points_are_left_out_and_that_is_said(ws: runstore.Workspace, runs: list[str], tmp_path: Path) -> None:
    done = ws.report(tmp_path / "r.html", runs, points=7)
    assert not done.parquet
    assert "8 points are not in it" in done.notes[0]
    with pytest.raises(StoreError, match="holds no Parquet"):
        tables.extract(done.path, tmp_path / "out")


def test_only_a_report_is_overwritten_and_only_if_that_is_said(
    ws: runstore.Workspace, runs: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "r.html"
    ws.report(path, "one")
    with pytest.raises(StoreError, match="exists already"):
        ws.report(path, "two")
    ws.report(path, "two", overwrite=True)
    assert [*answers(path)["runs"]] == ["two"]
    path.write_text("<!doctype html> mine")
    with pytest.raises(StoreError, match="is no report"):
        ws.report(path, "two", overwrite=True)
    assert path.read_text() == "<!doctype html> mine"


def test_what_fails_leaves_nothing(ws: runstore.Workspace, runs: list[str], tmp_path: Path, built: Path) -> None:
    (built / "whole.css").unlink()
    with pytest.raises(StoreError, match="not built"):
        ws.report(tmp_path / "out" / "r.html")
    with pytest.raises(RunNotFound):
        ws.report(tmp_path / "out" / "r.html", where="lr > 7")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("wrong", [{"buckets": 0}, {"points": -1}, {"room": -1}])
def test_what_can_not_be_wanted_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        Wanted(**wrong)  # type: ignore[arg-type]


def test_progress_goes_to_a_hundred_and_never_back(ws: runstore.Workspace, runs: list[str], tmp_path: Path) -> None:
    said: list[int] = []
    written.write(ws, tmp_path / "r.html", runs, progress=lambda done, total: said.append(done))
    assert said == sorted(said)
    assert said[-1] == 100


def test_a_name_of_anything_is_a_text_in_it(ws: runstore.Workspace, built: Path, tmp_path: Path) -> None:
    odd = "</script><script>alert(1)</script>"
    with runstore.start_run(odd, run_id=odd, params={odd: odd}, tags={odd: odd}, workspace=ws) as run:
        run.log(odd, 1.0)
    text = ws.report(tmp_path / "r.html").path.read_text()
    assert "alert(1)" not in "".join(elements(text).scripts["module"])
    assert text.count("<script") == text.count("</script>") == 6
    assert answers(tmp_path / "r.html")["runs"][odd][""]["params"] == {odd: odd}
