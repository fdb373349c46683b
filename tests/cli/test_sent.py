"""What a sync has come to, said run by run where there is something to say."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from runstore.cli import sent
from runstore.cli.sent import Outcome
from runstore.cli.text import width
from runstore.sync.push import Pushed

WHOLE = Outcome("team", Pushed(12, 3_400_000, ["a", "b", "c"], {}, {}, True))
MIXED = Outcome(
    "lake",
    Pushed(1, 500, ["a"], {"b": "120 points are in its writer's journal"}, {"c": "a1.jsonl: bytes 3-9 are\nbad"}, True),
)
AWAY = Outcome("nas", error="nas: nobody answers")
IDLE = Outcome("idle", Pushed())


def shown(*done: Outcome, dry_run: bool = False) -> list[str]:
    return [line for one in done for line in sent.lines(one, dry_run)]


def test_all_that_went_well_is_one_line() -> None:
    assert shown(WHOLE, IDLE) == ["team: 3 runs; 12 segments, 3.4 MB sent", "idle: nothing to send"]


def test_an_mlflow_server_gets_batches() -> None:
    assert shown(Outcome("ml", Pushed(40, 500, ["a"]), units=("batch", "batches"))) == [
        "ml: 1 run; 40 batches, 500 B sent"
    ]


def test_what_was_read_back_is_said() -> None:
    assert shown(Outcome("team", Pushed(verified_bytes=5000))) == ["team: nothing to send; 5 kB read back"]
    assert shown(Outcome("team", Pushed(1, 500, ["a"], verified_bytes=5000))) == [
        "team: 1 run; 1 segment, 500 B sent; 5 kB read back"
    ]


def test_each_run_that_is_not_whole_there_is_named_with_the_reason_on_one_line() -> None:
    assert shown(MIXED) == [
        "lake: 1 run, 1 run in part, 1 run failed; 1 segment, 500 B sent",
        "  failed   c  a1.jsonl: bytes 3-9 are bad",
        "  partial  b  120 points are in its writer's journal",
    ]


def test_a_remote_that_could_not_be_asked_is_a_failure() -> None:
    assert shown(AWAY) == ["nas: failed: nobody answers"]
    assert [one.trouble for one in (WHOLE, MIXED, AWAY, IDLE)] == [False, True, True, False]


def test_a_dry_run_says_what_would_be_and_calls_nothing_partial() -> None:
    rest = "what is not sealed yet of 1 run would be sent"
    assert shown(MIXED, dry_run=True)[0] == f"lake: 2 runs, 1 run failed; 1 segment, 500 B and {rest}"
    assert len(shown(MIXED, dry_run=True)) == 2


def test_a_dry_run_of_points_alone_that_are_not_sealed_yet_does_not_say_that_there_are_none() -> None:
    waiting = Outcome("team", Pushed(0, 0, [], {"r": "92 points are not sealed yet"}))
    assert shown(waiting, dry_run=True) == ["team: what is not sealed yet of 1 run would be sent"]


def test_documents_alone_are_said_to_be_that() -> None:
    assert shown(Outcome("team", Pushed(0, 90))) == ["team: what is beside the runs; 90 B sent"]


def test_nothing_sent_while_something_waits_says_both() -> None:
    assert shown(Outcome("team", Pushed(0, 0, [], {"r": "it runs"}, {}, True)))[0] == (
        "team: nothing to send; 1 run in part"
    )


def test_of_very_many_runs_some_are_named() -> None:
    many = Outcome("team", Pushed(0, 0, [], {}, {f"r{n}": "no" for n in range(1000)}, True))
    lines = shown(many)
    assert len(lines) == sent.SHOWN + 2
    assert lines[-1] == "  and 980 more failed; --json names all"


def test_what_a_run_is_called_or_a_reason_says_moves_no_cursor() -> None:
    lines = shown(Outcome("team", Pushed(0, 0, [], {}, {"\x1b[2J": "\x1b]0;x\x07"}, True)))
    assert "\x1b[2J" not in "".join(lines) and "\x07" not in "".join(lines)


def test_a_narrow_terminal_is_not_overrun(terminal: Callable[[int], None]) -> None:
    terminal(80)
    long = Outcome("team", Pushed(0, 0, [], {"r": "why " * 90}, {"f": "because " * 90}, True))
    assert max(map(width, shown(long))) <= 80


def test_programs_get_counts_at_the_top_and_a_run_counts_by_the_worst(capsys: pytest.CaptureFixture[str]) -> None:
    sent.show([WHOLE, MIXED, AWAY], False, "json")
    told = json.loads(capsys.readouterr().out)
    assert told["sent_segments"] == 13 and told["sent_bytes"] == 3_400_500
    assert told["runs"] == {"ok": 1, "partial": 1, "failed": 1}
    assert [one["name"] for one in told["remotes"]] == ["team", "lake", "nas"]
    assert told["remotes"][1]["failed"] == {"c": "a1.jsonl: bytes 3-9 are\nbad"}
    assert [one["error"] for one in told["remotes"]] == [None, None, "nas: nobody answers"]


def test_a_turn_of_many_is_a_line_of_json_and_names_no_run_that_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    sent.show_turn(MIXED, "json")
    assert json.loads(capsys.readouterr().out)["sent_bytes"] == 500
    sent.show_turn(MIXED, None)
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["lake:", "failed"]
