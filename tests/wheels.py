"""What is installed here as whole wheels: an environment is really built from them, and nothing is fetched.

pip is pointed there by ``PIP_NO_INDEX`` and ``PIP_FIND_LINKS`` (``variables``). The wheels are packed from the files
that the tests' own interpreter has, so what is built holds what was asked for and nothing else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
_OF_ITS_INSTALLATION = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}


def pack(directory: Path, *names: str) -> Path:
    """Pack what runstore needs, the packages named and all that they need; the directory."""
    directory.mkdir(parents=True, exist_ok=True)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name in sorted(_needed([*project["dependencies"], *names])):
        _wheel(directory, metadata.distribution(name))
    return directory


def variables(directory: Path) -> dict[str, str]:
    """What makes pip and uv take everything from there."""
    return {
        "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(directory), "PIP_NO_COMPILE": "1",
        "UV_NO_INDEX": "1", "UV_FIND_LINKS": str(directory),
    }  # fmt: skip


def _needed(requirements: Iterable[str]) -> set[str]:
    found: set[str] = set()
    waiting = list(requirements)
    while waiting:
        asked = Requirement(waiting.pop())
        name = re.sub(r"[-_.]+", "-", asked.name).lower()
        if name not in found and (asked.marker is None or asked.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += metadata.requires(name) or []
    return found


def _wheel(directory: Path, found: metadata.Distribution) -> None:
    lines = (found.read_text("WHEEL") or "").splitlines()
    tags = [line.partition(": ")[2].split("-") for line in lines if line.startswith("Tag: ")]
    name = re.sub(r"[-_.]+", "_", found.metadata["Name"])
    kinds = "-".join(".".join(dict.fromkeys(kind)) for kind in zip(*tags, strict=True))
    files = {file.as_posix(): file.locate() for file in found.files or () if _belongs(file)}
    info = next(path.partition("/")[0] for path in files if path.endswith(".dist-info/METADATA"))
    with ZipFile(directory / f"{name}-{found.version}-{kinds}.whl", "w", ZIP_STORED) as wheel:
        for path, place in files.items():
            wheel.write(str(place), path)
        wheel.writestr(f"{info}/RECORD", "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"]))


def _belongs(file: metadata.PackagePath) -> bool:
    """Whether it was in the wheel: commands and compiled files were made when it was installed."""
    return ".." not in file.parts and "__pycache__" not in file.parts and file.name not in _OF_ITS_INSTALLATION
