"""A storage that can't be trusted is found out before anything is entrusted to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from runstore.errors import Refused
from runstore.sync.lake import probe, storage
from runstore.sync.lake.directory import Directory
from tests.sync.servers.places import Place


def test_each_store_that_can_be_trusted_is_and_nothing_stays_there(each_store: Place) -> None:
    place = storage.at(each_store.url + "/lake")
    assert set(probe.probe(place).values()) == {True}
    assert [*place.names("")] == []


def test_one_that_lets_several_create_the_same_object_is_refused(s3rver: Place) -> None:
    place = storage.at(s3rver.url + "/lake")
    with pytest.raises(Refused, match="can't be trusted with a lake: it lets several create the same object"):
        probe.probe(place)
    assert [*place.names("")] == []


def _replaced(monkeypatch: pytest.MonkeyPatch, name: str, by: Callable[..., Any]) -> None:
    monkeypatch.setattr(Directory, name, by)


def _late(self: Directory, name: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
    data = (self._path / name).read_bytes()  # type: ignore[attr-defined]
    yield (b"first" if name.endswith("read") else data)[start:]


def _whole(self: Directory, name: str, start: int = 0, size: int | None = None) -> Iterator[bytes]:
    yield (self._path / name).read_bytes()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "by", "why"),
    [
        ("create", lambda self, name, data: (self.put(name, [data], len(data)), True)[1], "lets several create"),
        ("create", lambda self, name, data: False, "lets several create"),
        ("read", _late, "gives other bytes than were written last"),
        ("read", _whole, "does not give the part"),
        ("names", lambda self, prefix, after="": iter(()), "does not list what was just written"),
    ],
)
def test_whatever_does_not_hold_is_named(
    name: str, by: Callable[..., Any], why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _replaced(monkeypatch, name, by)
    with pytest.raises(Refused, match=why):
        probe.probe(Directory(tmp_path))


def test_who_may_only_add_is_warned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Directory, name: str) -> None:
        raise Refused("you may not")

    monkeypatch.setattr(Directory, "delete", refused)
    told = probe.probe(Directory(tmp_path))
    assert [what for what, does in told.items() if not does] == ["deletes"]
    assert len(probe.warnings(told)) == 1 and probe.warnings(told | {"deletes": True}) == ()
