"""Names carry no user text, and are parsed by the module that builds them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runstore.format import names
from runstore.format.names import FileName

WRITER = "0123456789abcdef"
SHA256 = "ab" * 32


@pytest.mark.parametrize(
    ("name", "parsed"),
    [
        (names.facts(1), FileName("a1.jsonl", "facts", "", 1)),
        (names.facts(12, WRITER), FileName(f"a12-{WRITER}.jsonl", "facts", WRITER, 12)),
        (names.merged_facts(SHA256), FileName(f"facts-{SHA256[:24]}.jsonl", "merged")),
        (names.points(WRITER, 0), FileName(f"p-{WRITER}-0000.jsonl", "points", WRITER, 0, 0)),
        (names.points(WRITER, 12345), FileName(f"p-{WRITER}-12345.jsonl", "points", WRITER, 0, 12345)),
        (names.points(names.side(WRITER), 2), FileName(f"p-{WRITER}s-0002.jsonl", "side", f"{WRITER}s", 0, 2)),
        (names.pack(WRITER, 3), FileName(f"k-{WRITER}-0003.pack", "pack", WRITER, 0, 3)),
        (names.log(WRITER, 1), FileName(f"o-{WRITER}-0001.log", "log", WRITER, 0, 1)),
        (names.spool(WRITER, 0), FileName(f"e-{WRITER}-0000.log", "spool", WRITER, 0, 0)),
        (names.end(2), FileName("a2.end.json", "end", "", 2)),
        (names.seal(SHA256), FileName(f"seal-{SHA256[:24]}.json", "seal")),
        (names.segment("rows", SHA256), FileName(f"rows-{SHA256[:24]}.parquet", "segment", segment_kind="rows")),
        (names.segment("logs", SHA256), FileName(f"logs-{SHA256[:24]}.parquet", "segment", segment_kind="logs")),
        (names.segment("system", SHA256), FileName(f"system-{SHA256[:24]}.parquet", "segment", segment_kind="system")),
        (names.ROTATE, FileName("rotate", "rotate")),
        (names.lock(WRITER), FileName(f"{WRITER}.lock", "lock")),
        (names.temporary("seal-x.json", "0f"), FileName(".seal-x.json.0f.tmp", "temporary")),
    ],
)
def test_what_is_built_is_parsed(name: str, parsed: FileName) -> None:
    assert names.parse(name) == parsed


@pytest.mark.parametrize(
    "name", ["", "a.jsonl", "a1.json", "p-xyz-0000.jsonl", f"P-{WRITER}-0000.JSONL", f"p-{WRITER}-0000.jsonl~", "notes"]
)
def test_a_name_nobody_writes_is_nothing(name: str) -> None:
    assert names.parse(name) is None


def test_a_side_is_its_writers() -> None:
    assert names.side(WRITER) == WRITER + "s"
    assert names.owner(names.side(WRITER)) == names.owner(WRITER) == WRITER


@given(st.text(min_size=1) | st.just("\ud800"))
def test_no_text_of_the_users_is_in_a_name(text: str) -> None:
    built = [names.run_dir(text), names.experiment_file(text)]
    assert re.fullmatch(r"runs/[0-9a-f]{2}/[0-9a-f]{16}", built[0])
    assert re.fullmatch(r"experiments/[0-9a-f]{24}\.json", built[1])


def test_a_lone_surrogate_and_its_escape_are_one_id() -> None:
    assert names.run_dir("\ud800") == names.run_dir("\\ud800")


def test_added_paths_stay_short_and_lower_case() -> None:
    run = names.run_dir("run")
    inner = [
        names.facts(999, WRITER), names.points(WRITER, 99999), names.segment("points", SHA256), names.seal(SHA256),
        names.temporary(names.segment("points", SHA256), SHA256[:16]),
    ]  # fmt: skip
    paths = [f"{run}/{name}" for name in inner] + [names.blob(SHA256), names.experiment_file("e")]
    assert max(map(len, paths)) < 100
    assert [path for path in paths if path != path.lower()] == []


@given(st.text(min_size=1), st.integers(0, 10**20 - 1))
def test_what_is_said_about_an_experiment_lies_beside_it_in_the_order_of_time(name: str, time_ns: int) -> None:
    event = names.experiment_event(name, time_ns, "0123abcd")
    assert event.startswith(names.experiment_file(name).removesuffix(".json"))
    assert names.event_time(event.rpartition("/")[2]) == time_ns
    assert names.event_time(names.experiment_file(name).rpartition("/")[2]) is None
    assert len(event) < 100


def test_files_of_models_are_parsed_and_their_events_sort_by_time() -> None:
    assert names.parse_model(names.model_version(12)) == names.ModelFile("v12.json", version=12)
    late, early = names.model_event(10**18, "0" * 8), names.model_event(9, "f" * 8)
    assert names.parse_model(late) == names.ModelFile(late, time=10**18)
    assert sorted([late, early]) == [early, late]


@pytest.mark.parametrize("name", ["v0.json", "v01.json", "v1.json~", "e-1-00000000.json", "x", ".v1.json.0f.tmp"])
def test_what_is_no_file_of_a_model_is_nothing(name: str) -> None:
    assert names.parse_model(name) is None


def test_a_model_lies_where_the_hash_of_its_name_says() -> None:
    assert re.fullmatch(r"models/[0-9a-f]{24}", names.model_dir("../x\ud800"))


@pytest.mark.parametrize("text", ["audit.jsonl", "audit-1.jsonl", "audit-99.jsonl"])
def test_logs_of_a_server_are_known(text: str) -> None:
    assert names.is_audit(text)


@pytest.mark.parametrize("text", ["audit-0.jsonl", "audit-.jsonl", "audit-100.jsonl", "audit.jsonl.gz", "x"])
def test_what_is_no_log_of_a_server_is_none(text: str) -> None:
    assert not names.is_audit(text)


def test_an_object_of_which_more_is_to_come_is_known() -> None:
    assert names.is_partial(f"{'a' * 64}-01234567.part")
    assert not any(map(names.is_partial, ["a" * 64, f"{'a' * 63}-01234567.part", f"{'a' * 64}-0123456g.part"]))


@pytest.mark.parametrize("name", ["a", "team", "s3-eu_1", "0", "x" * 40])
def test_what_a_remote_may_be_called(name: str) -> None:
    assert names.is_remote(name)
    assert names.remote(name) == f"remotes/{name}.json"


@pytest.mark.parametrize("name", ["", "-a", "_a", "Team", "a b", "a.b", "a/b", "..", "é", "x" * 41, "a\n"])
def test_what_a_remote_may_not_be_called(name: str) -> None:
    assert not names.is_remote(name)


def test_a_ledger_is_named_by_its_remote_and_the_first_digit_of_runs() -> None:
    remote_id = "11111111-1111-4111-8111-111111111111"
    for part in (*"0123456789abcdef", "all"):
        built = names.ledger(remote_id, part)
        assert names.is_ledger(built.removeprefix(f"{names.REMOTES}/"))
    for text in (f"{remote_id}/g.json", f"{remote_id}/00.json", "7/7.json", "team.json", f"{remote_id}/7.json.tmp"):
        assert not names.is_ledger(text)
