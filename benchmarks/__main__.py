"""All benchmarks, one after another, each in a fresh process: one JSON line each on stdout, progress on stderr."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import child, table
from benchmarks.goals import BENCHES


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=f"{', '.join(BENCHES)}; default: all")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--tiny", dest="size", action="store_const", const="--tiny", help="only to see that they work")
    size.add_argument("--full", dest="size", action="store_const", const="--full", help="the sizes of the goals")
    parser.add_argument("--workspace", type=Path, help="directory for data, kept; default: a temporary one")
    parser.add_argument("--results", type=Path, help="file to which the lines are appended as well")
    parser.add_argument("--table", action="store_true", help="measure nothing: print the table of a results file")
    parser.add_argument("--write", action="store_true", help="with --table: put it into README.md")
    options = parser.parse_args()
    unknown = sorted(set(options.benches) - set(BENCHES))
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(BENCHES)}")
    if options.table:
        return _table(options.results or table.RESULTS, options.write)
    extra = [options.size] if options.size else []
    if options.workspace:
        extra += ["--workspace", str(options.workspace)]
    return _run(options.benches or list(BENCHES), extra, options.results)


def _table(results: Path, write: bool) -> int:
    text = table.render(table.read(results))
    print(text)
    if write:
        table.write(text)
    return 0


def _run(benches: list[str], extra: list[str], results: Path | None) -> int:
    failed = []
    for number, bench in enumerate(benches, 1):
        print(f"[{number}/{len(benches)}] {bench} ...", file=sys.stderr, end="", flush=True)
        start = time.monotonic()
        argv = [sys.executable, "-m", f"benchmarks.{bench}", *extra]
        done = subprocess.run(argv, env=child.environment(), stdout=subprocess.PIPE, text=True, check=False)
        taken = f"{time.monotonic() - start:.1f} s"
        if done.returncode:
            failed.append(bench)
            print(f" failed after {taken}", file=sys.stderr, flush=True)
            continue
        print(f" {taken}, {_verdict(done.stdout)}", file=sys.stderr, flush=True)
        print(done.stdout, end="", flush=True)
        if results:
            with open(results, "a", encoding="utf-8") as file:
                file.write(done.stdout)
    return 1 if failed else 0


def _verdict(line: str) -> str:
    missed = [claim["claim"] for claim in json.loads(line)["claims"] if not claim["met"]]
    return f"missed: {', '.join(missed)}" if missed else "all goals reached"


if __name__ == "__main__":
    sys.exit(main())
