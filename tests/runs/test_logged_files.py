"""The name that an artifact gets is free, says where it comes from, and leads nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.errors import InvalidValue, StoreError
from runstore.runs import logged_files
from runstore.runs.logged_files import Found, Names

PLOT, CHART, FILE = Found(b"", None, ".png"), Found(b"", None), Found(b"", None, artifact="plots/a.b.png")


def names(*taken: str, mark: str = "", files: tuple[str, ...] = ()) -> tuple[Names, set[str]]:
    given = {*taken}
    return Names(given.__contains__, {*files}, mark), given


def given(
    found: Found, count: int, *taken: str, name: str = "m", mark: str = "", files: tuple[str, ...] = ()
) -> list[str]:
    one, there = names(*taken, mark=mark, files=files)
    called = []
    for _ in range(count):
        called.append(one.give(name, found, 17))
        there.add(called[-1])
    return called


def test_a_plot_is_named_by_its_metric_and_the_time_and_a_chart_by_its_metric_alone() -> None:
    assert given(PLOT, 3) == ["m_17.png", "m_17_1.png", "m_17_2.png"]
    assert given(CHART, 3) == ["m", "m_1", "m_2"]
    assert given(FILE, 3) == ["plots/a.b.png", "plots/a.b_1.png", "plots/a.b_2.png"]


def test_a_name_that_is_taken_is_left_alone() -> None:
    assert given(PLOT, 2, "m_17.png", "m_17_2.png") == ["m_17_1.png", "m_17_3.png"]
    assert given(CHART, 2, "m", "m_1") == ["m_2", "m_3"]


def test_a_file_keeps_its_name_though_it_was_uploaded_but_not_though_it_was_logged() -> None:
    assert given(FILE, 1, "plots/a.b.png") == ["plots/a.b.png"]
    assert given(FILE, 1, "plots/a.b.png", files=("plots/a.b.png",)) == ["plots/a.b_1.png"]
    assert given(FILE, 2, "plots/a.b_1.png") == ["plots/a.b.png", "plots/a.b_2.png"]


def test_ten_thousand_of_one_name_ask_once_each() -> None:
    asked: list[str] = []
    one = Names(lambda name: bool(asked.append(name)) or name == "m", set(), "")
    assert [one.give("m", CHART, 17) for _ in range(10_000)][-1] == "m_10000"
    assert len(asked) < 20_001


@pytest.mark.parametrize(
    ("name", "artifact"),
    [
        ("a/b é", "a/b é"),
        ("../../etc", "etc"),
        ("/abs", "abs"),
        ("a\\b", "a/b"),
        ("..", "unnamed"),
        ("./a//b/", "a/b"),
        ("a ", "a "),
    ],
)
def test_a_name_leads_nowhere_else(name: str, artifact: str) -> None:
    assert given(CHART, 1, name=name) == [artifact]


@pytest.mark.parametrize(
    ("rank", "forked", "mark"), [(None, False, ""), (0, False, ""), (3, False, "_rank3"), (None, True, "_abcdefab")]
)
def test_processes_that_log_at_one_moment_give_different_names(rank: int | None, forked: bool, mark: str) -> None:
    assert logged_files.mark(rank, forked, "abcdefabcdefabcd") == mark
    assert given(PLOT, 1, mark=mark) == [f"m_17{mark}.png"]


def test_a_file_is_called_by_its_relative_path_or_its_last_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f.bin").write_bytes(b"x")
    for path, called in (
        ("./d/f.bin", "d/f.bin"),
        (Path("d/../d/f.bin"), "d/d/f.bin"),
        (tmp_path / "d" / "f.bin", "f.bin"),
    ):
        assert logged_files.at_path(path) == Found(b"x", None, artifact=called)
    with pytest.raises(StoreError, match="check the path"):
        logged_files.at_path("none")


def test_a_large_file_is_given_by_its_path(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(bytes(logged_files.READ))
    assert logged_files.at_path(tmp_path / "f").source == tmp_path / "f"


def test_text_is_text() -> None:
    assert logged_files.text("\xe9\ud800", "text/plain", ".txt") == Found(b"\xc3\xa9\\ud800", "text/plain", ".txt")
    with pytest.raises(InvalidValue, match="text/html takes text, not a bytes"):
        logged_files.text(b"x", "text/html", ".html")


@pytest.mark.parametrize(("one", "named"), [("a", True), (Path("a"), True), (b"a", False), ([1], False), (None, False)])
def test_text_and_paths_name_a_file(one: object, named: bool) -> None:
    assert logged_files.is_path(one) is named


@pytest.mark.parametrize(
    ("name", "path"), [("C:\\a/../b", "a/b"), ("/c:/", "unnamed"), ("F: fit", "F: fit"), ("...", "...")]
)
def test_a_name_leads_to_no_drive_and_nowhere_up(name: str, path: str) -> None:
    assert logged_files.safe(name) == path
