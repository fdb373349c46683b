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

    def client(self, token: str | None = None) -> Server:
        self.clients.append(Server(self.url, token or self.token))
        return self.clients[-1]

    def audit(self) -> list[dict[str, object]]:
        """What it has written down, in order."""
        path = self.workspace / names.SERVER_AUDIT
        return [json.loads(line)["body"] for line in path.read_text(encoding="utf-8").splitlines()]

    def stop(self) -> int:
        """Tell it to end; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def kill(self) -> None:
        """Without a word."""
        self.process.kill()
        self.process.wait(30)


Serve = Callable[..., Running]


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
def serve(tmp_path: Path, make: Callable[[str], runstore.Workspace]) -> Iterator[Serve]:
    """``serve()``: a server of the workspace ``there`` with one token that may write; again: one on the same port."""
    started: list[subprocess.Popen[str]] = []
    clients: list[Server] = []

    def one(*options: str, port: int = 0) -> Running:
        there = make("there").path
        tokens = Tokens(there / names.SERVER_TOKENS)
        for kept in tokens.every():
            tokens.revoke(kept.id)
        token = tokens.create("laptop", "write", 3600)
        command = [sys.executable, "-m", "runstore", "serve", "-w", str(there), "--port", str(port), "--json", *options]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=None, text=True, env=dict(os.environ))
        started.append(process)
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        return Running(there, told["url"], process, token, clients)

    yield one
    for client in clients:
        client.close()
    for process in started:
        if process.poll() is None:
            process.terminate()
            process.wait(30)
        assert process.stdout is not None
        process.stdout.close()
