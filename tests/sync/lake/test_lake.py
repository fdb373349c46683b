"""A lake keeps what is pushed, once, and tells it to everybody: as a remote, and as tables for other engines."""

from __future__ import annotations

import hashlib
import itertools
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import deltalake
import pyarrow.compute as pc
import pytest

import runstore
from runstore.disk import files
from runstore.errors import Damaged, FormatTooNew, Refused, RemoteError, Unreachable
from runstore.format import documents, names
from runstore.query import collecting, compaction
from runstore.sync.lake import columns, lake
from runstore.sync.lake.directory import Directory
from runstore.sync.lake.tables import Tables
from runstore.sync.piece import Piece
from runstore.sync.pull import pull
from runstore.sync.push import push
from runstore.sync.remote import Object
from tests.query import unions
from tests.sync.fakes import ONCE
from tests.sync.lake import reading


@pytest.fixture
def ws(tmp_path: Path) -> runstore.Workspace:
    made = runstore.Workspace(tmp_path / "ws")
    unions.logged(made, "r0", small=b"few bytes", large=b"many" * 100_000)
    unions.logged(made, "r1", 3, small=b"few bytes")
    return made


@pytest.fixture
def url(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


TABLES = ("metrics", "rows", "metric_summary", "params", "tags", "artifacts", "writers", "runs")


def agree(url: str, ws: runstore.Workspace, tables: Sequence[str] = TABLES) -> None:
    """See that the tables say what the workspace says."""
    for table in tables:
        own = [one for one in columns.of(table) if one not in ("seq", "indexed", "revision", "deleted", "data")]
        own = [one for one in own if columns.of(table)[one] != "timestamp"]
        own = ["round(mean, 9)" if one == "mean" else one for one in own]  # in whatever order it was added up
        query = f"select {', '.join(own)} from {table} order by all"
        assert sorted(map(repr, reading.ask(url, query))) == sorted(map(repr, ws.sql(query).fetchall())), table


def one_object(data: bytes, kind: str = "") -> Object:
    return Object(hashlib.sha256(data).hexdigest(), len(data), kind, lambda: iter([data]))


def test_a_lake_is_made_once_whoever_opens_it(url: str) -> None:
    with pytest.raises(Refused, match="no lake there; make one with"):
        lake.opened(url)
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(lake.opened(url, create=True).id)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({*found, lake.opened(url).id}) == 1 and len(found) == 4


def test_a_lake_of_a_later_format_or_a_damaged_one_is_not_opened(url: str) -> None:
    place = Directory(Path(url))
    place.create(lake.DOCUMENT, documents.render({"runstore": 99, "lake": "x"}))
    with pytest.raises(FormatTooNew, match="upgrade"):
        lake.opened(url)
    place.put(lake.DOCUMENT, [b"{}"], 2)
    with pytest.raises(Damaged):
        lake.opened(url)


@pytest.mark.parametrize(
    "body",
    [[], "x", {}, {"runstore": 1}, {"runstore": 1, "lake": 5}, {"runstore": "1", "lake": "x"},
     {"runstore": 1, "lake": "../../etc"}, {"runstore": 1, "lake": "x" * 36}],
)  # fmt: skip
def test_what_only_looks_like_a_lake_is_refused(url: str, body: object) -> None:
    Directory(Path(url)).create(lake.DOCUMENT, documents.render(body))
    with pytest.raises(RemoteError, match="is no document of a lake"):
        lake.opened(url)


def test_a_lake_whose_document_is_endless_is_refused(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.opened(url, create=True)
    monkeypatch.setattr(lake, "_MOST", 10)
    with pytest.raises(RemoteError, match="is no document of a lake"):
        lake.opened(url)


def test_a_log_that_leads_out_of_the_lake_is_not_followed(ws: runstore.Workspace, url: str, tmp_path: Path) -> None:
    push(ws.path, lake.opened(url, create=True))
    (tmp_path / "secret").write_text("secret")
    entry = Path(url, "segments", "_delta_log", f"{2:020d}.json")
    for path in ("../../secret", "/etc/passwd", str(tmp_path / "secret")):
        entry.write_text(json.dumps({"add": {"path": path, "size": 6}}) + "\nno JSON\n[]\n")
        with pytest.raises(RemoteError, match="is no name of an object"):
            [*lake.opened(url).pieces("1").pieces]


def test_what_was_pushed_comes_back_as_it_was(ws: runstore.Workspace, url: str, tmp_path: Path) -> None:
    done = push(ws.path, lake.opened(url, create=True))
    assert (sorted(done.ok), done.partial, done.failed) == (["r0", "r1"], {}, {})
    other = runstore.Workspace(tmp_path / "other")
    assert pull(other.path, lake.opened(url)).refused == []
    assert unions.answers(other) == unions.answers(ws)
    assert other.get_run("r0").read_file("large") == b"many" * 100_000


def test_other_engines_read_in_the_tables_what_the_views_say(ws: runstore.Workspace, url: str) -> None:
    push(ws.path, lake.opened(url, create=True))
    agree(url, ws)
    ws.get_run("r0").set_tags({"later": "yes"})
    unions.logged(ws, "r0", 9)
    unions.logged(ws, "r2", 2)
    push(ws.path, lake.opened(url))
    agree(url, ws)
    assert reading.ask(url, "select experiment from experiments") == [("e",)]
    ws.delete("r1")
    push(ws.path, lake.opened(url))
    assert reading.ask(url, "select run_id from runs order by 1") == [("r0",), ("r2",)]


@pytest.mark.parametrize("table", columns.EVERY)
def test_a_condition_on_any_column_finds_its_rows(ws: runstore.Workspace, url: str, table: str) -> None:
    """What a file does not state of a column is not taken for nothing."""
    push(ws.path, lake.opened(url, create=True))
    found = deltalake.DeltaTable(f"{url}/{table}").to_pyarrow_dataset()
    rows = found.to_table().to_pylist()
    for column in columns.of(table):
        for value in {row[column] for row in rows[:3]} - {None}:
            assert found.count_rows(filter=pc.field(column) == value) > 0, (column, value)


def test_the_segments_there_are_the_files_here(ws: runstore.Workspace, url: str) -> None:
    push(ws.path, lake.opened(url, create=True))
    here = {hashlib.sha256(one.read_bytes()).hexdigest() for one in ws.path.rglob("points-*.parquet")}
    there = {one.stem: one.read_bytes() for one in Path(url, "metrics").glob("*.parquet")}
    assert here == {*there} and all(hashlib.sha256(data).hexdigest() == name for name, data in there.items())


def test_a_cursor_leads_to_what_was_committed_since(ws: runstore.Workspace, url: str) -> None:
    assert [*lake.opened(url, create=True).pieces().pieces] == []
    push(ws.path, lake.opened(url))
    told = lake.opened(url).pieces()
    first = [*told.pieces]
    unions.logged(ws, "r2", 2)
    push(ws.path, lake.opened(url))
    fresh, seen = lake.opened(url), list[str]()
    plain = fresh.storage.read
    fresh.storage.read = lambda name, *rest: (seen.append(name), plain(name, *rest))[1]  # type: ignore[method-assign]
    later = fresh.pieces(told.cursor)
    second = [*later.pieces]
    assert {one.run_id for one in second} == {"r2"}
    assert {*fresh.pieces().pieces} == {*first, *second}
    assert [one for one in seen if "_delta_log" in one] == ["segments/_delta_log/00000000000000000002.json"]
    assert [*fresh.pieces(later.cursor).pieces] == [] and fresh.pieces(later.cursor).cursor == later.cursor
    assert {one.run_id for one in fresh.pieces("", {"r1"}).pieces} == {"r1"}
    assert [*fresh.pieces("", {"none"}).pieces] == []


@pytest.mark.parametrize("cursor", ["99", "-1", "x", "1e3", "9" * 30, "²"])
def test_a_cursor_that_means_nothing_leads_to_the_beginning(ws: runstore.Workspace, url: str, cursor: str) -> None:
    push(ws.path, lake.opened(url, create=True))
    assert [*lake.opened(url).pieces(cursor).pieces] == [*lake.opened(url).pieces().pieces] != []


def test_objects_are_there_when_they_were_put_whole(url: str) -> None:
    found = lake.opened(url, create=True)
    small, segment = one_object(b"small"), one_object(b"segment", "points")
    assert found.lacking([small, segment]) == {small.sha256, segment.sha256}
    found.put(small)
    found.put(segment)
    again = lake.opened(url)
    assert again.lacking([small, segment]) == set()
    assert again.lacking([small._replace(size=4)]) == {small.sha256}
    piece = Piece("x", "blob", object=small.sha256, at=1, size=3)
    assert b"".join(again.get(piece)) == b"mal"
    assert b"".join(again.get(piece._replace(kind="points", object=segment.sha256, at=0, size=7))) == b"segment"
    assert b"".join(again.get(Piece("x.lock", "lock"))) == b""
    with pytest.raises(RemoteError, match="nothing is there"):
        b"".join(again.get(piece._replace(object="0" * 64)))
    with pytest.raises(RemoteError, match="is no SHA-256"):
        b"".join(again.get(piece._replace(object="../../lake.json")))


def test_bytes_that_are_not_what_their_name_says_are_never_put(url: str) -> None:
    found = lake.opened(url, create=True)
    for wrong in (one_object(b"one")._replace(sha256="0" * 64), one_object(b"one")._replace(size=4)):
        with pytest.raises(Refused, match="has changed while it was sent"):
            found.put(wrong)
    assert [one.name for one in found.storage.names("")] == [lake.DOCUMENT]


def test_a_piece_whose_object_is_not_there_is_refused(url: str) -> None:
    found = lake.opened(url, create=True)
    with pytest.raises(Refused, match=r"the object of runs/x is not there; put it first"):
        found.commit([Piece("runs/x", "blob", object="0" * 64, sha256="0" * 64, size=3)])
    assert [*found.pieces().pieces] == []


@pytest.mark.slow
def test_a_push_that_breaks_off_anywhere_and_is_repeated_leaves_everything_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    unions.logged(ws, "r0", small=b"few bytes")
    push(ws.path, lake.opened(tmp_path / "first", create=True))  # sealed from now on
    number, broken = 0, True
    while broken:
        number += 1
        broken = _broken_off(ws, tmp_path / f"lake-{number}", number, monkeypatch)
    assert number > 20


def _broken_off(ws: runstore.Workspace, place: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Lose the ``number``th answer, and push again; False where there were fewer."""
    found, calls = lake.opened(place, create=True), itertools.count(1)

    def answer_lost(plain: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **named: Any) -> Any:
            lost, answer = next(calls) == number, plain(*args, **named)
            if lost:
                raise Unreachable("the line was cut")
            return answer

        return called

    with monkeypatch.context() as patch:
        patch.setattr(Directory, "put", answer_lost(Directory.put))
        patch.setattr(Directory, "size", answer_lost(Directory.size))
        patch.setattr(Tables, "commit", answer_lost(Tables.commit))
        try:
            push(ws.path, found, patience=ONCE)
            broken = False
        except Unreachable:
            broken = True
    push(ws.path, lake.opened(place))
    agree(str(place), ws, ("metrics", "params", "runs"))
    told = [(one.path, one.offset) for one in lake.opened(place).pieces().pieces]
    assert len(told) == len({*told})
    return broken


def test_a_commit_whose_answer_was_lost_is_done_once_also_where_the_run_went_on(url: str, tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    unions.logged(ws, "r0")
    found = lake.opened(url, create=True)
    plain, given = found.commit, list[Any]()
    found.commit = lambda told, source=None: (given.append([*told]), plain(told, source))[1]  # type: ignore[method-assign]
    push(ws.path, found)
    ws.get_run("r0").set_tags({"later": "yes"})
    for _ in range(2):
        lake.opened(url).commit(given[0], ws.path)
    assert [Tables(Directory(Path(url))).version(table) for table in ("segments", "runs", "metrics")] == [1, 1, 1]


def test_three_who_push_at_once_lose_nothing(url: str, tmp_path: Path) -> None:
    lake.opened(url, create=True)
    spaces = [runstore.Workspace(tmp_path / f"ws{number}") for number in range(3)]
    for number, ws in enumerate(spaces):
        for run in range(3):
            unions.logged(ws, f"r{number}-{run}", run)
    problems: list[Exception] = []

    def sent(ws: runstore.Workspace) -> None:
        try:
            push(ws.path, lake.opened(url))
        except Exception as problem:  # noqa: BLE001 - whatever it is, the test is to name it
            problems.append(problem)

    threads = [threading.Thread(target=sent, args=[ws]) for ws in spaces]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    whole = runstore.Workspace(tmp_path / "whole")
    for ws in spaces:
        whole.merge(ws)
    agree(url, whole)
    assert reading.ask(url, "select count(*) from metrics") == [(27,)]


def test_what_was_removed_for_good_leaves_the_tables_and_does_not_come_back(
    ws: runstore.Workspace, url: str, tmp_path: Path
) -> None:
    late = unions.copied(ws, tmp_path / "late")
    with runstore.start_run("e", run_id="r1", workspace=late) as run:
        run.log("loss", 0.5, step=50)
    push(ws.path, lake.opened(url, create=True))
    ws.delete("r1")
    collecting.collect(ws.path, grace=0)
    assert list((ws.path / names.TOMBSTONES).iterdir())
    push(ws.path, lake.opened(url))
    agree(url, ws)
    push(late.path, lake.opened(url))
    for table in ("metrics", "runs", "params", "metric_summary"):
        assert reading.ask(url, f"select distinct run_id from {table}_all") == [("r0",)], table


def test_thinned_curves_take_the_place_of_whole_ones(url: str, tmp_path: Path) -> None:
    ws = runstore.Workspace(tmp_path / "ws")
    with runstore.start_run("e", run_id="r0", workspace=ws) as run:
        for step in range(3000):
            run.log("loss", step / 10, step=step)
        run.log_row("sample", x=1)
    push(ws.path, lake.opened(url, create=True))
    ws.thin(100, 0, dry_run=False)
    ((left,),) = ws.sql("select count(*) from metrics").fetchall()
    assert left < 1000
    push(ws.path, lake.opened(url))
    assert reading.ask(url, "select count(*) from metrics") == [(left,)]
    assert reading.ask(url, "select count(*) from rows") == [(1,)]


def test_blocks_are_not_sent_again(ws: runstore.Workspace, url: str) -> None:
    push(ws.path, lake.opened(url, create=True))
    for _ in range(2):
        compaction.compact(ws.path, grace=0, enough=1)
    assert push(ws.path, lake.opened(url)).sent_segments == 0
    agree(url, ws)


def test_what_is_pushed_without_a_workspace_at_hand_is_told_all_the_same(
    ws: runstore.Workspace, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "caches"))
    found = lake.opened(url, create=True)
    plain = found.commit
    found.commit = lambda told, source=None: plain(told, None)  # type: ignore[method-assign]
    push(ws.path, found)
    agree(url, ws)
    unions.logged(ws, "r0", 7)
    ws.get_run("r1").set_tags({"k": "v"})
    push(ws.path, found)
    agree(url, ws)
    other = runstore.Workspace(tmp_path / "other")
    pull(other.path, lake.opened(url))
    assert unions.answers(other) == unions.answers(ws)


def test_pieces_count_where_nothing_more_can_be_told_of_them(
    ws: runstore.Workspace, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "caches").write_text("a file")
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "caches"))
    found = lake.opened(url, create=True)
    plain = found.commit
    found.commit = lambda told, source=None: plain(told, None)  # type: ignore[method-assign]
    with pytest.warns(UserWarning, match="its tables of facts are not up to date"):
        push(ws.path, found)
    other = runstore.Workspace(tmp_path / "other")
    pull(other.path, lake.opened(url))
    assert unions.answers(other) == unions.answers(ws)


@pytest.mark.parametrize("place", [0.05, 0.3, 0.5, 0.7, 0.95])
def test_a_list_of_pieces_that_somebody_broke_is_named(ws: runstore.Workspace, url: str, place: float) -> None:
    push(ws.path, lake.opened(url, create=True))
    (part,) = Path(url, "segments").glob("*.parquet")
    data = bytearray(part.read_bytes())
    data[int(len(data) * place)] ^= 1
    part.write_bytes(data)
    with pytest.raises(RemoteError, match=r"segments/.* is not what was put there"):
        [*lake.opened(url).pieces().pieces]


def test_a_directory_remembers_what_was_committed(
    ws: runstore.Workspace, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The log's file and the names are synced before a commit returns."""
    seen: list[str] = []
    plain = files.sync_dir
    monkeypatch.setattr(
        files, "sync_dir", lambda where: (seen.append(f"{where.parent.name}/{where.name}"), plain(where))
    )
    push(ws.path, lake.opened(url, create=True))
    assert "segments/_delta_log" in seen
    assert {f"{table}/_delta_log" for table in ("metrics", "runs", "params")} <= {*seen}
    assert any(one.startswith("objects/") for one in seen)
