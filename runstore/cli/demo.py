"""``runstore demo``: a small sweep on real data, logged, ranked in SQL, and yours to look at."""

from __future__ import annotations

import io
import os
import pickle
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runstore.cli import listing, options, output, sql, style
from runstore.cli.init import where
from runstore.cli.progress import Bar
from runstore.cli.text import safe
from runstore.errors import RunstoreError, UsageError

if TYPE_CHECKING:
    from runstore import Run, Workspace

EXPERIMENT = "diabetes-ridge"
ALPHAS = tuple(number / 20 for number in range(21))
_LEADERBOARD = """select left(run_id, 8) as run, params.model.alpha,
       round(last.mse, 2) as mse, round(last.r2, 4) as r2
from runs where parent_id = '{parent}'
order by last.mse limit 8"""


@options.command("demo", "runstore demo", "runstore demo -w /tmp/trial")
@options.as_json
def demo(workspace: Path | None, format_: str | None) -> None:
    """Train ridge regressions on real data, rank them in SQL.

    The data are scikit-learn's diabetes set (442 patients), the model's alpha is swept from 0 to 1: one run per alpha
    under one parent. Needs scikit-learn, and no network. Makes the workspace where it is missing.
    """
    with Bar("ridge regressions", delay=0.0) as bar:
        bar(0, len(ALPHAS))
        problem = _Problem.load()
        ws = _workspace(workspace)
        parent = _sweep(ws, problem, bar)
    statement = _LEADERBOARD.format(parent=parent.id)
    leaderboard = ws.sql(statement)
    if format_ == "json":
        rows = [dict(zip(leaderboard.columns, row, strict=True)) for row in leaderboard.fetchall()]
        output.print_json({"workspace": str(ws.path), "run_id": parent.id, "leaderboard": rows})
        return
    style.echo(f"{style.bold('leaderboard')} of {len(ALPHAS)} runs, by this statement\n")
    style.echo(style.dim("\n".join(f"    {line}" for line in statement.splitlines())) + "\n")
    sql.show(leaderboard)
    style.echo(f"\n{style.bold('workspace')} {safe(ws.path)}\n\n{style.bold('next')}\n{_next(ws, parent.id)}")


@dataclass(slots=True)
class _Problem:
    """What is trained on, and what is measured on."""

    train: tuple[Any, Any]
    test: tuple[Any, Any]

    @classmethod
    def load(cls) -> _Problem:
        """The data, split the same way each time.

        Raises:
            RunstoreError: scikit-learn is missing.
        """
        try:
            from sklearn.datasets import load_diabetes
            from sklearn.model_selection import train_test_split
        except ImportError:
            raise RunstoreError("the demo needs scikit-learn: pip install 'runstore[demo]'") from None
        inputs, targets = load_diabetes(return_X_y=True)
        train_x, test_x, train_y, test_y = train_test_split(inputs, targets, test_size=0.2, random_state=0)
        return cls((train_x, train_y), (test_x, test_y))


def _workspace(path: Path | None) -> Workspace:
    from runstore import Workspace
    from runstore.runs.workspace import disabled

    if disabled():
        raise UsageError("RUNSTORE_MODE=disabled turns logging off; unset it to see the demo")
    return Workspace(path)


def _sweep(ws: Workspace, problem: _Problem, bar: Bar) -> Run:
    """One run per alpha under a parent, which has the curves of mse and r2 over the sweep."""
    from runstore import Experiment

    parent = Experiment(ws, EXPERIMENT).start_logging("alpha sweep", params={"model": {"name": "ridge"}})
    with parent:
        for step, scores in enumerate(_train(parent, problem)):
            parent.log(scores, step=step)
            bar(step + 1, len(ALPHAS))
    return parent


def _train(parent: Run, problem: _Problem) -> Iterator[dict[str, float]]:
    from sklearn.linear_model import Ridge
    from sklearn.metrics import mean_squared_error, r2_score

    inputs, targets = problem.test
    for alpha in ALPHAS:
        with parent.child_run(f"alpha {alpha:.2f}", params={"model": {"name": "ridge", "alpha": alpha}}) as run:
            model = Ridge(alpha=alpha).fit(*problem.train)
            guesses = model.predict(inputs)
            mse, r2 = mean_squared_error(targets, guesses), r2_score(targets, guesses)
            run.log({"alpha": alpha, "mse": mse, "r2": r2})
            for sample, residual in enumerate(targets - guesses):
                run.log("residual", residual, step=sample)
            run.upload_file(f"outputs/ridge_{alpha:.2f}.pkl", io.BytesIO(pickle.dumps(model)))
        yield {"alpha": alpha, "mse": mse, "r2": r2}


def _next(ws: Workspace, parent: str) -> str:
    """Commands that work as they stand, from the directory in which the demo was called."""
    query = "select run_id from runs where parent_id = ? order by last.mse"
    ranked = [str(row[0]) for row in ws.sql(query, params=[parent]).fetchall()]
    every = [str(row[0]) for row in ws.sql("select run_id from runs").fetchall()]
    best, worst, sweep = listing.shortened([ranked[0], ranked[-1], parent], every)
    start, option = program(), where(ws.path)
    commands = (
        f"runs{option} -e {EXPERIMENT} --sort mse",
        f"show{option} {best}",
        f"compare{option} {best} {worst}",
        f"plot{option} {sweep} mse --x alpha",
        f'sql{option} "select name, count, min, last from metric_summary"',
        f"check{option}",
    )
    return "\n".join(f"    {start} {command}" for command in commands)  # alone on its line: to be copied whole


def program() -> str:
    """How this program was called, as a shell takes it again: it need not be on the search path."""
    called, python = Path(sys.argv[0]).absolute(), Path(sys.executable)
    if called.name == "__main__.py":
        return f"{_named(python)} -m runstore"
    return _named(called) if called.stem == "runstore" else "runstore"


def _named(path: Path) -> str:
    """The name of a program that is on the search path, else where it lies, as seen from here."""
    found = shutil.which(path.name)
    if found is not None and Path(found).absolute() in (path, path.with_suffix(".exe")):
        return path.name
    text = os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    return safe(shlex.quote(text)) if os.name != "nt" else f'"{text}"' if " " in text else text
