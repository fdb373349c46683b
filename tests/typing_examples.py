"""Calls a user may write: the type checker must accept them. Never run."""

from __future__ import annotations

import runstore
from runstore import errors


def logging() -> str:
    workspace = runstore.Workspace("path")
    experiment = runstore.Experiment(workspace, "mnist")
    run = experiment.start_logging()
    run.log("loss", 0.3)
    run.log("loss", 0.3, "training loss", 7)
    run.log({"loss": 0.3, "acc": 0.9, "note": "warm", "best": None}, step=7)
    run.log_params({"optimizer": {"name": "adam", "betas": [0.9, 0.999]}})
    run.tag("stage", "trial")
    run.set_tags({"stage": "final"})
    run.add_properties({"commit": "abc"})
    run.log_row("residuals", index=1, residual=0.5)
    run.log_list("fibonacci", (n for n in (1, 1, 2)), "a generator", step=1)
    run.log_batch("loss", [0.5, 0.25], steps=[1, 2])
    run.log_table("sine", {"angle": [0.0, 0.1], "sine": [0.0, 0.0998]}, step=1)
    run.log_image("curve", path="curve.png", description="the loss")
    run.log_confusion_matrix("matrix", y_true=[0, 1], y_pred=[0, 0])
    run.display_name, run.description = "shown", "what it is about"
    run.note("looks good")
    run.remove_tags(["stage"])
    run.flush()
    run.complete()
    return run.id


def one_call() -> None:
    with runstore.start_run("mnist", params={"lr": 0.1}, tags={"a": "b"}) as run:
        child = run.child_run("fold 1")
        child.log("loss", 1)
        child.fail("diverged", "Diverged")
        children: list[runstore.Run] = run.create_children(tag_key="lr", tag_values=[0.1, 0.2])
        above: runstore.Run | None = children[0].parent
        if above is not None:
            above.log("seen", True)


def found(workspace: runstore.Workspace) -> list[str]:
    experiment = workspace.experiments["mnist"]
    experiment.tag("stage", "old")
    experiment.archive()
    runs = experiment.get_runs(tags="stage", properties={"commit": "abc"}, status="Failed", include_children=True)
    details = [run.wait_for_completion(raise_on_error=False) for run in runs]
    return [str(one["status"]) for one in details]


def reading(workspace: runstore.Workspace) -> list[tuple[object, ...]]:
    try:
        run = workspace.get_run("a1b2")
    except errors.RunNotFound:
        return []
    history: dict[str, object] = dict(run.get_metrics("loss", recursive=True, populate=True))
    rows: list[tuple[object, ...]] = workspace.sql("select run_id, last.loss from runs").fetchall()
    return rows if history else []
