"""The stores whose page is measured, made once and kept: `python -m benchmarks.page_stores --full --workspace DIR`.

Each is there as it was logged, every run in files of its own, and once more as `runstore compact` leaves it.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import child, scale_build
from benchmarks.scale_build import Shape

LOOSE, COMPACT = "ws", "compact"
DRAWN = 20  # runs whose points the floor has


@dataclass(frozen=True, slots=True)
class Store:
    """A store in two states, and one Parquet file with the points of the first metric of its newest runs."""

    shape: Shape
    loose: Path
    compact: Path
    points: Path


def stores(directory: Path, shapes: Mapping[str, Shape]) -> dict[str, Store]:
    """All of these, each made as far as it isn't there."""
    return {name: _store(directory / f"page-{name}-{shape.runs}", shape) for name, shape in shapes.items()}


def _store(place: Path, shape: Shape) -> Store:
    place.mkdir(parents=True, exist_ok=True)
    scale_build.build(place, shape)
    made = Store(shape, place / LOOSE, place / COMPACT, place / "points.parquet")
    if not made.points.exists():
        child.run("benchmarks.page_stores:extract", ws=made.loose, runs=shape.runs, file=made.points)
    if not (place / "copied").exists():
        shutil.rmtree(made.compact, ignore_errors=True)
        shutil.copytree(made.loose, made.compact, copy_function=_same)
        (place / "copied").touch()
    if not (place / "compacted").exists():  # killed, it goes on where it was
        child.output([sys.executable, "-m", "runstore", "compact", "-w", str(made.compact), "--grace", "0"])
        (place / "compacted").touch()
    return made


def _same(source: str, target: str) -> None:
    """A file that never changes is the same file: no byte is copied."""
    os.link(source, target)


def extract(ws: str, runs: int, file: str) -> int:
    """In a child: the points of the first metric of the newest runs, as a file."""
    import runstore

    newest = ", ".join(f"'{scale_build.run_id(number)}'" for number in range(max(0, runs - DRAWN), runs))
    points = runstore.Workspace(ws).sql(
        f"SELECT run_id, step, value FROM metrics WHERE name = 'm0' AND run_id IN ({newest}) ORDER BY run_id, step"
    )
    points.write_parquet(file)
    return len(points)


def main() -> None:
    from benchmarks.page import SIZES, shapes

    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_stores", description=__doc__)
    parser.add_argument("--full", dest="size", action="store_const", const="full", default="small")
    parser.add_argument("--workspace", type=Path, required=True, help="where they are kept")
    given = parser.parse_args()
    for name, store in stores(given.workspace.absolute(), shapes(**SIZES[given.size])).items():
        print(f"{name}: {store.shape.runs:,} runs, {store.shape.points:,} points")


if __name__ == "__main__":
    main()
