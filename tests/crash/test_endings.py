"""However a process ends, its run's status is the truth, and every point is there."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from runstore.disk import inventory
from runstore.format import names
from tests.crash import endings, jobs, oracle
from tests.crash.template import Shared, Template

ways = pytest.mark.parametrize("way", ["mapped", "written"])


def seen(template: Template, path: Path) -> tuple[str, str | None]:
    """Status and error of a run whose process is gone.

    Where nothing proves a death ("written" children and observers have no capability for it) a silence of 60 s decides.
    """
    status, error = observed(template, path)
    if status == "Running":
        for lock in inventory.scan(path).locks:
            os.utime(lock, (0, 0))
        status, error = observed(template, path)
        return ("Failed", "vanished") if status == "NotResponding" else (status, error)
    return status, error


def observed(template: Template, path: Path) -> tuple[str, str | None]:
    child = template.start(jobs.observe, path=path)
    status, error = child.talk.receive()
    child.wait()
    return status, error


@ways
@pytest.mark.parametrize(
    ("how", "code", "expected"),
    [
        ("returns", 0, ("Completed", None)),
        ("exits_with_0", 0, ("Completed", None)),
        ("exits_with_3", 3, ("Failed", "SystemExit: 3")),
        ("exits_with_a_text", 1, ("Failed", "SystemExit: no such file")),
        ("quits_with_3", 3, ("Failed", "SystemExit: 3")),
        ("exits_with_3_and_is_caught", 0, ("Completed", None)),
        ("exits_with_3_in_a_thread", 0, ("Completed", None)),
        ("raises_system_exit_in_a_block", 3, ("Failed", "SystemExit: 3")),
        ("raises", 1, ("Failed", "ValueError: bad learning rate")),
        ("raises_in_a_block", 1, ("Failed", "ValueError: bad learning rate")),
        ("raises_in_a_thread", 0, ("Completed", None)),
        ("leaves_at_once", 0, ("Failed", "vanished")),
        ("aborts", -signal.SIGABRT, ("Failed", "vanished")),
    ],
)
def test_a_process_that_ends_by_itself_leaves_a_truthful_status(
    way: str, how: str, code: int, expected: tuple[str, str | None], templates: dict[str, Template],
    shared: Shared, workspace: Path,
) -> None:  # fmt: skip
    child = templates[way].start(endings.end, shared, path=workspace, run_id="r", how=how)
    assert child.wait() == code
    path = workspace / names.run_dir("r")
    assert seen(templates[way], path) == expected
    assert oracle.check(path, {0: endings.CALLS}) == endings.CALLS


@ways
@pytest.mark.parametrize(
    ("how", "number", "code", "expected"),
    [
        ("is_signalled", signal.SIGTERM, -signal.SIGTERM, ("Failed", "vanished")),
        ("is_signalled", signal.SIGHUP, -signal.SIGHUP, ("Failed", "vanished")),
        ("is_signalled", signal.SIGINT, -signal.SIGINT, ("Failed", "KeyboardInterrupt")),
        ("is_signalled_and_says_so", signal.SIGTERM, -signal.SIGTERM, ("Failed", "SIGTERM")),
        ("is_signalled_and_says_so", signal.SIGHUP, -signal.SIGHUP, ("Failed", "SIGHUP")),
        ("had_its_own_handler", signal.SIGTERM, 7, ("Failed", "SystemExit: 7")),
    ],
)
def test_a_process_that_gets_a_signal_leaves_a_truthful_status(
    way: str, how: str, number: int, code: int, expected: tuple[str, str | None], templates: dict[str, Template],
    shared: Shared, workspace: Path,
) -> None:  # fmt: skip
    child = templates[way].start(endings.end, shared, path=workspace, run_id="r", how=how)
    assert child.talk.receive() == "ready"
    path = workspace / names.run_dir("r")
    assert observed(templates[way], path) == ("Running", None)
    child.kill(number)
    assert child.wait() == code
    assert seen(templates[way], path) == expected
    assert oracle.check(path, {0: endings.CALLS}) == endings.CALLS


@ways
def test_a_signal_in_the_middle_of_log_loses_nothing_and_is_told(
    way: str, templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    for number in range(20):
        run_id = f"r{number}"
        child = templates[way].start(
            endings.end, shared, path=workspace, run_id=run_id, how="is_signalled_while_logging_and_says_so"
        )
        assert child.talk.receive() == "ready"
        child.kill(signal.SIGTERM)
        assert child.wait() == -signal.SIGTERM
        path = workspace / names.run_dir(run_id)
        assert seen(templates[way], path) == ("Failed", "SIGTERM")
        assert next(iter(oracle.made(path).values()))[0] >= endings.CALLS


def test_proof_of_death_needs_no_waiting(templates: dict[str, Template], shared: Shared, workspace: Path) -> None:
    child = templates["mapped"].start(endings.end, shared, path=workspace, run_id="r", how="is_signalled")
    assert child.talk.receive() == "ready"
    path = workspace / names.run_dir("r")
    for lock in inventory.scan(path).locks:
        os.utime(lock, (0, 0))
    assert observed(templates["mapped"], path) == ("Running", None)  # silent for years, and alive by proof
    child.kill(signal.SIGKILL)
    child.wait()
    assert observed(templates["mapped"], path) == ("Failed", "vanished")
