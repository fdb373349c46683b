from __future__ import annotations

import pytest
from packaging.utils import canonicalize_name

from runstore.launch.environments import conda_names


@pytest.mark.parametrize("name", ["cudatoolkit", "mkl", "gcc", "gcc_linux-64", "gxx", "r-base", "openjdk", "graphviz"])
def test_what_only_conda_has_is_known(name: str) -> None:
    assert conda_names.only_conda(name)


@pytest.mark.parametrize(
    "name", ["numpy", "scikit-learn", "rich", "ray", "librosa", "gitpython", "mkl-service", "tqdm"]
)
def test_what_pip_has_too_is_not_held_back(name: str) -> None:
    assert not conda_names.only_conda(name)


def test_every_other_name_is_another_one_as_pip_writes_it() -> None:
    assert {conda for conda, pip in conda_names.PIP_NAMES.items() if conda == pip} == set()
    assert {pip for pip in conda_names.PIP_NAMES.values() if pip != canonicalize_name(pip)} == {"ruamel.yaml"}


def test_no_name_is_both() -> None:
    assert {name for name in conda_names.PIP_NAMES if conda_names.only_conda(name)} == set()
