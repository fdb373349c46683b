"""A lake opens as a workspace: it answers everything, and nothing in it can be changed."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

import runstore
from runstore.cli.main import cli
from runstore.errors import NotAWorkspace, Refused, Unreachable, UsageError
from runstore.query import collecting, compaction, references, repair
from runstore.sync.lake import lake, mirror
from runstore.sync.push import push
from runstore.sync.retry import Patience
from tests.query import unions
from tests.sync.servers.places import Place


@pytest.fixture(autouse=True)
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "caches"))
    return tmp_path / "caches"


@pytest.fixture
def ws(tmp_path: Path) -> runstore.Workspace:
    made = runstore.Workspace(tmp_path / "ws")
    unions.logged(made, "r0", small=b"few bytes", large=b"many" * 100_000)
    unions.logged(made, "r1", 3)
    with runstore.start_run("e", run_id="r1", workspace=made) as run:
        run.upload_file("m", io.BytesIO(b"weights"))
        run.register_model("net", "m")
    made.delete("r1")
    made.restore("r1")
    return made


@pytest.fixture
def url(ws: runstore.Workspace, tmp_path: Path) -> str:
    found = (tmp_path / "lake").as_uri()
    push(ws.path, lake.opened(found, create=True))
    return found


def test_it_answers_what_the_workspace_answers_that_was_pushed(each_store: Place, ws: runstore.Workspace) -> None:
    push(ws.path, lake.opened(each_store.url, create=True))
    found = runstore.Workspace(each_store.url)
    assert unions.answers(found) == unions.answers(ws)
    assert found.get_run("r0").read_file("large") == b"many" * 100_000
    assert repr(found) == f"Workspace({each_store.url!r})" and found.id == lake.opened(each_store.url).id
    unions.logged(ws, "r2", 2)
    push(ws.path, lake.opened(each_store.url))
    found.refresh()
    assert unions.answers(found) == unions.answers(ws)
    ws.refresh()  # always as it is now


def test_its_directory_and_its_url_are_the_same_lake(url: str, tmp_path: Path) -> None:
    by_url, by_path = runstore.Workspace(url), runstore.Workspace(tmp_path / "lake")
    assert by_path.path == by_url.path


def test_it_may_be_the_default(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_DIR", url)
    assert runstore.Workspace().sql("select count(*) from runs").fetchall() == [(2,)]
    with pytest.raises(UsageError, match="is only read"):
        runstore.start_run("e")


def test_where_no_lake_is_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no lake there"):
        runstore.Workspace((tmp_path / "none").as_uri())
    assert not (tmp_path / "none").exists()
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").touch()
    with pytest.raises(NotAWorkspace):
        runstore.Workspace(tmp_path / "other")


def test_an_address_with_a_secret_is_refused(url: str) -> None:
    with pytest.raises(UsageError) as found:
        runstore.Workspace("s3://bucket/x?sig=SECRET")
    assert "SECRET" not in str(found.value)


WRITES: dict[str, Callable[[runstore.Workspace, runstore.Run], object]] = {
    "start_run": lambda ws, run: runstore.start_run("e", workspace=ws),
    "start_run of a new experiment": lambda ws, run: runstore.start_run("new", workspace=ws),
    "resume": lambda ws, run: runstore.start_run("e", run_id="r0", workspace=ws),
    "experiment": lambda ws, run: ws.experiment("new"),
    "tag an experiment": lambda ws, run: ws.experiment("e").tag("k"),
    "archive an experiment": lambda ws, run: ws.experiment("e").archive(),
    "delete": lambda ws, run: ws.delete("r0"),
    "tag": lambda ws, run: run.set_tags({"k": "v"}),
    "note": lambda ws, run: run.note("n"),
    "properties": lambda ws, run: run.add_properties({"k": "v"}),
    "archive": lambda ws, run: run.archive(),
    "upload": lambda ws, run: run.upload_file("x", io.BytesIO(b"x" * 300_000)),
    "upload_folder": lambda ws, run: run.upload_folder("x", Path(__file__).parent),
    "remove_files": lambda ws, run: run.remove_files("small"),
    "snapshot": lambda ws, run: run.take_snapshot(Path(__file__).parent),
    "register": lambda ws, run: run.register_model("other", "small"),
    "alias": lambda ws, run: ws.models["net"].set_alias("best"),
    "merge": lambda ws, run: ws.merge(ws.path),
    "thin": lambda ws, run: ws.thin(10, 0, dry_run=False),
    "compact": lambda ws, run: compaction.compact(ws.path),
    "gc": lambda ws, run: collecting.collect(ws.path),
    "sweep": lambda ws, run: references.sweep(ws.path),
    "repair": lambda ws, run: repair.repair(ws.path),
    "submit": lambda ws, run: runstore.Experiment(ws, "e").submit(runstore.ScriptRunConfig(".", "x.py")),
    "children": lambda ws, run: run.child_run("c"),
    "log": lambda ws, run: run.log("loss", 1.0),
}


@pytest.mark.parametrize("what", WRITES)
def test_whatever_would_change_it_is_refused_in_one_line(
    what: str, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.py").touch()
    found = runstore.Workspace(url)
    before, there = unions.content(found.path), unions.content(tmp_path / "lake")
    with pytest.raises(UsageError) as told:
        WRITES[what](found, found.get_run("r0"))
    assert "\n" not in str(told.value)
    assert unions.content(found.path) == before and unions.content(tmp_path / "lake") == there


@pytest.mark.parametrize(
    "command",
    [
        ["rm", "r0"], ["archive", "r0"], ["gc", "--yes"], ["compact"], ["check", "--repair"], ["merge", "{ws}"],
        ["remote", "add", "team", "{other}"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_commands_that_would_change_it_are_refused(
    command: list[str], url: str, ws: runstore.Workspace, tmp_path: Path
) -> None:
    found = runstore.Workspace(url)
    before = unions.content(found.path)
    words = [word.format(ws=ws.path, other=tmp_path / "other") for word in command]
    done = CliRunner().invoke(cli, [*words, "-w", url])
    assert done.exit_code == 2, done.output
    assert "is only read" in done.output
    assert unions.content(found.path) == before


READS = [
    ["runs"], ["runs", "--json"], ["show", "r0"], ["show", "r1", "--json"], ["sql", "select * from metrics"], ["du"],
    ["check"], ["compare", "r0", "r1"], ["diff", "r0", "r1"], ["sql", "select * from runs", "--csv"],
]  # fmt: skip


@pytest.mark.slow
def test_fifty_commands_each_in_a_process_of_its_own_end_well(url: str, tmp_path: Path) -> None:
    """Reading Delta tables in other ways has ended the interpreter with an abort."""
    for number in range(50):
        command = [sys.executable, "-m", "runstore", *READS[number % len(READS)], "-w", url]
        done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
        assert done.returncode == 0, (command, done.stdout, done.stderr)
        assert done.stderr == "", done.stderr


def test_a_copy_that_has_to_be_made_anew_is(url: str, ws: runstore.Workspace, tmp_path: Path) -> None:
    found = runstore.Workspace(url)
    (found.path / "workspace.json").write_bytes(b"torn")
    assert unions.answers(runstore.Workspace(url)) == unions.answers(ws)
    lake_path = tmp_path / "lake"
    lake_path.rename(tmp_path / "away")
    other = runstore.Workspace(tmp_path / "other")
    unions.logged(other, "r9")
    push(other.path, lake.opened(url, create=True))  # another lake in the same place
    assert unions.answers(runstore.Workspace(url)) == unions.answers(other)


def test_what_can_not_be_reached_now_is_as_it_was(
    moto: Place, ws: runstore.Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mirror, "_PATIENCE", Patience(total=0.0))
    push(ws.path, lake.opened(moto.url, create=True))
    runstore.Workspace(moto.url)
    moto.through("http://127.0.0.1:9").enter(monkeypatch)
    with pytest.warns(UserWarning, match="can't be reached.*; shown is what was there when it was opened last"):
        found = runstore.Workspace(moto.url)
    assert unions.answers(found) == unions.answers(ws)
    with pytest.raises(Unreachable):
        runstore.Workspace(f"{moto.url}/never-opened")


def test_where_caches_can_not_be_written_it_is_told(url: str, caches: Path) -> None:
    caches.write_text("a file")
    with pytest.raises(OSError, match="set RUNSTORE_CACHE to a directory"):
        runstore.Workspace(url)


def test_two_who_open_it_at_once_share_the_copy(url: str, ws: runstore.Workspace) -> None:
    program = f"import runstore; print(runstore.Workspace({url!r}).sql('select count(*) from metrics').fetchall())"
    ran = [subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {one.communicate()[0] for one in ran}
    assert answers == {f"{ws.sql('select count(*) from metrics').fetchall()}\n"}
