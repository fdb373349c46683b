"""What an environment asks for, in pip's words: pip requirements as they are, conda's packages translated."""

from __future__ import annotations

import re
from typing import NamedTuple

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from runstore.errors import LaunchError
from runstore.launch.config import Environment
from runstore.launch.environments import conda_names

_OPTIONS = (
    "--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--trusted-host", "--no-index", "--pre",
    "--prefer-binary", "--no-binary", "--only-binary",
)  # fmt: skip
"""Lines of a requirements file that say where packages come from. Others name files of one machine."""

_AZUREML = re.compile(r"azureml[-_.]", re.IGNORECASE)
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z+]*://")
_CONDA = re.compile(r"(?:[^\s:]+::)?(?P<name>[A-Za-z0-9_][\w.+\-]*)\s*(?P<version>.*)")
_BRACKETS = re.compile(r"version\s*=\s*(['\"]?)(.*?)\1\s*(?:,\s*\w+\s*=.*)?\]")
_COMPARED = re.compile(r"(>=|<=|!=|~=|==|>|<|=)?(.+)")
_BUILT_IN = ("pip", "python")  # of conda's packages; every environment has them


class Wanted(NamedTuple):
    """What pip is to install.

    ``lines`` are of a requirements file, sorted; ``conda`` are the names among them that came from conda's;
    ``left_out`` are packages that runstore takes the place of; ``python`` is what conda's packages say of it.
    """

    lines: tuple[str, ...]
    conda: frozenset[str]
    left_out: tuple[str, ...]
    python: str | None


def wanted(environment: Environment) -> Wanted:
    """What an environment asks for.

    Raises:
        LaunchError: something is no requirement, names a file of this machine, or only conda has it.
    """
    asked = [line for given in environment.packages or () if (line := re.sub(r"(^|\s)#.*$", "", given).strip())]
    pip = [_pip(line) for line in asked if not _AZUREML.match(line)]
    conda = [_split(package) for package in environment.conda_packages]
    kept = [(name, version) for name, version in conda if name not in _BUILT_IN and not _AZUREML.match(name)]
    if only := sorted({name for name, _ in kept if conda_names.only_conda(name)}):
        raise LaunchError(
            f"environment {environment.name!r}: only conda has {', '.join(only)}; leave it out, or use an interpreter "
            "or an image that has it"
        )
    translated = [_translated(name, version) for name, version in kept]
    left_out = [line for line in [*asked, *environment.conda_packages] if _AZUREML.match(line.rpartition("::")[2])]
    return Wanted(
        tuple(sorted({*pip, *translated})),
        frozenset(canonicalize_name(Requirement(line).name) for line in translated),
        tuple(left_out),
        next((version for name, version in conda if name == "python" and version), None),
    )


def _pip(line: str) -> str:
    if line.startswith("-"):
        if re.split(r"[\s=]", line)[0] in _OPTIONS:
            return line
        raise LaunchError(f"pip option {line!r} names files of this machine; list the packages themselves")
    if _ADDRESS.match(line) and not line.startswith("file:"):
        return line
    try:
        address = Requirement(line).url or ""
    except InvalidRequirement as problem:
        reason = str(problem).partition("\n")[0]
        raise LaunchError(f"{line!r} is no pip requirement ({reason}); give one as in 'pandas>=2.2'") from None
    if address.startswith("file:"):
        raise LaunchError(f"{line!r} is a file of this machine; give its name, and '--find-links DIRECTORY'")
    return line


def _split(package: str) -> tuple[str, str]:
    """Name and version of a conda package, as in ``conda-forge::numpy>=1.2``, without channel and build."""
    found = _CONDA.fullmatch(package.strip())
    if found is None:
        raise LaunchError(f"{package!r} is no conda package; give one as in 'numpy>=1.26'")
    version = found["version"].strip()
    if version.startswith("["):
        inside = _BRACKETS.search(version)
        version = inside[2] if inside else ""
    return found["name"].lower(), "" if version.strip("= ") in ("", "*") else version


def _translated(name: str, version: str) -> str:
    line = conda_names.PIP_NAMES.get(name, name)
    try:
        return str(Requirement(f"{line}{','.join(_compared(part) for part in _parts(version))}"))
    except InvalidRequirement:
        said = f"{name} {version}".strip()
        raise LaunchError(f"conda package {said!r} can't be said in pip's words; name it among the pip ones") from None


def _parts(version: str) -> list[str]:
    """The comparisons in a version; a build behind it (``=1.2=py311_0``, ``1.2 py311_0``) is left out."""
    text = re.sub(r"([<>=!~])\s+", r"\1", version)
    text = re.sub(r"\s*,\s*", ",", text).partition(" ")[0]
    return [re.sub(r"(?<=[\w*.])=.*", "", part) for part in text.split(",") if part]


def _compared(part: str) -> str:
    """One comparison: conda's ``=1.2`` and ``1.2*`` are pip's ``==1.2.*``."""
    found = _COMPARED.fullmatch(part)
    operator, version = (found[1] or "==", found[2]) if found else ("", part)
    bare = version.removesuffix("*").removesuffix(".")
    if operator == "=" or (operator in ("==", "!=") and bare != version):
        return f"{'==' if operator == '=' else operator}{bare}.*"
    return f"{operator}{bare}"
