"""A workspace that has everything the page shows: what `docs/logging-values.md` lists, logged by real runs."""

from __future__ import annotations

import io
import json
import logging
import math
import struct
import wave
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import runstore
from runstore.runs import logfile

STD = "user_logs/std_log.txt"
LABELS = ("bird", "cat", "dog")
SAMPLES = 300  # rows of the table of predictions
PARTS_AT = 12  # the step from which on the curves of the two plain runs differ


class HeatMap:
    """A figure as Plotly's are, too much for a small chart of the page's own."""

    def to_plotly_json(self) -> dict[str, Any]:
        """What Plotly draws it from."""
        return {"data": [{"type": "heatmap", "z": [[1, 2], [3, 4]]}], "layout": {"title": {"text": "heat"}}}

    def to_json(self) -> str:
        """As Plotly writes it."""
        return json.dumps(self.to_plotly_json())


@dataclass(frozen=True)
class Everything:
    """The workspace, and the ids of its runs by what they are called here."""

    ws: runstore.Workspace
    ids: Mapping[str, str]


def everything(root: Path) -> Everything:
    """Make it in an empty directory."""
    ws = runstore.Workspace(root / "store")
    ids = {name: _vision(ws, root, name, lr) for name, lr in (("slow", 0.001), ("quick", 0.1), ("wild", 0.5))}
    ids["whole"] = _whole(ws, root)
    ids["failed"] = _failed(ws)
    ids["parent"] = _family(ws)
    ids["sweep"] = _sweep(ws)
    ids["used"] = _used(ws, ids["whole"])
    return Everything(ws, ids)


def png(width: int, height: int, red: int) -> bytes:
    """A picture whose pixel at x, y is (red, x, y)."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    lines = b"".join(b"\0" + bytes(v for x in range(width) for v in (red, x % 256, y % 256)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = chunk(b"IDAT", zlib.compress(lines))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + pixels + chunk(b"IEND", b"")


def predicted(number: int) -> tuple[str, str]:
    """The true and the predicted class of a sample."""
    return LABELS[number % 3], LABELS[number % 3 if number % 7 else (number + 1) % 3]


def score(number: int) -> float:
    """How sure the model was of a sample."""
    return round(abs(math.sin(number)), 4)


# ---- runs that differ in what they were given


def _vision(ws: runstore.Workspace, root: Path, name: str, lr: float) -> str:
    source = _source(root, name, lr)
    params = {"optimizer": {"name": "adam", "lr": lr, "betas": [0.9, 0.999]}, "batch": 64, "data": {"seed": 7}}
    if name == "wild":
        params["data"] = {"seed": 8, "augment": True}
    run = runstore.start_run(
        "vision", name=name, params=params, tags={"team": "sight"}, workspace=ws, snapshot_directory=source
    )
    for step in range(40):
        parted = lr if step >= PARTS_AT else 0.001
        loss = math.exp(-step * (0.02 + parted)) + 0.05
        run.log({"train/loss": loss, "accuracy": 1 - loss / 2, "epoch": step // 10}, step=step)
    for number in range(0, 30, 3 if name == "wild" else 1):
        given, found = predicted(number)
        run.log_row("predictions", id=f"s{number:03}", true=given, predicted=found, score=round(lr + number / 100, 3))
    run.complete()
    return run.id


def _source(root: Path, name: str, lr: float) -> Path:
    folder = root / f"src-{name}"
    (folder / "nets").mkdir(parents=True)
    body = [f"line {n} of a script" for n in range(30)]
    (folder / "train.py").write_text("\n".join([f"LR = {lr}", *body, ""]))
    (folder / "nets" / "small.py").write_text("WIDTH = 64\n")
    return folder


# ---- a run that logs everything


def _whole(ws: runstore.Workspace, root: Path) -> str:
    run = runstore.start_run(
        "vision", name="whole", params={"optimizer": {"name": "sgd", "lr": 0.05}, "batch": 32}, tags={"team": "sight"},
        workspace=ws, description="A run that logs everything.\n\nSee https://example.org/paper.",
        snapshot_directory=_source(root, "whole", 0.05),
    )  # fmt: skip
    _points(run)
    _media(run, root)
    _charts(run)
    _tables(run)
    run.note("looks good at step 200")
    (root / "model.bin").write_bytes(b"weights" * 100)
    (root / "data.csv").write_text("name,score\nada,0.9\ngrace,0.7\n")
    run.upload_file("outputs/model/weights.bin", root / "model.bin")
    run.upload_file("outputs/data.csv", root / "data.csv")
    run.upload_file("outputs/config.json", io.BytesIO(b'{"deep": {"a": [1, 2]}}'))
    run.register_model("birds", "outputs/model", tags={"task": "classes"}, aliases=["production"], description="First.")
    run.register_model("birds", "outputs/model/weights.bin", model_framework="torch", model_framework_version="2.9")
    _printed(run)
    for number in range(30):
        run._live().side().system(
            {"cpu.percent": 40 + 30 * math.sin(number / 4), "memory.used_bytes": 4e9 + number * 1e7}
        )
    run.complete()
    return run.id


def _points(run: runstore.Run) -> None:
    began = datetime.now(UTC) - timedelta(minutes=10)
    steps = range(400)
    for name, curve in (("loss", lambda s: 2 * math.exp(-s / 90) + 0.1), ("val/acc", lambda s: 1 - math.exp(-s / 60))):
        times = [began + timedelta(seconds=step) for step in steps]
        run.log_batch(name, [curve(step) for step in steps], list(steps), times)
    run.log("best", 0.93)
    run.log("verdict", "passed")


def _media(run: runstore.Run, root: Path) -> None:
    for step in (0, 100, 200, 300):
        (root / f"seen-{step}.png").write_bytes(png(48, 32, step % 256))
        run.log_image("seen", root / f"seen-{step}.png", step=step)
    for number in range(6):
        (root / f"sample-{number}.png").write_bytes(png(16, 16, 40 * number))
        run.upload_file(f"samples/{number}.png", root / f"sample-{number}.png")
    run.log_text("said", "a caption\nof two lines")
    run.log_figure("heat", HeatMap())
    run.log_html("page", "<h1>A page</h1><p>drawn in a frame</p>")
    sound = io.BytesIO()
    with wave.open(sound, "wb") as file:
        file.setparams((1, 1, 8000, 0, "NONE", ""))
        file.writeframes(bytes(128 + int(90 * math.sin(n / 6)) for n in range(4000)))
    (root / "tone.wav").write_bytes(sound.getvalue())
    run.log_audio("tone", root / "tone.wav")


def _charts(run: runstore.Run) -> None:
    pairs = [predicted(number) for number in range(SAMPLES)]
    truth, found = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    run.log_confusion_matrix("confusion", y_true=truth, y_pred=found, labels=list(LABELS))
    for step in (0, 100):
        run.log_histogram("weights", [math.sin(n) * (step + 1) for n in range(500)], step=step)
    run.log_residuals(
        "residuals", y_true=[n / 10 for n in range(100)], y_pred=[n / 10 + math.sin(n) for n in range(100)]
    )
    run.log_predictions("regression", _schema("predictions", {
        "bin_averages": [0.1, 1.2, 2.1, 2.9], "bin_errors": [0.1, 0.2, 0.1, 0.3], "bin_counts": [9, 7, 5, 3],
        "bin_edges": [0, 1, 2, 3, 4],
    }))  # fmt: skip
    rates = [[90, 90, 10, 10], [80, 40, 60, 20], [60, 10, 90, 40], [10, 0, 100, 90]]
    tables = {"probability_tables": [rates, rates], "percentile_tables": [rates, rates], "class_labels": ["no", "yes"],
              "probability_thresholds": [0, 0.3, 0.6, 0.9], "percentile_thresholds": [0, 0.3, 0.6, 0.9]}  # fmt: skip
    run.log_accuracy_table("accuracy table", _schema("accuracy_table", tables))


def _schema(kind: str, data: Mapping[str, Any]) -> dict[str, Any]:
    return {"schema_type": kind, "schema_version": "1.0.0", "data": data}


def _tables(run: runstore.Run) -> None:
    rows = []
    for number in range(SAMPLES):
        given, found = predicted(number)
        rows.append({"id": f"s{number:03}", "image": f"samples/{number % 6}.png", "true": given, "predicted": found,
                     "score": score(number)})  # fmt: skip
    run.log_table("predictions", rows)
    run.log_table("roc", {"fpr": [0.0, 0.1, 0.5, 1.0], "tpr": [0.0, 0.6, 0.9, 1.0]})


def _printed(run: runstore.Run) -> None:
    """Three hundred lines in three parts, each with the time at which it was there, and a traceback in the midst."""
    file, size = logfile.opened(run._live(), STD), 0
    for part in range(3):
        lines = [f"\x1b[32mINFO\x1b[0m step {number} of 300" for number in range(part * 100, part * 100 + 100)]
        if part == 1:
            lines[50:50] = ["WARNING: the learning rate is high", "Traceback (most recent call last):",
                            '  File "train.py", line 3, in <module>', "ValueError: no such sample"]  # fmt: skip
        data = ("\n".join(lines) + "\n").encode()
        file.write(data)
        size += len(data)
        run._live().side().mark(STD, size)
        run.log("printed", size, step=part)
    record = logging.LogRecord("train", logging.WARNING, "train.py", 3, "the learning rate is high", None, None)
    runstore.LogHandler(run).emit(record)


# ---- the others


def _failed(ws: runstore.Workspace) -> str:
    run = runstore.start_run("vision", name="failed", params={"batch": 4096}, workspace=ws)
    run.log("loss", math.nan, step=0)
    try:
        _fit()
    except MemoryError as problem:
        run.fail(problem)
    return run.id


def _fit() -> None:
    raise MemoryError("no memory for a batch of 4096")


def _family(ws: runstore.Workspace) -> str:
    parent = runstore.start_run("folds", name="folds", workspace=ws)
    for fold in range(3):
        child = parent.child_run(name=f"fold {fold}")
        child.log_params({"fold": fold})
        for step in range(10):
            child.log("loss", (fold + 1) / (step + 1), step=step)
        child.complete()
    parent.complete()
    return parent.id


def _sweep(ws: runstore.Workspace) -> str:
    space = {"lr": ["uniform", [0, 1]], "width": ["choice", [[16, 32, 64]]]}
    sweep = ws.experiment("tuning").start_logging(
        type="hyperdrive",
        display_name="tune lr",
        tags={
            "generator_config": json.dumps({"name": "RANDOM", "parameter_space": space}),
            "policy_config": json.dumps({"name": "BANDIT"}), "max_total_jobs": "12", "max_concurrent_jobs": "2",
        },
    )  # fmt: skip
    sweep.add_properties({"primary_metric_config": json.dumps({"name": "loss", "goal": "minimize"})})
    for at in range(12):
        lr, width = (at * 7 % 12) / 12, (16, 32, 64)[at % 3]
        child = sweep.child_run(run_id=f"{sweep.id}_{at}")
        child.add_properties({"hyperparameters": json.dumps({"lr": lr, "width": width})})
        child.log("loss", (lr - 0.4) ** 2 + 1 / width)
        if at == 5:
            child.tag("stopped_by", "bandit")
        child.complete()
    sweep.add_properties({"best_child_run_id": f"{sweep.id}_11"})
    sweep.complete()
    return sweep.id


def _used(ws: runstore.Workspace, whole: str) -> str:
    run = runstore.start_run("vision", name="evaluation", workspace=ws)
    run.use_artifact(whole, "outputs/model/weights.bin")
    run.log("test/acc", 0.91)
    run.complete()
    return run.id
