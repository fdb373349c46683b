"""Whatever two workspaces log, seal, thin and merge, in whatever order: both end with the same answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

import runstore
from runstore.query import compaction
from runstore.query.check import check
from runstore.runs import seal
from tests.query import unions

ops = st.lists(st.sampled_from(["log", "seal", "thin", "thin more", "other's"]), max_size=5)


def logged(ws: runstore.Workspace, first: int) -> None:
    with runstore.start_run("e", run_id="r", workspace=ws) as run:
        for step in range(first, first + 40):
            run.log("loss", (step * 7 % 11) * 0.5, step=step)
        run.log_row("sample", x=first)


def done(ws: runstore.Workspace, told: list[str], other: runstore.Workspace) -> None:
    for number, what in enumerate(told):
        if what == "log":
            logged(ws, 40 * (number + 1))
        elif what == "seal":
            compaction.compact(ws.path, grace=0)
        elif what == "other's":
            ws.merge(other)
        else:
            ws.thin(16 if what == "thin more" else 24, 0, dry_run=False)


@pytest.mark.slow
@settings(
    max_examples=10, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate]
)
@example([], ["seal", "seal", "log", "log", "thin more"], ["log", "thin more", "log"])
@given(ops, ops, ops)
def test_in_whatever_order_two_are_merged_they_answer_alike(
    tmp_path_factory: pytest.TempPathFactory, shared: list[str], here: list[str], there: list[str]
) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seal, "request", lambda workspace, run_dir: None)
        root = tmp_path_factory.mktemp("two")
        one = runstore.Workspace(root / "one")
        logged(one, 0)
        done(one, [what for what in shared if what != "other's"], one)
        other = unions.copied(one, root / "other")
        done(one, here, other), done(other, there, one)
        _alike(one, other, root)


def _alike(one: runstore.Workspace, other: runstore.Workspace, root: Path) -> None:
    before = unions.copied(one, root / "before")
    assert one.merge(other).refused == []
    assert other.merge(before).refused == []
    assert unions.answers(one) == unions.answers(other)
    assert (one.merge(other).files, other.merge(one).files) == (0, 0)
    for ws in (one, other):
        compaction.compact(ws.path, grace=0)
        assert [found for found in check(ws.path) if found.severity != "note"] == []
    assert unions.answers(one) == unions.answers(other)
    assert one.sql("select points from runs").fetchall() == other.sql("select points from runs").fetchall()
