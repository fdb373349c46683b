from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement

from runstore.errors import LaunchError
from runstore.launch.config import Environment
from runstore.launch.environments import requirements


def conda(*packages: str) -> requirements.Wanted:
    return requirements.wanted(Environment("e", packages=[], conda_packages=list(packages)))


def pip(*packages: str) -> requirements.Wanted:
    return requirements.wanted(Environment("e", packages=list(packages)))


@pytest.mark.parametrize(
    ("package", "line"),
    [
        ("scikit-learn", "scikit-learn"),
        ("scikit-learn=0.23", "scikit-learn==0.23.*"),
        ("scikit-learn==0.23.1", "scikit-learn==0.23.1"),
        ("numpy>=1.2", "numpy>=1.2"),
        ("numpy >= 1.2 , < 2", "numpy<2,>=1.2"),
        ("numpy=1.26=py311h64a7726_0", "numpy==1.26.*"),
        ("numpy==1.26.0=py311h64a7726_0", "numpy==1.26.0"),
        ("numpy 1.26.* py311_0", "numpy==1.26.*"),
        ("numpy 1.26", "numpy==1.26"),
        ("numpy=1.26.*", "numpy==1.26.*"),
        ("numpy=1.26*", "numpy==1.26.*"),
        ("numpy>=1.26.*", "numpy>=1.26"),
        ("numpy!=1.26.*", "numpy!=1.26.*"),
        ("numpy~=1.26", "numpy~=1.26"),
        ("numpy=*", "numpy"),
        ("numpy *", "numpy"),
        ("conda-forge::numpy>=1.2", "numpy>=1.2"),
        ("conda-forge/linux-64::numpy", "numpy"),
        ("numpy[version='>=1.2,<3', build=x]", "numpy<3,>=1.2"),
        ("numpy[build=x]", "numpy"),
        ("NumPy", "numpy"),
        ("pytorch=2.1=*cuda*", "torch==2.1.*"),
        ("tensorflow-gpu", "tensorflow"),
        ("pytables", "tables"),
        ("ruamel_yaml", "ruamel.yaml"),
    ],
)
def test_a_conda_package_in_pips_words(package: str, line: str) -> None:
    assert conda(package).lines == (line,)


@given(
    st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?", fullmatch=True),
    st.from_regex(r"[1-9](\.[0-9]){0,2}", fullmatch=True),
)
def test_every_way_to_name_a_version_gives_a_requirement_that_takes_it(name: str, version: str) -> None:
    for package in (
        f"{name}={version}",
        f"{name}=={version}",
        f"{name} {version}",
        f"{name}>={version}",
        f"{name}<={version}",
    ):
        try:
            (line,) = conda(package).lines
        except (LaunchError, ValueError):  # only conda has it, or it is Python or pip
            continue
        assert Requirement(line).specifier.contains(version)


def test_python_and_pip_are_no_packages() -> None:
    found = conda("python=3.11.4", "pip=23", "pip")
    assert (found.lines, found.python) == ((), "=3.11.4")
    assert conda("python").python is None


def test_what_comes_from_conda_is_known_by_pips_name() -> None:
    assert conda("pytorch", "ruamel_yaml").conda == {"torch", "ruamel-yaml"}
    assert pip("numpy").conda == frozenset()


def test_all_that_only_conda_has_are_named_at_once() -> None:
    with pytest.raises(LaunchError, match=r"'e': only conda has cudatoolkit, gcc, mkl; leave it out"):
        conda("mkl", "numpy", "cudatoolkit=11.8", "conda-forge::gcc")


@pytest.mark.parametrize("package", ["numpy 1.8|1.9", "numpy>=a b", "num/py", "", "::"])
def test_what_can_not_be_said_in_pips_words_is_refused(package: str) -> None:
    with pytest.raises(LaunchError, match=r"conda package"):
        conda(package)


def test_runstore_takes_the_place_of_azure_mls_packages() -> None:
    env = Environment("e", packages=["azureml-defaults", "azureml_core==1.4", "azureml-sdk[automl]>=1"])
    env.conda_packages = ["conda-forge::azureml-sdk", "numpy"]
    found = requirements.wanted(env)
    assert found.lines == ("numpy",)
    assert found.left_out == (
        "azureml-defaults", "azureml_core==1.4", "azureml-sdk[automl]>=1", "conda-forge::azureml-sdk",
    )  # fmt: skip


def test_pip_requirements_stay_as_they_are_in_an_order_of_their_own() -> None:
    given = ["pandas>=2 # why", "", "# all", "numpy; python_version < '3.12'", "pandas>=2", "x @ https://h/x.zip"]
    assert pip(*given).lines == ("numpy; python_version < '3.12'", "pandas>=2", "x @ https://h/x.zip")
    assert pip(*given) == pip(*reversed(given))


@pytest.mark.parametrize(
    "line",
    [
        "--extra-index-url https://h/simple", "--find-links=wheels", "-f wheels", "--pre", "git+https://h/x.git@v1#egg=x",
        "https://h/x-1-py3-none-any.whl", "--no-binary :all:",
    ],
)  # fmt: skip
def test_options_that_say_where_packages_come_from_and_addresses_are_kept(line: str) -> None:
    assert pip(line).lines == (line,)


@pytest.mark.parametrize("line", ["-r more.txt", "-c limits.txt", "-e .", "--requirement=more.txt", "--editable ."])
def test_options_that_name_other_files_are_refused(line: str) -> None:
    with pytest.raises(LaunchError, match="names files of this machine"):
        pip(line)


@pytest.mark.parametrize("line", ["./package", "../x.whl", "/opt/x.whl", "file:///opt/x.whl", "pandas=2", "a b"])
def test_what_is_no_requirement_is_refused(line: str) -> None:
    with pytest.raises(LaunchError, match="is no pip requirement"):
        pip(line)


def test_a_requirement_that_is_a_file_is_refused() -> None:
    with pytest.raises(LaunchError, match="is a file of this machine"):
        pip("x @ file:///opt/x.whl")
