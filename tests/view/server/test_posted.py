"""What is asked by POST is looked at before anybody answers it, and none of it needs a server."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

import runstore
from runstore.view.server import posted
from runstore.view.server.problems import Problem


@pytest.mark.parametrize("body", [{}, {"requests": None}, {"requests": {"key": "a"}}])
def test_curves_are_asked_for_by_a_list(ws: runstore.Workspace, body: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        posted.curves(ws, body)
    assert refused.value.status == 400


@pytest.mark.parametrize("body", [{}, {"runs": "a"}, {"runs": [1]}, {"runs": ["a"], "baseline": 1}])
def test_runs_are_compared_by_their_ids(ws: runstore.Workspace, body: dict[str, Any]) -> None:
    with pytest.raises(Problem) as refused:
        posted.compare(ws, body)
    assert refused.value.status == 400


def test_the_questions_are_there_without_a_server() -> None:
    code = (
        "import sys\nfrom runstore.view.server import arguments, changes, edits, posted, problems, questions\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] in ('starlette', 'uvicorn', 'anyio')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
