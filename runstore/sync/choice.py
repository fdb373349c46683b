"""What is to be sent or fetched: which runs, and of them which kinds of files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from runstore.format import names
from runstore.sync.plan import File

ALWAYS = frozenset({"facts", "seal", "end", "lock"})  # without them the rest tells of nothing
MAIN, SIDE = frozenset({"points", "rows"}), frozenset({"system", "logs"})  # each is numbered, and travels, together


@dataclass(frozen=True, slots=True)
class Choice:
    """Which runs, and what of them; by default everything.

    Attributes:
        run_ids: only these; None for all.
        experiments: only runs of these; None for all.
        kinds: kinds of files (``piece.KINDS``) that travel beside ``ALWAYS``; None for all. Points and rows share their
            numbers, so one of them brings the other; so do system metrics and log records.
    """

    run_ids: frozenset[str] | None = None
    experiments: frozenset[str] | None = None
    kinds: frozenset[str] | None = None

    def __post_init__(self) -> None:
        """Complete the kinds."""
        if self.kinds is not None:
            whole = self.kinds.union(*(group for group in (MAIN, SIDE) if group & self.kinds))
            object.__setattr__(self, "kinds", whole)

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Choice()

    @property
    def all_runs(self) -> bool:
        """Whether no run is left out."""
        return self.run_ids is None and self.experiments is None

    @property
    def mark(self) -> str:
        """What tells in a ledger that only these kinds were sent; empty where all were."""
        if self.kinds is None:
            return ""
        return "-" + hashlib.sha256(" ".join(sorted(self.kinds)).encode()).hexdigest()[:8]

    def run(self, run_id: str, experiment: str) -> bool:
        """Whether a run is meant."""
        return (self.run_ids is None or run_id in self.run_ids) and (
            self.experiments is None or experiment in self.experiments
        )

    def files(self, there: Iterable[File]) -> Iterator[File]:
        """The files of such a run that are meant; of seal records only the numbers that are."""
        for one in there:
            if self.kinds is None or one.kind in self.kinds:
                yield one
            elif one.kind == "seal":
                spans = tuple(span for span in one.spans if self._data(side=span[0] != names.owner(span[0])))
                if spans or not one.spans:
                    yield one._replace(spans=spans)
            elif one.kind in ALWAYS:
                yield one

    def _data(self, side: bool) -> bool:
        return self.kinds is None or not self.kinds.isdisjoint(SIDE if side else MAIN)


EVERYTHING = Choice()
