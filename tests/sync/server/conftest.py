"""A real ``runstore serve`` process, and what is around it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import runstore
from runstore.format import names
from runstore.runs import seal
from runstore.sync.client import Server
from runstore.sync.server.tokens import Tokens
from tests.sync.server.asking import Asking, asking


@dataclass(slots=True)
class Running:
    """A server process, and the workspace that it serves."""

    workspace: Path
    url: str
    process: subprocess.Popen[str]
    token: str
    clients: list[Server]
    mark: int = 0  # lines of the audit log that are of no interest

    def client(self, token: str | None = None) -> Server:
        self.clients.append(Server(self.url, token or self.token))
        return self.clients[-1]

    def audit(self) -> list[dict[str, object]]:
        """What it has written down since the mark, in order."""
        path = self.workspace / names.SERVER_AUDIT
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [json.loads(line)["body"] for line in lines[self.mark :]]

    def stop(self) -> int:
        """Tell it to end; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        for client in self.clients:
            client.close()
        if self.process.stdout is not None:
            self.process.stdout.close()
        return self.process.wait(30)

    def kill(self) -> None:
        """Without a word."""
        self.process.kill()
        self.process.wait(30)


Serve = Callable[..., Running]


def start(there: Path, *options: str, port: int = 0, token: str = "", scope: str = "write", lake: str = "") -> Running:
    """A server of a workspace, or of a lake with what it needs there; with a token of that scope, or one it has."""
    tokens = there / names.SERVER_TOKENS
    token = token or Tokens(tokens).create("laptop", scope, 3600)
    what = ["-w", lake, "--tokens", str(tokens)] if lake else ["-w", str(there)]
    command = [sys.executable, "-m", "runstore", "serve", *what, "--port", str(port), "--json", *options]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[3])}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    told = json.loads(process.stdout.readline())
    return Running(there, told["url"], process, token, [])


@pytest.fixture
def asked(make: Callable[[str], runstore.Workspace]) -> Iterator[Callable[..., Asking]]:
    """``asked()``: the app of a server of the workspace ``there``, in this process; limits may be given."""
    with ExitStack() as stack:

        def one(**limits: Any) -> Asking:
            made = asking(make("there").path, **limits)
            stack.callback(made.close)
            return made

        yield one


@pytest.fixture
def ask(asked: Callable[..., Asking]) -> Asking:
    """One as it is by default."""
    return asked()


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], runstore.Workspace]:
    """``make("a")``: a workspace in which nothing is sealed by itself."""
    monkeypatch.setattr(seal, "request", lambda workspace, run_dir: None)
    return lambda name: runstore.Workspace(tmp_path / name)


@pytest.fixture
def serve(make: Callable[[str], runstore.Workspace]) -> Iterator[Serve]:
    """``serve()``: a server of the workspace ``there`` with a token that may write; given one, it goes on with that."""
    with ExitStack() as stack:

        def one(*options: str, **more: Any) -> Running:
            made = start(make("there").path, *options, **more)
            stack.callback(made.stop)
            return made

        yield one
