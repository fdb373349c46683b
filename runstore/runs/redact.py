"""Secrets are taken out when something is captured, before it is written. ``docs/provenance.md`` has the rule.

Too much rather than too little: what follows the name of a secret goes, to the end of its line.
"""

from __future__ import annotations

import functools
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

REDACTED = "[redacted]"
LONGEST = 4096  # letters of a line; the rest is cut off, so that no line takes long
LONGEST_SAID = 1 << 16  # of a line of a message, which its author wants to read whole
_TAIL = 1300  # letters before a cut that go too: no pattern needs more to know what begins there
_LEAST = 8  # letters the value of a secret variable must have to be looked for elsewhere

_WORDS = (
    r"token|secrets?|pass(?:word|wd|phrase|code)s?|pwd|credentials?|auth|authorization|authentication|bearer|cookies?|dsn|"
    r"(?:api|access|private|account|secret|encryption|signing|shared|storage|subscription|master|deploy|ssh|license)"
    r"[ _.\-]?keys?|(?:api|access|auth|refresh|session)[_\-]?tokens|conn(?:ection)?[ _\-]?str(?:ing)?|"
    r"(?:db|user|smtp|ftp|mail|redis|my|pg|ssh)[_\-]?pass"
)
_SHAPES = (
    "A[KS]IA[0-9A-Z]{16}", "gh[pousr]_[A-Za-z0-9]{16,}", r"github_pat_\w{16,}", r"glpat-[\w\-]{16,}",
    r"[rs]k[-_][\w\-]{16,}", r"xox[a-z]-[\w\-]{10,}", "hf_[A-Za-z0-9]{16,}", r"AIza[\w\-]{30,}", r"ya29\.[\w\-]{16,}",
    "npm_[A-Za-z0-9]{20,}", r"pypi-[\w\-]{16,}", "dapi[0-9a-f]{32}", r"SG\.[\w\-]{16,}", r"eyJ[\w\-]{8,}\.[\w\-.]{8,}",
)  # fmt: skip
_HINTS = (
    "token", "secret", "pass", "pwd", "credential", "auth", "bearer", "basic", "cookie", "dsn", "key", "conn",
    "://", "sig=", "signature=", "-----", "x-amz-", "x-goog-", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_",
    "ghr_", "_pat_", "glpat", "sk-", "sk_", "rk-", "rk_", "xox", "hf_", "aiza", "ya29", "npm_", "pypi-", "dapi",
    "sg.", "eyj",
)  # fmt: skip
"""A line without any of these holds nothing that the patterns below match; most lines are told apart by that."""

_BEGIN, _END = "-----BEGIN ", "-----END "
_ALLOWED = frozenset({
    "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "NVIDIA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "RANK", "LOCAL_RANK",
    "GROUP_RANK", "NODE_RANK", "WORLD_SIZE", "LOCAL_WORLD_SIZE", "MASTER_PORT", "OMP_NUM_THREADS", "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS", "PYTHONHASHSEED", "CUBLAS_WORKSPACE_CONFIG", "CONDA_DEFAULT_ENV",
    "VIRTUAL_ENV", "SLURM_JOB_ID", "SLURM_JOB_NAME", "SLURM_JOB_PARTITION", "SLURM_NNODES", "SLURM_NTASKS",
    "SLURM_PROCID", "SLURM_NODEID", "SLURM_LOCALID", "SLURM_ARRAY_JOB_ID", "SLURM_ARRAY_TASK_ID",
    "SLURM_CPUS_PER_TASK", "SLURM_GPUS_ON_NODE", "JAX_PLATFORMS", "XLA_FLAGS", "TF_DETERMINISTIC_OPS",
})  # fmt: skip
"""The only environment variables that are captured."""


@functools.lru_cache(maxsize=1)
def _name() -> re.Pattern[str]:
    """The name of a secret: its last word ends there, so that ``tokenizer`` and ``author`` are none."""
    return re.compile(rf"(?i:{_WORDS})(?:(?<=[a-z])(?![a-z])|(?<=[A-Z])(?![A-Z]))")


@functools.lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What is looked for and what stands in its place, in this order."""
    name = _name().pattern
    tail, closing = r"[\w.\-]{0,200}+", r"[\"'`\])]{0,4}"
    rest = rf"\g<1>{REDACTED}"
    return (
        (re.compile(rf"({name}{tail}(?:{closing}\s{{0,8}}(?::=|=>|={{1,3}}|:)|[\"']\s{{0,4}},)\s{{0,8}})\S.*"), rest),
        (re.compile(rf"(-[\w.\-]{{0,80}}?{name}{tail}\s+)\S.*"), rest),
        (re.compile(r"(\b(?i:password|passwd)\s+)(?![=:]|\[redacted\])\S.*"), rest),
        (re.compile(r"(\b(?i:bearer\s+|basic\s+(?=\S*[0-9=])))[\w+/=.~\-]{8,}.*"), rest),
        (re.compile(r"([A-Za-z][\w+.\-]{0,20}://)"
                    r"(?:[^\s/@:\"']{0,200}:[^\s\"'<>]{0,1000}|[^\s/\"'<>]{0,1000})@"),
         rf"\g<1>{REDACTED}@"),
        (re.compile(r"(?i)([?&](?:sig|signature|x-amz-[\w\-]+|x-goog-[\w\-]+)=)[^&\s\"']+"), rest),
        (re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(_SHAPES)})"), REDACTED),
    )  # fmt: skip


def is_secret(name: str) -> bool:
    """Whether something of that name is not to be captured."""
    return _name().search(name) is not None or name.lower().endswith(("_key", "-key"))


def url(remote: str) -> str:
    """A remote's URL without credentials. The user of an ssh remote (``git@host``) is none."""
    scheme, found, rest = remote.partition("://")
    if not found:  # host:path of ssh, or a path
        user, at, place = remote.rpartition("@")
        return place if at and re.search("[:@]", user) else remote
    host, slash, path = rest.partition("/")
    user, at, place = host.rpartition("@")
    if at and "ssh" in scheme and ":" not in user:
        place = host
    return f"{scheme}://{place}{slash}{path.partition('?')[0]}"


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Those of the variables that are captured at all; of a virtual environment its name only."""
    found = {key: value for key, value in environ.items() if key in _ALLOWED and not is_secret(key)}
    for key in ("VIRTUAL_ENV", "CONDA_DEFAULT_ENV"):
        if key in found:
            found[key] = re.split(r"[\\/]", found[key].rstrip("\\/"))[-1]
    return found


class Redactor:
    """Knows the values of the environment's secret variables: wherever one of them appears, it is redacted."""

    def __init__(self, environ: Mapping[str, str], longest: int = LONGEST) -> None:
        """Nothing is read but the variables.

        Args:
            environ: the environment's variables.
            longest: letters of a line that are kept at most.
        """
        values = {v for key, v in environ.items() if len(v) >= _LEAST and is_secret(key)}
        parts = {part for value in values for part in value.splitlines() if len(part) >= _LEAST}
        self._values = sorted(parts, key=len, reverse=True)
        self._longest = longest

    def line(self, line: str) -> str:
        """One line without its secrets."""
        for value in self._values:
            if value in line:
                line = line.replace(value, REDACTED)
        if len(line) > self._longest:  # half a secret looks like none, so what stands at the cut goes
            return self._matched(line[: self._longest])[:-_TAIL] + " [cut]"
        return self._matched(line)

    @staticmethod
    def _matched(line: str) -> str:
        """A line without what looks like a secret."""
        lowered = line.lower()
        if any(hint in lowered for hint in _HINTS):
            for pattern, instead in _patterns():
                line = pattern.sub(instead, line)
        return line

    def lines(self, lines: Iterable[str]) -> Iterator[str]:
        """Lines of one text: what stands in several of them (a PEM block, base64) goes too."""
        inside = False
        for line in lines:
            if inside and line.startswith(("diff --git ", "@@ ")):
                inside = False
            begun = line.rfind(_BEGIN)
            if inside:
                inside = _END not in line
                yield f"{line[:1] if line[:1] in '+- ' else ''}{REDACTED}"
            elif begun >= 0 and "PRIVATE" in line[begun:]:
                inside = _END not in line[begun:]
                yield f"{self.line(line[:begun])}{REDACTED}"
            elif _encoded(line):
                yield f"{line[:1] if line[:1] in '+- ' else ''}{REDACTED}"
            else:
                yield self.line(line)

    def text(self, text: str) -> str:
        """A text of one line or several without its secrets."""
        return "\n".join(self.lines(text.splitlines())) + "\n" * text.endswith("\n")

    def arguments(self, argv: Sequence[str]) -> list[str]:
        """A command line: ``--token x``, ``--token=x``, ``token=x`` and all that ``line`` finds within one argument."""
        found, secret = list[str](), False
        for argument in argv:
            flag, given, _ = argument.partition("=")
            named = argument.startswith("-") and is_secret(flag)
            if secret:
                found.append(REDACTED)
            elif named and given:
                found.append(f"{flag}={REDACTED}")
            else:
                found.append(self.text(argument))
            secret = named and not given
        return found


_newest: tuple[float, Redactor] | None = None


def of_process(age: float = 0.0) -> Redactor:
    """What redacts the messages of this process, by its variables as they were at most ``age`` seconds ago."""
    global _newest
    now, newest = time.monotonic(), _newest
    if newest is None or now - newest[0] > age:
        newest = _newest = now, Redactor(os.environ, LONGEST_SAID)
    return newest[1]


def strings(body: Any, redactor: Redactor | None = None) -> Any:
    """The same with every text in it redacted."""
    redactor = redactor or of_process()
    if isinstance(body, str):
        return redactor.text(body)
    if isinstance(body, Mapping):
        return {key: strings(value, redactor) for key, value in body.items()}
    return [strings(value, redactor) for value in body] if isinstance(body, list | tuple) else body


def _encoded(line: str) -> bool:
    """Whether a line is nothing but base64: a key's inside, whose beginning need not be in a diff."""
    return len(line) >= 40 and re.fullmatch(r"[+\- ]?\s*[\"']?[A-Za-z0-9+/]{40,}={0,2}[\"',;\\n]*", line) is not None
