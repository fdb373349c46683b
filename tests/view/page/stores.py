"""Workspaces as people have them, to be looked at in a browser."""

from __future__ import annotations

import json
import math
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import runstore

RUNS = 14
HOSTILE = "<img src=x onerror=\"document.title='owned'\">"
"""A name that would be the page's own word, if any name were ever taken for HTML."""

STRANGE = (
    HOSTILE,
    "عربي \u202eabc",
    "🚀 two\nlines",
    "long-" * 60,
    "'; drop table runs; --",
    'a "quoted" name',
    "a.b,c=d",
)

_RUNNING = """
import sys, runstore
run = runstore.Workspace(sys.argv[1]).experiment("live").start_logging("at work", params={"lr": 0.1})
for step in range(20):
    run.log({"loss": 1 / (step + 1)}, step=step)
print(run.id, flush=True)
sys.stdin.read()
run.complete()
"""


def log(ws: runstore.Workspace, number: int, *, experiment: str = "mnist") -> runstore.Run:
    """One run: fast ones learn more; the fourth fails."""
    params = {"lr": (0.1, 0.01)[number % 2], "seed": number, "epochs": 3}
    run = runstore.start_run(experiment, params=params, workspace=ws)
    for step in range(60):
        loss = math.exp(-step / 20) + number / 10
        run.log({"train/loss": loss, "val/loss": loss * 1.1, "accuracy": 1 - loss / 3}, step=step)
    if number == 3:
        run.fail("no memory")
    else:
        run.complete()
    return run


def few(place: Path) -> runstore.Workspace:
    """Fourteen runs in an experiment, one in another."""
    ws = runstore.Workspace(place)
    for number in range(RUNS):
        log(ws, number)
    log(ws, 0, experiment="other")
    return ws


def rich(place: Path) -> runstore.Workspace:
    """Of everything that can be logged something, in an experiment each.

    ``seeds``: three models with four seeds each. ``vision``: three runs with images, charts, tables, files, a log and a
    model. ``pipeline``: a run with three children, one of which failed. ``sweep``: a sweep of six trials. ``ends``: a
    failed run, a canceled one, one without metrics, one with NaN and infinite values. ``strange``: names that nobody
    would choose.
    """
    ws = runstore.Workspace(place)
    _seeds(ws)
    for number in range(3):
        _vision(ws, number, place.parent)
    _pipeline(ws)
    _sweep(ws)
    _ends(ws)
    _strange(ws)
    return ws


@contextmanager
def running(ws: runstore.Workspace) -> Iterator[str]:
    """The id of a run of ``live`` that a process of its own has at work until the block ends."""
    argv = [sys.executable, "-c", _RUNNING, str(ws.path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate()


def png(shade: int, side: int = 24) -> bytes:
    """A grey picture, a little brighter in its middle."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    middle = range(side // 3, 2 * side // 3)
    rows = (
        bytes([0, *(min(255, shade + 60 * (x in middle and y in middle)) for x in range(side))]) for y in range(side)
    )
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")


def _seeds(ws: runstore.Workspace) -> None:
    for place, model in enumerate(("cnn", "mlp", "transformer")):
        for seed in range(4):
            params = {"model": model, "optimizer": {"lr": 10.0 ** -(place + 1), "name": "adam"}, "seed": seed}
            with ws.experiment("seeds").start_logging(f"{model}-{seed}", params=params, tags={"team": "a"}) as run:
                for step in range(40):
                    run.log({"loss": math.exp(-step / 15) + place + seed / 10, "epoch": step // 10}, step=step)


def _vision(ws: runstore.Workspace, number: int, outside: Path) -> None:
    classes = cat, dog, emu = ["cat", "dog", "<b>emu</b>"]
    with ws.experiment("vision").start_logging(f"vision {number}", params={"lr": 0.1 / (number + 1)}) as run:
        for step in range(0, 40, 10):
            picture = outside / f"picture-{number}-{step}.png"
            picture.write_bytes(png(40 + step + 10 * number))
            run.log_image("samples", picture, step=step)
            run.log_histogram("weights", [step * x / 50 for x in range(50)], step=step)
            run.log({"loss": 1 / (step + 1) + number, "accuracy": step / 40}, step=step)
        run.log_confusion_matrix(
            "confusion", y_true=[*classes, cat, emu], y_pred=[cat, dog, cat, dog, emu], labels=classes
        )
        run.log_residuals("residuals", y_true=[1.0, 2.0, 3.0, 4.0], y_pred=[1.1, 1.9, 3.5, 4.0])
        run.log_table("predictions", {"sample": [1, 2, 3], "class": ["cat", "dog", "emu"], "score": [0.9, 0.4, 0.7]})
        for row in range(30):
            run.log_row("rows", sample=row, score=row / 30, said=f"row {row}")
        run.log_text("notes", "first line\nsecond line")
        run.log_html("page", "<h1>logged page</h1>")
        run.attach_log("user_logs/std_log.txt", _log().encode()).wait(30)
        weights = outside / f"weights-{number}.bin"
        weights.write_bytes(bytes(range(256)) * 8)
        run.upload_file("outputs/weights.bin", weights)
        run.upload_file("outputs/deep/er/notes.txt", picture)
    run.register_model("classifier", "outputs/weights.bin", aliases=["production"] if number == 2 else [])


def _log() -> str:
    lines = [f"epoch {epoch}: loss {1 / (epoch + 1):.4f}" for epoch in range(200)]
    return "\n".join([*lines, "\x1b[31mERROR\x1b[0m out of patience", "the end", ""])


def _pipeline(ws: runstore.Workspace) -> None:
    with ws.experiment("pipeline").start_logging("pipeline", description="# All of it") as parent:
        for name in ("prepare", "train", "judge"):
            child = parent.child_run(name, params={"part": name})
            child.log("seconds", len(name))
            child.fail(ValueError("nothing to judge")) if name == "judge" else child.complete()


def _sweep(ws: runstore.Workspace) -> None:
    told = {
        "generator_config": {"name": "TPE", "parameter_space": {"lr": ["uniform", 0, 1], "width": ["choice", [8, 16]]}},
        "policy_config": {"name": "none"},
        "max_total_jobs": 6,
        "max_concurrent_jobs": 2,
    }
    tags = {name: json.dumps(value) for name, value in told.items()}
    sweep = ws.experiment("sweep").start_logging("a sweep", type="hyperdrive", tags=tags)
    sweep.add_properties({"primary_metric_config": json.dumps({"name": "loss", "goal": "minimize"})})
    for number in range(6):
        space = {"lr": (number + 1) / 7, "width": 8 * (number % 2 + 1)}
        child = sweep.child_run(run_id=f"{sweep.id}_{number}", params=space)
        child.add_properties({"hyperparameters": json.dumps(space)})
        for step in range(10):
            child.log("loss", abs(number - 3) + 1 / (step + 1), step=step)
        child.complete()
    sweep.add_properties({"best_child_run_id": f"{sweep.id}_3"})
    sweep.complete()


def _ends(ws: runstore.Workspace) -> None:
    ends = ws.experiment("ends")
    failed = ends.start_logging("failed")
    failed.log("loss", 2.0, step=0)
    try:
        raise MemoryError("the batch does not fit")
    except MemoryError as error:
        failed.fail(error)
    ends.start_logging("canceled").cancel()
    ends.start_logging("without metrics").complete()
    with ends.start_logging("not a number") as odd:
        for step, value in enumerate((1.0, math.nan, 0.5, math.inf, -1.0, 0.25)):
            odd.log("loss", value, step=step)


def _strange(ws: runstore.Workspace) -> None:
    for number, name in enumerate(STRANGE):
        with ws.experiment(f"strange {HOSTILE}").start_logging(name, params={name: name, "n": number}) as run:
            run.tag("strange", name)
            for step in range(5):
                run.log({name: step * number, f"deep/{name}": step}, step=step)
