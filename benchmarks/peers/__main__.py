"""The same work through runstore and other trackers, in one run: one JSON line each on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import report
from benchmarks.peers import environments, table, trackers
from benchmarks.peers.works import SIZES, Subject, compare
from benchmarks.table import read


def main() -> int:
    options = _options()
    if options.table:
        return _show(read(options.results), options.write)
    lines = _measure(options)
    for line in lines:
        print(json.dumps(line))
    if options.write:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        options.results.write_text(text, encoding="utf-8")
        table.write(table.render(lines))
    for text in behind(lines):
        print(text, file=sys.stderr)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument("peers", nargs="*", metavar="PEER", help=f"{', '.join(trackers.NAMES)}; default: all")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--tiny", dest="size", action="store_const", const="tiny", help="only to see that it works")
    size.add_argument("--full", dest="size", action="store_const", const="full", help="the sizes of the page's table")
    where = Path(tempfile.gettempdir()) / "runstore-peers"
    parser.add_argument("--environments", type=Path, default=where, help="where the virtual environments are kept")
    parser.add_argument("--workspace", type=Path, help="directory for data, kept; default: a temporary one")
    parser.add_argument("--results", type=Path, default=table.RESULTS, help="file of the result lines")
    parser.add_argument("--table", action="store_true", help="measure nothing: print the tables of the results file")
    parser.add_argument(
        "--write", action="store_true", help="keep the results, and put the tables into docs/benchmarks.md"
    )
    options = parser.parse_args()
    unknown = sorted(set(options.peers) - set(trackers.NAMES))
    if unknown:
        parser.error(f"no tracker {', '.join(unknown)}; there are {', '.join(trackers.NAMES)}")
    return options


def _show(lines: Sequence[dict[str, Any]], write: bool) -> int:
    text = table.render(lines)
    print(text)
    if write:
        table.write(text)
    return 0


def _measure(options: argparse.Namespace) -> list[dict[str, Any]]:
    names = [name for name in trackers.NAMES if name in (options.peers or trackers.NAMES)]
    size = options.size or "small"
    directory = options.workspace.absolute() if options.workspace else Path(tempfile.mkdtemp(prefix="runstore-peers-"))
    directory.mkdir(parents=True, exist_ok=True)
    try:
        subjects, unavailable = _subjects(names, directory, options.environments.absolute())
        for subject in subjects:
            subject.details["versions"] = subject.do("versions", directory)
        machine = report.machine(directory)  # its load is that of others
        compare(subjects, SIZES[size], _say)
    finally:
        if not options.workspace:
            shutil.rmtree(directory, ignore_errors=True)
    known = {"bench": "peers", "size": size, "sizes": asdict(SIZES[size]), "machine": machine}
    known["command"] = " ".join(
        ["python -m benchmarks.peers", *options.peers, *([f"--{size}"] if options.size else [])]
    )
    found = {subject.name: _document(subject) for subject in subjects}
    return [{"peer": name, **known, **(found.get(name) or {"unavailable": unavailable[name]})} for name in names]


def _subjects(names: Sequence[str], directory: Path, cache: Path) -> tuple[list[Subject], dict[str, str]]:
    """Those who can be measured, and why the others can't."""
    subjects, unavailable = [], {}
    for name in names:
        tracker, python = trackers.find(name), sys.executable
        if name != table.OURS:
            _say(f"environment: {tracker.title}")
            try:
                python = environments.make(cache, name, tracker.packages)
            except environments.Unavailable as error:
                unavailable[name] = str(error)
                _say(f"  can't be installed: {error}")
                continue
        subjects.append(Subject(name, tracker, python, directory / name))
    return subjects, unavailable


def _document(subject: Subject) -> dict[str, Any]:
    versions = subject.details.pop("versions")
    return {
        "versions": versions,
        "figures": report.rounded(subject.figures()),
        "details": report.rounded(subject.details),
        "failed": subject.failed,
    }


def behind(lines: Sequence[dict[str, Any]]) -> list[str]:
    """The rows in which runstore does not lead."""
    verdicts = {row: table.verdict(table.row_figures(lines, row)) for row in table.ROWS}
    return [f"{row}: runstore does not lead but {v.best}" for row, v in verdicts.items() if v and not v.leads]


def _say(text: str) -> None:
    print(f"[{time.strftime('%H:%M:%S')}] {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
