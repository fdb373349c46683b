"""What lies at an address, and that nothing secret is ever taken with it."""

from __future__ import annotations

from pathlib import Path

import pytest

import runstore
from runstore.errors import UsageError
from runstore.sync import addresses
from runstore.sync.addresses import LAKE, MLFLOW, SERVER


@pytest.mark.parametrize(
    ("text", "kind", "url"),
    [
        ("s3://bucket/a/b/", LAKE, "s3://bucket/a/b"),
        ("s3://bucket", LAKE, "s3://bucket"),
        ("S3://bucket/Dir", LAKE, "s3://bucket/Dir"),
        ("az://container/ws", LAKE, "az://container/ws"),
        ("abfss://box@account.dfs.core.windows.net/ws", LAKE, "abfss://box@account.dfs.core.windows.net/ws"),
        ("gs://bucket/ws", LAKE, "gs://bucket/ws"),
        ("https://runs.example:8443/", SERVER, "https://runs.example:8443"),
        ("http://127.0.0.1:8000/team", SERVER, "http://127.0.0.1:8000/team"),
        ("mlflow+https://host/mlflow", MLFLOW, "mlflow+https://host/mlflow"),
        ("mlflow+http://[::1]:5000", MLFLOW, "mlflow+http://[::1]:5000"),
    ],
)
def test_the_scheme_says_what_lies_there(text: str, kind: str, url: str) -> None:
    assert addresses.parse(text) == (kind, url)


def test_a_path_is_a_lake_in_a_directory_however_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    there = tmp_path / "a lake: 100%"
    written = ["a lake: 100%", "./x/../a lake: 100%", str(there), there.as_uri(), there.as_uri() + "/"]
    found = {addresses.parse(text) for text in written}
    assert found == {(LAKE, there.as_uri())}
    assert found.pop().path == there
    assert addresses.parse("s3://bucket").path is None


def test_a_workspace_is_no_lake(tmp_path: Path) -> None:
    runstore.Workspace(tmp_path / "ws")
    with pytest.raises(UsageError, match="is a workspace, not a lake; `runstore merge`"):
        addresses.parse(str(tmp_path / "ws"))


@pytest.mark.parametrize(
    ("text", "instead"),
    [
        ("https://me:hunter2@runs.example", "runstore login"),
        ("https://hunter2@runs.example", "RUNSTORE_TOKEN_<NAME>"),
        ("https://me:hunter2", "port"),
        ("https://runs.example/?token=hunter2", "runstore login"),
        ("https://runs.example/#hunter2", "runstore login"),
        ("s3://KEY:hunter2@bucket/ws", "AWS_SECRET_ACCESS_KEY"),
        ("s3://hunter2@bucket/ws", "AWS_SECRET_ACCESS_KEY"),
        ("az://container/ws?sv=2024&sig=hunter2", "AZURE_STORAGE_SAS_TOKEN"),
        ("abfss://box:hunter2@account.dfs.core.windows.net/ws", "AZURE_STORAGE_ACCOUNT_KEY"),
        ("gs://hunter2@bucket", "GOOGLE_APPLICATION_CREDENTIALS"),
        ("mlflow+https://me:hunter2@host", "MLFLOW_TRACKING_PASSWORD"),
    ],
)
def test_a_secret_in_an_address_is_refused_unrepeated_and_its_place_is_named(text: str, instead: str) -> None:
    with pytest.raises(UsageError) as told:
        addresses.parse(text)
    assert instead in str(told.value)
    assert "hunter2" not in str(told.value)


@pytest.mark.parametrize(
    "text",
    ["", "ftp://host/x", "s3://", "https://", "https:///path", "http://host:port", "http://[::1", "file://other/x",
     "https://ho st", "https://host/a\nb", "nul\0"],
)  # fmt: skip
def test_what_is_no_address_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError) as told:
        addresses.parse(text)
    assert "\n" not in str(told.value)


def test_what_can_be_read_on_the_way_is_told_from_what_cannot() -> None:
    clear = ["http://runs.example", "mlflow+http://runs.example"]
    safe = ["https://runs.example", "http://127.0.0.1:1", "http://[::1]:1", "http://localhost", "s3://b"]
    assert [addresses.parse(text).in_the_clear for text in clear + safe] == [True] * 2 + [False] * 5
