"""What can be kept, deleted and counted is asked of the workspace; runs, ids and the beginnings of ids will do."""

from __future__ import annotations

import runstore


def test_runs_are_deleted_and_brought_back_however_they_are_named(ws: runstore.Workspace) -> None:
    for run_id in ("aaaa1", "bbbb2"):
        runstore.start_run("e", run_id=run_id, workspace=ws).complete()
    assert ws.delete([ws.get_run("aaaa1"), "bbbb"]) == ["aaaa1", "bbbb2"]
    assert [one.run_id for one in ws.deleted()] == ["bbbb2", "aaaa1"]
    assert ws.restore("aaaa") == ["aaaa1"]
    assert {used.run_id: used.deleted for used in ws.usage().runs} == {"aaaa1": False, "bbbb2": True}
