"""What a benchmark says, as one JSON line: its claims beside floors and goals. And the command line they all share."""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import clock
from benchmarks.goals import GOALS
from runstore.disk.capabilities import file_system

Sizes = Mapping[str, Mapping[str, int]]  # "tiny" (tests), "small" (default) and "full": a number for each option
ABOUT = {"tiny": "only to see that it works", "full": "the sizes of the goals"}


@dataclass(frozen=True, slots=True)
class Claim:
    """One figure against its goal. ``floor_is`` says what the floor does."""

    goal: str  # a key of GOALS
    value: float
    floor: float
    floor_is: str

    def document(self) -> dict[str, Any]:
        """As it is printed."""
        goal = GOALS[self.goal]
        return {
            "claim": self.goal,
            "what": goal.what,
            "value": rounded(self.value),
            "unit": goal.unit,
            "floor": rounded(self.floor),
            "floor_is": self.floor_is,
            "ratio": rounded(self.value / self.floor) if self.floor else None,
            "goal": goal.text,
            "met": goal.met(self.value, self.floor),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one benchmark found. The first claim is its headline."""

    claims: list[Claim]
    details: dict[str, Any] = field(default_factory=dict)

    def document(self, bench: str, size: str, directory: Path) -> dict[str, Any]:
        """As it is printed: the headline's figures, then all claims. ``met`` is true where every claim is."""
        claims = [claim.document() for claim in self.claims]
        shown = ("value", "unit", "floor", "ratio", "goal")
        return {
            "bench": bench,
            **{key: claims[0][key] for key in shown},
            "met": all(claim["met"] for claim in claims),
            "size": size,
            "claims": claims,
            "details": rounded(self.details),
            "machine": machine(directory),
        }


def rounded(value: Any) -> Any:
    """Floats to four significant digits, wherever they are."""
    if isinstance(value, float):
        return float(f"{value:.4g}") if abs(value) < 10_000 else round(value)
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return value


def machine(directory: Path) -> dict[str, Any]:
    """What the figures depend on."""
    return {
        "cpus": os.cpu_count(),
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
        "file_system": file_system(directory),
    }


def main(bench: str, sizes: Sizes, measure: Callable[..., Report]) -> None:
    """Run one benchmark from the command line and print its line."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{bench}", description=sys.modules["__main__"].__doc__)
    size = parser.add_mutually_exclusive_group()
    for name in (name for name in sizes if name != "small"):
        about = ABOUT.get(name, "by hand")
        size.add_argument(f"--{name}", dest="size", action="store_const", const=name, help=about)
    parser.add_argument("--workspace", type=Path, help="directory for data, kept; default: a temporary one")
    for option, number in sizes["small"].items():
        if isinstance(number, bool):
            parser.add_argument(f"--{option}", action=argparse.BooleanOptionalAction, default=None)
            continue
        known = ", ".join(f"{name} {numbers[option]:,}" for name, numbers in sizes.items())
        parser.add_argument(f"--{option}", type=int, help=known)
    given = vars(parser.parse_args())
    chosen = given.pop("size") or "small"
    kept = given.pop("workspace")
    numbers = {**sizes[chosen], **{option: number for option, number in given.items() if number is not None}}
    directory = kept.absolute() if kept else Path(tempfile.mkdtemp(prefix="runstore-benchmark-"))
    directory.mkdir(parents=True, exist_ok=True)
    try:
        report = measure(directory, **numbers)
        report.details.update(numbers)
        print(json.dumps(report.document(bench, chosen, directory)))
    finally:
        clock.quiet()  # a sealer at work would make its lock again in what is removed here
        if not kept:
            shutil.rmtree(directory, ignore_errors=True)
