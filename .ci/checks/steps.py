"""Run steps one after another, each whatever became of those before, and end with a table.

A step has passed, failed or is left out. It is left out where something optional that it needs cannot be had; that
fails nothing and is never counted as passed. A failing test is run once more alone: if it then passes it is flaky,
which is shown with its first traceback and fails nothing.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = ROOT / ".ci-artefacts"
PYTEST = ".venv/bin/pytest"
RERUNS = 10
"""The most failing tests that are run once more. More are no flakes."""

PASSED, FAILED, LEFT_OUT = "passed", "failed", "left out"


class NotAvailable(Exception):
    """Something optional that a step needs cannot be had; the message says what and why."""


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        name: shown in the table.
        command: the program and its arguments, run in the checkout.
        prepare: brings what the command needs, and may return variables for it; raises NotAvailable.
        variables: added to the environment.
        minutes: the command is ended after so many.
        tests: the command ends in a run of pytest.
    """

    name: str
    command: Sequence[str]
    prepare: Callable[[], Mapping[str, str] | None] = lambda: None
    variables: Mapping[str, str] = field(default_factory=dict)
    minutes: float = 30
    tests: bool = False


@dataclass
class Result:
    """What became of a step: PASSED, FAILED or LEFT_OUT, and its flaky tests with their first tracebacks."""

    step: str
    outcome: str
    seconds: float
    note: str = ""
    flaky: dict[str, str] = field(default_factory=dict)


def run_all(steps: Sequence[Step]) -> int:
    """Run the steps and print the table; give the exit code."""
    results = [run(step) for step in steps]
    print_summary(results)
    return int(any(result.outcome == FAILED for result in results))


def run(step: Step) -> Result:
    """Run one step."""
    print(f"\n== {step.name}: {' '.join(step.command)}", flush=True)
    began = time.monotonic()
    try:
        variables = {**os.environ, **step.variables, **(step.prepare() or {})}
    except NotAvailable as reason:
        print(f"left out: {step.name} ({reason})", flush=True)
        return Result(step.name, LEFT_OUT, time.monotonic() - began, str(reason))
    place = ARTEFACTS / step.name.replace(" ", "-").replace("'", "")
    if step.tests:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        options = f"--junitxml={place / 'tests.xml'} -o cache_dir={place / 'cache'}"
        variables["PYTEST_ADDOPTS"] = f"{variables.get('PYTEST_ADDOPTS', '')} {options}".strip()
    code, note = _call(step.command, variables, step.minutes)
    result = Result(step.name, FAILED if code else PASSED, 0.0, note)
    if code == 1 and step.tests:
        _rerun(result, place, variables)
    result.seconds = time.monotonic() - began
    return result


def print_summary(results: Sequence[Result]) -> None:
    """Print flaky tests, what was left out, and a table of all steps."""
    for result in results:
        for test, traceback in result.flaky.items():
            print(f"\nflaky: {test} ({result.step}) failed at first and passed alone:\n{traceback}")
    for result in results:
        if result.outcome == LEFT_OUT:
            print(f"left out: {result.step} ({result.note})")
    width = max(len(result.step) for result in results)
    print(f"\n{'step':{width}}  result    seconds")
    for result in results:
        note = "" if result.outcome == LEFT_OUT else result.note
        print(f"{result.step:{width}}  {result.outcome:8}  {result.seconds:7.0f}  {note}".rstrip())
    sys.stdout.flush()


def install(*packages: str, program: str) -> None:
    """Install Debian packages unless a program is on PATH.

    Raises:
        NotAvailable: they can't be installed here.
    """
    if shutil.which(program):
        return
    if os.name != "posix" or os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NotAvailable(f"no {program}; install {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
        code, _ = _call(["apt-get", "-qq", *arguments], environment, 10, quiet=True)
    if code or not shutil.which(program):
        raise NotAvailable(f"no {program}: apt-get could not install {' '.join(packages)}")


def chromium() -> None:
    """Bring a browser."""
    if not any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))):
        install("chromium", "fonts-dejavu", program="chromium")


def environment(directory: str, *requirements: str) -> None:
    """Make a virtual environment with some packages.

    Raises:
        NotAvailable: they can't be installed.
    """
    python = [sys.executable, "-m", "venv", directory]
    pip = [f"{directory}/bin/pip", "install", "-q", *requirements]
    for command in (python, pip):
        code, _ = _call(command, os.environ, 20)
        if code:
            raise NotAvailable(f"pip could not install {' '.join(requirements)}")


def packages_of_npm(directory: str, *packages: str) -> None:
    """Install packages of npm below a directory.

    Raises:
        NotAvailable: they can't be installed.
    """
    install("npm", program="npm")
    authorities = Path("/etc/ssl/certs/ca-certificates.crt")  # trusted by the system; Node doesn't look there by itself
    variables = {"NODE_EXTRA_CA_CERTS": str(authorities)} if authorities.exists() else {}
    command = ["npm", "install", "--prefix", directory, "--no-audit", "--no-fund", "--loglevel=error", *packages]
    code, _ = _call(command, {**variables, **os.environ}, 10)
    if code:
        raise NotAvailable(f"npm could not install {' '.join(packages)}")


def _call(
    command: Sequence[str], environment: Mapping[str, str], minutes: float, quiet: bool = False
) -> tuple[int, str]:
    """Run a command in the checkout; give its exit code and, where it did not end by itself, why."""
    output = subprocess.DEVNULL if quiet else None
    try:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, start_new_session=True
        )
    except OSError as error:
        return 127, f"{command[0]}: {error.strerror}"
    try:
        return process.wait(minutes * 60), ""
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return 124, f"ended after {minutes:g} minutes"


def _rerun(result: Result, place: Path, variables: Mapping[str, str]) -> None:
    """Run the failing tests once more, each alone; the step has passed if all of them now do."""
    try:
        tests = list(json.loads((place / "cache/v/cache/lastfailed").read_bytes()))
    except FileNotFoundError:
        return
    if not 0 < len(tests) <= RERUNS:
        return
    first = _tracebacks(place / "tests.xml")
    alone = {name: value for name, value in variables.items() if name != "PYTEST_ADDOPTS"}
    for test in tests:
        print(f"\n-- once more, alone: {test}", flush=True)
        code, _ = _call([PYTEST, "-q", "-m", "", "-p", "no:cacheprovider", test], alone, 10)
        if code == 0:
            result.flaky[test] = first.get(test, "")
    if len(result.flaky) == len(tests):
        result.outcome, result.note = PASSED, f"{len(tests)} flaky"
    else:
        result.note = ", ".join(test for test in tests if test not in result.flaky)


def _tracebacks(report: Path) -> dict[str, str]:
    """The traceback of each failed test in a JUnit report, by the test's id."""
    texts = {}
    for case in ElementTree.parse(report).iter("testcase"):
        for problem in (*case.iter("failure"), *case.iter("error")):
            texts[_test_id(case.get("classname", ""), case.get("name", ""))] = (problem.text or "")[-6000:]
    return texts


def _test_id(classname: str, name: str) -> str:
    parts = classname.split(".")
    module = next((n for n in range(len(parts), 0, -1) if ROOT.joinpath(*parts[:n]).with_suffix(".py").exists()), 1)
    return "::".join(["/".join(parts[:module]) + ".py", *parts[module:], name])
