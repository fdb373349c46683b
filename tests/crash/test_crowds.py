"""Many processes at one instant need no coordinator: they make one workspace, fill one run, agree on an attempt."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from runstore.disk import inventory
from runstore.format import names
from runstore.query.workspace import Workspace
from runstore.runs import state
from tests.crash import crowd, endings, oracle
from tests.crash.template import Child, Shared, Template

ways = pytest.mark.parametrize("way", ["mapped", "written"])


def at_once(template: Template, workspace: Path, run_ids: list[str], total: int) -> list[Child]:
    """Start a process for each run id, all at the same instant, and let them log; they wait for the word to end."""
    children = [
        template.start(crowd.member, path=workspace, run_id=run_id, thread=thread, total=total)
        for thread, run_id in enumerate(run_ids)
    ]
    for child in children:
        assert child.talk.receive() == "ready"
    for child in children:
        child.talk.send("go")
    return children


def end(children: list[Child]) -> set[int]:
    """Let them end; the attempts they were in."""
    attempts = {child.talk.receive() for child in children}
    for child in children:
        child.talk.send("end")
    assert [child.wait() for child in children] == [0] * len(children)
    return attempts


@ways
def test_16_processes_log_into_one_run_at_once(way: str, templates: dict[str, Template], workspace: Path) -> None:
    children = at_once(templates[way], workspace, ["r"] * 16, total=1000)
    assert end(children) == {1}
    path = workspace / names.run_dir("r")
    found = oracle.made(path)
    assert sorted(made.popitem() for made in found.values()) == [(thread, 1000) for thread in range(16)]
    folded = state.fold(path)
    assert (folded.status, len(folded.attempts), len(folded.writers)) == ("Completed", 1, 16)
    assert [writer.opener for writer in folded.writers].count(True) == 1
    assert {writer.rank for writer in folded.writers} == set(range(16))
    oracle.agree(workspace, ["r"])


@ways
def test_64_processes_start_runs_in_one_new_workspace_at_the_same_instant(
    way: str, templates: dict[str, Template], workspace: Path
) -> None:
    run_ids = [f"run {number}" for number in range(64)]
    assert end(at_once(templates[way], workspace, run_ids, total=20)) == {1}
    for thread, run_id in enumerate(run_ids):
        assert list(oracle.made(workspace / names.run_dir(run_id)).values()) == [{thread: 20}]
    ws = Workspace(workspace, create=False)
    query = "select run_id, experiment, status, attempts, writers from runs"
    assert sorted(ws.sql(query).fetchall()) == sorted((run_id, "e", "Completed", 1, 1) for run_id in run_ids)
    assert ws.sql("select experiment, runs from experiments").fetchall() == [("e", 64)]


@ways
def test_16_ranks_that_restart_a_dead_run_together_agree_on_attempt_2(
    way: str, templates: dict[str, Template], shared: Shared, workspace: Path
) -> None:
    templates[way].start(endings.end, shared, path=workspace, run_id="r", how="leaves_at_once").wait()
    path = workspace / names.run_dir("r")
    for lock in inventory.scan(path).locks:
        os.utime(lock, (0, 0))  # where nothing proves the death, the silence tells it
    assert end(at_once(templates[way], workspace, ["r"] * 16, total=200)) == {2}
    found = oracle.made(path)
    assert sorted(made.popitem() for (attempt, _), made in found.items() if attempt == 2) == [
        (thread, 200) for thread in range(16)
    ]
    assert [made for (attempt, _), made in found.items() if attempt == 1] == [{0: endings.CALLS}]
    folded = state.fold(path)
    assert (folded.status, len(folded.attempts), len(folded.writers)) == ("Completed", 2, 17)
    assert [(w.attempt, w.opener) for w in folded.writers].count((2, True)) == 1
