"""Each server is there, keeps what it is given, and says no where one may rely on it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import obstore
import psutil
import pytest
from obstore.exceptions import AlreadyExistsError
from obstore.store import from_url

from tests.sync.servers import npm, proxy, s3
from tests.sync.servers.places import Place
from tests.sync.servers.process import NotStarted, running


def store(place: Place) -> obstore.store.ObjectStore:
    return from_url(place.url, **({"mkdir": True} if place.url.startswith("file:") else {}))


def test_what_is_put_is_there(each_store: Place) -> None:
    there = store(each_store)
    obstore.put(there, "a/b", b"some bytes")
    assert bytes(obstore.get(there, "a/b").bytes()) == b"some bytes"
    assert [one["path"] for page in obstore.list(there) for one in page] == ["a/b"]
    obstore.delete(there, "a/b")
    assert [one for page in obstore.list(there) for one in page] == []


def test_what_is_there_is_not_created_again(each_store: Place) -> None:
    there = store(each_store)
    obstore.put(there, "one", b"first", mode="create")
    with pytest.raises(AlreadyExistsError):
        obstore.put(there, "one", b"second", mode="create")
    assert bytes(obstore.get(there, "one").bytes()) == b"first"


@pytest.mark.parametrize("each_store", ["seaweed", "moto", "azurite"], indirect=True)
def test_each_is_got_to_through_a_proxy(each_store: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with proxy.before(each_store.address) as network:
        each_store.through(network.address).enter(monkeypatch)
        obstore.put(store(each_store), "one", bytes(100_000))
        assert bytes(obstore.get(store(each_store), "one").bytes()) == bytes(100_000)
        assert 200_000 < network.up + network.down < 210_000


def test_the_bad_one_creates_again_what_is_there(s3rver: Place) -> None:
    there = store(s3rver)
    obstore.put(there, "one", b"first", mode="create")
    obstore.put(there, "one", b"second", mode="create")
    assert bytes(obstore.get(there, "one").bytes()) == b"second"


def test_each_test_has_a_place_of_its_own(seaweed: Place, seaweed_address: str) -> None:
    with s3.bucket(seaweed_address) as other:
        assert other.url != seaweed.url
        obstore.put(store(other), "one", b"")
        assert [one for page in obstore.list(store(seaweed)) for one in page] == []


def test_mlflow_keeps_a_run(mlflow_server: Place) -> None:
    from mlflow.tracking import MlflowClient

    client = MlflowClient()
    run = client.create_run(client.create_experiment(f"of {os.getpid()}"))
    client.log_metric(run.info.run_id, "loss", 0.5, step=3)
    assert [(one.step, one.value) for one in client.get_metric_history(run.info.run_id, "loss")] == [(3, 0.5)]


def test_a_place_behind_a_proxy_has_its_address() -> None:
    place = Place("mlflow+http://127.0.0.1:1", {"A": "http://127.0.0.1:1/x", "B": "y"}, "http://127.0.0.1:1")
    moved = place.through("http://127.0.0.1:2")
    assert moved.url == "mlflow+http://127.0.0.1:2"
    assert moved.environment == {"A": "http://127.0.0.1:2/x", "B": "y"}


def test_a_server_that_ends_at_once_tells_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such thing')"]
    with pytest.raises(NotStarted, match="no such thing"), running(lambda _: command, lambda _: False, tmp_path / "p"):
        pass


def test_a_server_of_npm_that_is_not_there_tells_how_to_get_it() -> None:
    with pytest.raises(NotStarted, match=r"npm install --prefix \.npm-servers"):
        npm.program("no-such-package", "x.js")


def test_a_server_does_not_outlive_killed_tests(tmp_path: Path) -> None:
    program = (
        "import pathlib, sys, time; from tests.sync.servers.process import running\n"
        "pid = pathlib.Path(sys.argv[1]) / 'pid'\n"
        "code = f'import os, time; open({str(pid)!r}, \"w\").write(str(os.getpid())); time.sleep(600)'\n"
        "with running(lambda _: [sys.executable, '-c', code], lambda _: pid.exists(), pid.parent / 'p'):\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(600)\n"
    )
    tests = subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE)
    assert tests.stdout is not None
    with tests, tests.stdout:
        assert tests.stdout.readline().strip() == b"ready"
        server = psutil.Process(int((tmp_path / "pid").read_text()))
        tests.kill()
    server.wait(timeout=60)
    assert not server.is_running()
