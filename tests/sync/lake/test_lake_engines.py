"""What the page on other engines shows runs as it stands, and each engine has the rows that runstore itself has."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.sync.lake import lake
from runstore.sync.push import push
from tests.sync.servers import cluster, s3
from tests.sync.servers.places import Place

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "engines.md").read_text(encoding="utf-8")
TELL = {
    "DuckDB": "told = [leaderboard.fetchall(), groups.fetchall()]",
    "Polars": "told = [leaderboard.rows(), groups.rows()]",
}
_CURVE = 'print(json.dumps([curve["step"].to_list(), curve["value"].to_list()]))'


def code(heading: str) -> str:
    """The example below a heading of the page."""
    found = re.search(rf"^## {heading}\n.*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def logged(ws: runstore.Workspace, run_id: str, number: int) -> None:
    params = {"lr": [0.1, 0.01][number % 2], "optimizer": ["adam", "sgd", "lion"][number % 3]}
    with runstore.start_run("e", run_id=run_id, workspace=ws, params=params) as run:
        for step in range(4):
            run.log({"loss": number / 7 + 1 / (step + 1), "other": number}, step=step)


@pytest.fixture
def ws(tmp_path: Path) -> runstore.Workspace:
    """Runs of which one was deleted after it was pushed, and one gone on with."""
    return runstore.Workspace(tmp_path / "ws")


def filled(ws: runstore.Workspace, url: str) -> None:
    """Push it in two steps, the second of which changes what the first told."""
    for number in range(6):
        logged(ws, f"r{number}", number)
    push(ws.path, lake.opened(url, create=True))
    logged(ws, "r1", 8)
    logged(ws, "r6", 6)
    ws.delete("r2")
    assert push(ws.path, lake.opened(url)).failed == {}


def expected(ws: runstore.Workspace) -> tuple[list[tuple[Any, ...]], dict[tuple[Any, ...], Any]]:
    """The leaderboard, and the statistics of each group."""
    board = ws.sql("select run_id, params.lr, last.loss from runs order by last.loss, run_id").fetchall()
    query = """
        select p.name, p.value, p.text, avg(m.last), stddev_samp(m.last), count(m.last)
        from params p join metric_summary m using (run_id)
        where m.name = 'loss' and attempt = (select max(q.attempt) from params q where q.run_id = p.run_id) group by all
    """
    return board, keyed(ws.sql(query).fetchall())


def keyed(rows: Iterable[Sequence[Any]]) -> dict[tuple[Any, ...], Any]:
    """Of each group, mean, standard deviation and number, as far as the order in which they add up does not matter."""
    return {(*row[:3],): [None if one is None else round(one, 9) for one in row[3:]] for row in rows}


def ended_well(program: str) -> Any:
    """What a program of its own printed; it said nothing else, and did not abort at its end."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, timeout=600)
    assert (done.returncode, done.stderr) == (0, "")
    return json.loads(done.stdout)


def same(board: Iterable[Sequence[Any]], groups: Iterable[Sequence[Any]], ws: runstore.Workspace) -> None:
    there, of_groups = expected(ws)
    assert [(*row,) for row in board] == there
    assert keyed(groups) == of_groups
    assert len(there) == 6 and len(of_groups) == 5


@pytest.mark.parametrize("engine", TELL)
def test_an_engine_of_one_process_has_the_same_rows(engine: str, ws: runstore.Workspace, tmp_path: Path) -> None:
    filled(ws, str(tmp_path / "lake"))
    head = f"import json\nlake = {str(tmp_path / 'lake')!r}\n"
    same(*ended_well(f"{head}{code(engine)}\n{TELL[engine]}\nprint(json.dumps(told))"), ws)


@pytest.mark.slow
@pytest.mark.parametrize("engine", TELL)
def test_it_has_them_of_object_storage(engine: str, ws: runstore.Workspace, seaweed: Place) -> None:
    filled(ws, f"{seaweed.url}/team")
    head = f"import json\nlake = {seaweed.url + '/team'!r}\n"
    same(*ended_well(f"{head}{code(engine)}\n{TELL[engine]}\nprint(json.dumps(told))"), ws)


def test_a_curve_of_the_lake_is_that_of_the_run(ws: runstore.Workspace, tmp_path: Path) -> None:
    filled(ws, str(tmp_path / "lake"))
    head = f"import json\nlake, run_id = {str(tmp_path / 'lake')!r}, 'r3'\n"
    query = "select step, value from metrics where run_id = 'r3' and name = 'loss' order by step"
    assert [*zip(*ended_well(f"{head}{code('A curve')}\n{_CURVE}"), strict=True)] == ws.sql(query).fetchall()


def test_daft_on_a_cluster_has_the_same_rows(daft_on_ray: None, ws: runstore.Workspace, tmp_path: Path) -> None:
    filled(ws, str(tmp_path / "lake"))
    told = cluster.run(code("Daft on Ray"), lake=str(tmp_path / "lake"))
    same(told["leaderboard"], told["groups"], ws)
    assert told["nodes"] == 2


def test_daft_on_a_cluster_has_them_of_object_storage(
    daft_on_ray: None, ws: runstore.Workspace, seaweed: Place
) -> None:
    filled(ws, f"{seaweed.url}/team")
    told_of = {"endpoint_url": seaweed.address, "region_name": "us-east-1", "key_id": s3.KEY, "access_key": s3.SECRET}
    config = f"daft.io.IOConfig(s3=daft.io.S3Config(use_ssl=False, **{told_of!r}))"
    program = f"import daft\ndaft.set_planning_config(default_io_config={config})\n{code('Daft on Ray')}"
    told = cluster.run(program, lake=f"{seaweed.url}/team")
    same(told["leaderboard"], told["groups"], ws)


def test_where_there_is_no_daft_it_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(cluster.NotStarted, match=r"pip install 'daft\[deltalake\]"):
        cluster.run("")
