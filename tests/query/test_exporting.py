"""Which runs go where: refused, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import runstore
from runstore.errors import NotWritable, QueryError, RunNotFound, StoreError, UsageError
from runstore.query import excerpt, exporting, view_files


@pytest.fixture
def full(ws: runstore.Workspace) -> runstore.Workspace:
    for number in range(3):
        experiment = "even" if number % 2 == 0 else "odd"
        with runstore.start_run(experiment, run_id=f"run-{number}", params={"lr": number}, workspace=ws) as run:
            run.log("loss", float(number), step=0)
    return ws


def ids(path: Path) -> list[str]:
    return [
        row[0] for row in runstore.Workspace(path, create=False).sql("select run_id from runs order by 1").fetchall()
    ]


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_runs_are_named_filtered_or_both(full: runstore.Workspace, tmp_path: Path) -> None:
    assert full.export(tmp_path / "a").runs == 3
    full.export(tmp_path / "b", "run-1")
    full.export(tmp_path / "c", experiment="even")
    full.export(tmp_path / "d", [full.get_run("run-0"), "run-2"], where="lr > 1")
    assert [ids(tmp_path / one) for one in "abcd"] == [
        ["run-0", "run-1", "run-2"], ["run-1"], ["run-0", "run-2"], ["run-2"],
    ]  # fmt: skip


def test_what_means_no_run_is_refused(full: runstore.Workspace, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for wrong, how in ((RunNotFound, {"runs": "none"}), (RunNotFound, {"where": "lr > 9"}), (RunNotFound, {"runs": []}),
                       (QueryError, {"where": "nothing > 9"}), (UsageError, {"format": "tar"})):  # fmt: skip
        with pytest.raises(wrong):
            full.export(out, **how)
    assert not out.exists()


def test_it_says_what_it_wrote(full: runstore.Workspace, tmp_path: Path) -> None:
    done = full.export(tmp_path / "deep" / "out", "run-0")
    found = [path for path in done.path.rglob("*") if path.is_file()]
    assert (done.path, done.runs, done.files, done.missing) == (tmp_path / "deep" / "out", 1, len(found), [])
    assert done.bytes == sum(path.stat().st_size for path in found)


@pytest.mark.parametrize("format", exporting.FORMATS)
def test_what_exists_is_replaced_only_where_that_is_said(full: runstore.Workspace, tmp_path: Path, format: str) -> None:
    place = tmp_path / "place"
    out = place / "out"
    full.export(out, "run-0", format=format)
    with pytest.raises(StoreError, match="exists already"):
        full.export(out, "run-1", format=format)
    assert full.export(out, format=format, overwrite=True).runs == 3
    assert names(place) == ["out"]


@pytest.mark.parametrize("kind", ["file", "directory", "link"])
def test_what_is_no_export_is_never_replaced(full: runstore.Workspace, tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    if kind == "file":
        out.write_text("mine")
    else:
        out.mkdir() if kind == "directory" else (tmp_path / "else").mkdir()
        (out if kind == "directory" else tmp_path / "else").joinpath("mine").write_text("mine")
    if kind == "link":
        try:
            out.symlink_to(tmp_path / "else", target_is_directory=True)
        except OSError:
            return
    with pytest.raises(StoreError, match="no export and no workspace"):
        full.export(out, overwrite=True)
    assert (out if kind == "file" else out / "mine").read_text() == "mine"


def test_a_workspace_never_goes_into_itself_or_in_its_own_place(full: runstore.Workspace) -> None:
    for out in (full.path, full.path / "runs" / "x", full.path.parent):
        with pytest.raises(UsageError, match="is the workspace, in it or above it"):
            full.export(out, overwrite=True)
    assert len(ids(full.path)) == 3


@pytest.mark.parametrize("format", exporting.FORMATS)
def test_an_export_that_is_cut_short_leaves_nothing_and_what_was_there(
    full: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    place = tmp_path / "place"
    out = place / "out"
    full.export(out, "run-0", format=format)
    before = out.read_bytes() if out.is_file() else names(out)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(exporting, "_durable", stop)
    for target in (out, place / "new"):
        with pytest.raises(KeyboardInterrupt):
            full.export(target, format=format, overwrite=True)
    assert names(place) == ["out"]
    assert (out.read_bytes() if out.is_file() else names(out)) == before


def test_a_disk_that_refuses_is_told_in_one_line(
    full: runstore.Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(excerpt, "make", refuse)
    monkeypatch.setattr(view_files, "make", refuse)
    for format in ("directory", "csv"):
        with pytest.raises(NotWritable, match="name another place"):
            full.export(tmp_path / "out", format=format)


def test_progress_is_told_step_by_step(full: runstore.Workspace, tmp_path: Path) -> None:
    steps: list[tuple[int, int]] = []
    chosen = exporting.chosen(full, None, None, None)
    exporting.export(full.path, chosen, tmp_path / "out", progress=lambda *step: steps.append(step))
    assert steps == [(1, 3), (2, 3), (3, 3)]
