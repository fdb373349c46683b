"""What git knows of a directory: commit, branch, remote, what was changed. Nothing where there is no git.

The program is started directly, without ``subprocess``, which a logging process does not load. It is told to run
nothing of the repository's own: no hook, no monitor, no external diff.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import SimpleNamespace

from runstore.disk.capabilities import CAN
from runstore.runs.redact import Redactor, url

PATIENCE = 10.0  # seconds for one call of git
MOST = 1 << 20  # bytes of a diff that are kept
_LISTED = 200  # untracked files that are named
_PIECE = 1 << 16
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.quotepath=false", "-c", "color.ui=false")
_DIFF = (
    "diff", "HEAD", "--no-ext-diff", "--no-textconv", "--no-color", "--submodule=short", "--src-prefix=a/",
    "--dst-prefix=b/",
)  # fmt: skip
_SECRET_FILES = (
    ".env*", "*.env", "*.pem", "*.key", "*.p12", "*.pfx", "id_rsa*", "id_ed25519*", "id_ecdsa*", ".netrc", ".npmrc",
    ".pypirc", "*credential*", "*secret*", "*.kdbx", "kubeconfig*",
)  # fmt: skip
"""Files whose changes are told, and not shown."""
_OVERRIDES = {
    "AZUREML_GIT_REPOSITORY_URI": "repository_uri", "AZUREML_GIT_BRANCH": "branch", "AZUREML_GIT_COMMIT": "commit",
    "AZUREML_GIT_DIRTY": "dirty", "AZUREML_GIT_BUILD_ID": "build_id", "AZUREML_GIT_BUILD_URI": "build_uri",
}  # fmt: skip


class Found(SimpleNamespace):
    """What was found. ``facts``: commit, branch, repository_uri, dirty, build_id, build_uri, each only where known.

    ``diff`` is redacted. ``cut``: it was longer than what is kept.
    """

    def __init__(self) -> None:
        """Nothing yet."""
        self.facts: dict[str, str | bool] = {}
        self.untracked: list[str] = []
        self.more_untracked = 0
        self.diff = ""
        self.cut = False


def look(directories: Iterable[Path], redactor: Redactor, environ: Mapping[str, str]) -> Found:
    """Ask git about a directory; $AZUREML_GIT_* say otherwise where they are set (Azure ML SDK v1).

    Args:
        directories: where the source may lie: the first of them that is in a repository counts.
        redactor: takes secrets out of the diff.
        environ: the environment.
    """
    return ask(directories, redactor, environ)()


def ask(directories: Iterable[Path], redactor: Redactor, environ: Mapping[str, str]) -> Callable[[], Found]:
    """The same, without waiting: git is at work meanwhile. Call what is given, once: it waits for the answer."""
    directory = next(filter(_within, directories), None)
    if directory is None:
        return partial(_overridden, Found(), environ)
    status = _git(directory, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=normal")
    remote = _git(directory, "ls-remote", "--get-url")

    def heard() -> Found:
        found = Found()
        told, place = status(), remote()
        if told is not None:
            _status(found, told[0], redactor)
        if "commit" in found.facts:
            _remote(found, place)
        if found.facts.get("dirty") and "commit" in found.facts:
            _diff(found, directory, redactor)
        return _overridden(found, environ)

    return heard


def _overridden(found: Found, environ: Mapping[str, str]) -> Found:
    for variable, name in _OVERRIDES.items():
        if value := environ.get(variable, "").strip():
            found.facts[name] = value.lower() == "true" if name == "dirty" else url(value)
    return found


def _within(directory: Path) -> bool:
    return any((place / ".git").exists() for place in (directory, *directory.parents))


def _status(found: Found, told: bytes, redactor: Redactor) -> None:
    """Take what ``git status --porcelain=v2 --branch -z`` says. Untracked files alone make nothing dirty."""
    changed, skip, untracked = False, False, list[str]()
    for entry in os.fsdecode(told).split("\0"):
        kind, _, rest = entry.partition(" ")
        if skip:
            skip = False  # the old name of a renamed file
        elif kind == "#":
            name, _, value = rest.partition(" ")
            if name == "branch.oid" and value != "(initial)":
                found.facts["commit"] = value
            elif name == "branch.head" and value != "(detached)":
                found.facts["branch"] = redactor.line(_clean(value))
        elif kind == "?":
            untracked.append(redactor.line(_clean(rest)))
        elif kind in ("1", "2", "u"):
            changed, skip = True, kind == "2"
    if "commit" in found.facts:
        found.facts["dirty"] = changed
    found.untracked, found.more_untracked = untracked[:_LISTED], max(len(untracked) - _LISTED, 0)


def _remote(found: Found, told: tuple[bytes, bool] | None) -> None:
    remote = _clean(os.fsdecode(told[0]).strip()) if told else ""
    if remote and remote != "origin":  # without any remote git gives this word back
        found.facts["repository_uri"] = url(remote)


def _diff(found: Found, directory: Path, redactor: Redactor) -> None:
    hidden = [f":(top,exclude,icase,glob)**/{pattern}" for pattern in _SECRET_FILES]
    told = _git(directory, *_DIFF, "--", ":(top)", *hidden)()
    if told is not None:
        text, found.cut = told[0].decode("utf-8", "replace"), told[1]
        found.diff = "\n".join(redactor.lines(text.split("\n")))


def _clean(text: str) -> str:
    """A name as text: a byte that is no UTF-8 becomes its escape."""
    return text.encode("utf-8", "backslashreplace").decode()


# ---- the program


Said = tuple[bytes, bool]
"""What a program said, and whether that was cut."""


def _git(directory: Path, *arguments: str) -> Callable[[], Said | None]:
    """Start git. What is given waits for what it says; None where it can't run or fails."""
    argv = ["git", *_SAFE, "-C", str(directory), *arguments]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "LC_ALL": "C"}
    try:
        return partial(_listen, *_spawned(argv, environment)) if CAN.spawn else partial(_popen, argv, environment)
    except (OSError, ValueError):
        return lambda: None


def _spawned(argv: list[str], environment: dict[str, str]) -> tuple[int, int]:
    """Start a program; give where it can be heard, and its process id."""
    null, (heard, told) = os.open(os.devnull, os.O_RDWR), os.pipe()
    try:
        actions = [(os.POSIX_SPAWN_DUP2, fd, to) for fd, to in ((null, 0), (told, 1), (null, 2))]
        return heard, os.posix_spawnp(argv[0], argv, environment, file_actions=actions, setpgroup=0)
    except BaseException:
        os.close(heard)
        raise
    finally:
        os.close(null)
        os.close(told)


def _listen(heard: int, pid: int) -> Said | None:
    """What the child says, at most ``MOST`` bytes; None where it fails or takes longer than ``PATIENCE``."""
    try:
        return _heard(heard, pid)
    except (OSError, ValueError):
        return None
    finally:
        os.close(heard)


def _heard(heard: int, pid: int) -> Said | None:
    """Read until the child has ended.

    Another child of this process, forked meanwhile, may hold the pipe open: its end is not the only sign of the end.
    """
    said, status, until = bytearray(), None, time.monotonic() + PATIENCE
    os.set_blocking(heard, False)
    poll = select.poll()
    poll.register(heard, select.POLLIN)
    while len(said) <= MOST and time.monotonic() < until:
        if poll.poll(50):
            piece = os.read(heard, _PIECE)
            if not piece:
                break
            said += piece
        elif status is not None:
            break
        else:
            status = _status_of(pid, os.WNOHANG)
    cut = len(said) > MOST
    if cut or time.monotonic() >= until:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    status = _status_of(pid, 0) if status is None else status
    return (bytes(said[:MOST]), cut) if cut or status == 0 else None


def _status_of(pid: int, options: int) -> int | None:
    """How a child ended; None while it runs. Where somebody else in this process reaps all children: well."""
    try:
        gone, status = os.waitpid(pid, options)
    except ChildProcessError:
        return 0
    return status if gone else None


def _popen(argv: list[str], environment: dict[str, str]) -> Said | None:
    import subprocess
    import tempfile

    null = subprocess.DEVNULL
    try:
        with tempfile.TemporaryFile() as told:  # a pipe would end with the last of all forked children
            subprocess.run(argv, stdin=null, stderr=null, stdout=told, env=environment, timeout=PATIENCE, check=True)
            told.seek(0)
            said = told.read(MOST + 1)
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return said[:MOST], len(said) > MOST
