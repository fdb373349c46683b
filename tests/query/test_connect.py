"""Every question has its own connection, in UTC, and refusals are one line."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path

import pytest

from runstore.errors import QueryError
from runstore.query import connect


def test_connections_do_not_see_each_others_views() -> None:
    one, other = connect.connect(), connect.connect()
    one.execute("CREATE TEMP VIEW v AS SELECT 1 AS a")
    other.execute("CREATE TEMP VIEW v AS SELECT 2 AS a")
    assert one.execute("SELECT a FROM v").fetchall() == [(1,)]
    assert other.execute("SELECT a FROM v").fetchall() == [(2,)]


def test_a_relation_outlives_the_name_of_its_connection() -> None:
    connection = connect.connect()
    connection.execute("CREATE TEMP TABLE t AS SELECT 7 AS a")
    relation = connection.sql("SELECT a FROM t")
    del connection
    gc.collect()
    assert relation.fetchall() == [(7,)]


def test_times_are_utc() -> None:
    query = "SELECT (TIMESTAMPTZ '2024-01-01 00:00:00+02')::TIMESTAMP::VARCHAR"
    assert connect.connect().execute(query).fetchall() == [("2023-12-31 22:00:00",)]


def test_a_variable_of_the_caller_is_no_table() -> None:
    mine = [1]
    with pytest.raises(QueryError, match="mine"), connect.refusals():
        connect.connect().sql("SELECT * FROM mine")
    assert mine


@pytest.mark.parametrize("text", ["", "a", "it's", "a\0b\0", "\0", "é\n\"'"])
def test_a_quoted_text_stands_for_itself(text: str) -> None:
    assert connect.connect().execute(f"SELECT {connect.quoted(text)}").fetchall() == [(text,)]


@pytest.mark.parametrize("text", ["a", 'say "hi"', "select", "val/loss", "é b"])
def test_a_quoted_name_stands_for_itself(text: str) -> None:
    relation = connect.connect().sql(f"SELECT 1 AS {connect.name(text)}")
    assert relation.columns == [text]


def test_a_refusal_is_one_line_without_the_drawing() -> None:
    with pytest.raises(QueryError) as refused, connect.refusals():
        connect.connect().execute("SELECT nope\nFROM (SELECT 1 AS a)")
    assert "\n" not in str(refused.value)
    assert "nope" in str(refused.value)
    assert "^" not in str(refused.value)


FORK = """
import os, sys
from runstore.query import connect
def ask():
    return connect.connect().execute("SELECT sum(i) FROM range(3000000) t(i)").fetchall()
first, kept = ask(), connect.connect().sql("SELECT 1")
pid = os.fork()
assert ask() == first
assert not pid or os.waitpid(pid, 0)[1] == 0
"""


def test_a_forked_child_asks_and_ends_like_any_process() -> None:
    program = FORK if hasattr(os, "fork") else ""
    subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=True, timeout=60)


def test_nothing_is_spilled_into_the_current_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ((place,),) = connect.connect().execute("SELECT current_setting('temp_directory')").fetchall()
    assert Path(place).is_absolute()
    assert not Path(place).is_relative_to(tmp_path)


def test_who_asks_beside_the_work_is_bounded() -> None:
    set_now = "SELECT current_setting('threads'), current_setting('memory_limit')"
    try:
        connect.be_modest()
        assert connect.connect().execute(set_now).fetchall() == [(2, "244.1 MiB")]
    finally:
        connect._database.cache_clear()
