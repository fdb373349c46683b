"""A Ray cluster of one machine: a real head on loopback where ``ray`` is on PATH, else a stand-in for the command.

Ray with its head takes 400 MB, so the suite does not install it; ``.ci/full`` does, in an environment of its own. The
stand-in keeps its arguments, refuses what Ray refuses, and runs the job on this machine at once.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SECONDS = 120.0
MODE, TOKEN = "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"  # a head of 2.60 lets nobody in without one; older ones need not ask
_STAND_IN = """#!{python}
import json, subprocess, sys

arguments = sys.argv[1:]
with open({calls!r}, "a", encoding="utf-8") as file:
    file.write(json.dumps(arguments) + "\\n")
assert arguments[:2] == ["job", "submit"], arguments
options, entrypoint = arguments[2:arguments.index("--")], arguments[arguments.index("--") + 1:]
for option in options:
    if option.partition("=")[0] not in ("--no-wait", "--submission-id", "--address", "--entrypoint-num-cpus"):
        sys.exit("Error: No such option '" + option.partition("=")[0] + "'.")
null = subprocess.DEVNULL
subprocess.Popen(entrypoint, stdin=null, stdout=null, stderr=null, start_new_session=True)
"""


def real() -> bool:
    """Whether there is a Ray here."""
    return os.name == "posix" and shutil.which("ray") is not None


def stand_in(place: Path) -> Path:
    """Write the stand-in; give the directory to put on PATH. ``calls.jsonl`` beside it has what it was called with."""
    (place / "bin").mkdir(parents=True)
    program = place / "bin" / "ray"
    program.write_text(_STAND_IN.format(python=sys.executable, calls=str(place / "calls.jsonl")), encoding="utf-8")
    program.chmod(0o755)
    return program.parent


@contextmanager
def head(place: Path) -> Iterator[dict[str, str]]:
    """A head while the block runs; gives the environment in which ``ray`` is let in to it."""
    import psutil

    token, ports = secrets.token_hex(32), _ports(2)
    command = [
        "ray", "start", "--head", "--block", "--node-ip-address=127.0.0.1", f"--port={ports[0]}",
        f"--dashboard-port={ports[1]}", "--include-dashboard=true", "--num-cpus=1", "--disable-usage-stats",
        "--object-store-memory=100000000", f"--temp-dir={place}",
    ]  # fmt: skip
    with open(place / "head.log", "wb") as said:
        let_in = {MODE: "token", TOKEN: token}
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env={**os.environ, **let_in}
        )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{ports[1]}"
        asked = urllib.request.Request(f"{address}/api/version", headers={"Authorization": f"Bearer {token}"})
        _wait(process, asked, place / "head.log")
        yield {"RAY_ADDRESS": address, **let_in}
    finally:
        if process.poll() is None:  # asked to end, it takes half a minute
            for one in psutil.Process(process.pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
        process.kill()
        process.wait()


def _wait(process: subprocess.Popen[bytes], asked: urllib.request.Request, said: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(asked, timeout=5):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise TimeoutError(f"Ray's head is not there ({process.poll()}): {said.read_text(encoding='utf-8')}")


def _ports(count: int) -> list[int]:
    bound = [socket.socket() for _ in range(count)]
    try:
        for one in bound:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in bound]
    finally:
        for one in bound:
            one.close()
