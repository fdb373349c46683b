"""A stand-in for the ``docker`` command: no test needs Docker, and none of them shows that Docker itself works.

It records every call (arguments, standard input, the files given as secrets) as a line of JSON, and does locally what
a container would be asked to do: ``run`` executes the command on this machine, in ``--workdir``, with the variables
passed by ``--env`` and no others, under the name given, in a session of its own, so that it outlives the docker
command that started it until ``rm --force`` or ``kill`` names it. Nothing is isolated and no image is looked into;
``python`` is the interpreter of the tests. A directory that is mounted under another name must lead to the same place.

Only the standard library is used here: the file is also the program, started without anything else on its path.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any

VALUED = {
    "--name", "--volume", "--workdir", "--env", "--user", "--shm-size", "--network", "--label", "--gpus", "--tag",
    "--secret", "--format", "--username", "--memory", "--entrypoint",
}  # fmt: skip
"""Options that are followed by a value; the rest are switches."""


class StandIn:
    """The stand-in as a test has it: ``bin`` holds the ``docker`` command and is to be put on PATH."""

    def __init__(self, directory: Path) -> None:
        """Make it in a directory, which also holds what it remembers."""
        self.directory, self.bin = directory, directory / "bin"
        self.bin.mkdir(parents=True)
        program = self.bin / "docker"
        program.write_text(
            f"#!/bin/sh\nexec '{sys.executable}' -I -S '{Path(__file__).resolve()}' '{directory}' \"$@\"\n"
        )
        program.chmod(0o755)

    def calls(self, command: str = "") -> list[dict[str, Any]]:
        """The calls so far, of one command or all: ``argv``, ``stdin``, ``secrets``."""
        found = [json.loads(line) for line in _lines(self.directory / "calls")]
        return [call for call in found if call["argv"][0] == command or not command]

    def set(self, state: str) -> None:
        """From now on: ``no_daemon`` (the daemon does not answer) or ``rootless``."""
        (self.directory / state).touch()

    def has_image(self, name: str) -> None:
        """An image is on this machine already."""
        _append(self.directory / "images", name)

    def alive(self) -> list[str]:
        """The names of containers that still run."""
        return [entry.name for entry in (self.directory / "containers").glob("*") if _runs(int(entry.read_text()))]


def main(directory: Path, argv: list[str]) -> int:
    """Do what docker was asked to do."""
    given = sys.stdin.read() if argv[-1] == "-" or "--password-stdin" in argv else ""
    options, rest = _parsed(argv[1:])
    secrets = {found["id"]: _text(found["src"]) for found in map(_fields, options.get("--secret", []))}
    call = {"argv": argv, "stdin": given, "secrets": secrets, "pid": os.getpid()}
    _append(directory / "calls", json.dumps(call))
    if (directory / "no_daemon").exists():
        return _say("Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is it running?")
    match argv[0]:
        case "version" | "info":
            print("[name=rootless]" if (directory / "rootless").exists() else "28.0.1")
        case "image":
            return _inspect(directory, rest[-1])
        case "pull" | "login" | "build":
            return _fetch(directory, argv[0], options, rest, given)
        case "run":
            return _run(directory, options, rest)
        case "rm" | "kill":
            return _end(directory, rest[0])
    return 0


def _parsed(argv: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """The options in front, and what stands behind them."""
    options: dict[str, list[str]] = {}
    at = 0
    while at < len(argv) and argv[at].startswith("-") and argv[at] != "-":
        name, assigned, value = argv[at].partition("=")
        if name in VALUED and not assigned:
            at += 1
            value = argv[at]
        options.setdefault(name, []).append(value)
        at += 1
        if name == "--force" or at >= len(argv):
            break
    return options, argv[at:]


def _inspect(directory: Path, image: str) -> int:
    if image in _lines(directory / "images"):
        print(f"sha256:{image}")
        return 0
    return _say(f"Error response from daemon: No such image: {image}")


def _fetch(directory: Path, command: str, options: dict[str, list[str]], rest: list[str], given: str) -> int:
    name = options["--tag"][0] if command == "build" else rest[0] if rest else "hub"
    if "missing" in name or "FAIL" in given or given == "wrong":
        return _say(f"ERROR: {command} of {name} failed: not found")
    print(f"{command} of {name}: done")
    _append(directory / "images", name)
    return 0


def _run(directory: Path, options: dict[str, list[str]], rest: list[str]) -> int:
    if rest[0] not in _lines(directory / "images"):
        return _say(f"Unable to find image '{rest[0]}' locally")
    for mounted in options.get("--volume", []):
        here, there = mounted.removesuffix(":ro").split(":")
        if not os.path.samefile(here, there):
            return _say(f"{there} is not {here}: the stand-in mounts nothing")
    passed = (one.partition("=") for one in options.get("--env", []))
    variables = {name: value if equals else os.environ.get(name) for name, equals, value in passed}
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    inside = {"PATH": path, **{name: value for name, value in variables.items() if value is not None}}
    process = subprocess.Popen(rest[1:], cwd=options["--workdir"][0], env=inside, start_new_session=True)
    place = directory / "containers" / options["--name"][0]
    place.parent.mkdir(exist_ok=True)
    place.write_text(str(process.pid))

    def pass_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, pass_on)
    code = process.wait()
    place.unlink(missing_ok=True)
    return code if code >= 0 else 128 - code


def _end(directory: Path, name: str) -> int:
    try:
        os.killpg(int((directory / "containers" / name).read_text()), signal.SIGKILL)
    except (FileNotFoundError, ProcessLookupError):
        return _say(f"Error response from daemon: No such container: {name}")
    print(name)
    return 0


def _runs(pid: int) -> bool:
    try:
        os.killpg(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _fields(given: str) -> dict[str, str]:
    return dict(field.split("=", 1) for field in given.split(","))


def _text(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def _append(path: Path, line: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(line + "\n")


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _say(problem: str) -> int:
    print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
