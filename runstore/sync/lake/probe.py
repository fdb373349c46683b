"""Whether storage does what a lake relies on, tried out with a few small objects that go again."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier

from runstore.errors import Refused, RemoteError
from runstore.sync.lake.storage import Storage

_WRITERS, _ROUNDS = 8, 3
CREATES, READS, LISTS, RANGES, DELETES = (
    "creates once", "reads what was written", "lists what was written", "reads ranges", "deletes",
)  # fmt: skip
_WHY = {
    CREATES: "it lets several create the same object, so commits of others would be lost. Use another storage; where "
    "only one workspace ever pushes, add it with --no-probe",
    READS: "it gives other bytes than were written last; use another storage",
    LISTS: "it does not list what was just written; use another storage",
    RANGES: "it does not give the part of an object that was asked for; use another storage",
}


def probe(place: Storage) -> dict[str, bool]:
    """Try out what is relied on: what it does, by name.

    Only deleting may fail: whoever may only add can push all the same.

    Raises:
        Refused: it can't be trusted, or who asks may not.
        Unreachable: it can't be asked.
    """
    folder = f"probe/{os.urandom(8).hex()}"
    try:
        told = {
            CREATES: _creates(place, folder), READS: _reads(place, folder), LISTS: _lists(place, folder),
            RANGES: _ranges(place, folder),
        }  # fmt: skip
        for what, does in told.items():
            if not does:
                raise Refused(f"{place.label}: can't be trusted with a lake: {_WHY[what]}")
    finally:
        deletes = _deletes(place, folder)
    return {**told, DELETES: deletes}


def warnings(told: dict[str, bool]) -> tuple[str, ...]:
    """What whoever adds it should know."""
    if told.get(DELETES, True):
        return ()
    return ("nothing can be deleted there with these credentials: `runstore remote optimize` needs others",)


def _creates(place: Storage, folder: str) -> bool:
    """Whether of several who create the same object one succeeds, and it is there as that one wrote it."""
    with ThreadPoolExecutor(_WRITERS) as pool:
        for number in range(_ROUNDS):
            name, together = f"{folder}/create-{number}", Barrier(_WRITERS)

            def created(writer: int, name: str = name, together: Barrier = together) -> bool:
                together.wait()
                return place.create(name, b"writer %d" % writer)

            winners = [writer for writer, won in enumerate(pool.map(created, range(_WRITERS))) if won]
            if len(winners) != 1 or b"".join(place.read(name)) != b"writer %d" % winners[0]:
                return False
            if place.create(name, b"somebody later"):
                return False
    return True


def _reads(place: Storage, folder: str) -> bool:
    for data in (b"first", b"second, and longer"):
        place.put(f"{folder}/read", [data], len(data))
        if b"".join(place.read(f"{folder}/read")) != data or place.size(f"{folder}/read") != len(data):
            return False
    return True


def _lists(place: Storage, folder: str) -> bool:
    seen = {one.name: one.size for one in place.names(folder)}
    return seen.get(f"{folder}/read") == 18 and f"{folder}/create-0" in seen


def _ranges(place: Storage, folder: str) -> bool:
    return (
        b"".join(place.read(f"{folder}/read", 8, 3)) == b"and"
        and b"".join(place.read(f"{folder}/read", 12)) == b"longer"
    )


def _deletes(place: Storage, folder: str) -> bool:
    """Take everything away again; whether that worked."""
    with suppress(RemoteError):
        for one in [*place.names(folder)]:
            place.delete(one.name)
        return not [*place.names(folder)]
    return False
