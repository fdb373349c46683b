"""Against a real MLflow tracking server on SQLite, read back with MLflow's own client."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from mlflow.entities import ViewType
from mlflow.tracking import MlflowClient

import runstore
from runstore.disk import block
from runstore.errors import Unreachable
from runstore.format import names
from runstore.sync.mlflow import cursor, keys, points, probe, push
from runstore.sync.push import Pushed
from runstore.sync.retry import Patience
from tests.sync.mlflow import logged
from tests.sync.servers import proxy, tracking
from tests.sync.servers.places import Place
from tests.sync.servers.process import running
from tests.sync.servers.proxy import Fault

HASTY = Patience(first=0.01, longest=0.05, total=20.0)


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")


def send(workspace: Path, place: Place, **more: object) -> Pushed:
    return push(workspace, place.url, logged.ID, **{"patience": HASTY, **more})  # type: ignore[arg-type]


def there(workspace: Path, run_id: str) -> str:
    entry = cursor.Cursors(workspace, logged.ID).run(block.key(workspace / names.run_dir(run_id)))
    assert entry is not None
    return entry.there


def read_back(client: MlflowClient, run: str) -> list[tuple[object, ...]]:
    """Every point that MLflow has."""
    found = [one for key in client.get_run(run).data.metrics for one in client.get_metric_history(run, key)]
    return [points.alike(one.key, one.value, one.timestamp, one.step) for one in found]


def holds(client: MlflowClient, workspace: Path, run_id: str, run: str) -> bool:
    found = read_back(client, run)
    return len(found) == len(set(found)) and set(found) == logged.expected(workspace, run_id)


def only_one(client: MlflowClient, run_id: str) -> bool:
    ids = [one.experiment_id for one in client.search_experiments()]
    found = client.search_runs(ids, f"tags.`runstore.run_id` = '{run_id}'", ViewType.ALL)
    return len(found) == 1


def paths(client: MlflowClient, run: str, folder: str | None = None) -> Iterator[str]:
    for one in client.list_artifacts(run, folder):
        if one.is_dir:
            yield from paths(client, run, one.path)
        else:
            yield one.path


def test_every_point_param_tag_and_artifact_is_there(mlflow_server: Place, workspace: Path, tmp_path: Path) -> None:
    run = logged.everything(workspace, 700)
    (tmp_path / "file").write_bytes(os.urandom(300_000))
    for name in ("model.bin", "out/späce #1?.txt", "empty"):
        source = tmp_path / "file" if name != "empty" else Path(os.devnull)
        run.upload_file(name, str(source))
    run.description = "what it is about"
    run.add_properties({"answer": 42})
    child = run.child_run("below")
    child.complete()
    run.complete()
    assert sorted(send(workspace, mlflow_server).ok) == sorted([run.id, child.id])

    client, found = MlflowClient(), there(workspace, run.id)
    assert holds(client, workspace, run.id, found)
    told = client.get_run(found)
    assert told.info.status == "FINISHED" and told.info.run_name == "all"
    assert client.get_experiment(told.info.experiment_id).name == "ex"
    listed = runstore.Workspace(workspace).sql(
        "select epoch_us(started) // 1000, epoch_us(ended) // 1000 from runs order by started"
    )
    assert (told.info.start_time, told.info.end_time) == listed.fetchall()[0]
    assert told.data.params == {
        "lr": "0.1", "opt.name": "adam", "opt.betas": "[0.9,0.99]", "none": "None", "long": "x" * 5997 + "…",
    }  # fmt: skip
    tags = told.data.tags
    assert tags.items() >= {"stage": "a", "empty": "", "answer": "42", "runstore.run_id": run.id}.items()
    assert tags["mlflow.note.content"] == "what it is about"
    assert client.get_run(there(workspace, child.id)).data.tags["mlflow.parentRunId"] == found
    assert told.data.metrics["loss"] == pytest.approx(1 / 700) and told.data.metrics["flag"] == 1.0
    for name in ("model.bin", "out/späce #1?.txt", "empty"):
        assert Path(client.download_artifacts(found, keys.file(name))).read_bytes() == run.read_file(name)
    whole = json.loads(Path(client.download_artifacts(found, "runstore/run.json")).read_text("utf-8"))
    assert {one["name"] for one in whole["artifacts"]} >= {"model.bin", "out/späce #1?.txt", "empty"}


def test_a_second_sync_asks_nobody_and_verifying_finds_all(mlflow_server: Place, workspace: Path) -> None:
    run = logged.everything(workspace, 400)
    run.complete()
    send(workspace, mlflow_server)
    again = send(workspace, Place("mlflow+http://127.0.0.1:1"))
    assert (again.asked, again.sent_bytes, again.failed) == (False, 0, {})
    checked = send(workspace, mlflow_server, verify=True)
    assert (checked.asked, checked.sent_bytes, checked.ok) == (True, 0, [run.id])


def test_a_run_that_goes_on_is_sent_in_parts(mlflow_server: Place, workspace: Path) -> None:
    run, client = logged.everything(workspace, 20), MlflowClient()
    send(workspace, mlflow_server)
    found = there(workspace, run.id)
    for part in range(3):
        assert client.get_run(found).info.status == "RUNNING"
        logged.log(run, range(20 + part * 10, 30 + part * 10))
        send(workspace, mlflow_server)
        assert holds(client, workspace, run.id, found)
    run.fail("it broke")
    send(workspace, mlflow_server)
    assert client.get_run(found).info.status == "FAILED"
    again = runstore.start_run("ex", run_id=run.id, workspace=runstore.Workspace(workspace))
    logged.log(again, range(40, 60))
    send(workspace, mlflow_server)
    assert client.get_run(found).info.status == "RUNNING"
    again.complete()
    send(workspace, mlflow_server)
    assert client.get_run(found).info.status == "FINISHED"
    assert holds(client, workspace, run.id, found) and only_one(client, run.id)


def test_the_network_cut_at_random_places_nothing_is_there_twice(mlflow_server: Place, workspace: Path) -> None:
    runs = [logged.everything(workspace, steps, str(steps)) for steps in (900, 30)]
    for run in runs:
        run.complete()
    rng, cuts = random.Random(7), 0
    with proxy.before(mlflow_server.address) as network:
        place = mlflow_server.through(network.address)
        for _ in range(60):
            network.cut_after(rng.randrange(200, 40_000))
            try:
                done = send(workspace, place, patience=Patience(total=0.0))
            except Unreachable:
                cuts += 1
                continue
            if not done.failed:
                break
            cuts += 1
        else:
            network.well()
            assert not send(workspace, place).failed
    client = MlflowClient()
    assert cuts > 3
    for run in runs:
        assert only_one(client, run.id) and holds(client, workspace, run.id, there(workspace, run.id))
        assert client.get_run(there(workspace, run.id)).info.status == "FINISHED"


@pytest.mark.parametrize("what", ["experiments/create", "runs/create", "log-batch", "runs/update", "artifacts/"])
def test_an_answer_that_is_lost_changes_nothing(mlflow_server: Place, tmp_path: Path, what: str) -> None:
    workspace = tmp_path / "ws"
    experiment = f"lost {what} {time.time_ns()}"
    with runstore.start_run(experiment, params={"lr": 1}, workspace=runstore.Workspace(workspace)) as run:
        logged.log(run, range(50))
    with proxy.before(mlflow_server.address) as network:
        network.at(Fault(lost=True), path=what, times=3)
        network.at(Fault(status=503, fields={"Retry-After": "0"}), path=what)
        done = send(workspace, mlflow_server.through(network.address))
    client = MlflowClient()
    assert done.ok == [run.id] and only_one(client, run.id)
    assert holds(client, workspace, run.id, there(workspace, run.id))


PUSHER = """
import sys
from pathlib import Path
from runstore.sync.mlflow import push
push(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
"""


def test_the_sender_killed_at_random_moments_nothing_is_there_twice(mlflow_server: Place, workspace: Path) -> None:
    run = logged.everything(workspace, 2500)
    run.complete()
    rng, killed = random.Random(3), 0
    command = [sys.executable, "-c", PUSHER, str(workspace), mlflow_server.url, logged.ID]
    for _ in range(4):
        sender = subprocess.Popen(command)
        _begun(workspace, sender)
        try:
            sender.wait(rng.uniform(0.05, 1.0))
        except subprocess.TimeoutExpired:
            sender.kill()
            killed += 1
        sender.wait()
    assert send(workspace, mlflow_server).failed == {}
    client = MlflowClient()
    assert only_one(client, run.id) and holds(client, workspace, run.id, there(workspace, run.id))
    assert killed


def _begun(workspace: Path, sender: subprocess.Popen[bytes]) -> None:
    """Wait until it sends."""
    open_mark = workspace / names.mlflow_cursors(logged.ID, "")
    deadline = time.monotonic() + 60
    before = open_mark.stat().st_mtime_ns if open_mark.exists() else 0
    while sender.poll() is None and time.monotonic() < deadline:
        if open_mark.exists() and open_mark.stat().st_mtime_ns != before:
            return
        time.sleep(0.01)


def test_nothing_is_printed_and_nothing_is_written_where_it_is_called(
    mlflow_server: Place, workspace: Path, tmp_path: Path
) -> None:
    run = logged.everything(workspace)
    run.complete()
    for name in ("home", "here"):
        (tmp_path / name).mkdir()
    done = subprocess.run(
        [sys.executable, "-c", PUSHER, str(workspace), mlflow_server.url, logged.ID],
        cwd=tmp_path / "here", env={**os.environ, "HOME": str(tmp_path / "home")}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("", "")
    assert [*(tmp_path / "home").rglob("*"), *(tmp_path / "here").rglob("*")] == []


def test_a_probe_tells_the_version_and_where_nobody_answers_in_a_line(mlflow_server: Place) -> None:
    assert probe(mlflow_server.url)["version"][0].isdigit()
    with pytest.raises(Unreachable, match=r"^http://127.0.0.1:1: no answer \(.*refused.*\)$"):
        probe("mlflow+http://127.0.0.1:1", Patience(total=0.0))


# ---- a store that adds again what it has


@contextmanager
def on_files(directory: Path) -> Iterator[Place]:
    directory.mkdir()
    python = tracking.python()
    assert python is not None
    environment = {"MLFLOW_ALLOW_FILE_STORE": "true", "MLFLOW_DISABLE_TELEMETRY": "true", "PYTHONWARNINGS": "ignore"}

    def command(ports: list[int]) -> list[str]:
        return [
            python, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(ports[0]), "--workers", "1",
            "--backend-store-uri", str(directory / "store"), "--artifacts-destination", str(directory / "files"),
        ]  # fmt: skip

    with running(command, tracking.healthy, directory, environment) as port:
        yield tracking.served(f"http://127.0.0.1:{port}")


def test_nothing_is_there_twice_in_a_store_of_files_either(
    mlflow_server: Place, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = logged.everything(workspace, 100)
    with on_files(tmp_path / "server") as place, proxy.before(place.address) as network:
        place.enter(monkeypatch)
        network.at(Fault(lost=True), path="log-batch", times=4)
        assert not send(workspace, place.through(network.address)).failed
        logged.log(run, range(100, 200))
        run.complete()
        network.at(Fault(lost=True), path="log-batch")
        send(workspace, place.through(network.address), patience=Patience(total=0.0))
        assert send(workspace, place.through(network.address)).ok == [run.id]
        client = MlflowClient(place.address)
        found = read_back(client, there(workspace, run.id))
    assert len(found) == len(set(found))
    assert set(found) == logged.expected(workspace, run.id)
