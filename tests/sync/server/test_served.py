"""What is served is measured now and then, and what came since is added."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from runstore.sync.server import served
from tests.sync.server.asking import Asking


def test_without_a_quota_there_is_room_for_anything(ask: Asking) -> None:
    assert ask.served.room() is None


def test_with_one_what_is_there_and_what_came_is_subtracted(asked: Callable[..., Asking]) -> None:
    ask, measured = asked(quota=100), list[int]()

    def measure() -> int:
        measured.append(40)
        return 40

    ask.served.measure = measure
    assert ask.served.room() == 60
    ask.served.took(25)
    assert ask.served.room() == 35
    ask.served.took(1000)
    assert (ask.served.room(), measured) == (0, [40])


def test_a_place_takes_objects_directly(ask: Asking) -> None:
    assert ask.served.direct


def test_the_size_of_a_directory_is_that_of_its_files(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(bytes(7))
    (tmp_path / "d").write_bytes(bytes(5))
    assert served.size(tmp_path / "a") == 7
    assert served.size(tmp_path) == 12
    assert served.size(tmp_path / "nothing") == 0
