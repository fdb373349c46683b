"""A confined process whose check of filters is gone: what is pasted is the text itself, as it once was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from runstore.view.sql import exchange
from runstore.view.sql.exchange import Question
from runstore.view.sql.limits import Limits

_PROGRAM = """
import sys
from runstore.query.filters import Names
from runstore.view.sql import child
Names.condition = lambda self, connection, where: f"({where})"
sys.exit(child.main(sys.argv[1:]))
"""


def answer(workspace: Path, where: str) -> str:
    """The error, or else the body, that such a process answers with."""
    directory = workspace.parent / "confined"
    directory.mkdir(exist_ok=True)
    argv = [sys.executable, "-c", _PROGRAM, str(workspace), str(directory), json.dumps(Limits())]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={"TMPDIR": str(directory)})
    assert process.stdin
    assert process.stdout
    with process:
        exchange.receive(process.stdout, exchange.HEAD)
        asked = Question(30.0, asked="runs.runs", arguments={"where": where})
        exchange.send(process.stdin, exchange.dump(asked))
        head = json.loads(exchange.receive(process.stdout, exchange.HEAD))
        body = exchange.receive(process.stdout, 1 << 24)
        process.stdin.close()
    return str(head.get("error") or head.get("unexpected") or body.decode())
