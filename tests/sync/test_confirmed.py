"""A secret of the environment goes only where its user has said; a workspace alone says nothing of that."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from runstore.disk import files
from runstore.errors import UsageError
from runstore.sync import confirmed

URL = "https://runs.example:8000/team"


@pytest.fixture
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process."""
    monkeypatch.setattr(confirmed, "_here", set())


def test_nothing_is_confirmed_at_first() -> None:
    assert not confirmed.is_confirmed(URL)
    with pytest.raises(UsageError, match=r"^https://runs.example:8000/team: .*\$X is not sent.*remote confirm team"):
        confirmed.require(URL, "$X", "team")


def test_what_is_confirmed_stays_so_in_the_next_process(monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed.confirm(URL)
    monkeypatch.setattr(confirmed, "_here", set())
    assert confirmed.is_confirmed(URL)
    confirmed.require(URL, "the token")


@pytest.mark.parametrize("written", ["HTTPS://Runs.Example:8000/team", URL + "/", f" {URL}\n"])
def test_one_address_may_be_written_in_several_ways(written: str) -> None:
    confirmed.confirm(URL)
    assert confirmed.is_confirmed(written)


@pytest.mark.parametrize(
    "other",
    [
        "http://runs.example:8000/team", "https://runs.example/team", "https://runs.example:8000/Team",
        "https://runs.example:8000", "https://runs.example:8000/team/x", "https://runs.example:8000@evil.example/team",
        "https://evil.example/" + URL, "mlflow+" + URL, "", f"https://evil.example {URL}", f"{URL} https://evil.example",
    ],
)  # fmt: skip
def test_any_other_address_is_another(other: str) -> None:
    confirmed.confirm(URL)
    assert not confirmed.is_confirmed(other)


@pytest.mark.parametrize("url", ["", " ", "https://a https://b", "https://a\nhttps://b", "https://a\thttps://b"])
def test_what_would_be_read_as_several_addresses_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no blanks"):
        confirmed.confirm(url)
    assert not confirmed.path().exists()


def test_each_address_is_kept_once_in_a_file_of_this_user_alone() -> None:
    for url in (URL, "https://b", URL):
        confirmed.confirm(url)
    assert confirmed.path().read_text() == f"{URL}\nhttps://b\n"
    assert stat.S_IMODE(confirmed.path().stat().st_mode) == 0o600


def test_the_environment_confirms_where_there_is_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(confirmed.VARIABLE, f"https://a.example {URL}")
    assert confirmed.is_confirmed(URL) and confirmed.is_confirmed("https://a.example")
    assert not confirmed.path().exists()


def test_a_home_that_cannot_be_written_to_confirms_for_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise PermissionError(path)

    monkeypatch.setattr(files, "make_dirs", full)
    confirmed.confirm(URL)
    assert confirmed.is_confirmed(URL) and not confirmed.path().exists()


def test_the_file_lies_in_the_users_configuration(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RUNSTORE_CONFIG")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    assert confirmed.path() == tmp_path / "xdg" / "runstore" / "servers"
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr("sys.platform", "linux")
    assert confirmed.path() == Path(os.environ["HOME"]) / ".config" / "runstore" / "servers"
    monkeypatch.setattr("sys.platform", "darwin")
    assert confirmed.path() == Path(os.environ["HOME"]) / "Library" / "Application Support" / "runstore" / "servers"
