"""A virtual environment built from requirements, kept by what it holds and used again."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from runstore.disk import files
from runstore.errors import LaunchError
from runstore.launch.config import Environment
from runstore.launch.environments import cache, failures, interpreters, links, own, requirements, tools
from runstore.launch.environments.interpreters import Interpreter
from runstore.launch.environments.prepared import Prepared
from runstore.launch.environments.requirements import Wanted
from runstore.launch.environments.tools import Say, Stop
from runstore.runs import redact

_NOT_FOR_BUILDING = frozenset({
    "PYTHONPATH", "PYTHONHOME", "PYTHONSAFEPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "__PYVENV_LAUNCHER__",
    "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_REQUIREMENT", "UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_PROJECT",
})  # fmt: skip
_QUIET = {"PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_PROGRESS_BAR": "off", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
_QUIET |= {"UV_NO_PROGRESS": "1", "NO_COLOR": "1", "PYTHONIOENCODING": "utf-8"}


def check(environment: Environment) -> None:
    """Find out all that can be known without asking a package index.

    Raises:
        LaunchError: a requirement is none, only conda has it, or there is no such Python.
    """
    _python(environment, requirements.wanted(environment))


def realise(environment: Environment, say: Say, stop: Stop) -> Prepared:
    """The environment as it was built before, or a new one.

    Raises:
        LaunchError: it can't be built.
        Stopped: ``stop`` said so.
    """
    wanted = requirements.wanted(environment)
    told(wanted, say)
    python = _python(environment, wanted)
    lines = listed(environment, wanted)
    machine = (sys.platform, platform.machine())
    name = cache.key("venv", python.minor, [bare(line) for line in lines], index_of(environment), *machine)

    def build(directory: Path) -> None:
        say(f"building environment {environment.name!r} with Python {python.minor}: {', '.join(lines)}")
        _build(directory, python, lines, environment, say, stop, wanted.conda)

    home = cache.obtain(name, _sound, build, say, stop)
    say(f"environment {environment.name!r} is {home.name}")
    return Prepared(str(executable(home)), links.link(), home)


def told(wanted: Wanted, say: Say) -> None:
    """Say what is left out."""
    if wanted.left_out:
        say(f"left out, because runstore takes their place: {', '.join(wanted.left_out)}")


def listed(environment: Environment, wanted: Wanted) -> list[str]:
    """The lines of the requirements file: what is asked for, and what runstore needs."""
    return sorted({*wanted.lines, *own.requirements()})


def index_of(environment: Environment) -> str:
    """Where packages are looked for, without secrets."""
    return redact.url(environment.index_url) if environment.index_url else "the package index"


def bare(line: str) -> str:
    """A requirement without what an address in it has before the host: a new password makes no other environment."""
    return re.sub(r"://[^/\s@]*@", "://", line)


def executable(home: Path) -> Path:
    """The interpreter of a virtual environment."""
    return home / "Scripts" / "python.exe" if os.name == "nt" else home / "bin" / "python"


def _python(environment: Environment, wanted: Wanted) -> Interpreter:
    try:
        return interpreters.find(environment.python_version or wanted.python)
    except LaunchError as problem:
        raise LaunchError(f"environment {environment.name!r}: {problem}") from None


def _sound(home: Path) -> bool:
    """Whether it can be used: the Python it was built with may be gone since, or another one."""
    return interpreters.version(str(executable(home))) is not None


def _build(
    directory: Path,
    python: Interpreter,
    lines: list[str],
    environment: Environment,
    say: Say,
    stop: Stop,
    conda: frozenset[str],
) -> None:
    output: list[str] = []

    def heard(line: str) -> None:
        output.append(line)
        say(line)

    def run(*command: str, where: Path) -> None:
        done = tools.run(command, heard, stop, variables=_variables(environment), directory=where)
        if done.code != 0:
            reason = failures.explain(output, conda, index_of(environment))
            raise LaunchError(f"environment {environment.name!r} can't be built: {reason}")

    uv = shutil.which("uv")
    make = (uv, "venv", "--quiet", "--no-project", "--python", python.path) if uv else (python.path, "-m", "venv")
    run(*make, str(directory), where=directory.parent)
    _install(directory, lines, run, uv)


def _install(directory: Path, lines: list[str], run: Callable[..., None], uv: str | None) -> None:
    listing, there = directory / "requirements.txt", str(executable(directory))
    fd = files.create(listing, private=True)
    try:
        files.write_all(fd, "\n".join([*lines, ""]).encode())
    finally:
        files.close(fd)
    installer = (uv, "pip", "install", "--python", there) if uv else (there, "-m", "pip", "install")
    run(*installer, "-r", listing.name, where=directory)
    files.unlink(listing)  # addresses in it may hold passwords


def _variables(environment: Environment) -> dict[str, str]:
    """The tools' environment: the index's address, which may hold a password, is on no command line."""
    kept = {name: value for name, value in os.environ.items() if name not in _NOT_FOR_BUILDING}
    if kept.get("PIP_RETRIES") == "0":
        kept["PIP_RETRIES"] = "1"  # without any, pip does not say that it reached nothing
    kept.setdefault("UV_SYSTEM_CERTS", "true")  # as pip does: a company's proxy has a certificate of its own
    index = environment.index_url
    return {**kept, **_QUIET, **({"PIP_INDEX_URL": index, "UV_DEFAULT_INDEX": index} if index else {})}
