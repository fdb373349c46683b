"""The environments that conda has on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import Any

from runstore.azureml.exceptions import UserErrorException
from runstore.errors import LaunchError


def exported(name: str) -> dict[str, Any]:
    """The specification of an environment.

    Raises:
        UserErrorException: there is no conda, or it has no such environment.
    """
    from runstore.launch import specification

    conda = shutil.which("conda") or shutil.which("mamba") or os.environ.get("CONDA_EXE")
    if conda is None:
        raise UserErrorException(
            f"environment {name!r}: `conda` is not on PATH; use from_conda_specification() with a file instead"
        )
    done = subprocess.run([conda, "env", "export", "--no-builds", "--name", name], capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()
        raise UserErrorException(f"environment {name!r}: conda can't export it ({said[-1]}); see `conda env list`")
    try:
        return specification.parse(done.stdout, f"conda's environment {name!r}")
    except LaunchError as problem:
        raise UserErrorException(str(problem), inner_exception=problem) from None
