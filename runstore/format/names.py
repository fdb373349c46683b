"""Every file and directory name of a workspace: built here, parsed here.

Names carry no user text (run ids, metric names): those are data. All names are lower case,
so they stay unique on case-insensitive file systems, and short: under 100 characters are
added to the workspace's own path.
"""

from __future__ import annotations

import functools
import hashlib
import re
from typing import NamedTuple

WORKSPACE = "workspace.json"
README = "README.md"
CONFIG = "config.json"  # a user's own, read by runstore.azureml; not part of the format
RUNS = "runs"
EXPERIMENTS = "experiments"
BLOBS = "blobs"
LOCKS = "locks"
MODELS = "models"
ENVIRONMENTS = "environments"
TOMBSTONES = "tombstones"
BLOCKS = "blocks"
CACHE = "cache"  # derived from blocks
REMOTES = "remotes"  # where this workspace is synchronized with, and what is known to be there
SERVER = "server"  # what a server of this workspace keeps for itself
DAMAGED = "damaged"  # what repairs have put aside
REPORT = "report.json"  # beside it: what was done
LAKE = "lake.json"  # at the root of a lake: its id
JOB = "job.json"  # in a run's directory: what its launcher is to start
ROTATE = "rotate"  # there as well: its writers are asked to begin their next journals

_WRITER = r"[0-9a-f]{16}"


class FileName(NamedTuple):
    """A parsed name inside a run's directory. ``kind`` is a key of the table above."""

    text: str
    kind: str
    writer: str = ""
    attempt: int = 0
    number: int = 0
    segment_kind: str = ""


@functools.lru_cache(maxsize=1)
def _patterns() -> list[tuple[str, str, re.Pattern[str]]]:
    """Kind, first letters, and what such a name looks like.

    Compiled where somebody reads a directory, which a new run does not.
    """
    return [
        ("facts", "a", re.compile(rf"a(?P<attempt>[0-9]+)(?:-(?P<writer>{_WRITER}))?\.jsonl")),
        ("merged", "f", re.compile(r"facts-[0-9a-f]{24}\.jsonl")),
        ("points", "p", re.compile(rf"p-(?P<writer>{_WRITER})-(?P<number>[0-9]+)\.jsonl")),
        ("side", "p", re.compile(rf"p-(?P<writer>{_WRITER}s)-(?P<number>[0-9]+)\.jsonl")),
        ("pack", "k", re.compile(rf"k-(?P<writer>{_WRITER})-(?P<number>[0-9]+)\.pack")),
        ("log", "o", re.compile(rf"o-(?P<writer>{_WRITER})-(?P<number>[0-9]+)\.log")),
        ("spool", "e", re.compile(rf"e-(?P<writer>{_WRITER})-(?P<number>[0-9]+)\.log")),
        ("end", "a", re.compile(r"a(?P<attempt>[0-9]+)\.end\.json")),
        ("job", "j", re.compile(re.escape(JOB))),
        ("seal", "s", re.compile(r"seal-[0-9a-f]{24}\.json")),
        ("segment", "prsl", re.compile(r"(?P<kind>points|rows|system|logs)-[0-9a-f]{24}\.parquet")),
        ("rotate", "r", re.compile(re.escape(ROTATE))),
        ("lock", "0123456789abcdefghijklmnopqrstuvwxyz-", re.compile(r"[a-z0-9-]+\.lock")),
        ("temporary", ".", re.compile(r"\..*\.tmp")),
    ]


def parse(text: str) -> FileName | None:
    """Tell what a file in a run's directory is; None for a name no runstore writes."""
    for kind, beginnings, pattern in _patterns():
        match = pattern.fullmatch(text) if text[:1] in beginnings else None
        if match:
            parts = match.groupdict()
            return FileName(
                text,
                kind,
                parts.get("writer") or "",
                int(parts.get("attempt") or 0),
                int(parts.get("number") or 0),
                parts.get("kind") or "",
            )
    return None


def run_dir(run_id: str) -> str:
    """Where a run lies, relative to the workspace: ``runs/<2 hex>/<16 hex>``."""
    digest = hashlib.sha256(run_id.encode("utf-8", "backslashreplace")).hexdigest()
    return f"{RUNS}/{digest[:2]}/{digest[2:18]}"


def block(sha256: str) -> str:
    """A block's directory, relative to the workspace, by the hash of its record."""
    return f"{BLOCKS}/{sha256[:24]}"


def is_block(text: str) -> bool:
    """Whether a directory has the name of a block."""
    return re.fullmatch(r"[0-9a-f]{24}", text) is not None


BLOCK_RECORD = "block.json"
BLOCK_MEMBERS = "members.bin"
BLOCK_INDEX = "index.bin"


def block_rows(kind: str, number: int) -> str:
    """A file of a block that holds rows of segments of a kind."""
    return f"{kind}-{number:04d}.parquet"


def experiment_file(name: str) -> str:
    """The document that says an experiment exists, relative to the workspace."""
    digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()
    return f"{EXPERIMENTS}/{digest[:24]}.json"


def experiment_event(name: str, time_ns: int, token: str) -> str:
    """A document that says something about an experiment; ``token`` is 8 random hexadecimal digits."""
    return f"{experiment_file(name).removesuffix('.json')}-e{time_ns:020d}-{token}.json"


def tombstone(digits: str) -> str:
    """What stays of a removed run, relative to the workspace; ``digits`` are the 18 of the run's directory."""
    return f"{TOMBSTONES}/{digits}.json"


def is_tombstone(text: str) -> bool:
    """Whether a file has the name of a tombstone."""
    return re.fullmatch(r"[0-9a-f]{18}\.json", text) is not None


def event_time(text: str) -> int | None:
    """When such a document was made, by its file name; None for any other name."""
    match = re.fullmatch(r"[0-9a-f]{24}-e([0-9]{20})-[0-9a-f]{8}\.json", text)
    return int(match[1]) if match else None


def blob(sha256: str) -> str:
    """Where a loose artifact's bytes lie, relative to the workspace."""
    return f"{BLOBS}/{sha256[:2]}/{sha256[2:]}"


def is_sha256(text: str) -> bool:
    """Whether a text is a SHA-256 as names have it."""
    return len(text) == 64 and not set(text) - set("0123456789abcdef")


def index(sha256: str) -> str:
    """A file, beside the blobs, that says where the content of packs lies."""
    return f"index-{sha256[:24]}.txt"


def is_index(text: str) -> bool:
    """Whether a file among the blobs has the name of such an index."""
    return len(text) == 34 and text.startswith("index-") and text.endswith(".txt")


def model_dir(name: str) -> str:
    """Where the versions of a model lie, relative to the workspace."""
    digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()
    return f"{MODELS}/{digest[:24]}"


def model_version(number: int) -> str:
    """The document of one version of a model, in the model's directory."""
    return f"v{number}.json"


def model_event(time: int, token: str) -> str:
    """The document of a change to a model: names sort by time (nanoseconds)."""
    return f"e-{time:020d}-{token}.json"


def remote(name: str) -> str:
    """The document that tells of a remote, relative to the workspace; ``name`` is as ``is_remote`` wants it."""
    return f"{REMOTES}/{name}.json"


def is_remote(text: str) -> bool:
    """Whether a remote may be called so: lower-case letters, digits, ``-`` and ``_``, the first no sign."""
    return re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,39}", text) is not None


def ledger(remote_id: str, digit: str) -> str:
    """What a remote has of the runs whose directory begins with a hexadecimal digit, relative to the workspace."""
    return f"{REMOTES}/{remote_id}/{digit}.json"


def mlflow_cursors(remote_id: str, part: str) -> str:
    """What an MLflow server has of runs, relative to the workspace; ``part``: ``-`` and a digit, or nothing."""
    return f"{REMOTES}/{remote_id}/mlflow{part}.json"


def is_ledger(text: str) -> bool:
    """Whether a path within the directory of remotes is that of a ledger."""
    return re.fullmatch(r"[0-9a-f-]{36}/(?:[0-9a-f]|all|mlflow(?:-[0-9a-f])?)\.json", text) is not None


SERVER_TOKENS = f"{SERVER}/tokens.json"  # a document: who may, by the hashes of their tokens
SERVER_AUDIT = f"{SERVER}/audit.jsonl"  # who did what; older ones are audit-1.jsonl and so on
SERVER_INCOMING = f"{SERVER}/incoming"  # objects that no commit has named yet, by their hashes


def is_partial(text: str) -> bool:
    """Whether an incoming file is one of which more is to come: its hash and whose it is."""
    return re.fullmatch(r"[0-9a-f]{64}-[0-9a-f]{8}\.part", text) is not None


def is_audit(text: str) -> bool:
    """Whether a file of a server is an audit log, or an older one."""
    return re.fullmatch(r"audit(-[1-9][0-9]?)?\.jsonl", text) is not None


class ModelFile(NamedTuple):
    """A parsed name inside a model's directory: a version by its number, or an event by its time; the other is 0."""

    text: str
    version: int = 0
    time: int = 0


def parse_model(text: str) -> ModelFile | None:
    """Tell what a file in a model's directory is; None for a name no runstore writes."""
    match = re.fullmatch(r"v([1-9][0-9]*)\.json|e-([0-9]{20})-[0-9a-f]{8}\.json", text)
    return ModelFile(text, int(match[1] or 0), int(match[2] or 0)) if match else None


def environment_dir(name: str) -> str:
    """Where the versions of a registered environment lie, relative to the workspace."""
    digest = hashlib.sha256(name.encode("utf-8", "backslashreplace")).hexdigest()
    return f"{ENVIRONMENTS}/{digest[:24]}"


def environment_version(number: int) -> str:
    """The document of one version of an environment, in the environment's directory."""
    return f"v{number}.json"


def parse_environment(text: str) -> ModelFile | None:
    """Tell what a file in an environment's directory is: a version, as a model has them; None for any other name."""
    known = parse_model(text)
    return known if known and known.version else None


def facts(attempt: int, writer: str = "") -> str:
    """A facts journal: the opener's (no writer in the name: it claims the attempt) or a joined writer's."""
    return f"a{attempt}-{writer}.jsonl" if writer else f"a{attempt}.jsonl"


def merged_facts(sha256: str) -> str:
    """Several closed facts journals, one after another in one file."""
    return f"facts-{sha256[:24]}.jsonl"


def points(writer: str, number: int) -> str:
    """A points journal, or a side journal where ``writer`` is the id of a side."""
    return f"p-{writer}-{number:04d}.jsonl"


def side(writer: str) -> str:
    """The id of a writer's side, whose journals hold its log records and system metrics."""
    return f"{writer}s"


def owner(writer: str) -> str:
    """The writer whose side this is; a writer's own id stays as it is."""
    return writer.removesuffix("s")  # no hexadecimal digit


def pack(writer: str, number: int) -> str:
    """A file of small artifacts."""
    return f"k-{writer}-{number:04d}.pack"


def log(writer: str, number: int) -> str:
    """Raw text: what a process printed, or the log of another source."""
    return f"o-{writer}-{number:04d}.log"


def spool(writer: str, number: int) -> str:
    """What a process printed that its writer has to copy into that log."""
    return f"e-{writer}-{number:04d}.log"


def end(attempt: int) -> str:
    """The end file that a signal handler writes for its attempt."""
    return f"a{attempt}.end.json"


def lock(writer: str) -> str:
    """The liveness lock of a writer; holds nothing that matters."""
    return f"{writer}.lock"


def segment(kind: str, sha256: str) -> str:
    """A sealed Parquet file of ``kind`` points, rows, system or logs."""
    return f"{kind}-{sha256[:24]}.parquet"


def seal(sha256: str) -> str:
    """A seal record: which segments exist, what they cover, their hashes, their summary."""
    return f"seal-{sha256[:24]}.json"


def temporary(name: str, token: str) -> str:
    """What a file is called until it is whole."""
    return f".{name[:40]}.{token}.tmp"
