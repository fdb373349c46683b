"""Too few descriptors or no quota: nothing raises out of log(), the loss is counted, a start says what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runstore.format import names
from runstore.query.workspace import Workspace
from runstore.runs import state
from tests.crash import oracle
from tests.crash.template import Template
from tests.faults import limits

ways = pytest.mark.parametrize("way", ["mapped", "written"])


@ways
@pytest.mark.parametrize(
    ("job", "reason"),
    [
        (limits.no_descriptors_for_the_first_point, "Too many open files"),
        (limits.no_descriptors_for_the_next_journal, "Too many open files"),
        (limits.no_quota_for_a_while, "Disk quota exceeded"),
    ],
)
def test_what_can_not_be_kept_is_counted_and_logging_goes_on_by_itself(
    way: str, job: Callable[..., None], reason: str, templates: dict[str, Template],
    workspace: Path, tmp_path: Path,
) -> None:  # fmt: skip
    child = templates[way].start(job, errors=tmp_path / "errors", path=workspace)
    first, last, logged = child.talk.receive()
    assert child.wait() == 0
    path = workspace / names.run_dir("r")
    found = [step for own in oracle.decoded(path).values() for _, _, step, _ in own]
    missing = sorted(set(range(logged)) - set(found))
    assert found == sorted(set(found))
    if way == "written" and job is limits.no_descriptors_for_the_next_journal:
        assert missing == []  # it goes on in the journal it has; a mapped one needs a descriptor for each new window
        return
    if job is limits.no_descriptors_for_the_next_journal and not missing:
        return  # whenever a journal was full, the one before it had been closed, and its descriptor was free again
    assert first <= missing[0] and missing[-1] < last
    assert len(missing) == state.fold(path).dropped
    assert Workspace(workspace).sql("select status, dropped from runs").fetchall() == [("Completed", len(missing))]
    said = (tmp_path / "errors").read_text()
    assert reason in said and f"{len(missing):,} points could not be kept" in said
    oracle.sound(workspace)


@pytest.mark.parametrize("more", [0, 1, 2])
def test_a_start_without_descriptors_says_so_in_one_line_and_leaves_nothing_that_harms(
    more: int, templates: dict[str, Template], workspace: Path
) -> None:
    child = templates["mapped"].start(limits.start_without_descriptors, path=workspace, more=more)
    refused = child.talk.receive()
    assert child.wait() == 0
    if refused is not None:  # with a few descriptors it may just do
        name, text = refused
        assert (name, "Too many open files" in text, "\n" in text) == ("NotWritable", True, False)
    assert more or refused
    runs = Workspace(workspace).sql("select run_id, points from runs where points > 0").fetchall()
    assert runs == [("later", 10)]
    oracle.sound(workspace)
