"""A training script pays for logging only: nothing heavy is loaded before somebody reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HEAVY = {
    "pyarrow", "duckdb", "_duckdb", "click", "rich", "watchdog", "numpy", "filelock", "psutil", "sklearn", "matplotlib",
    "subprocess", "multiprocessing", "asyncio", "logging", "email", "http", "socket", "urllib.request",
    "importlib.metadata", "yaml",
}  # fmt: skip

READING = {
    "runstore.disk.inventory", "runstore.disk.tail", "runstore.format.journal", "runstore.runs.facts",
    "runstore.runs.state", "runstore.runs.tally",
}  # fmt: skip

LOGGING = """
import runstore
run = runstore.start_run("first", params={"lr": 0.1}, workspace=runstore.Workspace("ws"))
run.log("loss", 0.5)
run.log({"loss": 0.25, "acc": 0.75}, step=1)
run.flush()
"""


def loaded(program: str, directory: Path) -> set[str]:
    """The modules a fresh interpreter has loaded after a program, besides those it starts with."""
    report = "\nimport sys, json; print(json.dumps(sorted(sys.modules)))"
    command = [sys.executable, "-c", program + report]
    everything = {name: value for name, value in os.environ.items() if name != "RUNSTORE_PROVENANCE"}
    done = subprocess.run(command, cwd=directory, env=everything, capture_output=True, text=True, check=True)
    bare = subprocess.run([sys.executable, "-c", report], cwd=directory, capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout)) - set(json.loads(bare.stdout))


def test_import_alone_loads_nothing_of_the_package(tmp_path: Path) -> None:
    assert {name for name in loaded("import runstore", tmp_path) if name.startswith("runstore.")} == set()


def test_logging_loads_nothing_heavy(tmp_path: Path) -> None:
    assert loaded(LOGGING, tmp_path) & HEAVY == set()


def test_a_run_without_shared_content_loads_nothing_that_only_readers_need(tmp_path: Path) -> None:
    assert loaded(LOGGING + "run.complete()\n", tmp_path) & READING == set()


def test_keeping_what_is_printed_loads_nothing_heavy(tmp_path: Path) -> None:
    block = LOGGING + "with run:\n    print('line', file=sys.stderr)\n"
    assert loaded("import sys\n" + block, tmp_path) & HEAVY == set()


def test_a_finished_run_has_loaded_no_engine_either(tmp_path: Path) -> None:
    engines = {"pyarrow", "duckdb", "_duckdb", "click", "rich", "numpy"}
    assert loaded(LOGGING + "run.complete()\n", tmp_path) & engines == set()


def test_a_run_whose_outputs_are_watched_loads_nothing_heavy_at_its_start(tmp_path: Path) -> None:
    """Watchdog is loaded later, in the thread that watches."""
    watching = LOGGING.replace('"first", ', '"first", outputs=True, logs=True, ')
    later = "from runstore.runs import watch; watch.WARM = 1e9\n"
    assert loaded(later + watching, tmp_path) & HEAVY == set()


def test_asking_for_runs_loads_no_http(tmp_path: Path) -> None:
    asked = LOGGING + "run.complete()\nrunstore.Workspace('ws').sql('select * from runs').fetchall()\n"
    assert loaded(asked, tmp_path) & {"http", "http.client", "ssl", "urllib.request"} == set()
