"""A child that does a bit of everything while file calls fail."""

from __future__ import annotations

import io
import os
import traceback
from typing import Any

from runstore.errors import NotWritable, StoreError
from tests.crash import jobs, seam
from tests.crash.template import Shared, Talk

POINTS, PARTS = 60, 3
MAY_RAISE = ("upload", "flush")  # they promise something, and say so where it can't be kept


def session(talk: Talk, shared: Shared, path: str, run_id: str, number: int, times: int, code: int) -> None:
    """Log points, facts and artifacts; any file call may fail. Tells what raised, and how many calls came later."""
    jobs.small(1024)
    jobs.unsealed()
    raised: list[str] = []
    with seam.acting(number, seam.refusing(code), times) as made:
        run = _started(path, run_id)
        for i in range(POINTS):
            _do(raised, "log", lambda i=i: run.log("v", i * 0.1, step=i))
            if i % (POINTS // PARTS) == 0:
                _do(raised, "params", lambda i=i: run.log_params({f"p{i}": i}))
                _do(raised, "upload", lambda i=i: run.upload_file(f"a{i}", io.BytesIO(b"bytes")))
                _do(raised, "flush", run.flush)
        _do(raised, "complete", run.complete)
    talk.send([raised, len(made) - number])
    os._exit(0)


def _started(path: str, run_id: str) -> Any:
    for _ in range(20):
        try:
            return jobs.start(path, run_id)
        except NotWritable:
            pass
    raise AssertionError("never started")


def _do(raised: list[str], what: str, act: Any) -> None:
    try:
        act()
    except BaseException as problem:  # noqa: BLE001 (the test tells)
        if not (what in MAY_RAISE and isinstance(problem, StoreError)):
            raised.append(f"{what}: {problem!r} at {traceback.extract_tb(problem.__traceback__)[-3:]}")
