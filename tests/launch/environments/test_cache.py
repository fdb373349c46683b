from __future__ import annotations

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch.environments import cache, tools

BUILDER = """
import sys, time
from pathlib import Path
from runstore.launch.environments import cache, tools

def build(directory):
    directory.mkdir()
    (directory / "half").touch()
    with open(sys.argv[1], "a") as log:
        log.write("built\\n")
    print("building", flush=True)
    if sys.argv[2] == "hang":
        time.sleep(600)
    (directory / "whole").touch()

print(cache.obtain("key", lambda found: True, build, print, tools.never).name, flush=True)
"""


def build(directory: Path) -> None:
    directory.mkdir()
    (directory / "whole").touch()


def whole(directory: Path) -> bool:
    return (directory / "whole").exists()


def obtain(said: list[str], sound: bool = True) -> Path:
    return cache.obtain("key", lambda found: sound and whole(found), build, said.append, tools.never)


def start(log: Path, how: str = "") -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", BUILDER, str(log), how], stdout=subprocess.PIPE, text=True)


def test_the_directory_is_the_one_named_or_the_users_for_caches(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert cache.root() == tmp_path / "cache"
    monkeypatch.delenv("RUNSTORE_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    if os.name != "nt":
        assert cache.root() == tmp_path / "xdg" / "runstore"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(sys, "platform", "linux")
    if os.name != "nt":
        assert cache.root() == tmp_path / ".cache" / "runstore"
    monkeypatch.setattr(sys, "platform", "darwin")
    if os.name != "nt":
        assert cache.root() == tmp_path / "Library" / "Caches" / "runstore"


def test_keys_tell_contents_apart() -> None:
    assert cache.key("a", ["b"]) == cache.key("a", ["b"])
    assert len({cache.key("a", ["b"]), cache.key("a", "b"), cache.key("ab")}) == 3


def test_it_is_built_once_and_then_used_again(said: list[str]) -> None:
    first = obtain(said)
    assert whole(first)
    assert obtain(said) == first
    assert said == []


def test_one_that_can_no_longer_be_used_is_built_again_and_left_to_who_runs_in_it(said: list[str]) -> None:
    first = obtain(said)
    second = obtain(said, sound=False)
    assert (second != first, whole(first), whole(second)) == (True, True, True)
    third = obtain(said, sound=False)
    assert (first.exists(), second.exists(), third.exists()) == (False, True, True)


def test_a_build_that_fails_leaves_nothing(said: list[str], cached: Path) -> None:
    def fail(directory: Path) -> None:
        build(directory)
        raise LaunchError("no")

    with pytest.raises(LaunchError, match="no"):
        cache.obtain("key", whole, fail, said.append, tools.never)
    assert [path.name for path in (cached / "environments").iterdir()] == ["key.lock"]
    assert whole(obtain(said))


def test_a_damaged_name_is_no_name(said: list[str], cached: Path) -> None:
    first = obtain(said)
    name = cached / "environments" / "key.json"
    name.write_bytes(name.read_bytes()[:-5])
    assert obtain(said) != first


def test_what_a_killed_builder_leaves_is_never_used_and_goes(said: list[str], tmp_path: Path, cached: Path) -> None:
    builder = start(tmp_path / "log", "hang")
    assert builder.stdout is not None
    assert builder.stdout.readline() == "building\n"
    (half,) = (cached / "environments").glob("key-*")
    builder.kill()
    builder.wait()
    builder.stdout.close()

    found = obtain(said)

    assert whole(found)
    assert not half.exists()


def test_two_that_want_the_same_build_it_once(tmp_path: Path) -> None:
    builders = [start(tmp_path / "log") for _ in range(4)]
    told = [builder.communicate()[0].splitlines() for builder in builders]
    assert len({lines[-1] for lines in told}) == 1
    assert (tmp_path / "log").read_text() == "built\n"


def test_who_waits_is_told_and_can_stop(said: list[str], tmp_path: Path) -> None:
    builder = start(tmp_path / "log", "hang")
    assert builder.stdout is not None
    assert builder.stdout.readline() == "building\n"
    try:
        with pytest.raises(tools.Stopped):
            cache.obtain("key", whole, build, said.append, lambda: bool(said))
        assert said == ["another process builds this environment; waiting for it"]
    finally:
        builder.kill()
        builder.communicate()


def test_who_waits_gets_what_the_other_built(said: list[str]) -> None:
    free, begun = threading.Event(), threading.Event()

    def slow(directory: Path) -> None:
        begun.set()
        free.wait(60)
        build(directory)

    found: list[Path] = []
    other = threading.Thread(target=lambda: found.append(cache.obtain("key", whole, slow, said.append, tools.never)))
    other.start()
    begun.wait(60)

    def wait(line: str) -> None:
        said.append(line)
        free.set()

    assert cache.obtain("key", whole, build, wait, tools.never) == (other.join() or found[0])
    assert len(said) == 1


def test_a_directory_that_can_not_be_written_is_said(
    said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RUNSTORE_CACHE", str(tmp_path / "file" / "below"))
    with pytest.raises(LaunchError, match=r"can't be written .*RUNSTORE_CACHE"):
        obtain(said)
