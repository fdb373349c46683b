"""A lake behind a bad network: whatever breaks on the way, what is pushed is there once."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest

import runstore
from runstore.errors import Unreachable
from runstore.sync.lake import lake
from runstore.sync.lake.tables import Tables
from runstore.sync.pull import pull
from runstore.sync.push import push
from runstore.sync.retry import Patience, retry
from tests.query import unions
from tests.sync.fakes import ONCE
from tests.sync.servers.places import Place
from tests.sync.servers.proxy import Fault, Proxy

LOG = "_delta_log/0+1.json"
SOON = Patience(first=0.01, longest=0.05, total=60.0)


def pushed(url: str, ws: runstore.Workspace) -> None:
    """See that all is there, and once."""
    found = lake.opened(url)
    told = [(one.path, one.offset) for one in found.pieces().pieces]
    assert len(told) == len({*told}) > 0
    versions = {table: Tables(found.storage).version(table) for table in ("segments", "runs", "metrics", "params")}
    assert versions == {"segments": 1, "runs": 1, "metrics": 1, "params": 1}
    other = runstore.Workspace(ws.path.parent / "other")
    assert pull(other.path, found).refused == []
    assert unions.answers(other) == unions.answers(ws)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fault", "path", "times"),
    [
        (Fault(lost=True), LOG, 4),
        (Fault(twice=True), LOG, None),
        (Fault(twice=True), "", None),
        (Fault(status=503), LOG, 5),
        (Fault(status=503), "metrics/[0-9a-f]{64}", 5),
        (Fault(status=429), "segments", 3),
        (Fault(cut_request=400), "_delta_log", 5),
        (Fault(cut_request=3000), "objects/", 4),
        (Fault(lost=True), "lake.json", 1),
        (Fault(lost=True), "runs/|segments/", 6),
    ],
    ids=range(10),
)
def test_what_breaks_on_the_way_is_mended_by_trying_again(
    fault: Fault, path: str, times: int | None, moto: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    unions.logged(ws, "r0", small=b"few bytes")
    with closing(Proxy(moto.address)) as line:
        moto.through(line.address).enter(monkeypatch)
        line.at(fault, method="PUT", path=path, times=times)
        found = retry(lambda: lake.opened(moto.url, create=True), SOON)
        done = push(ws.path, found, patience=SOON)
        assert done.failed == {}
    moto.enter(monkeypatch)
    pushed(moto.url, ws)


def test_a_line_that_is_cut_again_and_again_is_got_through_by_pushing_on(
    moto: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    unions.logged(ws, "r0", small=b"few bytes", large=bytes(300_000))
    with closing(Proxy(moto.address)) as line:
        moto.through(line.address).enter(monkeypatch)
        for number in range(1, 200):
            line.well()
            line.cut_after(number * 20_000)
            try:
                push(ws.path, lake.opened(moto.url, create=True), patience=ONCE)
            except Unreachable:
                continue
            break
    moto.enter(monkeypatch)
    pushed(moto.url, ws)


def test_two_who_push_over_a_line_that_loses_answers_lose_nothing(
    moto: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spaces = [runstore.Workspace(tmp_path / name) for name in "ab"]
    for number, ws in enumerate(spaces):
        unions.logged(ws, f"r{number}", number)
    with closing(Proxy(moto.address)) as line:
        moto.through(line.address).enter(monkeypatch)
        lake.opened(moto.url, create=True)
        line.at(Fault(lost=True), method="PUT", path="_delta_log", times=12)
        threads = [
            threading.Thread(target=lambda ws=ws: push(ws.path, lake.opened(moto.url), patience=SOON)) for ws in spaces
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    moto.enter(monkeypatch)
    found = lake.opened(moto.url)
    told = [(one.path, one.offset) for one in found.pieces().pieces if one.run_id]
    assert len(told) == len({*told})
    assert Tables(found.storage).version("segments") == 2
    whole = runstore.Workspace(tmp_path / "whole")
    assert pull(whole.path, found).refused == []
    assert whole.sql("select run_id, points from runs order by 1").fetchall() == [("r0", 4), ("r1", 4)]
