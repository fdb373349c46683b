"""What commands have in common."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import runstore
from runstore.cli import options
from runstore.errors import NotAWorkspace, RunNotFound
from tests.cli import scenes


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (["--sort", "a"], ("a",)),
        (["--sort", "a", "desc"], ("a desc",)),
        (["--sort", "a", "ASC", "--sort", "b"], ("a ASC", "b")),
        (["--sort", "desc"], ("desc",)),
        (["--sort", "desc", "desc"], ("desc desc",)),
        (["--sort=a desc"], ("a desc",)),
    ],
)
def test_an_order_may_be_one_word_or_two(args: list[str], found: tuple[str, ...]) -> None:
    @options.command("x", "runstore x")
    @options.sort
    def command(sort: tuple[str, ...], workspace: Path | None) -> None:
        click.echo(repr(sort))

    assert CliRunner().invoke(command, args).stdout == f"{found!r}\n"


def test_opening_makes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotAWorkspace, match="runstore init"):
        options.opened(tmp_path / "none")
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    with pytest.raises(NotAWorkspace):
        options.opened(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_the_nearest_workspace_upwards_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = runstore.Workspace(tmp_path / ".runstore")
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert options.opened(None).path == made.path


def test_runs_are_chosen_by_name_each_once_or_the_newest(ws: runstore.Workspace) -> None:
    with pytest.raises(RunNotFound, match="no runs yet"):
        options.chosen(ws, ())
    scenes.finished(ws, run_id="aa")
    scenes.finished(ws, run_id="bb", experiment="other")
    assert [run.id for run in options.chosen(ws, ())] == ["bb"]
    assert [run.id for run in options.chosen(ws, (), "mnist")] == ["aa"]
    assert [run.id for run in options.chosen(ws, ("b", "a", "bb"))] == ["bb", "aa"]


@pytest.mark.parametrize(
    ("text", "size"), [("200000", 200_000), ("20MB", 20_000_000), ("1.5 TiB", 3 << 39), ("2k", 2000)]
)
def test_a_size_is_read_in_bytes(text: str, size: int) -> None:
    assert options.sized(text, "--quota") == size


def test_what_is_no_size_is_said_with_its_option() -> None:
    with pytest.raises(click.BadParameter, match="'many' is no size") as problem:
        options.sized("many", "--quota")
    assert problem.value.param_hint == "--quota"
