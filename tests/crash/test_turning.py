"""A training is asked for its next journal over and over while it logs: whatever happens, no point is lost or twice."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runstore.disk import inventory
from runstore.format import names
from runstore.query import sealing, turning
from tests.crash import calls, forks, oracle, turns
from tests.crash.template import Shared, Template, until

TRIES = 10
N = forks.CALLS


@contextmanager
def asking(run_path: Path) -> Iterator[None]:
    """Ask for the next journal again and again meanwhile."""
    over = threading.Event()

    def ask() -> None:
        while not over.wait(0.005):
            if run_path.is_dir():
                turning._ask(run_path)

    thread = threading.Thread(target=ask)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def numbers(run_path: Path) -> list[int]:
    """The numbers of a run's points journals."""
    found = [names.parse(path.name) for path in inventory.scan(run_path).points]
    return sorted(one.number for one in found if one is not None)


@pytest.mark.slow
@pytest.mark.parametrize("way", ["mapped", "written"])
def test_kill_while_it_is_asked_loses_doubles_and_changes_nothing(
    way: str, templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    dice, turned = random.Random(way), 0
    run_ids = [f"{way} {number}" for number in range(TRIES)]
    for run_id in run_ids:
        run_path = workspace / names.run_dir(run_id)
        shared.clear()
        child = templates[way].start(turns.crash, shared, path=workspace, run_id=run_id, threads=2, total=30_000)
        assert child.talk.receive() == "ready"
        with asking(run_path):
            child.talk.send("go")
            until(lambda: shared[0] >= 500, "the moment to kill")
            time.sleep(dice.random() * 0.2)
            child.kill()
            child.wait()
        oracle.check(run_path, {thread: shared[thread] for thread in range(2)})
        turned = max(turned, *numbers(run_path))
    assert turned >= 2
    expected = oracle.agree(workspace, run_ids[:3])
    for run_id in run_ids[:3]:
        sealing.seal(workspace, workspace / names.run_dir(run_id))
    oracle.sound(workspace)
    assert oracle.asked(workspace, run_ids[:3]) == expected


@pytest.mark.parametrize("way", ["mapped", "written"])
def test_what_is_sealed_of_a_training_that_is_killed_then_and_what_is_not_are_all_its_points(
    way: str, templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    run_path = workspace / names.run_dir("r")
    child = templates[way].start(turns.train, shared, path=workspace, run_id="r")
    sealer = templates[way].start(turns.turn, shared, path=workspace, run_id="r")
    for number in range(1, 5):
        until(lambda least=500 * number: shared[0] >= least, "a few points")
        assert sealer.ask("go") == []
    child.kill()
    child.wait()
    acknowledged = shared[0]
    assert len(inventory.scan(run_path).active) == 4
    (found,) = oracle.asked(workspace, ["r"])["r"].values()
    assert found in (logged(acknowledged), logged(acknowledged + 1))
    oracle.sound(workspace)


def logged(count: int) -> list[tuple[int, str, object, object]]:
    """The points that so many calls of the first thread make."""
    found: list[tuple[int, str, object, object]] = []
    indexes: dict[str, int] = defaultdict(int)
    seq = 0
    for i in range(count):
        many = calls.points(0, i)
        for name, value, step in many if i % 16 != 13 else []:
            if step is None:
                step, indexes[name] = indexes[name], indexes[name] + 1
            found.append((seq, name, step, repr(value)))
            seq += 1
        seq += i % 16 == 13
    return found


def test_ranks_that_end_while_they_are_asked_have_all_their_points(
    templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    run_path = workspace / names.run_dir("r")
    start = templates["mapped"].start
    ranks = [start(turns.crash, shared, path=workspace, run_id="r", total=5000) for _ in range(3)]
    for rank in ranks:
        assert rank.talk.receive() == "ready"
    with asking(run_path):
        for rank in ranks:
            rank.talk.send("go")
        assert [rank.wait() for rank in ranks] == [0, 0, 0]
    assert list(oracle.made(run_path).values()) == [{0: 5000}] * 3
    assert oracle.agree(workspace, ["r"])


def test_children_that_are_forked_while_it_is_asked_write_into_no_file_of_the_parents(
    templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    run_path = workspace / names.run_dir("r")
    with asking(run_path):
        child = templates["mapped"].start(turns.forking, shared, path=workspace, run_id="r")
        assert child.wait() == 0
    made = sorted(sorted(own.items()) for own in oracle.made(run_path).values())
    assert made == sorted([[(0, 2 * N), (1, 6000), (2, 6000)], *([(n, N)] for n in range(3, 15))])
    assert oracle.agree(workspace, ["r"])
