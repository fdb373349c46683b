"""A stranger's SELECT sees the workspace's views as everybody does, and nothing else there is on the machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb
import orjson
import pytest

import runstore
from runstore.errors import QueryError
from runstore.query import catalog, compaction, history, locked, plain, sealing
from runstore.query.connect import DuckDBPyConnection

ALLOWED = locked.Allowed(rows=1000, size=1 << 20, seconds=60.0, memory=256 << 20, spill=1 << 30)


@pytest.fixture
def spill(tmp_path: Path) -> Path:
    path = tmp_path / "spill"
    path.mkdir()
    return path


@pytest.fixture
def filled(ws: runstore.Workspace) -> runstore.Workspace:
    """One run that is sealed, one that is live."""
    done = ws.experiment("e").start_logging()
    done.log_params({"lr": 0.1})
    for step in range(100):
        done.log("loss", 1.0 / (step + 1), step=step)
    done.complete()
    sealing.seal(ws.path, done.path)
    live = ws.experiment("e").start_logging()
    live.log_params({"lr": 0.2})
    live.log("loss", float("nan"), step=1)
    live.flush()
    return ws


@pytest.fixture
def shut(filled: runstore.Workspace, spill: Path) -> Iterator[DuckDBPyConnection]:
    """A database that is shut over ``metrics``; what a statement would meet if it got past the check of its kind."""
    with locked.opened(ALLOWED, spill) as connection:
        history.bind(connection, filled.path, "select * from metrics")
        locked.shut(connection)
        yield connection


def rows(ws: runstore.Workspace, query: str, spill: Path) -> list[list[object]]:
    return [orjson.loads(row) for row in locked.answer(ws.path, query, ALLOWED, spill).rows]


def found(connection: DuckDBPyConnection, query: str) -> list[object]:
    """What a statement gives; nothing where it is refused."""
    with suppress(duckdb.Error):
        return connection.execute(query).fetchall()
    return []


@pytest.mark.parametrize(
    "query",
    [
        "select run_id, name, step, value from metrics order by run_id, step",
        "select run_id, params.lr, last.loss, status from runs order by run_id",
        "select run_id, count, last_step from metric_summary order by run_id",
        "select rank, run_id from leaderboard('loss') order by run_id",
        "select run_id, bucket, count from curves('loss', 5) order by all",
        "select run_id, name, kind from params order by run_id",
        "with a as (select count(*) as n from curve_points) select n from a;",
        "from experiments select experiment, runs",
    ],
)
def test_the_views_say_what_they_say_to_everybody(filled: runstore.Workspace, spill: Path, query: str) -> None:
    expected = [plain._plain(list(row)) for row in filled.sql(query).fetchall()]
    assert rows(filled, query, spill) == expected


def test_runs_in_blocks_are_read_too(ws: runstore.Workspace, spill: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalog, "LEAST", 2)
    for number in range(4):
        with ws.experiment("e").start_logging() as run:
            run.log("loss", float(number), step=1)
    compaction.compact(ws.path)
    assert rows(ws, "select count(*), sum(value) from metrics", spill) == [[4, 6.0]]
    assert rows(ws, "select count(*), max(last.loss) from runs", spill) == [[4, 3.0]]
    assert rows(ws, "select count(*), max(last) from metric_summary", spill) == [[4, 3.0]]


def test_a_workspace_behind_a_link_is_read(filled: runstore.Workspace, tmp_path: Path, spill: Path) -> None:
    link = tmp_path / "it's linked"
    link.symlink_to(filled.path, target_is_directory=True)
    assert rows(runstore.Workspace(link), "select count(*) from metrics", spill) == [[101]]


def test_no_file_is_read_that_the_views_do_not_name(
    shut: DuckDBPyConnection, filled: runstore.Workspace, tmp_path: Path
) -> None:
    duckdb.sql(f"copy (select 'secret' as s) to '{tmp_path / 'out.parquet'}'")
    (tmp_path / "out.csv").write_text("secret\n1\n")
    run = next(path for path in (filled.path / "runs").glob("*/*") if any(path.glob("points-*")))
    (run / "link.parquet").symlink_to(tmp_path / "out.parquet")
    (run / "link").symlink_to(tmp_path)
    outside = [
        tmp_path / "out.parquet", tmp_path / "out.csv", run / "link.parquet", run / "link" / "out.parquet",
        "/etc/passwd", f"{run}/../../../../out.parquet", f"{tmp_path}/*.parquet", "https://127.0.0.1:9/x.parquet",
        "/proc/self/environ",
        f"file://{tmp_path}/out.csv", "s3://x/y.parquet", *(path for path in run.iterdir() if path.suffix == ".json"),
    ]  # fmt: skip
    readers = ["read_csv", "read_text", "read_blob", "read_parquet", "read_json", "read_duckdb", "glob", "sniff_csv"]
    assert found(duckdb.connect(), f"from '{tmp_path / 'out.csv'}'") == [(1,)]
    for path in outside:
        for query in (f"from '{path}'", *(f"from {reader}('{path}')" for reader in readers)):
            assert found(shut, query) == []


@pytest.mark.parametrize(
    "attempt",
    [
        "set enable_external_access = true", "set allowed_paths = ['/etc/passwd']", "set allowed_directories = ['/']",
        "set lock_configuration = false", "reset lock_configuration", "set threads = 9", "set memory_limit = '9GB'",
        "set temp_directory = '/'", "set enable_logging = true", "set log_query_path = '{0}/log'",
        "call enable_logging('QueryLog', storage = 'file', storage_config = {{'path': '{0}/log'}})",
        "from enable_logging('QueryLog')", "from enable_profiling(save_location = '{0}/log')",
        "pragma enable_profiling",
        "pragma profile_output = '{0}/log'", "install httpfs", "load httpfs", "load '{0}/x.duckdb_extension'",
        "attach '{0}/new.db'", "copy (select 1) to '{0}/new.csv'",
        "copy (select 1) to '{0}/new.csv' (use_tmp_file false)",
        "with a as (copy (select 1) to '{0}/new.csv') from a", "export database '{0}/new'", "import database '{0}'",
        "create persistent secret s (type http)", "set secret_directory = '{0}'", "set extension_directory = '{0}'",
        "set file_search_path = '/etc'", "set home_directory = '/'", "from add_grammar_extension('x')",
        "create table a as from '/etc/passwd'", "copy a from '/etc/passwd'", "select getenv('HOME')",
    ],
)  # fmt: skip
def test_nothing_is_opened_again_and_nothing_written(shut: DuckDBPyConnection, tmp_path: Path, attempt: str) -> None:
    place = tmp_path / "place"
    place.mkdir()
    with pytest.raises(duckdb.Error):
        shut.execute(attempt.format(place)).fetchall()
    assert list(place.iterdir()) == []
    assert shut.execute("select count(*) from metrics").fetchall() == [(101,)]


def test_a_variable_of_the_program_is_no_table(filled: runstore.Workspace, spill: Path) -> None:
    from runstore.query import connect

    secret = connect.connect().sql("select 1 as secret")
    for query in ("from secret", "from ALLOWED", "from query"):
        with pytest.raises(QueryError, match="there is no view"):
            locked.answer(filled.path, query, ALLOWED, spill)
    assert secret.fetchall() == [(1,)]


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("select\n  nope from runs", r'^Binder Error: Referenced column "nope" not found .*\(line 2, column 3\)$'),
        ("select 'é', 'a'::int from runs", r"^Conversion Error: .*\(line 1, column 16\)$"),
        ("from nowhere", r"^Catalog Error: there is no view nowhere; the views are runs, .*\(line 1, column 6\)$"),
        ("from '/etc/passwd.csv'", r"^Permission Error: only the workspace's views can be read here, no files; "),
        ("select error('first' || chr(10) || 'second')", r"^Invalid Input Error: first second$"),
        ("selec 1", r"\(line 1, column 1\)$"),
    ],
)
def test_what_is_wrong_is_told_in_one_line_with_its_place(
    filled: runstore.Workspace, spill: Path, query: str, told: str
) -> None:
    with pytest.raises(QueryError, match=told) as refused:
        locked.answer(filled.path, query, ALLOWED, spill)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from range(100000000000) a, range(100000000000) b where a.range = -b.range - 1",
        "select a.range from range(30000000) a, range(30000000) b order by 1 desc",
        "with recursive a as (select 1 as i union all select i + 1 from a) select max(i) from a",
    ],
)
def test_what_runs_for_ever_is_stopped(filled: runstore.Workspace, spill: Path, query: str) -> None:
    with pytest.raises(QueryError, match=r"took longer than 0\.5 s"):
        locked.answer(filled.path, query, ALLOWED._replace(seconds=0.5), spill)
    assert rows(filled, "select count(*) from metrics", spill) == [[101]]


@pytest.mark.parametrize(
    "query",
    [
        "select list(range) from range(1000000000)",
        "select string_agg(repeat('x', 1000000), '') from range(100000)",
        "select range % 2, list(range::varchar) from range(100000000) group by 1",
    ],
)
def test_what_needs_too_much_memory_is_refused(filled: runstore.Workspace, spill: Path, query: str) -> None:
    with pytest.raises(QueryError, match="needs more than the 256 MiB"):
        locked.answer(filled.path, query, ALLOWED, spill)
    assert rows(filled, "select count(*) from metrics", spill) == [[101]]


def test_what_does_not_fit_on_the_disk_is_refused_and_leaves_nothing_there(ws: runstore.Workspace, spill: Path) -> None:
    allowed = ALLOWED._replace(spill=4 << 20, memory=64 << 20)
    with pytest.raises(QueryError, match="needs more than the 64 MiB"):
        locked.answer(ws.path, "from range(100000000) t(i), range(3) order by hash(i) offset 100000000", allowed, spill)
    assert [path for path in spill.rglob("*") if path.is_file()] == []


def test_two_questions_share_nothing(filled: runstore.Workspace, spill: Path) -> None:
    rows(filled, "select count(*) from metrics", spill)
    with pytest.raises(QueryError, match="there is no view live_points"):
        locked.answer(filled.path, "from live_points", ALLOWED, spill)


def test_what_a_name_says_is_never_a_file(filled: runstore.Workspace, spill: Path) -> None:
    with pytest.warns(UserWarning, match="no run has a param"):
        found = rows(filled, "select params['/etc/passwd'], params.\"x') from glob('/\" from runs limit 1", spill)
    assert found == [[None, None]]
    assert os.listdir(spill) == []


HOSTILE = "x') union all select content, 1 from read_text('/etc/passwd') --"


@pytest.mark.parametrize(
    "query",
    [
        "select count(*) from metrics where name = {literal}",
        "select count(*) from metrics where run_id in ({literal}, 'a')",
        "select count(*) from curve_points where experiment = {literal}",
        "select count(*) from system_metrics where name = {literal}",
        "select count(*) from metric_summary where name = {literal}",
        "select count(*) from logs where run_id = {literal}",
        "select count(last[{literal}]) from runs",
        "select count(params.{name}) from runs",
        "select count(last.{name}.{name}) from runs",
        "select count(*) from curves({literal}, 5)",
        "select count(value) from leaderboard({literal})",
        "select count(*) from group_stats({literal}, params.{name})",
    ],
)
@pytest.mark.filterwarnings("ignore:no run has a")
def test_what_a_statement_names_is_bound_as_a_name(filled: runstore.Workspace, spill: Path, query: str) -> None:
    """The views are made before the database is shut, from names that the statement holds."""
    literal, name = HOSTILE.replace("'", "''"), HOSTILE.replace('"', '""')
    assert rows(filled, query.format(literal=f"'{literal}'", name=f'"{name}"'), spill) == [[0]]
