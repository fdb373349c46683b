"""A table of a lake has each file once, whoever commits, and however often."""

from __future__ import annotations

import threading
from pathlib import Path

import deltalake
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from runstore.errors import RemoteError, Unreachable
from runstore.sync.lake import tables
from runstore.sync.lake.directory import Directory
from runstore.sync.lake.tables import New, Tables


def new(path: str, run_id: str = "r") -> New:
    return New(path, 10, 3, {"run_id": run_id}, {"run_id": run_id})


@pytest.fixture
def lake(tmp_path: Path) -> Directory:
    return Directory(tmp_path / "lake")


def commits(lake: Directory, table: str = "metrics") -> int:
    return len([one for one in lake.names(f"{table}/_delta_log") if one.name.endswith(".json")])


def paths(lake: Directory, table: str = "metrics") -> list[str]:
    return sorted(one.path for one in Tables(lake).parts(table))


def test_a_table_is_made_when_something_is_committed_to_it(lake: Directory) -> None:
    found = Tables(lake)
    assert (found.version("metrics"), found.parts("metrics")) == (None, [])
    assert found.commit("metrics", [new("a")]) is True
    assert (found.version("metrics"), paths(lake)) == (1, ["a"])


def test_a_commit_that_is_repeated_changes_nothing(lake: Directory) -> None:
    found = Tables(lake)
    found.commit("metrics", [new("a"), new("b")])
    assert found.commit("metrics", [new("a"), new("b")]) is False
    assert found.commit("metrics", [new("b"), new("c")]) is True
    assert (paths(lake), commits(lake)) == (["a", "b", "c"], 3)


def test_files_of_a_commit_that_was_done_are_not_added_under_another_name(lake: Directory) -> None:
    found = Tables(lake)
    found.commit("runs", [new("abc-1")], once="abc")
    assert found.commit("runs", [new("abc-2")], once="abc") is False
    assert paths(lake, "runs") == ["abc-1"]


def test_a_file_takes_the_place_of_others_only_where_they_all_are(lake: Directory) -> None:
    found = Tables(lake)
    found.commit("runs", [new("a"), new("b")])
    assert found.commit("runs", [new("c")], ["a", "b"], whole=True) is True
    assert found.commit("runs", [new("d")], ["a", "c"], whole=True) is False
    assert paths(lake, "runs") == ["c"]
    assert found.commit("runs", gone=["a", "c"]) is True
    assert found.commit("runs", gone=["a", "c"]) is False
    assert paths(lake, "runs") == []


def test_what_is_known_of_a_file_is_told(lake: Directory) -> None:
    Tables(lake).commit("metrics", [New("a", 10, 3, {"run_id": "r1"}, {"run_id": "r2"}), New("b", 5, 1, {}, {})])
    one, other = sorted(Tables(lake).parts("metrics"))
    assert (one.path, one.size, one.first_run, one.last_run) == ("a", 10, "r1", "r2")
    assert (other.path, other.size, other.first_run, other.last_run) == ("b", 5, None, None)


@pytest.mark.parametrize("run_id", ["läuft 🏃", 'a "quoted" \\ one', "x" * 300, "line\nbreak", "nul\0"])
def test_run_ids_of_any_text_come_back(lake: Directory, run_id: str) -> None:
    Tables(lake).commit("metrics", [new("a", run_id)])
    assert [one.first_run for one in Tables(lake).parts("metrics")] == [run_id]


def test_what_is_known_of_files_is_known_after_a_checkpoint_too(lake: Directory) -> None:
    found, synced = Tables(lake), list[str]()
    plain = lake.written
    lake.written = lambda name: (synced.append(name.rpartition("/")[2]), plain(name))[1]  # type: ignore[method-assign]
    for number in range(25):
        found.commit("metrics", [New(f"f{number}", 10, 3, *[{"run_id": f"r{number}", "experiment": "e"}] * 2)])
    assert [one.name for one in lake.names("metrics/_delta_log") if "checkpoint.parquet" in one.name] != []
    parts = {one.path: (one.first_run, one.last_run) for one in Tables(lake).parts("metrics")}
    assert parts == {f"f{number}": (f"r{number}", f"r{number}") for number in range(25)}
    assert found.commit("metrics", [new("f0")]) is False
    assert commits(lake) == 26
    assert "_last_checkpoint" in synced and any(name.endswith(".checkpoint.parquet") for name in synced)


def test_many_who_commit_at_once_lose_nothing(lake: Directory) -> None:
    def commit(number: int) -> None:
        Tables(lake).commit("metrics", [new("shared"), new(f"own-{number}")])

    threads = [threading.Thread(target=commit, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert paths(lake) == [*(f"own-{number}" for number in range(6)), "shared"]
    adds = b"".join(b"".join(lake.read(one.name)) for one in lake.names("metrics/_delta_log")).count(b'"path":"shared"')
    assert adds == 1  # also in the log


def test_a_table_that_many_make_at_once_is_made_once(tmp_path: Path) -> None:
    for number in range(8):
        lake = Directory(tmp_path / str(number))
        threads = [threading.Thread(target=lambda lake=lake: Tables(lake).make("runs")) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert (Tables(lake).version("runs"), paths(lake, "runs")) == (0, [])


def test_who_loses_again_and_again_gives_up_for_now(lake: Directory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "_TRIES", 2)
    monkeypatch.setattr(Tables, "_try", lambda *ignored: False)
    with pytest.raises(Unreachable, match="others commit all the time"):
        Tables(lake).commit("metrics", [new("a")])


def test_a_log_that_is_broken_is_told_in_one_line(lake: Directory) -> None:
    Tables(lake).commit("metrics", [new("a")])
    log = next(one.name for one in lake.names("metrics/_delta_log"))
    lake.put(log, [b"{"], 1)
    with pytest.raises(RemoteError, match="metrics: reading failed") as found:
        Tables(lake).parts("metrics")
    assert "\n" not in str(found.value)


def test_others_read_the_tables_with_the_types_they_know(lake: Directory) -> None:
    found = Tables(lake)
    for table in tables.columns.EVERY:
        found.commit(table, [New("a", 1, 1, {}, {})])
        read = deltalake.DeltaTable(f"{lake.root}/{table}")
        assert [field.name for field in read.schema().fields] == [*tables.columns.of(table)]
        protocol = read.protocol()
        assert (protocol.min_reader_version, protocol.min_writer_version) == (1, 2)


def test_old_files_are_deleted_when_nobody_reads_them_any_more(lake: Directory) -> None:
    found = Tables(lake)
    for name in ("a", "b"):
        lake.put(f"runs/{name}", [bytes(10)], 10)
    found.commit("runs", [new("a"), new("b")])
    found.commit("runs", gone=["a"])
    assert found.vacuum("runs", 168, dry=False) == []
    assert found.vacuum("runs", 0, dry=True) == ["a"]
    assert found.vacuum("runs", 0, dry=False) == ["a"]
    assert (lake.size("runs/a"), lake.size("runs/b")) == (None, 10)
    assert found.vacuum("tags", 0, dry=False) == []


@pytest.mark.parametrize(("table", "column"), [("metrics", "name"), ("params", "name"), ("experiments", "experiment")])
def test_a_condition_on_a_column_finds_rows_whether_or_not_files_state_its_ends(
    lake: Directory, table: str, column: str
) -> None:
    stated = dict.fromkeys(tables.columns.stated(table), "r")
    for name in ("a", "b"):
        file = pa.BufferOutputStream()
        pq.write_table(pa.table({**{one: ["r"] for one in stated}, column: [name]}), file)
        data = file.getvalue().to_pybytes()
        lake.put(f"{table}/{name}", [data], len(data))
        Tables(lake).commit(table, [New(name, len(data), 1, stated, stated)])
    read = deltalake.DeltaTable(f"{lake.root}/{table}").to_pyarrow_dataset()
    assert read.to_table(filter=pc.field(column) == "b").column(column).to_pylist() == ["b"]
    if stated:
        assert [*read.get_fragments(pc.field("run_id") == "s")] == []
