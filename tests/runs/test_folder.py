"""A directory is taken in file by file: what rests, what changed, and at the end everything."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runstore.errors import NotWritable, RunClosed
from runstore.runs import folder
from tests.runs.takers import Taker, quick, root, run, watched

__all__ = ["quick", "root", "run"]


def test_files_are_taken_under_the_name_of_the_directory_s_kind(run: Taker, root: Path) -> None:
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "ü c").write_bytes(b"1")
    watched(run, root).work()
    assert (run.stored, run.kinds) == ([("outputs/a/b/ü c", b"1")], {"file"})


def test_a_file_that_does_not_rest_yet_is_not_taken(run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "REST", 100.0)
    one = watched(run, root)
    (root / "a").write_bytes(b"1")
    one.work()
    assert run.stored == []


def test_a_file_that_changed_since_it_was_seen_is_left_alone(run: Taker, root: Path) -> None:
    one = watched(run, root)
    (root / "a").write_bytes(b"1")
    one.look()
    (root / "a").write_bytes(b"12")
    one._take("a")
    assert run.stored == []
    one._take("a")
    assert run.stored == [("outputs/a", b"12")]


def test_a_file_that_changes_is_taken_again_and_one_that_does_not_is_not_read(run: Taker, root: Path) -> None:
    one = watched(run, root)
    (root / "a").write_bytes(b"1")
    (root / "b").write_bytes(b"1")
    one.work()
    (root / "a").write_bytes(b"12")
    one.work()
    one.work()
    assert sorted(run.stored) == [("outputs/a", b"1"), ("outputs/a", b"12"), ("outputs/b", b"1")]


def test_a_file_replaced_by_one_of_its_size_is_taken_again(run: Taker, root: Path) -> None:
    one = watched(run, root)
    (root / "a").write_bytes(b"1")
    one.work()
    (root / "a.tmp").write_bytes(b"2")
    os.utime(root / "a.tmp", ns=(0, (root / "a").stat().st_mtime_ns))
    os.replace(root / "a.tmp", root / "a")
    one.finish()
    assert run.stored == [("outputs/a", b"1"), ("outputs/a", b"2")]


def test_one_that_changes_all_the_time_is_taken_at_growing_intervals(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(folder, "AGAIN", 1.0)
    monkeypatch.setattr(folder, "time", SimpleNamespace(
        monotonic=lambda: now[0], time_ns=time.time_ns, sleep=lambda seconds: None))  # fmt: skip
    one = watched(run, root)
    for second in range(100):
        (root / "a").write_bytes(b"x" * second)
        one.work()
        now[0] += 1.0
    assert [len(data) for _, data in run.stored] == [0, 1, 3, 7, 15, 31, 63]
    one.finish()
    assert len(run.stored[-1][1]) == 99


def test_a_large_one_is_taken_again_no_faster_than_the_rate(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "RATE", 1)
    one = watched(run, root)
    (root / "a").write_bytes(b"x" * 1000)
    one.work()
    (root / "a").write_bytes(b"y" * 1000)
    assert one.work() >= 0
    assert len(run.stored) == 1


def test_at_the_end_everything_is_taken_that_is_there_and_not_taken(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = watched(run, root)
    (root / "early").write_bytes(b"1")
    os.utime(root / "early", (1, 1))
    one.work()
    monkeypatch.setattr(folder, "REST", 100.0)
    (root / "late").write_bytes(b"2")
    one.finish()
    assert run.stored == [("outputs/early", b"1"), ("outputs/late", b"2")]


def test_what_was_taken_while_it_may_have_changed_is_read_again_at_the_end(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "REST", 100.0)
    one = watched(run, root)
    (root / "a").write_bytes(b"1")
    one.take()
    before = (root / "a").stat()
    (root / "a").write_bytes(b"2")
    os.utime(root / "a", ns=(before.st_atime_ns, before.st_mtime_ns))  # within one tick of the file system's clock
    one.finish()
    assert run.stored == [("outputs/a", b"1"), ("outputs/a", b"2")]


def test_a_file_deleted_meanwhile_is_forgotten(run: Taker, root: Path) -> None:
    one = watched(run, root)
    (root / "a").write_bytes(b"1")
    one.look()
    (root / "a").unlink()
    one.work()
    one.finish()
    assert (run.stored, run.warned) == ([], [])


def test_a_hint_leads_to_the_file_or_the_directory_it_names(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = watched(run, root)
    one.work()
    one._next_look = time.monotonic() + 1000
    (root / "sub").mkdir()
    for name in ("a", "sub/b", "sub/c"):
        (root / name).write_bytes(b"1")
    for path in (root / "a", root / "sub", root / "missing", root.parent / "elsewhere"):
        one.hint(str(path))
    one.work()
    assert sorted(name for name, _ in run.stored) == ["outputs/a", "outputs/sub/b", "outputs/sub/c"]


def test_links_are_followed_within_the_directory_only(run: Taker, root: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"s")
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "x").write_bytes(b"s")
    (root / "a").write_bytes(b"1")
    (root / "within").symlink_to("a")
    (root / "outside").symlink_to(tmp_path / "secret")
    (root / "loop").symlink_to(root)
    (root / "dir").symlink_to(tmp_path / "dir")
    (root / "broken").symlink_to("nothing")
    one = watched(run, root)
    for name in ("within", "outside", "loop", "dir", "broken"):
        one.hint(str(root / name))
    one.work()
    one.finish()
    assert sorted({name for name, _ in run.stored}) == ["outputs/a", "outputs/within"]


def test_a_directory_that_is_itself_a_link_is_followed(run: Taker, root: Path, tmp_path: Path) -> None:
    (root / "a").write_bytes(b"1")
    (root / "b").symlink_to("a")
    (tmp_path / "link").symlink_to(root)
    watched(run, tmp_path / "link").work()
    assert sorted(name for name, _ in run.stored) == ["outputs/a", "outputs/b"]


def test_what_is_no_file_is_not_taken(run: Taker, root: Path) -> None:
    os.mkfifo(root / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(root / "s"))
        one = watched(run, root)
        one.hint(str(root / "pipe"))
        one.work()
        one.finish()
    assert (run.stored, run.warned) == ([], [])


def test_the_workspace_is_not_taken_into_itself(run: Taker, root: Path) -> None:
    run.experiment.workspace.path = root / ".runstore"
    (root / ".runstore" / "runs").mkdir(parents=True)
    (root / ".runstore" / "runs" / "x").write_bytes(b"1")
    (root / "a").write_bytes(b"1")
    watched(run, root).finish()
    assert run.stored == [("outputs/a", b"1")]


def test_dot_files_are_taken_from_outputs_and_left_out_of_logs(run: Taker, root: Path) -> None:
    (root / ".hydra").mkdir()
    for name in (".hidden", ".hydra/config.yaml"):
        (root / name).write_bytes(b"\0")
    watched(run, root, logs=True).finish()
    assert run.stored == []
    watched(run, root).finish()
    assert sorted(name for name, _ in run.stored) == ["outputs/.hidden", "outputs/.hydra/config.yaml"]


def test_what_cannot_be_stored_is_warned_of_once_and_tried_again(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(folder, "RETRY", 0.0)
    (root / "a").write_bytes(b"1")
    run.refusal = NotWritable("no space")
    one = watched(run, root)
    one.work()
    one.work()
    assert [f"{root}/a is not taken in (no space)"] == run.warned
    assert capsys.readouterr().err.count("is not taken in") == 1
    run.refusal = None
    one.finish()
    assert run.stored == [("outputs/a", b"1")]


def test_a_directory_that_cannot_be_read_is_warned_of_once(
    run: Taker, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.scandir

    def scandir(path: str) -> Any:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    (root / "closed").mkdir()
    (root / "a").write_bytes(b"1")
    monkeypatch.setattr(os, "scandir", scandir)
    one = watched(run, root)
    one.work()
    one.finish()
    assert run.warned == [f"{root}/closed can't be read (Permission denied); what is in it is not taken"]
    assert run.stored == [("outputs/a", b"1")]


def test_a_run_that_has_ended_takes_nothing_more(run: Taker, root: Path) -> None:
    (root / "a").write_bytes(b"1")
    run.refusal = RunClosed("ended")
    one = watched(run, root)
    one.work()
    run.refusal = None
    assert one.work() >= 0
    assert (run.stored, run.warned) == ([], [])


def test_whatever_goes_wrong_at_the_end_the_run_ends(run: Taker, root: Path) -> None:
    (root / "a").write_bytes(b"1")
    run.refusal = ZeroDivisionError("odd")
    watched(run, root).finish()
    assert run.warned == [f"{root} was not taken in whole (ZeroDivisionError('odd'))"]


def test_an_interrupted_end_can_be_done_again(run: Taker, root: Path) -> None:
    (root / "a").write_bytes(b"1")
    run.refusal = KeyboardInterrupt()  # type: ignore[assignment]
    one = watched(run, root)
    with pytest.raises(KeyboardInterrupt):
        one.finish()
    run.refusal = None
    one.finish()
    assert run.stored == [("outputs/a", b"1")]


def test_a_file_name_that_is_no_text_is_kept_as_its_escape(run: Taker, root: Path) -> None:
    with open(os.fsencode(root) + b"/\xff", "wb") as file:
        file.write(b"1")
    watched(run, root).work()
    assert run.stored == [("outputs/\\udcff", b"1")]
