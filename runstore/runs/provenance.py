"""Where a run comes from: code, command line, packages, machine. Captured at the start, beside the training.

What costs time (git, the list of packages) is found in a thread that lives for milliseconds; what one process found is
used again for its next runs. Secrets are taken out before anything is written (``runs/redact.py``).
"""

from __future__ import annotations

import functools
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from runstore import __version__
from runstore.disk import files

if TYPE_CHECKING:
    from runstore.runs.git import Found
    from runstore.runs.redact import Redactor

VARIABLE = "RUNSTORE_PROVENANCE"
FRESH = 10.0  # seconds for which what was found holds for the process's next runs
WAIT = 1.0  # seconds that the end of a run waits for it
_lock = Lock()
_found: dict[Asked, tuple[float, Origin]] = {}


class Traced(Protocol):
    """A run about which something may still be found out."""

    _captured: Thread | None


class Told(Traced, Protocol):
    """What takes the facts: a run that is open."""

    def _put(self, source: Any, name: str = "") -> dict[str, Any]: ...

    def _share(self, data: bytes) -> dict[str, Any]: ...

    def _record(self, kind: str, body: Any) -> None: ...

    def _git_properties(self, facts: Mapping[str, str | bool]) -> dict[str, str]: ...


class Asked(NamedTuple):
    """What is asked about, as it was when the run began."""

    argv: tuple[str, ...]
    directory: str
    source: tuple[str, ...]
    beside: str
    code: bool
    elsewhere: bool = False  # the command line is another process's


class Origin(NamedTuple):
    """What was found: the fact's body, and what is too long for it."""

    body: dict[str, Any]
    packages: str
    code: Found | None


def capture(run: Told, workspace: Path, source: Path | None, opener: bool, argv: Sequence[str] | None = None) -> None:
    """Record where a run comes from, now if it is known, else soon; never fails.

    Args:
        run: the run, just begun.
        workspace: its workspace.
        source: where its code lies; None: the main script's directory, or the current one where git knows only that.
        opener: False for one more writer: git is not asked again.
        argv: the command line, where it is not this process's.
    """
    if os.environ.get(VARIABLE, "").strip() == "0":
        return
    try:
        here = os.getcwd()
    except OSError:
        return  # it was removed under the process
    places = (str(source),) if source else (*_beside_main(), here)
    command = tuple(sys.argv if argv is None else argv)
    asked = Asked(command, here, places, str(workspace.parent), opener, argv is not None)
    seen = _found.get(asked)
    if seen is not None and time.monotonic() - seen[0] < FRESH:
        _tell(run, seen[1])
        return
    settle(run)  # what was asked before is told before: the last counts
    thread = Thread(target=_work, args=(run, asked), name="runstore-provenance", daemon=True)
    try:
        thread.start()
    except RuntimeError:
        return  # no thread to be had: the run is worth more than where it comes from
    run._captured = thread


def settle(run: Traced) -> None:
    """Wait, for a moment, until it is recorded."""
    if run._captured is not None:
        run._captured.join(WAIT)


def forget() -> None:
    """In a forked child: the threads are not here."""
    global _lock
    _lock = Lock()


def _work(run: Told, asked: Asked) -> None:
    try:
        with _lock:
            seen = _found.get(asked)
            if seen is None or time.monotonic() - seen[0] >= FRESH:
                _found.clear()
                seen = _found[asked] = (time.monotonic(), look(asked))
        _tell(run, seen[1])
    except Exception:  # noqa: BLE001 - whatever it is, training goes on
        return


def _tell(run: Told, origin: Origin) -> None:
    body = {**origin.body, "packages": {"count": origin.packages.count("\n"), **run._share(origin.packages.encode())}}
    if origin.code is not None and origin.code.facts:
        code = origin.code
        body["git"] = {**code.facts, "untracked": code.untracked, "more_untracked": code.more_untracked}
        if code.diff:
            body["git"]["diff"] = {"cut": code.cut, **run._put(code.diff.encode())}
        run._record("properties", run._git_properties(code.facts))
    run._record("provenance", body)


# ---- what there is to find


def look(asked: Asked) -> Origin:
    """Find it all out now."""
    from runstore.runs import git, redact  # not before it is needed: a run starts in milliseconds

    redactor = redact.Redactor(os.environ)
    told = git.ask([Path(place) for place in asked.source], redactor, os.environ) if asked.code else None
    packages = _packages()  # while git is at work
    system = os.uname() if hasattr(os, "uname") else None
    body = {
        "argv": _command(asked, redactor),
        "directory": redactor.line(_within(asked.directory, asked.beside)),
        "python": ".".join(map(str, sys.version_info[:3])),
        "implementation": sys.implementation.name,
        "executable": os.path.basename(sys.executable or ""),
        "platform": f"{system.sysname} {system.release} {system.machine}" if system else sys.platform,
        "runstore": __version__,
        "variables": {key: redactor.text(value) for key, value in redact.variables(os.environ).items()},
        "hardware": _hardware(),
    }
    return Origin(body, packages, told() if told else None)


def _command(asked: Asked, redactor: Redactor) -> list[str]:
    """The command line: the script by its path from the current directory, or ``-m`` and its module's name."""
    program, arguments = list(asked.argv[:1]), list(asked.argv[1:])
    spec = None if asked.elsewhere else getattr(sys.modules.get("__main__"), "__spec__", None)
    if spec is not None and program:
        program = ["-m", spec.name.removesuffix(".__main__")]
    elif program:
        program = [_within(program[0], asked.directory)]
    home = os.path.expanduser("~")
    if len(home) > 1:
        arguments = [argument.replace(home, "~") for argument in arguments]
    return [*program, *redactor.arguments(arguments)]


def _within(path: str, directory: str) -> str:
    """A path as it is seen from a directory; of one that lies elsewhere only the last name."""
    if not os.path.isabs(path):
        return path
    rest = os.path.relpath(path, directory) if path.startswith(directory.rstrip(os.sep)) else os.pardir
    return os.path.basename(path) if rest.startswith(os.pardir) else rest


def _beside_main() -> list[str]:
    file = getattr(sys.modules.get("__main__"), "__file__", None)
    return [os.path.dirname(os.path.abspath(file))] if file else []


@functools.lru_cache(maxsize=1)
def _packages() -> str:
    """``name==version``, a line for each installed distribution, by the names of its metadata directories."""
    found: dict[str, str] = {}
    for place in sys.path:
        for entry in _entries(place or os.curdir):
            stem, dot, kind = entry.rpartition(".")
            name, dash, version = stem.partition("-")
            if dot and dash and kind in ("dist-info", "egg-info"):
                found.setdefault(name.lower().replace("_", "-"), version.split("-py")[0])
    return "".join(f"{name}=={version}\n" for name, version in sorted(found.items()))


def _entries(place: str) -> list[str]:
    try:
        return files.names_in(Path(place))
    except OSError:
        return []


@functools.lru_cache(maxsize=1)
def _hardware() -> dict[str, Any]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None
    return {"cpu": _cpu(), "cpus": os.cpu_count(), "usable": usable, "memory": _memory(), "gpus": _gpus()}


def _cpu() -> str | None:
    for line in _text("/proc/cpuinfo").splitlines():
        if line.startswith(("model name", "Model")):
            return line.partition(":")[2].strip()
    return os.environ.get("PROCESSOR_IDENTIFIER")


def _memory() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _gpus() -> list[str]:
    """The NVIDIA GPUs by their driver's own listing, without loading a library."""
    found = []
    for entry in files.listing(Path("/proc/driver/nvidia/gpus")):
        lines = _text(f"{entry.path}/information").splitlines()
        found += [line.partition(":")[2].strip() for line in lines if line.startswith("Model:")]
    return found


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(1 << 14)
    except OSError:
        return ""
