"""What schemathesis makes of the description, right and wrong, is answered as the description says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from runstore.query.check import check
from tests.sync import served
from tests.sync.server.conftest import Serve

EXAMPLES = "8"  # of each operation in each phase; they are the same ones every time


@pytest.mark.slow
def test_schemathesis_finds_nothing_and_leaves_nothing(serve: Serve, tmp_path: Path) -> None:
    server = serve("--rate", "100000", scope="admin")
    before = served.tree(server.workspace)
    command = [
        str(Path(sys.executable).with_name("schemathesis")), "--config-file",
        str(Path(__file__).with_name("schemathesis.toml")), "run", f"{server.url}/api/v1/openapi.json", "--header",
        f"Authorization: Bearer {server.token}", "--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES,
        "--generation-deterministic", "--continue-on-failure", "--no-color", "--warnings", "off",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr + "\n".join(line[:500] for line in done.stdout.splitlines()[-100:])
    assert served.tree(server.workspace) == before
    assert check(server.workspace) == []
    assert {one["outcome"] for one in server.audit()} >= {200, 401, 405, 422}
