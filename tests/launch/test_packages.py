"""Files in which packages are written down become environments."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.errors import LaunchError
from runstore.launch import packages


@pytest.fixture
def write(tmp_path: Path) -> Path:
    """A directory with a requirements file that names others."""
    (tmp_path / "more").mkdir()
    (tmp_path / "requirements.txt").write_text(
        "# what it needs\n--index-url=http://localhost/simple\nnumpy>=1.26  # arrays\n\n-r more/base.txt\n"
        "scipy \\\n  >=1.10\npkg @ http://localhost/pkg.zip#sha256=ab\n"
    )
    (tmp_path / "more" / "base.txt").write_text("pandas\n")
    return tmp_path


def test_a_requirements_file_is_read_with_the_files_it_names(write: Path) -> None:
    made = packages.from_requirements(write / "requirements.txt", "mine")
    assert (made.name, made.user_managed, made.index_url) == ("mine", False, "http://localhost/simple")
    assert made.packages is not None
    assert [" ".join(line.split()) for line in made.packages] == [
        "numpy>=1.26", "pandas", "scipy >=1.10", "pkg @ http://localhost/pkg.zip#sha256=ab",
    ]  # fmt: skip


def test_a_conda_specification_names_the_python_the_channels_and_both_kinds_of_packages(tmp_path: Path) -> None:
    path = tmp_path / "conda.yaml"
    path.write_text(
        "name: mine\nchannels: [conda-forge]\ndependencies:\n- python=3.11\n- pip\n- scikit-learn=1.5\n"
        "- pip:\n  - tqdm>=4\n  - --index-url http://localhost/simple\n"
    )
    made = packages.from_conda(path)
    assert (made.name, made.python_version, made.channels) == ("mine", "3.11", ["conda-forge"])
    assert (made.conda_packages, made.packages) == (["scikit-learn=1.5"], ["tqdm>=4"])
    assert (made.index_url, made.user_managed) == ("http://localhost/simple", False)


@pytest.mark.parametrize("given", ["python", "python>=3.11", "python = 3.11"])
def test_python_is_no_package(tmp_path: Path, given: str) -> None:
    path = tmp_path / "conda.yaml"
    path.write_text(f"dependencies:\n- '{given}'\n")
    made = packages.from_conda(path)
    assert (made.python_version, made.conda_packages) == ("3.11" if "3" in given else None, [])


def test_a_file_that_is_missing_or_goes_round_in_circles_is_named(tmp_path: Path) -> None:
    (tmp_path / "circle.txt").write_text("-r circle.txt\n")
    for name, words in (("missing.txt", r"missing\.txt: can't be read \(No such file"), ("circle.txt", "names itself")):
        with pytest.raises(LaunchError, match=words):
            packages.from_requirements(tmp_path / name)


def test_a_specification_without_a_list_of_packages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "conda.yaml"
    path.write_text("dependencies: numpy\n")
    with pytest.raises(LaunchError, match="no list of packages"):
        packages.from_conda(path)
