"""Whatever goes wrong is an answer with a status that fits, and never more than strangers may know."""

from __future__ import annotations

import errno

import orjson
import pytest

from runstore.errors import Damaged, FormatTooNew, Refused, RemoteConflict, RemoteError, Unreachable
from runstore.sync.server import problems
from runstore.sync.server.problems import Problem


@pytest.mark.parametrize(
    ("problem", "status"),
    [
        (Refused("no"), 422), (RemoteConflict("other"), 409), (RemoteError("gone"), 404), (FormatTooNew("new"), 422),
        (Unreachable("later"), 503), (Damaged("bad"), 503), (OSError(errno.ENOSPC, "full"), 507), (KeyError("k"), 500),
        (OSError(errno.EIO, "broken"), 500), (Problem(431, "headers"), 431),
    ],
)  # fmt: skip
def test_each_has_its_status(problem: Exception, status: int) -> None:
    assert problems.of(problem).status == status


def test_what_nobody_foresaw_is_not_told() -> None:
    assert "secret" not in problems.of(ValueError("secret")).error


def test_every_status_says_what_to_do() -> None:
    for status in problems.DO:
        answer = Problem(status, "what").answer()
        assert orjson.loads(answer.body) == {"error": "what", "do": problems.DO[status]}


def test_who_is_to_come_again_is_told_when() -> None:
    assert problems.of(Unreachable("later", 12.3)).headers == {"retry-after": "12"}
    assert problems.of(Unreachable("later")).headers == {"retry-after": "1"}
