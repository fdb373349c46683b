from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.errors import Refused, Unreachable
from runstore.sync.mlflow import cursor, points, sending
from runstore.sync.mlflow.cursor import Entry
from runstore.sync.mlflow.picture import Picture
from runstore.sync.mlflow.sending import Sending
from runstore.sync.mlflow.there import Catalog
from tests.sync.mlflow import logged
from tests.sync.mlflow.fake import Fake, Store


class Way:
    """A run with some points here, and one there without any."""

    def __init__(self, workspace: Path, store: Store, count: int = 450) -> None:
        self.workspace, self.store = workspace, store
        with runstore.start_run("ex", workspace=runstore.Workspace(workspace)) as run:
            run.log_batch("m", [n / 7 for n in range(count)], steps=[*range(count)])
        self.run_id, self.path = run.id, run.path
        self.there = Catalog(Fake(store)).make("1", "abc", Picture("n", "RUNNING", 1)).id
        self.have = points.held(run.path, [])
        self.trouble: list[str] = []

    def send(self, entry: Entry, doubtful: int | None = 0, fault: Any = lambda what, done: None) -> Sending:
        tags = dict(self.run["tags"])
        one = Sending(Fake(self.store, fault), self.there, entry, tags, doubtful, self.trouble, lambda size: None)
        one.send(self.workspace, self.run_id, points.lacking(self.have, entry.sent))
        return one

    @property
    def run(self) -> dict[str, Any]:
        return self.store.runs[self.there]

    @property
    def whole(self) -> bool:
        return logged.exactly(self.workspace, self.run_id, self.run) and cursor.told(self.run["tags"]) == self.have


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 20)
    monkeypatch.setattr(sending, "PART", 20)


def test_the_cursor_follows_every_few_batches_and_at_the_end(workspace: Path) -> None:
    way, told = Way(workspace, Store()), []

    def fault(what: str, done: bool) -> None:
        if done and what == "runs/log-batch":
            told.append(sum(last + 1 for pieces in cursor.told(way.run["tags"]).values() for _, last in pieces))

    assert way.send(Entry(), fault=fault).requests == 23
    assert way.whole and sorted(set(told)) == [0, 200, 400, 450]


def test_a_few_points_and_their_cursor_are_one_request(workspace: Path) -> None:
    way = Way(workspace, Store(), 7)
    before = len(way.store.asked)
    way.send(Entry())
    assert way.store.asked[before:] == ["runs/log-batch"] and way.whole


@pytest.mark.parametrize("idempotent", [True, False])
@pytest.mark.parametrize("number", range(0, 30, 4))
def test_an_answer_that_is_lost_adds_nothing_twice(workspace: Path, idempotent: bool, number: int) -> None:
    way, left = Way(workspace, Store(idempotent)), number

    def fault(what: str, done: bool) -> None:
        nonlocal left
        if done and what == "runs/log-batch":
            left -= 1
            if left == -1:
                raise Unreachable("lost")

    way.send(Entry(), fault=fault)
    assert way.whole


@pytest.mark.parametrize("at", [0, 1, 19, 20, 21, 199, 200, 333, 449])
def test_who_was_cut_off_leaves_what_is_there_and_the_next_sends_the_rest(workspace: Path, at: int) -> None:
    """In a store that adds a point again, by someone who knows only what the tags there say."""
    way, left = Way(workspace, Store(idempotent=False)), at

    def fault(what: str, done: bool) -> None:
        nonlocal left
        if what == "point":
            left -= 1
            if left < 0:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        way.send(Entry(), fault=fault)
    assert len(way.run["points"]) == at + 1
    entry = Entry(sent=cursor.told(way.run["tags"]))
    doubtful = (sending.EVERY + 1) * sending.BATCH
    way.send(entry, doubtful)
    assert way.whole and entry.sent == way.have


def test_only_what_may_be_there_is_asked_for(workspace: Path) -> None:
    way = Way(workspace, Store())
    way.send(Entry(), doubtful=0)
    assert "metrics/get-history" not in way.store.asked
    way.send(Entry(), doubtful=40)
    assert way.store.asked.count("metrics/get-history") == 5  # pages of the one metric


def test_a_point_that_is_refused_is_told_and_stays_to_be_sent(workspace: Path) -> None:
    way = Way(workspace, Store())
    ((writer, _),) = way.have.items()

    class Picky(Fake):
        def _runs_log_batch(self, given: Any) -> Any:
            if any(one["step"] in (33, 34, 400) for one in given["metrics"]):
                raise Refused("no")
            return super()._runs_log_batch(given)

    entry = Entry()
    one = Sending(Picky(way.store), way.there, entry, {}, 0, way.trouble, lambda size: None)
    one.send(workspace, way.run_id, points.lacking(way.have, {}))
    assert len(way.run["points"]) == 447 and len(way.trouble) == 3
    assert points.lacking(way.have, entry.sent) == [(writer, 33, 34), (writer, 400, 400)]
    assert cursor.told(way.run["tags"]) == entry.sent
    way.send(entry)
    assert way.whole


def test_a_run_that_takes_nothing_is_not_asked_for_every_point(workspace: Path) -> None:
    way = Way(workspace, Store())
    way.run["stage"] = "deleted"
    before = len(way.store.asked)
    with pytest.raises(Refused, match="active"):
        way.send(Entry())
    assert len(way.store.asked) - before <= 3


def test_a_hundred_writers_have_a_hundred_cursors(workspace: Path) -> None:
    store, ids = Store(), [f"{n:016x}" for n in range(230)]
    made = Catalog(Fake(store)).make("1", "abc", Picture("n", "RUNNING", 1))
    entry = Entry(sent={writer: [(0, 4)] for writer in ids})
    one = Sending(Fake(store), made.id, entry, {}, 0, [], lambda size: None)
    one._untold |= set(ids)
    one._tell(one._tags(()))
    assert cursor.told(store.runs[made.id]["tags"]) == entry.sent


def test_there_is_room_for_the_cursor_in_the_request_of_its_points(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PART", 19)
    way = Way(workspace, Store(), 190)
    before = len(way.store.asked)
    way.send(Entry())
    assert way.store.asked[before:] == ["runs/log-batch"] * 10 and way.whole
