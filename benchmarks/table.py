"""The table of README.md: every goal beside what was measured, from a file of result lines."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.goals import GOALS

README = Path(__file__).with_name("README.md")
RESULTS = Path(__file__).with_name("results.jsonl")
BEGIN, END = "<!-- table: python -m benchmarks --table --write -->", "<!-- end of table -->"
TITLES = "| what | goal | measured | floor | ratio | reached | floor is |"
RULE = "| --- | --- | --- | --- | --- | --- | --- |"


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of a results file; none where there is no file."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def render(results: Iterable[dict[str, Any]]) -> str:
    """The table; of a claim that was measured more than once the last line counts."""
    newest = {claim["claim"]: (claim, _machine(result)) for result in results for claim in result["claims"]}
    rows = [_row(key, newest[key][0] if key in newest else None) for key in GOALS]
    machines = sorted({machine for _, machine in newest.values()})
    return "\n".join([TITLES, RULE, *rows, "", *(f"Measured on {machine}." for machine in machines)]).strip()


def _row(key: str, claim: dict[str, Any] | None) -> str:
    goal = GOALS[key]
    if claim is None:
        return f"| {goal.what} | {goal.text} | not yet | | | | |"
    cells = [
        goal.what,
        goal.text,
        f"{_number(claim['value'])} {claim['unit']}",
        _number(claim["floor"]),
        "" if claim["ratio"] is None else f"{_number(claim['ratio'])}x",
        "yes" if claim["met"] else "**no**",
        claim["floor_is"],
    ]
    return f"| {' | '.join(cells)} |"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _machine(result: dict[str, Any]) -> str:
    machine = result["machine"]
    place = machine["file_system"] or "an unknown file system"
    return f"{machine['cpus']} cores, Python {machine['python']}, {machine['system']}, {place}, size {result['size']}"


def write(table: str, readme: Path = README) -> None:
    """Put the table in its place in the README."""
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")
