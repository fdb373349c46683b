"""Wheels that stand in for what is installed here, so that an environment can be built where there is no network.

Each is called as what it stands for and holds one line of a path: the directory in which that is installed.
"""

from __future__ import annotations

import base64
import hashlib
import sysconfig
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from runstore.launch.environments import own


def make(directory: Path, requirements: Iterable[str] = ()) -> dict[str, str]:
    """Make the wheels of what runstore itself needs, and of further requirements.

    Returns:
        The variables by which pip and uv look for wheels there only.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for line in {*own.requirements(), *requirements}:
        _wheel(directory, Requirement(line).name)
    where = str(directory)
    return {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": where, "UV_NO_INDEX": "1", "UV_FIND_LINKS": where, "UV_OFFLINE": "1"}


def _wheel(directory: Path, name: str) -> None:
    version, plain = metadata.version(name), name.replace("-", "_")
    paths = sysconfig.get_paths()
    about = f"{plain}-{version}.dist-info"
    files = {
        f"{plain}_stand_in.pth": "\n".join(dict.fromkeys((paths["purelib"], paths["platlib"]))) + "\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: stand-in\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = f"{about}/RECORD"
    with zipfile.ZipFile(directory / f"{plain}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
        wheel.writestr(record, "".join(_recorded(*item) for item in files.items()) + f"{record},,\n")


def _recorded(path: str, text: str) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
    return f"{path},sha256={digest},{len(text.encode())}\n"
