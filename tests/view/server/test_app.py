"""The whole page's server over a workspace whose names, files and runs were made by somebody who means harm."""

from __future__ import annotations

import io
import json
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.query import files as query
from tests.view.server.conftest import Served

HOSTILE = "<img src=x onerror=alert(1)>"
SCRIPT = '</script><script>alert("\u2028")</script>'
PAGE = b"<script>fetch('/api/workspace')</script>"


@pytest.fixture
def run_id(ws: runstore.Workspace) -> str:
    with runstore.start_run(
        HOSTILE, SCRIPT, workspace=ws, params={HOSTILE: SCRIPT}, tags={SCRIPT: HOSTILE}, description=HOSTILE
    ) as run:
        for step in range(100):
            run.log(HOSTILE, 1 / (step + 1), step=step)
        run.upload_file("report.html", io.BytesIO(PAGE))
        run.upload_file("drawing.svg", io.BytesIO(b"<svg onload='alert(1)' xmlns='http://www.w3.org/2000/svg'/>"))
        run.upload_file(HOSTILE, io.BytesIO(b"x"))
        run.upload_file("large.bin", io.BytesIO(bytes(1 << 20)))
        run.note(SCRIPT)
    return run.id


def test_the_workspace_says_what_it_is(served: Served, run_id: str) -> None:
    told = served.client.get("/api/workspace").json()
    assert {key: told[key] for key in ("experiments", "runs", "editable", "url")} == {
        "experiments": 1, "runs": 1, "editable": True, "url": None
    }  # fmt: skip


@pytest.mark.parametrize(
    "path",
    ["/api/experiments", "/api/runs", "/api/columns", "/api/metrics", "/api/runs/{}", "/api/runs/{}/files"],
)
def test_names_are_data_whatever_they_are_made_of(served: Served, run_id: str, path: str) -> None:
    """JSON that nothing would take for a page: its type, no sniffing, and a policy under which nothing runs."""
    told = served.client.get(path.format(run_id))
    assert told.status_code == 200, told.text
    assert told.headers["content-type"] == "application/json"
    assert told.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in told.headers["content-security-policy"]
    assert HOSTILE in json.dumps(told.json()) or "report.html" in told.text


@pytest.mark.parametrize(
    "where", ["1; drop table runs", "') or 1=1 --", HOSTILE, "run_id in (select * from read_text('/etc/passwd'))"]
)
def test_a_filter_that_is_none_is_refused(served: Served, run_id: str, where: str) -> None:
    told = served.client.get("/api/runs", params={"where": where})
    assert told.status_code == 400
    assert sorted(told.json()) == ["error", "hint"]
    assert "root:" not in told.text


def test_a_page_that_was_logged_is_shown_where_it_can_reach_nothing(served: Served, run_id: str) -> None:
    told = served.client.get(f"/api/runs/{run_id}/file", params={"path": "report.html"})
    policy = told.headers["content-security-policy"]
    assert told.content == PAGE
    assert "sandbox allow-scripts;" in policy
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy
    assert "default-src 'none'" in policy
    assert told.headers["x-content-type-options"] == "nosniff"


def test_a_drawing_that_was_logged_runs_nothing(served: Served, run_id: str) -> None:
    told = served.client.get(f"/api/runs/{run_id}/file", params={"path": "drawing.svg"})
    policy = told.headers["content-security-policy"]
    assert ("sandbox" in policy, "allow-scripts" in policy, "script-src" in policy) == (True, False, False)


def test_a_file_is_kept_if_it_is_asked_to_be(served: Served, run_id: str) -> None:
    told = served.client.get(f"/api/runs/{run_id}/file", params={"path": "report.html", "download": 1})
    assert told.headers["content-disposition"] == "attachment; filename*=UTF-8''report.html"
    told = served.client.get(f"/api/runs/{run_id}/file", params={"path": HOSTILE})
    assert (told.content, "<" in told.headers["content-disposition"]) == (b"x", False)


def test_parts_of_a_large_file_may_be_asked_for(served: Served, run_id: str) -> None:
    told = served.client.get(f"/api/runs/{run_id}/file", params={"path": "large.bin"}, headers={"range": "bytes=10-19"})
    assert (told.status_code, told.content) == (206, bytes(10))


def test_a_large_file_is_copied_once_for_all_its_parts(
    served: Served, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A video that somebody looks through asks for a hundred."""
    written: list[object] = []
    write = query.write
    monkeypatch.setattr(query, "write", lambda *given: (written.append(given), write(*given)))
    for first in range(0, 1000, 100):
        headers = {"range": f"bytes={first}-{first + 99}"}
        told = served.client.get(f"/api/runs/{run_id}/file", params={"path": "large.bin"}, headers=headers)
        assert (told.status_code, len(told.content)) == (206, 100)
    assert len(written) == 1


@pytest.mark.parametrize(
    "path",
    [
        "../workspace.json", "../../../workspace.json", "/etc/passwd", "a1.jsonl", "../../../../../etc/passwd",
        "..\\..\\workspace.json", "report.html/../../../workspace.json", "file:///etc/passwd", "%2e%2e/workspace.json",
        "", ".",
        "report.html\0.png",
    ],
)  # fmt: skip
@pytest.mark.parametrize("below", ["file", "snapshot/file"])
def test_a_path_that_leads_elsewhere_leads_nowhere(served: Served, run_id: str, path: str, below: str) -> None:
    told = served.client.get(f"/api/runs/{run_id}/{below}", params={"path": path})
    assert told.status_code in (400, 404), told.text
    assert sorted(told.json()) == ["error", "hint"]


@pytest.mark.parametrize("run", ["..", "../..", "%2e%2e", "..%2f..%2f", ".", "nobody", "%00", "*", "' or 1=1"])
def test_a_run_that_is_none_is_none(served: Served, run_id: str, run: str) -> None:
    told = served.client.get(f"/api/runs/{run}/files")
    assert told.status_code in (400, 404), told.text


def test_a_frame_and_a_download_need_no_token_but_a_ticket(served: Served, run_id: str) -> None:
    asked = [f"/api/runs/{run_id}/file?path=report.html", f"/api/runs/{run_id}/archive"]
    page, archive = served.client.post("/api/tickets", json={"urls": asked}).json()["urls"]
    assert served.stranger.get(page).content == PAGE
    found = zipfile.ZipFile(io.BytesIO(served.stranger.get(archive).content))
    assert b"".join(found.read(name) for name in found.namelist() if "report" in name) == PAGE
    assert not any(name.startswith("/") or ".." in name for name in found.namelist())
    assert served.stranger.get(page.replace("report.html", "drawing.svg")).status_code == 401


def test_curves_come_as_one_frame(served: Served, run_id: str) -> None:
    asked: dict[str, Any] = {"key": "a", "metric": HOSTILE, "runs": [run_id], "group": None, "x": "step", "points": 50}
    told = served.client.post("/api/curves", json={"requests": [{**asked, "low": None, "high": None}]})
    assert told.status_code == 200, told.text
    (length,) = struct.unpack_from("<I", told.content)
    head = json.loads(told.content[4 : 4 + length])
    assert [(one["key"], one["run_id"], one["count_total"]) for one in head["series"]] == [("a", run_id, 100)]


def test_runs_are_compared(served: Served, run_id: str) -> None:
    with runstore.start_run("e", workspace=served.ws, params={HOSTILE: 2}) as other:
        other.log(HOSTILE, 0.5)
    told = served.client.post("/api/compare", json={"runs": [run_id, other.id], "baseline": run_id})
    assert told.status_code == 200, told.text
    assert next(one for one in told.json()["params"] if one["name"] == HOSTILE)["differs"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/curves", {}), ("/api/curves", {"requests": "x"}), ("/api/curves", {"requests": [1]}),
        ("/api/compare", {}), ("/api/compare", {"runs": [1, 2]}), ("/api/compare", {"runs": ["a", "b"], "baseline": 1}),
        ("/api/sql", {}), ("/api/sql", {"query": 1}), ("/api/sql", {"query": "select 1", "rows": True}),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(served: Served, path: str, body: dict[str, Any]) -> None:
    told = served.client.post(path, json=body)
    assert (told.status_code, sorted(told.json())) == (400, ["error", "hint"])


def test_an_edit_gives_the_run_as_it_is_then(served: Served, run_id: str) -> None:
    assert served.edit(run_id=run_id, change="tag", key="good").json()["run"]["tags"]["good"] is None
    assert served.edit(run_id=run_id, change="delete").json()["run"]["deleted"]
    assert served.client.get("/api/runs").json()["total"] == 0
    assert not served.edit(run_id=run_id, change="restore").json()["run"]["deleted"]
    assert served.client.get("/api/runs").json()["total"] == 1


def test_sql_is_answered_and_what_reads_elsewhere_is_not(served: Served, run_id: str) -> None:
    told = served.client.post("/api/sql", json={"query": "select run_id, 1 as one from runs", "rows": 10})
    assert told.status_code == 200, told.text
    assert told.json()["rows"] == [[run_id, 1]]
    told = served.client.post("/api/sql", json={"query": "select * from read_text('/etc/passwd')"})
    assert (told.status_code, "root:" in told.text) == (400, False)


def test_sql_gets_no_further_than_the_views(served: Served, run_id: str, tmp_path: Path) -> None:
    """Every way that DuckDB has to read, write, load, set or tell something else."""
    (tmp_path / "secret.csv").write_text("SECRET\n1\n")
    secret, out = tmp_path / "secret.csv", tmp_path / "out"
    attempts = [
        f"from read_csv('{secret}')", f"from read_text('{secret}')", f"from read_blob('{secret}')", f"from '{secret}'",
        f"from glob('{tmp_path}/*')", f"from read_parquet('{secret}')", f"from read_json('{secret}')",
        f"from parquet_metadata('{secret}')", f"from sniff_csv('{secret}')",
        f"from query('from read_text(''{secret}'')')",
        f"from query_table('{secret}')", f"select content from read_text('{served.ws.path}/workspace.json')",
        f"attach '{out}' as other", f"copy (select 1) to '{out}'", f"export database '{out}'",
        f"import database '{out}'",
        "install httpfs", "load httpfs", "from read_csv('https://example.org/a.csv')", "from 's3://bucket/a.parquet'",
        "pragma database_list", "pragma enable_profiling", "set memory_limit = '90GB'", "reset threads", "checkpoint",
        "select getenv('PATH')", "select current_setting('temp_directory')", "from duckdb_settings()",
        "from duckdb_secrets()", "from pragma_database_list()", "create table t as select 1", "create secret (type s3)",
        "insert into runs select 1", "update runs set name = 'x'", "delete from runs", "drop view runs",
        "select 1; select 2", "begin", "prepare p as select 1", "execute p", "call pragma_version()", "vacuum",
        "explain analyze select 1", "use other", "select write_log('x')",
    ]  # fmt: skip
    before = sorted(str(path) for path in served.ws.path.rglob("*"))
    answered = {}
    for attempt in attempts:
        told = served.client.post("/api/sql", json={"query": attempt})
        assert "SECRET" not in told.text
        if told.status_code != 400:
            answered[attempt] = told.text
    assert answered == {}
    assert not out.exists()
    assert sorted(str(path) for path in served.ws.path.rglob("*")) == before


def test_there_is_nothing_else(served: Served) -> None:
    assert served.client.get("/api/nothing").status_code == 404
    wrong = served.client.post("/api/runs", json={})
    assert wrong.status_code == 405 and "GET" in wrong.headers["allow"]
    assert served.client.get("/api/edits", headers={"origin": served.origin}).status_code == 404
