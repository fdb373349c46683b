"""Rules name kinds and runs as users do; what is chosen is what all of them leave."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.errors import QueryError, RunNotFound, UsageError
from runstore.runs import seal
from runstore.sync import rules
from runstore.sync.choice import ALWAYS, Choice
from runstore.sync.piece import KINDS
from runstore.sync.rules import Rules


@pytest.fixture
def ws(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> runstore.Workspace:
    """Three runs: a, b of ``mnist`` with lr 0.1 and 0.2, c of ``other``; a and c are tagged."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    found = runstore.Workspace(workspace)
    given = [("a", "mnist", 0.1, {"keep": "yes"}), ("b", "mnist", 0.2, {}), ("c", "other", 0.1, {"keep": "it's"})]
    for run_id, experiment, lr, tags in given:
        with runstore.start_run(experiment, run_id=run_id, params={"lr": lr}, tags=tags, workspace=found) as run:
            run.log("loss", lr)
    return found


def test_every_kind_of_file_that_travels_can_be_left_out_or_always_travels() -> None:
    named = {kind for kinds in rules.KINDS.values() for kind in kinds}
    assert named | ALWAYS | {"document"} == set(KINDS)
    assert not named & (ALWAYS | {"document"})


def test_without_rules_everything_is_chosen(ws: runstore.Workspace) -> None:
    assert rules.chosen(ws.path, []) == rules.chosen(ws.path, [Rules(), Rules()]) == Choice()


def test_kinds_are_included_or_excluded_and_documents_always_travel() -> None:
    assert Rules(include=("metrics",)).kinds == {"points", "rows", "document"}
    assert Rules(exclude=("artifacts", "metrics")).kinds == {"log", "logs", "system", "document"}
    assert Rules(include=("metrics", "logs"), exclude=("logs",)).kinds == {"points", "rows", "document"}
    assert Rules(exclude=tuple(rules.KINDS)).kinds == {"document"}
    assert Rules().kinds is None


def test_what_is_sealed_together_stays_here_together() -> None:
    assert Rules(exclude=("system_metrics",)).kinds == {"points", "rows", "log", "pack", "blob", "document"}
    assert Rules(exclude=("logs",)).kinds == {"points", "rows", "pack", "blob", "document"}
    for given in (Rules(include=(kind,)) for kind in rules.KINDS):
        assert Choice(kinds=given.kinds).kinds == given.kinds


def test_an_unknown_kind_is_refused_and_the_known_ones_are_named() -> None:
    with pytest.raises(UsageError, match="no kind of data is called 'images'; there are metrics, system_metrics"):
        Rules(exclude=("images",))


@pytest.mark.parametrize(
    ("given", "runs"),
    [
        (Rules(where="lr < 0.15"), {"a", "c"}),
        (Rules(where="lr < 0.15 or loss > 0 -- all"), {"a", "b", "c"}),
        (Rules(tags=("keep",)), {"a", "c"}),
        (Rules(tags=("keep=it's",)), {"c"}),
        (Rules(tags=("keep", "keep=no")), set()),
        (Rules(where="lr = 0.2", tags=("keep",)), set()),
        (Rules(runs=("a", "b")), {"a", "b"}),
        (Rules(runs=("a",), where="lr > 0.15"), set()),
    ],
)
def test_runs_are_chosen_by_filters_tags_and_ids(ws: runstore.Workspace, given: Rules, runs: set[str]) -> None:
    assert rules.chosen(ws.path, [given]).run_ids == runs


def test_several_rules_hold_together(ws: runstore.Workspace) -> None:
    mine = Rules(exclude=("artifacts",), experiments=("mnist", "other"), where="lr < 0.15")
    asked = Rules(include=("metrics", "artifacts"), experiments=("mnist",), runs=("a", "b"))
    expected = Choice(frozenset({"a"}), frozenset({"mnist"}), frozenset({"points", "rows", "document"}))
    assert rules.chosen(ws.path, [mine, asked]) == expected


def test_only_experiments_ask_nobody(workspace: Path) -> None:
    assert rules.chosen(workspace, [Rules(experiments=("e",))]) == Choice(experiments=frozenset({"e"}))


def test_that_a_run_that_was_sent_is_deleted_travels_whatever_a_filter_says(ws: runstore.Workspace) -> None:
    ws.get_run("b").delete()
    ws.get_run("c").delete()
    sent = ws.get_run("a")._folded().path.parents[1]
    assert rules.chosen(ws.path, [Rules(where="lr < 0.15")], lambda path: False).run_ids == {"a"}
    assert rules.chosen(ws.path, [Rules(where="lr < 0.15")], lambda path: path.is_relative_to(sent)).run_ids == {
        "a", "b", "c",
    }  # fmt: skip


def test_a_filter_that_means_nothing_is_an_error_and_never_chooses_all(ws: runstore.Workspace) -> None:
    with pytest.raises(QueryError, match="no run has a column, param or metric 'losss'"):
        rules.chosen(ws.path, [Rules(where="losss < 1")])
    assert "losss" in rules.trouble(ws.path, Rules(where="losss < 1"))
    assert rules.trouble(ws.path, Rules(where="loss < 1")) == ""
    with pytest.raises(RunNotFound):
        rules.chosen(ws.path, [Rules(runs=("z",))])


def test_rules_outlive_a_document_and_those_of_a_later_version_are_not_broken() -> None:
    given = Rules(("metrics",), (), ("e",), "a < 1", ("t=1",))
    assert rules.load(given.dump()) == given
    assert Rules().dump() == {}
    with pytest.raises(UsageError, match="rules about redact are not known; upgrade runstore"):
        rules.load({"redact": True})


def test_rules_are_told_in_words() -> None:
    given = Rules(exclude=("artifacts",), experiments=("e", "f"), where="lr < 1", tags=("t=1",))
    assert list(given.lines()) == ["no artifacts", "only of e, f", "only tagged t=1", "only where lr < 1"]
    assert list(Rules(include=("metrics",)).lines()) == ["only metrics"]
