"""What of a block's bytes is whose adds up to what there is, and no run is told more than it has."""

from __future__ import annotations

from collections import Counter

import runstore
from runstore.disk import block
from runstore.query import shares
from tests.query import blocked, scenes


def test_rows_are_shared_out_by_their_number_to_the_byte(ws: runstore.Workspace) -> None:
    for number, run_id in enumerate("abcd"):
        with ws.experiment("e").start_logging(run_id=run_id) as run:
            scenes.log_some(run, 7 * number)
            scenes.log_side(run, 3)
    blocked.put(ws.path)
    (one,) = block.active(ws.path)
    found = {share.entry.run_id: share for share in shares.of(one)}
    total: Counter[str] = sum((share.rows for share in found.values()), Counter())
    assert total == {about["kind"]: about["size"] for about in one.body["files"].values() if "rows" in about}
    assert found["a"].rows["points"] == 0 < found["b"].rows["points"] < found["c"].rows["points"]
    members = one.body["files"]["members.bin"]["size"]
    assert sum(share.bytes for share in found.values()) == total.total() + sum(
        member.stored for share in found.values() for member in share.entry.files.values()
    )
    assert sum(share.bytes for share in found.values()) < total.total() + members
    assert found["a"].path(ws.path) == ws.get_run("a").path
