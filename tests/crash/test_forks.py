"""A forked child never writes into its parent's files; if it logs, it is one more writer of the same run.

Forks need the capability for it, so these children have every capability, also where the suite runs with none.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runstore.format import names
from runstore.runs import state
from tests.crash import forks, oracle
from tests.crash.template import Shared, Template

N = forks.CALLS


@pytest.mark.parametrize(
    ("job", "expected"),
    [
        (forks.fork_that_logs, [{0: 2 * N}, {1: N}]),
        (forks.fork_that_logs_by_a_name_kept_from_before, [{0: 2 * N}, {1: N}]),
        (forks.fork_that_only_looks_on, [{0: 2 * N}]),
        (forks.fork_that_is_killed, [{0: 2 * N}, {1: N}]),
        (forks.fork_of_a_fork, [{0: 2 * N}, {1: 2 * N}, {2: N}]),
        (forks.fork_that_completes, [{0: 2 * N}, {1: N}]),
        (forks.forks_while_threads_log, [{0: 2 * N, 1: 6000, 2: 6000}, *({n: N} for n in range(3, 15))]),
        (forks.fork_pool, [{0: 2 * N}, *({n: N} for n in range(1, forks.POOL + 1))]),
        (forks.spawn_pool, [{0: 2 * N}, *({n: N} for n in range(1, forks.POOL + 1))]),
        (forks.subprocesses, [{0: 2 * N}, {1: N}, {2: N}]),
    ],
)
def test_every_process_has_a_writer_of_its_own_and_nothing_is_lost_or_doubled(
    job: Callable[..., None], expected: list[dict[int, int]], templates: dict[str, Template],
    shared: Shared, workspace: Path,
) -> None:  # fmt: skip
    child = templates["mapped"].start(job, shared, path=workspace, run_id="r")
    assert child.wait() == 0
    path = workspace / names.run_dir("r")
    found = oracle.made(path)
    assert sorted(map(sorted, (made.items() for made in found.values()))) == sorted(
        map(sorted, (made.items() for made in expected))
    )
    folded = state.fold(path)
    assert (folded.status, len(folded.attempts), len(folded.writers)) == ("Completed", 1, len(expected))
    assert oracle.agree(workspace, ["r"])
