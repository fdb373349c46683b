"""A lake is the same wherever it lies, and many may push to it at once."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from click.testing import CliRunner

import runstore
from runstore.cli.main import cli
from runstore.sync.lake import lake
from runstore.sync.lake.tables import Tables
from runstore.sync.pull import pull
from runstore.sync.push import push
from tests.query import unions
from tests.sync.servers.places import Place


def test_what_was_pushed_comes_back_from_each_store(each_store: Place, tmp_path: Path) -> None:
    ws, other = runstore.Workspace(tmp_path / "ws"), runstore.Workspace(tmp_path / "other")
    unions.logged(ws, "r0", small=b"few bytes", large=bytes(range(256)) * 100_000)
    url = f"{each_store.url}/team"
    assert push(ws.path, lake.opened(url, create=True)).failed == {}
    assert pull(other.path, lake.opened(url)).refused == []
    unions.logged(ws, "r0", 5)
    unions.logged(ws, "r1", 2)
    push(ws.path, lake.opened(url))
    assert pull(other.path, lake.opened(url)).runs == 2
    assert unions.answers(other) == unions.answers(ws)
    assert push(ws.path, lake.opened(url)).asked is False


@pytest.mark.slow
@pytest.mark.parametrize("number", [4])
def test_those_who_push_at_once_lose_nothing_on_each_store(each_store: Place, number: int, tmp_path: Path) -> None:
    url = each_store.url
    lake.opened(url, create=True)
    spaces = [runstore.Workspace(tmp_path / f"ws{one}") for one in range(number)]
    for one, ws in enumerate(spaces):
        unions.logged(ws, f"r{one}", one)
        push(ws.path, lake.opened(tmp_path / "elsewhere", create=True))  # sealed from now on
    threads = [threading.Thread(target=lambda ws=ws: push(ws.path, lake.opened(url))) for ws in spaces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = lake.opened(url)
    assert {one.run_id for one in found.pieces().pieces} - {""} == {f"r{one}" for one in range(number)}
    tables = Tables(found.storage)
    assert tables.version("segments") == tables.version("runs") == number
    whole = runstore.Workspace(tmp_path / "whole")
    assert pull(whole.path, found).refused == []
    assert whole.sql("select count(*) from metrics").fetchall() == [(3 * number,)]


@pytest.mark.slow
def test_every_command_about_a_lake_does_what_it_says(
    each_store: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws, url = runstore.Workspace(tmp_path / "ws"), f"{each_store.url}/team"
    unions.logged(ws, "r0", small=b"few bytes")
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "caches"))

    def said(*words: str) -> str:
        done = CliRunner().invoke(cli, [*words])
        assert done.exit_code == 0, done.output
        return done.stdout

    here = ["-w", str(ws.path)]
    assert said("remote", "add", "team", url, *here) == f"team: {url}, a lake\n"
    assert "creates once: " in said("remote", "probe", "team", *here)
    assert "1 run" in said("sync", *here)
    assert "nothing to send" in said("sync", *here)
    assert said("remote", "optimize", "team", *here) == "team: nothing to do\n"
    assert "r0" in said("runs", "-w", url)
    said("init", str(tmp_path / "other"))
    assert "1 run" in said("merge", url, "-w", str(tmp_path / "other"))
    assert unions.answers(runstore.Workspace(tmp_path / "other")) == unions.answers(ws)
