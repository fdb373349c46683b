"""What the reading of the runs found damaged: what can be said without looking at anything that wasn't read anyway."""

from __future__ import annotations

from itertools import islice

from runstore.disk import wherever
from runstore.query.catalog import Catalog
from runstore.runs import state

_WALKED = 5_000  # runs: where there are more, their directories aren't walked for those that are none
_LOOKED_AT = 100  # directories that may be no run's: of more than these it isn't asked what they are


def noticed(every: Catalog) -> list[str]:
    """A line for each damaged thing. ``check`` verifies every file; this tells of those that could not be read.

    Args:
        every: all runs (``catalog.of``).
    """
    listed = [*every.loose, *every.gone]
    found = [f"{text}; its runs are left out" for text in wherever.unreadable(every.workspace)]
    found += [f"run {run.run_id}: {text}" for run in listed for text in run.damaged]
    if len(listed) > _WALKED:
        return found
    known = {run.path for run in listed}
    unknown = (path for path in wherever.live(every.workspace) if path not in known)
    for path in islice(unknown, _LOOKED_AT):
        run = state.fold(path)
        if not run.run_id and run.damaged:
            found.append(f"{path.relative_to(every.workspace)}: {'; '.join(run.damaged)}")
    return found
