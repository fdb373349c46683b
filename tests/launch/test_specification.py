"""YAML files that people write."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch import specification


def written(directory: Path, data: bytes) -> Path:
    (directory / "file.yml").write_bytes(data)
    return directory / "file.yml"


def test_a_mapping_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, b"name: project\ndependencies:\n- python=3.11\n- pip:\n  - pandas\n")
    assert specification.read(path) == {"name": "project", "dependencies": ["python=3.11", {"pip": ["pandas"]}]}


def test_json_is_yaml_too(tmp_path: Path) -> None:
    assert specification.read(written(tmp_path, b'\xef\xbb\xbf{"a": [1, 2.5, null, true]}')) == {
        "a": [1, 2.5, None, True]
    }


def test_what_is_rendered_is_read_back_in_its_order() -> None:
    body = {"z": 1, "a": {"text": "grün: #1", "list": ["x"]}}
    found = specification.parse(specification.render(body), "here")
    assert found == body and list(found) == ["z", "a"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LaunchError, match=r"none\.yml: can't be read"):
        specification.read(tmp_path / "none.yml")


@pytest.mark.parametrize("data", [b"a: [1, 2", b"a: b: c", b"\t- x", b"\xff\xfe\x00", b"a: \x00", b"when: 2020-99-99"])
def test_what_is_no_yaml_is_one_clear_line(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(LaunchError, match=r"file\.yml.*: is no ") as raised:
        specification.read(written(tmp_path, data))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("data", [b"", b"- a\n- b\n", b"just text"])
def test_what_is_no_mapping_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(LaunchError, match="names with values"):
        specification.read(written(tmp_path, data))


def test_no_python_object_is_made_from_a_tag(tmp_path: Path) -> None:
    with pytest.raises(LaunchError):
        specification.read(written(tmp_path, b"a: !!python/object/apply:os.getcwd []"))


def test_yaml_is_loaded_when_a_file_is_read() -> None:
    program = "import runstore.launch.specification, sys; sys.exit('yaml' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
