"""The file that names a workspace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runstore.azureml.core import configuration
from runstore.azureml.exceptions import UserErrorException


def write(path: Path, body: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body), encoding="utf-8")
    return path


def test_none_is_found_where_there_is_none(tmp_path: Path) -> None:
    assert configuration.find(tmp_path, "surely-not-there.json") is None


def test_config_json_comes_before_project_json(tmp_path: Path) -> None:
    write(tmp_path / "project.json", {})
    path = write(tmp_path / "config.json", {})
    assert configuration.find(tmp_path) == path


def test_a_directory_of_that_name_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "config.json").mkdir()
    path = write(tmp_path / "project.json", {})
    assert configuration.find(tmp_path) == path


def test_the_project_is_above_the_directory_of_the_file(tmp_path: Path) -> None:
    for directory, project in ((".azureml", tmp_path), ("aml_config", tmp_path), (".", tmp_path)):
        path = write(tmp_path / directory / "config.json", {"store": "x"})
        assert configuration.read(path).project == project


def test_numbers_and_nulls_are_labels_as_well(tmp_path: Path) -> None:
    path = write(tmp_path / "c.json", {"subscription_id": 7, "resource_group": None, "workspace_name": "w"})
    found = configuration.read(path)
    assert found.labels == {"subscription_id": "7", "workspace_name": "w"}
    assert found.store is None


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(b"\xef\xbb\xbf" + b'{"store": "x"}')
    assert configuration.read(path).store == tmp_path / "x"


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserErrorException, match=r"none\.json"):
        configuration.read(tmp_path / "none.json")


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    labels = dict(zip(configuration.KEYS, "abc", strict=True))
    path = configuration.write(tmp_path / "p", "config.json", labels, tmp_path / "store")
    found = configuration.read(path)
    assert (found.labels, found.store) == (labels, tmp_path / "store")
    assert str(tmp_path) not in path.read_text(encoding="utf-8")
