"""Limits are plain numbers that a child can be told."""

from __future__ import annotations

import json

from runstore.view.sql.limits import Limits


def test_limits_come_through_a_command_line() -> None:
    limits = Limits(rows=3, seconds=0.5)
    assert Limits(*json.loads(json.dumps(limits))) == limits
