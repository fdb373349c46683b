"""Stores of very many runs, made fast: every file as the writer, the sealer and merging would have left it.

A run is logged once through the public API; what it says about its start, its machine and its packages every generated
run says too. The rest is generated from the run's number alone, with the format's own code, so that a build that was
killed goes on when it is started again, and gives the same bytes. A run counts once its seal record is there.
Nothing is made durable before the end.
"""

from __future__ import annotations

import hashlib
import math
import multiprocessing
import os
import random
import shutil
import sys
import time
import uuid
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runstore.disk import files, segment
from runstore.format import VERSION, documents, journal, lines, names, schemas

EXPERIMENT = "sweep"
BEGAN = 1_735_689_600 * 10**9  # when the first run started; the others a minute after each other
JOURNAL = 250_000  # points in a journal of 8 MiB, about
POINT = 33  # bytes of one there
SAID = ("start", "properties", "provenance", "end")  # facts of the run that was logged
SHARES = 200  # pieces into which a build is cut, at most, and at least ...
SHARE = 10  # ... so many runs in each


@dataclass(frozen=True, slots=True)
class Shape:
    """How many runs, and what each has. ``own``: no two runs have a metric's name in common."""

    runs: int
    metrics: int
    steps: int
    params: int = 3
    own: bool = False

    @property
    def points(self) -> int:
        """How many points all runs have."""
        return self.runs * self.metrics * self.steps

    def metric_names(self, number: int) -> list[str]:
        """The metrics of a run, in the order in which it logs them."""
        first = number * self.metrics if self.own else 0
        return [f"m{first + place}" for place in range(self.metrics)]


def run_id(number: int) -> str:
    """The id of a run, which its number decides."""
    return str(uuid.UUID(int=random.Random(number).getrandbits(128), version=4))


def build(place: Path, shape: Shape) -> float:
    """Make the workspace ``place / "ws"``, or what it lacks of it; give the seconds that took.

    Args:
        place: where everything goes that belongs to this store.
        shape: what is to be in it.
    """
    whole = place / "built"
    if whole.exists():
        return 0.0
    start = time.monotonic()
    template = _template(place)
    width = max(SHARE, math.ceil(shape.runs / SHARES))
    shares = [(place, shape, template, first, min(first + width, shape.runs)) for first in range(0, shape.runs, width)]
    done, said = 0, start
    with multiprocessing.get_context("spawn").Pool(min(os.cpu_count() or 1, len(shares))) as pool:
        for made in pool.imap_unordered(_share, shares):
            done += made
            if time.monotonic() - said > 5:
                said = time.monotonic()
                print(f"{place.name}: {done:,} of {shape.runs:,} runs, {said - start:.0f} s", file=sys.stderr)
    if hasattr(os, "sync"):
        os.sync()
    whole.touch()
    return time.monotonic() - start


# ---- one run through the public API


def _template(place: Path) -> list[list[Any]]:
    """The facts of a run that was logged; makes the workspace with the content that they refer to."""
    import runstore

    logged, made = place / "logged", place / "ws"
    if not (place / "begun").exists():
        for left in (logged, made):
            shutil.rmtree(left, ignore_errors=True)
        runstore.start_run(EXPERIMENT, workspace=runstore.Workspace(logged)).complete()
        runstore.Workspace(made)
        shutil.copytree(logged / names.BLOBS, made / names.BLOBS)
        experiment = documents.render({"experiment": EXPERIMENT, "created": BEGAN})
        files.make_dirs(made / names.EXPERIMENTS)
        files.publish(made / names.EXPERIMENTS, Path(names.experiment_file(EXPERIMENT)).name, experiment)
        (place / "begun").touch()
    (path,) = logged.glob(f"{names.RUNS}/*/*/{names.facts(1)}")
    facts = [fact for fact in journal.read(files.read(path)).items() if fact[0] in SAID]
    for body in (fact[2] for fact in facts if fact[0] == "provenance"):
        (body.get("git") or {}).pop("diff", None)  # of a checkout that is being worked on: it lies in that run's pack
    return facts


# ---- generated runs


@dataclass(frozen=True, slots=True)
class _Run:
    number: int
    run_id: str
    writer: str
    began: int
    params: list[list[Any]]


def _share(asked: tuple[Path, Shape, list[list[Any]], int, int]) -> int:
    """In a child: the runs of one share that are not there yet; how many there are now."""
    place, shape, template, first, end = asked
    vars(files).update(sync=_nothing, sync_dir=_nothing)
    for number in range(first, end):
        directory = place / "ws" / names.run_dir(run_id(number))
        if not any(directory.glob("seal-*.json")):
            directory.mkdir(parents=True, exist_ok=True)
            _write(directory, drawn(number, shape.params), shape, template)
    return end - first


def _nothing(_: object) -> None:
    """In place of a sync."""


def drawn(number: int, params: int) -> _Run:
    """What is not the same in all runs: id, writer, start, params."""
    source = random.Random(f"run {number}")
    chosen: dict[str, Any] = {
        "lr": 10 ** source.uniform(-5, -1),
        "depth": number % 7,
        "optimizer.name": source.choice(["adam", "sgd", "lion"]),
        "seed": number % 5,
    }
    for place in range(len(chosen), params):
        kinds = (source.random(), source.randrange(1000), source.choice(["small", "medium", "large"]))
        chosen[f"p{place}"] = kinds[place % 3]
    writer = f"{source.getrandbits(64):016x}"
    return _Run(number, run_id(number), writer, BEGAN + number * 60 * 10**9, [*map(list, chosen.items())][:params])


def _write(directory: Path, run: _Run, shape: Shape, template: list[list[Any]]) -> None:
    """The three files of a run: its points, its facts, and last the record that makes them count."""
    import numpy as np

    source = np.random.default_rng(run.number)
    values = source.standard_normal((shape.steps, shape.metrics)).cumsum(axis=0)
    times = run.began // 1000 + 20_000 + source.integers(900, 1_500, shape.steps).cumsum()  # microseconds
    logged = shape.metric_names(run.number)
    entry = segment.write(_batches(run, logged, values, times), directory, schemas.POINTS)
    _replace(directory, names.facts(1), _facts(run, shape, template, int(times[-1]) * 1000))
    body = {
        "runstore": VERSION,
        "run": run.run_id,
        "experiment": EXPERIMENT,
        "created": int(times[-1]) * 1000 + 10**9,
        "segments": [entry],
        "ranges": [[run.writer, 1, 0, values.size - 1]],
        "replaces": [],
        "summary": _summary(run, logged, values, times),
        "merged_facts": None,
    }
    data = documents.render(body)
    _replace(directory, names.seal(hashlib.sha256(data).hexdigest()), data)


def _replace(directory: Path, name: str, data: bytes) -> None:
    """Write a file at once, whatever a build that was killed has left of it."""
    temporary = directory / names.temporary(name, "0")
    temporary.write_bytes(data)
    temporary.replace(directory / name)


def _batches(run: _Run, logged: list[str], values: Any, times: Any) -> Iterator[Any]:
    """The points as a segment has them, sorted by name, in batches of whole metrics."""
    import numpy as np
    import pyarrow as pa

    steps, metrics = values.shape
    order, width = sorted(range(metrics), key=logged.__getitem__), max(1, segment.ROW_GROUP // steps)
    for first in range(0, metrics, width):
        chosen = np.array(order[first : first + width])
        count = len(chosen)
        rows = count * steps
        own = pa.DictionaryArray.from_arrays(np.repeat(np.arange(count), steps), [logged[place] for place in chosen])
        columns = {
            "run_id": pa.repeat(run.run_id, rows),
            "experiment": pa.repeat(EXPERIMENT, rows),
            "name": own.cast(pa.string()),
            "step": pa.array(np.tile(np.arange(steps), count)),
            "time": pa.array(np.tile(times, count)).cast(pa.timestamp("us", "UTC")),
            "value": pa.array(values[:, chosen].T.ravel()),
            "writer": pa.repeat(run.writer, rows),
            "attempt": pa.repeat(1, rows),
            "seq": pa.array((np.arange(steps) * metrics + chosen[:, None]).ravel()),
            "kind": pa.repeat("float", rows),
            "text": pa.nulls(rows, pa.string()),
            "indexed": pa.repeat(False, rows),
        }
        yield pa.record_batch(columns)


def _facts(run: _Run, shape: Shape, template: list[list[Any]], ended: int) -> bytes:
    """The closed facts journal: what the logged run said, with this run's params and points."""
    own = list(_counted(shape.metrics * shape.steps))
    end = {"points": shape.metrics * shape.steps, "journals": len(own)}
    facts: list[tuple[str, int, Any]] = []
    for kind, _, body in template:
        if kind == "end":
            facts += [("points", ended, one) for one in own]
            facts.append((kind, ended + 10**6, {**body, **end}))
        else:
            facts.append((kind, run.began, body))
        if kind == "start":
            facts.append(("params", run.began, run.params))
    header = lines.header(lines.FACTS, run.run_id, EXPERIMENT, run.writer, 1, 0, 0)
    data = b"".join([header, *(lines.fact(*fact) for fact in facts)])
    return data + lines.checksum(lines.END, 0, len(data), 0, len(facts), zlib.crc32(data))


def _counted(points: int) -> Iterable[dict[str, int]]:
    """What a writer says of the journals that it filled."""
    for number, first in enumerate(range(0, points, JOURNAL)):
        count = min(JOURNAL, points - first)
        yield {"number": number, "first": first, "count": count, "size": count * POINT}


def _summary(run: _Run, logged: list[str], values: Any, times: Any) -> dict[str, Any]:
    """Per metric, what sealing would have found."""
    steps, metrics = values.shape
    least, greatest, means = (found.tolist() for found in (values.min(0), values.max(0), values.mean(0)))
    first, last = values[0].tolist(), values[-1].tolist()
    began, ended = int(times[0]), int(times[-1])
    return {
        name: {
            "count": steps,
            "first": first[place],
            "last": last[place],
            "min": least[place],
            "max": greatest[place],
            "mean": means[place],
            "finite": steps,
            "nan_count": 0,
            "inf_count": 0,
            "last_step": steps - 1,
            "first_time": began * 1000,
            "last_time": ended * 1000,
            "first_key": [1, began, run.writer, place],
            "last_key": [1, ended, run.writer, (steps - 1) * metrics + place],
        }
        for place, name in sorted(enumerate(logged), key=lambda one: one[1])
    }
