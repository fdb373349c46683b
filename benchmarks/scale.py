"""Stores of up to 100,000 runs and a billion points: what questions cost there, in time, memory, files and bytes.

Before compaction and after it, and at a hundredth and a tenth of the size, which tells how cost grows. The stores are
generated (``scale_build``); killed, it goes on where it was when it is started again with the same ``--workspace``.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks import child, report, scale_ask, scale_build
from benchmarks.report import Claim, Report
from benchmarks.scale_build import Shape

SIZES = {
    "tiny": {"sweep": 4, "many": 20, "long": 2, "wide": 40, "wider": 60, "steps": 5, "rounds": 1},
    "small": {"sweep": 1_000, "many": 10_000, "long": 0, "wide": 0, "wider": 0, "steps": 0, "rounds": 5},
    "full": {"sweep": 1_000, "many": 100_000, "long": 0, "wide": 10_000, "wider": 100_000, "steps": 0, "rounds": 7},
    "billion": {"sweep": 0, "many": 0, "long": 1_000, "wide": 0, "wider": 0, "steps": 0, "rounds": 7},
}  # runs of each store; of the wide ones, metric names. 0: not this store. steps: 0: as many as each is to have
for _size, _numbers in SIZES.items():
    _numbers |= {"compact": True, "thorough": _size != "tiny"}
NAMED = 100  # runs that share out the metric names of one experiment
SUMMARY = "duckdb in the same process over a ready table of the final values and params"
FRESH = "a fresh python that imports duckdb alone and reads that table"
EMPTY = "the same in a workspace that holds nothing, in turns"
CURVE_FILE = "duckdb in the same process over a Parquet file of that curve, no check"
FLOOR_PROGRAM = "import sys, duckdb; duckdb.sql(f\"select * from read_parquet('{sys.argv[1]}')\").fetchall()"
GROWING = ("many", "long")  # stores that are also built at a hundredth and a tenth


def measure(directory: Path, steps: int, rounds: int, compact: bool, thorough: bool, **sizes: int) -> Report:
    found: dict[str, dict[str, Any]] = {}
    for name, shape in _shapes(steps, **sizes).items():
        if shape.runs:
            smaller = [replace(shape, runs=shape.runs // part) for part in (100, 10) if name in GROWING]
            growth = [_store(directory, name, one, rounds, compact) for one in smaller if one.runs]
            found[name] = _whole(directory, name, shape, rounds, compact, few=not (thorough or name == "many"))
            found[name] |= {"growth": _growth([*growth, found[name]])} if growth else {}
    return Report(_claims(found), {"stores": found})


def _shapes(steps: int, sweep: int, many: int, long: int, wide: int, wider: int) -> dict[str, Shape]:
    """What is to be in each store: the five of the issue that asked for this."""
    return {
        "sweep": Shape(sweep, 10, steps or 1_000),
        "many": Shape(many, 10, steps or 20, params=20),
        "long": Shape(long, steps or 100, steps or 10_000),
        "wide": Shape(min(NAMED, wide), wide // NAMED or 1, steps or 10, own=True),
        "wider": Shape(min(NAMED, wider), wider // NAMED or 1, steps or 10, own=True),
    }


def _store(directory: Path, name: str, shape: Shape, rounds: int, compact: bool) -> dict[str, Any]:
    """Build a store, ask it warm, compact it, ask it again."""
    place = directory / f"{name}-{shape.runs}"
    place.mkdir(parents=True, exist_ok=True)
    _say(f"{place.name}: {shape.runs:,} runs, {shape.points:,} points")
    found: dict[str, Any] = {"runs": shape.runs, "points": shape.points, "build_s": scale_build.build(place, shape)}
    kept = place / "compacted.json"
    if not kept.exists():
        found["before"] = _state(place, shape, rounds)
        if compact:
            done = _compact(place, shape)
            kept.write_text(json.dumps({"before": found["before"], "compaction": done}), encoding="utf-8")
    if kept.exists():
        found |= json.loads(kept.read_text(encoding="utf-8"))
        found["after"] = _state(place, shape, rounds)
    return found


def _state(place: Path, shape: Shape, rounds: int) -> dict[str, Any]:
    """What the store is now: files, bytes, and milliseconds of the questions."""
    _say(f"{place.name}: asking")
    asked = child.run("benchmarks.scale_ask:warm", place=place, shape=asdict(shape), rounds=rounds)
    return {**_stored(place / "ws", shape), "ms": asked}


def _stored(ws: Path, shape: Shape) -> dict[str, float]:
    """Files and bytes; of the bytes also those of segments, and those that the file system gives."""
    count, size, taken, segments = 0, 0, 0, 0
    for path, _, names in os.walk(ws):
        for name in names:
            status = os.stat(os.path.join(path, name))
            count, size, taken = count + 1, size + status.st_size, taken + getattr(status, "st_blocks", 0) * 512
            segments += status.st_size if name.startswith("points-") else 0
    return {
        "files": count,
        "files_per_run": count / shape.runs,
        "bytes": size,
        "bytes_on_disk": taken,
        "bytes_per_point": segments / shape.points,
        "bytes_per_run_beside": (size - segments) / shape.runs,
    }


def _compact(place: Path, shape: Shape) -> dict[str, Any]:
    _say(f"{place.name}: compacting")
    argv = child.command("benchmarks.scale_ask:compacted", ws=place / "ws")
    done = child.measured(argv)
    return {
        "s": done["ms"] / 1e3,
        "peak_mib": done["peak_mib"],
        "ms_per_run": done["ms"] / shape.runs,
        "us_per_point": done["ms"] * 1e3 / shape.points,
    }


def _whole(directory: Path, name: str, shape: Shape, rounds: int, compact: bool, few: bool) -> dict[str, Any]:
    """Beside what is asked of every store: each question and command in a fresh process, and starting a run."""
    found = _store(directory, name, shape, rounds, compact)
    place = directory / f"{name}-{shape.runs}"
    _say(f"{place.name}: asking from fresh processes")
    names = list(found.get("after", found["before"])["ms"]["warm"])
    found["fresh"] = scale_ask.fresh(place, asdict(shape), names, few)
    found["fresh_floor"] = child.measured(child.python(FLOOR_PROGRAM, place / "leaderboard.parquet"))
    empty = directory / f"empty-{time.time_ns()}"
    found["start_ms"] = child.run("benchmarks.scale_ask:starts", ws=place / "ws", empty=empty, rounds=5 * rounds)
    return found


def _growth(found: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """How each question's time grows with the number of runs: b of t = a * n^b, fitted over the sizes."""
    stores = list(found)
    sizes = [math.log(store["runs"]) for store in stores]
    times = [store.get("after", store["before"])["ms"]["warm"] for store in stores]
    return {
        name: statistics.linear_regression(sizes, [math.log(one[name]) for one in times]).slope for name in times[-1]
    }


def _claims(found: Mapping[str, Mapping[str, Any]]) -> list[Claim]:
    """What there is a goal for, of the stores that were built."""
    claims = []
    state = {name: store.get("after", store["before"]) for name, store in found.items()}
    for name in ("sweep", "many"):
        if name in found:
            warm, floor = state[name]["ms"]["warm"], state[name]["ms"]["floor"]
            fresh, fresh_floor = found[name]["fresh"]["runstore sql leaderboard"], found[name]["fresh_floor"]
            claims.append(Claim(f"{name}-leaderboard", warm["leaderboard"], floor["leaderboard"], SUMMARY))
            claims.append(Claim(f"{name}-command", fresh["ms"], fresh_floor["ms"], FRESH))
    if "many" in found:
        start = found["many"]["start_ms"]
        claims += [
            Claim("many-page", warm["first_page"], floor["first_page"], SUMMARY),
            Claim("many-start", start["here"], start["empty"], EMPTY),
            Claim("many-files", state["many"]["files_per_run"], 0, "nothing"),
        ]
    for name, key in (("many", "many-memory"), ("wider", "names-memory"), ("long", "billion-memory")):
        if name in found:
            peak = max(one["peak_mib"] for one in found[name]["fresh"].values())
            claims.append(Claim(key, peak, found[name]["fresh_floor"]["peak_mib"], FRESH))
    if "long" in found:
        ms = state["long"]["ms"]
        claims.append(Claim("billion-leaderboard", ms["warm"]["leaderboard"], ms["floor"]["leaderboard"], SUMMARY))
        claims.append(Claim("billion-curve", ms["warm"]["curve"], ms["floor"]["curve"], CURVE_FILE))
        claims.append(
            Claim("billion-bytes", state["long"]["bytes_per_point"], 8.0, "float64 values alone, as they are")
        )
    return claims


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    report.main("scale", SIZES, measure)
