"""The numbers to reach, one entry per claim that a benchmark makes; the order is that of the table in README.md."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Goal:
    """What is to be at most ``limit``: the value in ``unit``, or where ``relative`` its ratio to the floor."""

    bench: str
    what: str
    limit: float
    unit: str
    relative: bool = False

    @property
    def text(self) -> str:
        """The goal as the table and the JSON lines show it."""
        if self.relative:
            return f"<= {self.limit:g}x the floor"
        return f"<= {self.limit:g} {self.unit}" if self.limit else f"0 {self.unit}"

    def met(self, value: float, floor: float) -> bool:
        """Whether a measurement reaches it."""
        return value <= self.limit * floor if self.relative else value <= self.limit


_NARROW = "`run.log(name, value, step=i)`"
_WIDE = "`run.log({100 metrics}, step=i)`"
_MANY = "100,000 runs x 20 params x 10 metrics x 20 steps, compacted"
_BILLION = "1,000 runs x 100 metrics x 10,000 steps, compacted"
_SWEEP = "leaderboard over 1,000 runs x 10 metrics x 1,000 steps"

GOALS = {
    "narrow-mapped": Goal("log", f"{_NARROW}, mapped: mean per call, everything on", 4, "ns", relative=True),
    "narrow-written": Goal("log", f"{_NARROW}, by write(): mean per call, everything on", 9, "ns", relative=True),
    "tail-mapped": Goal("log", f"{_NARROW}, mapped: p99.9 of the calls", 50, "x their median"),
    "tail-written": Goal("log", f"{_NARROW}, by write(): p99.9 of the calls", 50, "x their median"),
    "stall-mapped": Goal("log", f"{_NARROW}, mapped: the longest call", 20, "ms"),
    "stall-written": Goal("log", f"{_NARROW}, by write(): the longest call", 20, "ms"),
    "wide-mapped": Goal("log", f"{_WIDE}, mapped: per point", 0.5, "ns", relative=True),
    "wide-written": Goal("log", f"{_WIDE}, by write(): per point", 0.5, "ns", relative=True),
    "lost": Goal("crash", "points lost after SIGKILL, of those whose `log()` had returned", 0, "points"),
    "complete": Goal("seal", "`complete()`, whatever the number of points (the slowest of 10 ... 2,000,000)", 50, "ms"),
    "import": Goal("import", "`import runstore`, above bare python", 30, "ms"),
    "names": Goal("import", "the same with its names, which load on first use", 30, "ms"),
    "empty": Goal("import", "the first start_run + complete of a process, no points", 15, "ms"),
    "resident": Goal("memory", "resident memory that logging adds", 20, "MiB"),
    "flat": Goal("memory", "of this, growth after the first tenth of the points", 1, "MiB"),
    "bytes": Goal("seal", "bytes per point at rest (random walk of float64, sealed)", 8, "bytes"),
    "files": Goal("seal", "files per finished run", 4, "files"),
    "leaderboard": Goal("query", f"{_SWEEP}, warm in process", 60, "ms"),
    "command": Goal("query", f"{_SWEEP}, as a command", 400, "ms"),
    "curve": Goal("query", "one 1M-point curve as Arrow, warm", 25, "ms"),
    "buckets": Goal("query", "one 1M-point curve as 2,000 shape-true points, warm", 20, "ms"),
    "visible": Goal("live", "from log() to visible in SQL, 64 live writers", 1000, "ms"),
    "runs-of-64-runs": Goal("live", "64 live runs, full journals, fresh process: `select * from runs`", 1000, "ms"),
    "curve-of-64-runs": Goal("live", "64 live runs, full journals, fresh process: one curve", 1000, "ms"),
    "runs-of-64-ranks": Goal("live", "64 live ranks of one run, fresh process: `select * from runs`", 1000, "ms"),
    "curve-of-64-ranks": Goal("live", "64 live ranks of one run, fresh process: one curve", 1000, "ms"),
    "row": Goal("media", "`run.log_row(name, **15 columns)`: mean per call", 10, "us"),
    "image": Goal("media", "`run.log_image(name, path)` of 1 MB: each", 5, "ms"),
    "batch": Goal("media", "`run.log_batch(name, array)` of 1M points", 500, "ms"),
    "log-all": Goal("console", f"{_NARROW}, mapped; prints kept, directories watched", 4, "ns", relative=True),
    "printing": Goal(
        "console", "a script printing 100,000 lines/s inside a run: time for a line", 1.1, "ns", relative=True
    ),
    "submit-start": Goal("submit", "start of a submitted script above its own: to its first statement", 500, "ms"),
    "submit-cached": Goal("submit", "the same in an environment that was built before", 500, "ms"),
    "submit-printing": Goal(
        "submit", "a submitted script printing 100,000 lines/s: time for a line", 1.1, "ns", relative=True
    ),
    "submit-each": Goal("submit", "submit a trivial script and see it completed: each", 1000, "ms"),
    "submit-processes": Goal("submit", "processes left behind by all of them", 0, "processes"),
    "submit-descriptors": Goal("submit", "descriptors left behind in who submits", 0, "descriptors"),
    "submit-directories": Goal("submit", "temporary directories left behind", 0, "directories"),
    "sweep-leaderboard": Goal("scale", f"{_SWEEP}, compacted, warm in process", 60, "ms"),
    "sweep-command": Goal("scale", f"{_SWEEP}, compacted, as a command", 400, "ms"),
    "many-leaderboard": Goal("scale", f"leaderboard over {_MANY}, warm in process", 1000, "ms"),
    "many-command": Goal("scale", "the same as a command, 100,000 lines of CSV", 4000, "ms"),
    "many-page": Goal("scale", "first page of their list, warm", 300, "ms"),
    "many-start": Goal("scale", "start_run + complete among them, no points", 1.5, "ms", relative=True),
    "many-files": Goal("scale", "files per run, of all that the workspace holds", 0.1, "files"),
    "many-memory": Goal("scale", "peak memory of a process that asks them, the most of any question", 1024, "MiB"),
    "names-memory": Goal("scale", "the same where an experiment has 100,000 metric names", 1024, "MiB"),
    "billion-memory": Goal("scale", f"the same of {_BILLION}", 1024, "MiB"),
    "billion-leaderboard": Goal("scale", "their leaderboard, 100 metrics wide, warm in process", 1000, "ms"),
    "billion-curve": Goal("scale", "one curve of them as Arrow, warm", 25, "ms"),
    "billion-bytes": Goal("scale", "bytes per point of them, at rest", 8, "bytes"),
    "sync-bytes": Goal("sync", "points of a run that goes on, sent: bytes", 1.1, "bytes", relative=True),
    "sync-again": Goal("sync", "`runstore sync` where there is nothing to send, 1,000 runs", 300, "ms"),
    "sync-large": Goal(
        "sync", "10 runs of 4,000,000 points to an empty lake in a directory", 1 / 0.7, "s", relative=True
    ),
    "sync-s3": Goal("sync", "1,000 runs of 20,000 points to an empty lake on S3", 1 / 0.7, "s", relative=True),
    "sync-time": Goal(
        "sync", "1,000 runs of 20,000 points to an empty lake in a directory", 1 / 0.7, "s", relative=True
    ),
    "sync-mlflow": Goal("sync_mlflow", "points of several runs to an MLflow server: each", 1, "us", relative=True),
    "artifact": Goal("artifacts", "artifacts of 20 kB: each", 1, "ms"),
    "artifact-equal": Goal("artifacts", "the same bytes in another run: each", 1, "ms"),
    "artifact-files": Goal("artifacts", "artifacts of 20 kB: files", 100, "files"),
    "artifact-memory": Goal("artifacts", "artifacts of 20 kB: resident memory that they add", 20, "MiB"),
    "page-cold-long": Goal("page", f"`runstore ui`, from its start to the first chart painted: {_BILLION}", 1.2, "s"),
    "page-warm-long": Goal("page", "the same with the server up, in another browser", 0.5, "s"),
    "page-cold-many": Goal("page", "from its start to the first chart painted: 100,000 runs, compacted", 1.2, "s"),
    "page-warm-many": Goal("page", "the same with the server up", 0.5, "s"),
    "page-redraw": Goal("page", "20 curves moved along: from the wheel's turn until all are painted anew", 20, "ms"),
    "page-hover": Goal("page", "another of them stands out: from the pointer's move to the painted frame", 20, "ms"),
    "page-zoom": Goal("page", "zoomed in: from the request to 20 finer curves painted", 100, "ms"),
    "page-seen": Goal("page_live", "10,000 points/s on the page: from log() until all charts show it, p99", 1000, "ms"),
    "page-frame": Goal("page_live", "the longest that the page keeps its reader waiting meanwhile", 100, "ms"),
    "page-heap": Goal("page_live", "what the page's memory grows by meanwhile", 2, "MiB"),
    "page-log": Goal("page_live", f"{_NARROW} meanwhile: median of bursts", 1.1, "ns", relative=True),
}
BENCHES = tuple(dict.fromkeys(goal.bench for goal in GOALS.values()))
