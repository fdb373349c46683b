"""An address says what storage it means, and nothing secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.errors import UsageError
from runstore.sync.lake import storage


def test_a_path_and_a_file_url_are_the_same_directory(tmp_path: Path) -> None:
    place = tmp_path / "my lake"
    assert storage.at(place).root == storage.at(place.as_uri()).root == storage.at(f"{place}/").root == str(place)
    assert storage.at(place).local


def test_a_relative_path_is_one_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert storage.at("lake").root == str(tmp_path / "lake")


@pytest.mark.parametrize(
    "url", ["ftp://host/x", "https://host/x", "s3://", "s3:///path", "s3://bucket/a/../b", "s3://bucket/x?sig=SECRET",
            "s3://key:SECRET@bucket/x", "s3://SECRET@bucket/x", "az://box/x#SECRET"],
)  # fmt: skip
def test_what_is_no_address_of_a_lake_is_refused_and_no_secret_repeated(url: str) -> None:
    with pytest.raises(UsageError) as found:
        storage.at(url)
    assert "SECRET" not in str(found.value)


def test_a_bucket_is_known_by_its_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "k")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "SECRET")
    place = storage.at("s3://bucket/team/")
    assert (place.root, place.label, place.local) == ("s3://bucket/team", "s3://bucket/team", False)
    assert "SECRET" not in repr(vars(place))


@pytest.mark.parametrize(
    ("text", "lake"),
    [("s3://b/x", True), ("abfss://c@a.dfs.core.windows.net/x", True), ("gs://b", True), ("file:///x", True),
     ("/x", False), ("x", False), ("s3", False), ("http://host", False), (None, False)],
)  # fmt: skip
def test_only_a_url_of_storage_means_a_lake_wherever_it_stands(text: object, lake: bool) -> None:
    assert storage.is_lake(text) is lake


@pytest.mark.parametrize("url", ["gs://bucket/lake", "abfss://box@account.dfs.core.windows.net/lake", "az://box/lake"])
def test_each_cloud_has_its_address(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")
    monkeypatch.setenv("GOOGLE_SKIP_SIGNATURE", "true")
    assert storage.at(url).root == url
