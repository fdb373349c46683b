"""The network is cut at random places, again and again: in the end everything is there, once, byte for byte."""

from __future__ import annotations

import io
import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import deltalake
import pytest

import runstore
from runstore.errors import Unreachable
from runstore.runs import seal
from runstore.sync.client import Server
from runstore.sync.lake import lake
from runstore.sync.pull import pull
from runstore.sync.push import push
from runstore.sync.remote import Remote
from tests.query import unions
from tests.sync.fakes import ONCE
from tests.sync.server.conftest import start
from tests.sync.servers import proxy
from tests.sync.servers.places import Place
from tests.sync.servers.proxy import Proxy

CUTS = 5  # about, between two times that something is logged
Open = Callable[[], Remote]


def logged(ws: runstore.Workspace, numbers: range) -> None:
    for number in numbers:
        with runstore.start_run(f"e{number % 3}", run_id=f"r{number}", workspace=ws, params={"n": number}) as run:
            for step in range(5):
                run.log({"loss": number / (step + 1), "acc": step}, step=step)
            if number % 4 == 0:
                run.upload_file("model.bin", io.BytesIO(random.Random(number).randbytes(3000 + 40 * number)))


def cut_and_pushed(ws: runstore.Workspace, network: Proxy, remote: Open, runs: int, cuts: int) -> None:
    """Log so many runs, a few at a time, and push them through a network that is cut so often or once or twice more.

    Cuts follow one another within a push; after every other push's last the network stays down until it gave up.
    """
    chance, number, few, usual = random.Random(runs), 0, runs * CUTS // cuts, 50_000
    while number < runs or network.cuts < cuts:
        logged(ws, range(number, number + few))
        number, until = number + few, network.cuts + CUTS
        for tried in range(CUTS):
            if network.cuts < until:
                network.cut_after(*(chance.randrange(1, usual) for _ in range(3)), stays=tried % 2 == 0)
                _try(ws, remote)
                network.well()
        before = network.up + network.down
        _try(ws, remote)
        usual = max(usual, network.up + network.down - before)


def _try(ws: runstore.Workspace, remote: Open) -> None:
    try:
        with closing(remote()) as there:
            assert push(ws.path, there, patience=ONCE).failed == {}
    except Unreachable:
        pass


def sealed(ws: runstore.Workspace) -> Counter[bytes]:
    """The bytes of each sealed file and each artifact."""
    files = unions.content(ws.path)
    return Counter(data for path, data in files.items() if path.endswith((".parquet", ".pack")) or "blobs" in path)


def shown(ws: runstore.Workspace, network: Proxy, remote: Open, tmp_path: Path) -> None:
    """Everything is there; pushed once more nothing is asked or sent; an empty workspace gets the same."""
    with closing(remote()) as there:
        assert push(ws.path, there).failed == {}
        before = len(network.requests)
        again = push(ws.path, there)
        assert (again.asked, again.sent_bytes, again.sent_segments) == (False, 0, 0)
        assert len(network.requests) == before
        found = [*there.pieces().pieces]
        assert max(Counter((one.path, one.offset, one.sha256) for one in found).values()) == 1
        other = runstore.Workspace(tmp_path / "other")
        assert pull(other.path, there).refused == []
    assert unions.answers(other) == unions.answers(ws)
    assert sealed(other) == sealed(ws)


@pytest.fixture
def ws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    """One in which nothing is sealed by itself."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return runstore.Workspace(tmp_path / "ws")


SIZES = [pytest.param(60, 25, id="few"), pytest.param(1000, 200, id="many", marks=pytest.mark.soak)]


@pytest.mark.slow
@pytest.mark.parametrize(("runs", "cuts"), SIZES)
def test_runs_pushed_to_a_lake_through_cuts_are_there_once(
    ws: runstore.Workspace, seaweed: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs: int, cuts: int
) -> None:
    lake.opened(f"{seaweed.url}/team", create=True)
    with proxy.before(seaweed.address) as network:
        seaweed.through(network.address).enter(monkeypatch)
        cut_and_pushed(ws, network, lambda: lake.opened(f"{seaweed.url}/team"), runs, cuts)
        shown(ws, network, lambda: lake.opened(f"{seaweed.url}/team"), tmp_path)
    seaweed.enter(monkeypatch)
    points = deltalake.DeltaTable(f"{seaweed.url}/team/metrics").to_pyarrow_dataset().count_rows()
    assert [(points,)] == ws.sql("select count(*) from metrics").fetchall()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str, str]]:
    """A server: its workspace, where it is, and a token for it."""
    running = start(runstore.Workspace(tmp_path / "there").path)
    yield running.workspace, running.url, running.token
    running.stop()


@pytest.mark.parametrize(("runs", "cuts"), SIZES)
def test_runs_pushed_to_a_server_through_cuts_are_there_once(
    ws: runstore.Workspace, served: tuple[Path, str, str], tmp_path: Path, runs: int, cuts: int
) -> None:
    there, url, token = served
    with proxy.before(url) as network:
        cut_and_pushed(ws, network, lambda: Server(network.address, token), runs, cuts)
        shown(ws, network, lambda: Server(network.address, token), tmp_path)
    assert unions.answers(runstore.Workspace(there)) == unions.answers(ws)
