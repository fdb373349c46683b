"""The Parquet of a report is the store's rows, and nothing of a report is trusted when it is had again."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from pathlib import Path

import orjson
import pyarrow.parquet as pq
import pytest

import runstore
from runstore.errors import Damaged, StoreError
from runstore.view.report import tables, written
from tests.view.report.conftest import logged

ODD = "</script><img src=x onerror=alert(1)> ü\n"


@pytest.fixture
def report(ws: runstore.Workspace, built: Path, tmp_path: Path) -> Path:
    logged(ws, "left off")
    ids = [logged(ws, "one", steps=50, note=ODD), logged(ws, "two")]
    with runstore.start_run(ODD, run_id=ODD, workspace=ws) as run:
        run.log(ODD, 2.5, step=3)
    return written.write(ws, tmp_path / "report.html", [*ids, ODD]).path


def claims(path: Path, held: object) -> Path:
    path.write_bytes(b'<script type="application/json" id="runstore-parquet">' + orjson.dumps(held) + b"</script>")
    return path


def test_the_points_are_those_of_the_store(ws: runstore.Workspace, report: Path, tmp_path: Path) -> None:
    paths = tables.extract(report, tmp_path / "out")
    assert [path.name for path in paths] == ["metrics.parquet", "params.parquet", "runs.parquet"]
    order = [("run_id", "ascending"), ("name", "ascending"), ("seq", "ascending")]
    stored = ws.sql("select * from metrics where run_id <> 'left off'").arrow().read_all().sort_by(order)
    assert pq.read_table(paths[0]).sort_by(order).to_pylist() == stored.to_pylist()


def test_duckdb_reads_it_as_it_lies(ws: runstore.Workspace, report: Path, tmp_path: Path) -> None:
    tables.extract(report, tmp_path / "out")
    rows = ws.sql(f"select value from '{tmp_path}/out/metrics.parquet' where name = ?", [ODD]).fetchall()
    assert rows == [(2.5,)]


def test_what_lies_there_is_replaced_only_if_that_is_said(report: Path, tmp_path: Path) -> None:
    (tmp_path / "metrics.parquet").write_text("mine")
    with pytest.raises(StoreError, match="exists already"):
        tables.extract(report, tmp_path)
    assert (tmp_path / "metrics.parquet").read_text() == "mine"
    tables.extract(report, tmp_path, overwrite=True)
    assert pq.read_table(tmp_path / "metrics.parquet").num_rows == 56


def test_a_name_that_leads_elsewhere_is_not_written(tmp_path: Path) -> None:
    evil = base64.b64encode(b"evil").decode()
    path = claims(tmp_path / "r.html", {"../evil.parquet": evil, "evil.parquet": evil, "runs.parquet": evil})
    assert [one.name for one in tables.extract(path, tmp_path / "out")] == ["runs.parquet"]
    assert not (tmp_path / "evil.parquet").exists()


@pytest.mark.parametrize("held", [{"metrics.parquet": "no base64!"}, {"metrics.parquet": 3}, 7])
def test_what_is_not_whole_is_refused(tmp_path: Path, held: object) -> None:
    with pytest.raises(Damaged, match="not whole"):
        tables.extract(claims(tmp_path / "r.html", held), tmp_path / "out")


def test_what_is_no_report_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>hello")
    with pytest.raises(StoreError, match="holds no Parquet"):
        tables.extract(tmp_path / "page.html", tmp_path / "out")
    with pytest.raises(StoreError, match="can't be read"):
        tables.extract(tmp_path / "none.html", tmp_path / "out")


def test_plain_python_has_it_too_as_the_page_of_reports_shows(report: Path) -> None:
    page = Path(__file__).parents[3] / "docs" / "report.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    subprocess.run([sys.executable, "-c", code], cwd=report.parent, check=True)
    assert pq.read_table(report.parent / "metrics.parquet").num_rows == 56
