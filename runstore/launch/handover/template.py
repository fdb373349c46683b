"""Handing a run over by a command of the user's own: ``ssh node {command}``, ``qsub -b y {command}``."""

from __future__ import annotations

import re
import shlex
import string
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from runstore.errors import LaunchError
from runstore.format import names
from runstore.runs import state

if TYPE_CHECKING:
    from runstore.launch.handover import Queued

FIELDS = ("command", "run_id", "name", "workspace", "processes")
_BARE = re.compile(r"(?<!\S)\{command\}(?!\S)")
_WORDS = "{words}"  # in place of a bare {command}: as many arguments as the command has
_AFAR = {"ssh", "gsissh", "rsh"}  # these join their arguments and give them to a shell
_POLL = 0.05  # seconds
_going: list[subprocess.Popen[bytes]] = []  # dropped unreaped they would complain


def check(launcher: str, options: Mapping[str, Any], processes: int) -> None:
    """See that a template can be filled in.

    Raises:
        LaunchError: it has a field that nobody fills in, or says nowhere what to run; or it came with options.
    """
    if options:
        raise LaunchError(f"launcher {launcher!r} takes no options ({', '.join(options)}); write them into it")
    fields = _fields(launcher)
    for field in fields:
        if field not in FIELDS:
            there = ", ".join(f"{{{one}}}" for one in FIELDS)
            raise LaunchError(f"launcher {launcher!r}: nothing is called {{{field}}}; there are {there}")
    if not {"command", "run_id"} & set(fields):
        raise LaunchError(f"launcher {launcher!r} says nowhere what to run; put {{command}} into it")


def argv(launcher: str, queued: Queued) -> list[str]:
    """The template, filled in.

    No shell reads it. ``{command}`` as a word of its own becomes the words of the command, and so does no other
    field; inside quotes or a longer word it is one text, quoted for a shell. So are the others in a word that has
    blanks, which can only be meant for a shell.
    """
    words = shlex.split(_BARE.sub(_WORDS, launcher))
    line = shlex.join(queued.command)
    plain = {
        "run_id": queued.run_id,
        "name": queued.name,
        "workspace": str(queued.workspace),
        "processes": str(queued.processes),
    }
    quoted = {key: shlex.quote(value) for key, value in plain.items()}
    afar = Path(words[0]).name in _AFAR
    filled: list[str] = []
    for word in words:
        if word == _WORDS:
            filled += map(shlex.quote, queued.command) if afar else queued.command
        else:
            filled.append(word.format(**(quoted if " " in word else plain), command=line, words=line))
    return filled


def start(launcher: str, queued: Queued) -> str:
    """Run the command until it ends, or the run has begun: it may be what the run goes on in, as with ``ssh``.

    Returns:
        The last line it printed, where a queue says the number it gave; "" where it goes on.

    Raises:
        LaunchError: it can't be started, or fails before the run has begun; with what it said.
    """
    command = argv(launcher, queued)
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                env=queued.environment,
                start_new_session=True,
            )
        except OSError as problem:
            raise LaunchError(f"launcher {command[0]!r} can't be started ({problem.strerror})") from None
        _going[:] = [one for one in _going if one.poll() is None]
        while process.poll() is None:
            if _begun(queued):
                _going.append(process)
                return ""
            time.sleep(_POLL)
        if process.returncode and not _begun(queued):
            said = _text(err) or _text(out) or "it said nothing"
            raise LaunchError(f"launcher {command[0]!r} ended with exit code {process.returncode}: {said}")
        return _text(out).rpartition("; ")[2]


def _fields(launcher: str) -> list[str]:
    """The fields of a template.

    Raises:
        LaunchError: it is none.
    """
    try:
        parts = [part for word in shlex.split(launcher) for part in string.Formatter().parse(word)]
    except ValueError as problem:
        raise LaunchError(f"launcher {launcher!r}: {problem}; a brace or quote as such is doubled or escaped") from None
    return [name + "".join(filter(None, [conversion, spec])) for _, name, spec, conversion in parts if name is not None]


def _begun(queued: Queued) -> bool:
    return state.fold(queued.workspace / names.run_dir(queued.run_id)).status != state.QUEUED


def _text(file: IO[bytes]) -> str:
    """What a process wrote, in one line."""
    file.seek(0)
    lines = file.read().decode("utf-8", "replace").splitlines()
    return "; ".join(line.strip() for line in lines if line.strip())
