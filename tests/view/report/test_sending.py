"""Who asks the page gets a report of the named runs, or of the first that are listed."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.errors import QueryError, RunNotFound
from runstore.view.report import sending
from tests.view.report.conftest import logged
from tests.view.report.reading import answers


@pytest.fixture
def three(ws: runstore.Workspace, built: Path) -> runstore.Workspace:
    for number, name in enumerate(("one", "two", "three")):
        logged(ws, name, lr=number)
    return ws


def test_named_runs_are_written_to_be_kept(three: runstore.Workspace, tmp_path: Path) -> None:
    sent = sending.report(three, tmp_path / "r.html", ["two", "one"])
    assert (sent.name, sent.media_type, sent.size) == ("report.html", "text/html", (tmp_path / "r.html").stat().st_size)
    assert [*answers(tmp_path / "r.html")["runs"]] == ["two", "one"]
    sent.save(tmp_path / "copy.html")
    assert (tmp_path / "copy.html").read_bytes() == sent.read()


def test_of_those_that_are_listed_the_first_are_taken(
    three: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "MOST", 2)
    sending.report(three, tmp_path / "r.html", sort=["lr asc"], where="lr >= 0", experiment="e")
    assert [*answers(tmp_path / "r.html")["runs"]] == ["one", "two"]


def test_a_query_is_no_filter_and_no_run_no_report(three: runstore.Workspace, tmp_path: Path) -> None:
    with pytest.raises(QueryError):
        sending.report(three, tmp_path / "r.html", where="lr in (select 1)")
    with pytest.raises(RunNotFound):
        sending.report(three, tmp_path / "r.html", where="lr > 7")
    assert not (tmp_path / "r.html").exists()
