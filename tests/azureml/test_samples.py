"""Section 18: the calls of the SDK's samples, as they are written there, with code and data of our own around them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import runstore.azureml.core
from runstore.azureml.core import Experiment, Model, Run, Workspace
from runstore.azureml.exceptions import AzureMLException
from tests.azureml.scenes import python


@pytest.fixture
def ws(here: Path) -> Workspace:
    """The workspace as every sample opens it."""
    return Workspace.from_config()


# ---- all of them begin so


def test_the_version_is_printed(ws: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    print("This runs with version", runstore.azureml.core.VERSION)
    print(ws.name, ws.resource_group, ws.location, ws.subscription_id, sep="\n")
    print("Workspace: " + ws.name + "\nRegion: " + ws.location)
    assert "local\nlocal\nlocal\nlocal" in capsys.readouterr().out


def test_an_experiment_is_got_by_keywords_or_in_order(ws: Workspace) -> None:
    exp = Experiment(workspace=ws, name="train-on-local")
    assert Experiment(ws, "train-on-local").id == exp.id
    assert ws.experiments["train-on-local"].name == "train-on-local"


# ---- logging-api


@pytest.fixture
def run(ws: Workspace, here: Path) -> Run:
    """A run in which everything was logged as in the sample."""
    experiment = Experiment(workspace=ws, name="logging-api-test")
    run = experiment.start_logging()
    run.log(name="Category", value="Red")
    run.log(name="scale factor", value=2)
    run.log_list(name="Fibonacci", value=fibonacci(25))
    for x in np.linspace(-8, 8, 20):
        run.log(name="Sigmoid", value=1 / (1 + np.exp(-x)))
    for angle in np.linspace(-np.pi, np.pi, 20):
        run.log_row(name="Cosine Wave", angle=angle, cos=np.cos(angle))
    angles = [float(angle) for angle in np.linspace(-np.pi, np.pi, 20)]
    run.log_table(name="Sine Wave", value={"angle": angles, "sine": [float(np.sin(angle)) for angle in angles]})
    run.log_image(name="Hyperbolic Tangent", plot=drawn())
    (here / "myfile.txt").write_text("a file of my own", encoding="utf-8")
    run.upload_file(name="logging-api/myfile.txt", path_or_stream="myfile.txt")
    run.complete()
    return run


def fibonacci(count: int) -> Any:
    a, b = 0, 1
    for _ in range(count):
        yield a
        a, b = b, a + b


def drawn() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    x = np.linspace(-3, 3, 50)
    pyplot.clf()
    pyplot.plot(x, np.tanh(x))
    return pyplot


def test_all_metrics_are_read_back(run: Run) -> None:
    metrics = run.get_metrics()
    assert metrics["Category"] == "Red"
    assert metrics["scale factor"] == 2
    assert metrics["Fibonacci"][:7] == [0, 1, 1, 2, 3, 5, 8]
    assert len(metrics["Fibonacci"]) == 25
    assert len(metrics["Sigmoid"]) == 20
    for wave, columns in (("Cosine Wave", {"angle", "cos"}), ("Sine Wave", {"angle", "sine"})):
        assert set(metrics[wave]) == columns
        assert {len(cells) for cells in metrics[wave].values()} == {20}
    assert metrics["Hyperbolic Tangent"].startswith(f"aml://artifactId/ExperimentRun/dcid.{run.id}/Hyperbolic Tangent_")


def test_a_run_is_fetched_by_its_id_and_asked_by_name(ws: Workspace, run: Run) -> None:
    fetched = Run(ws.experiments["logging-api-test"], run.id)
    assert fetched.get_metrics(name="scale factor") == {"scale factor": 2}


def test_all_its_files_are_downloaded(run: Run, here: Path) -> None:
    (here / "downloaded").mkdir()
    for f in run.get_file_names():
        dest = here / "downloaded" / Path(f).name
        run.download_file(f, str(dest))
    names = sorted(path.name for path in (here / "downloaded").iterdir())
    assert "myfile.txt" in names
    assert any(name.startswith("Hyperbolic Tangent_") for name in names)


def test_it_is_tagged_after_its_end(run: Run) -> None:
    run.tag("My Favorite Run")
    with pytest.warns(UserWarning, match="text"):
        run.tag("Competition Rank", 1)
    assert run.get_tags() == {"My Favorite Run": None, "Competition Rank": "1"}


def test_run_and_experiment_are_shown_as_the_last_line_of_a_cell(ws: Workspace, run: Run) -> None:
    assert run.id in run._repr_html_()
    assert "logging-api-test" in ws.experiments["logging-api-test"]._repr_html_()


def test_three_thousand_rows_of_fifteen_columns(ws: Workspace) -> None:
    run = Experiment(ws, "rows").start_logging(snapshot_directory=None)
    columns = {f"column{number}": number / 7 for number in range(15)}
    for _ in range(3000):
        run.log_row("Accuracy", "Example row for metric Accuracy", **columns)
    found = run.get_metrics()["Accuracy"]
    assert list(found) == list(columns)
    assert {len(cells) for cells in found.values()} == {3000}


# ---- manage-runs


def test_status_and_details_while_it_runs_and_after(ws: Workspace) -> None:
    exp = Experiment(workspace=ws, name="explore-runs")
    notebook_run = exp.start_logging()
    notebook_run.log(name="message", value="Hello from run!")
    assert notebook_run.get_status() == "Running"
    notebook_run.complete()
    assert notebook_run.get_status() == "Completed"
    assert notebook_run.get_details()["runId"] == notebook_run.id
    assert notebook_run.get_details_with_logs()["status"] == "Completed"


def test_a_block_completes_by_itself(ws: Workspace) -> None:
    with Experiment(ws, "explore-runs").start_logging() as context_manager_run:
        context_manager_run.log(name="message", value="Hello from run!")
    assert context_manager_run.get_status() == "Completed"


def test_an_ignore_file_keeps_outputs_out_of_the_snapshot(ws: Workspace, here: Path) -> None:
    import zipfile

    (here / ".amlignore").write_text("/outputs\n", encoding="utf-8")
    (here / "outputs").mkdir()
    (here / "outputs" / "old.pkl").write_bytes(b"old")
    (here / "hello.py").write_text("print('hello')", encoding="utf-8")
    run = Experiment(ws, "explore-runs").start_logging()
    with zipfile.ZipFile(run.restore_snapshot(path="snapshots")) as archive:
        assert sorted(archive.namelist()) == [".amlignore", "hello.py"]


def test_properties_are_added_once_and_the_exception_can_be_printed(
    ws: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    local_script_run = Experiment(ws, "explore-runs").start_logging(snapshot_directory=None)
    local_script_run.add_properties({"author": "azureml-user"})
    try:
        local_script_run.add_properties({"author": "different-user"})
    except Exception as e:  # noqa: BLE001 - as the sample has it
        print(e)
    assert "author" in capsys.readouterr().out
    assert local_script_run.get_properties() == {"author": "azureml-user"}


def test_runs_are_found_by_properties_and_tags(ws: Workspace) -> None:
    exp = Experiment(ws, "explore-runs")
    run = exp.start_logging(snapshot_directory=None)
    run.add_properties({"author": "azureml-user"})
    run.tag("quality", "fantastic run")
    run.tag("worth another look")
    found = exp.get_runs(properties={"author": "azureml-user"}, tags={"quality": "fantastic run"})
    assert [one.id for one in found] == [run.id]
    assert [one.id for one in exp.get_runs(tags="worth another look")] == [run.id]


def test_a_parent_has_children_in_blocks(ws: Workspace) -> None:
    with Experiment(ws, "explore-runs").start_logging() as parent_run:
        for _ in range(2):
            with parent_run.child_run() as child_run:
                child_run.log(name="Hello from child", value=child_run.id)
    children = list(parent_run.get_children())
    assert len(children) == 2
    assert {child.get_status() for child in children} == {"Completed"}


def test_a_script_makes_five_children_and_logs_to_each(ws: Workspace) -> None:
    """The script's own run is given as a launcher gives it."""
    run = Experiment(ws, "explore-runs").start_logging(run_id="hello-with-children", snapshot_directory=None)
    script = (
        "from runstore.azureml.core import Run\n"
        "run = Run.get_context()\n"
        "child_runs = run.create_children(count=5)\n"
        "for c, child in enumerate(child_runs):\n"
        "    child.log(name='Hello from child run ', value=c)\n"
        "    child.complete()\n"
    )
    done = python(ws.path.parent, script, RUNSTORE_RUN_ID=run.id, RUNSTORE_DIR=str(ws.path))
    assert done.returncode == 0, done.stderr
    found = [child.get_metrics() for child in run.get_children()]
    assert found == [{"Hello from child run ": c} for c in reversed(range(5))]
    assert run.get_status() == "Running"


ROOT = Path(__file__).resolve().parents[2]

# ---- train-within-notebook and train-on-local: a sweep over alpha


@pytest.fixture
def sweep(ws: Workspace) -> Run:
    """A ridge regression on the diabetes data for each of twenty alphas, all in one run."""
    import joblib
    from sklearn.datasets import load_diabetes
    from sklearn.linear_model import Ridge
    from sklearn.metrics import mean_squared_error
    from sklearn.model_selection import train_test_split

    x, y = load_diabetes(return_X_y=True)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.2, random_state=0)
    with Experiment(workspace=ws, name="train-on-local").start_logging() as run:
        for alpha in np.arange(0.0, 1.0, 0.05):
            reg = Ridge(alpha=alpha).fit(x_train, y_train)
            mse = mean_squared_error(y_test, reg.predict(x_test))
            run.log("alpha", alpha)
            run.log("mse", mse)
            joblib.dump(value=reg, filename=f"./outputs/ridge_{alpha:.2f}.pkl")
            print(f"alpha is {alpha:.2f}, and mse is {mse:0.2f}")
    return run


def test_the_best_alpha_is_found_from_the_metrics(sweep: Run) -> None:
    metrics = sweep.get_metrics()
    assert {name: len(found) for name, found in metrics.items()} == {"alpha": 20, "mse": 20}
    best = metrics["alpha"][np.argmin(metrics["mse"])]
    assert best == pytest.approx(metrics["alpha"][metrics["mse"].index(min(metrics["mse"]))])
    assert all(isinstance(value, float) for value in metrics["mse"])


def test_every_model_was_taken_in(sweep: Run) -> None:
    names = sweep.get_file_names()
    assert [name for name in names if name.startswith("outputs/")] == [
        f"outputs/ridge_{alpha:.2f}.pkl" for alpha in np.arange(0.0, 1.0, 0.05)
    ]
    assert "user_logs/std_log.txt" in names


def test_the_best_one_is_registered_and_predicts(sweep: Run, here: Path) -> None:
    import joblib

    model = sweep.register_model(model_name="best_ridge_model", model_path="./outputs/ridge_0.40.pkl")
    print(f"Registered model:\n --> Name: {model.name}\n --> Version: {model.version}\n --> URL: {model.url}")
    assert isinstance(model, Model)
    assert (model.name, model.version) == ("best_ridge_model", 1)
    reg = joblib.load(model.download(target_dir="fetched"))
    assert reg.alpha == pytest.approx(0.4)


def test_each_alpha_as_a_child_is_compared_by_its_bare_metric(ws: Workspace) -> None:
    from sklearn.datasets import load_diabetes
    from sklearn.linear_model import Ridge
    from sklearn.metrics import mean_squared_error

    x, y = load_diabetes(return_X_y=True)
    root_run = Experiment(ws, "export-to-tensorboard").start_logging()
    for alpha in (0.1, 0.5, 0.9):
        with root_run.child_run(f"alpha{alpha}") as run:
            mse = mean_squared_error(y, Ridge(alpha=alpha).fit(x, y).predict(x))
            run.log("alpha", alpha)
            run.log("mse", mse)
            root_run.log("alpha", alpha)
            root_run.log("mse", mse)
    root_run.complete()
    metrics = root_run.get_metrics(recursive=True)
    children = {key: value for key, value in metrics.items() if key != root_run.id}
    best = min(children, key=lambda k: children[k]["mse"])
    assert children[best]["alpha"] == 0.1
    assert metrics[root_run.id]["alpha"] == [0.1, 0.5, 0.9]


# ---- a training script as it was written for Azure, its imports changed by replacing text

SCRIPT = """
import os
import azureml.core
from azureml.core import Run
from azureml.core.run import _OfflineRun
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_squared_error
import joblib
import numpy as np

os.makedirs('./outputs', exist_ok=True)
x, y = load_diabetes(return_X_y=True)
run = Run.get_context()
assert run.id.startswith('OfflineRun') == ('RUNSTORE_RUN_ID' not in os.environ)
for alpha in np.arange(0.0, 1.0, 0.25):
    reg = Ridge(alpha=alpha).fit(x, y)
    mse = mean_squared_error(y, reg.predict(x))
    run.log('alpha', alpha)
    run.log('mse', mse)
    run.log('n', np.int64(len(y)))
    with open(f'ridge_{alpha:.2f}.pkl', 'wb') as file:
        joblib.dump(value=reg, filename=os.path.join('./outputs/', file.name))
    run.upload_file(f'models/{file.name}', os.path.join('./outputs/', file.name))
    print('alpha is {0:.2f}, and mse is {1:0.2f}'.format(alpha, mse))
run.complete()
""".replace("azureml", "runstore.azureml")


def test_a_training_script_prints_where_nobody_submitted_it(here: Path) -> None:
    done = python(here, SCRIPT)
    assert done.returncode == 0, done.stderr
    assert "alpha is 0.75, and mse is" in done.stdout
    assert "'alpha'" in done.stdout
    assert not (here / ".runstore").exists()


def test_or_is_recorded_where_that_is_wanted(here: Path) -> None:
    done = python(here, SCRIPT, RUNSTORE_OFFLINE="record")
    assert done.returncode == 0, done.stderr
    (recorded,) = Workspace(store=here / ".runstore").experiments["Default"].get_runs()
    metrics = recorded.get_metrics()
    assert metrics["alpha"] == [0.0, 0.25, 0.5, 0.75]
    assert metrics["n"] == [442, 442, 442, 442]
    assert "models/ridge_0.25.pkl" in recorded.get_file_names()


def test_or_logs_into_the_run_it_was_submitted_as(ws: Workspace, here: Path) -> None:
    submitted = Experiment(ws, "train-on-local").start_logging(snapshot_directory=None)
    done = python(here, SCRIPT, RUNSTORE_RUN_ID=submitted.id, RUNSTORE_DIR=str(ws.path))
    assert done.returncode == 0, done.stderr
    assert submitted.get_status() == "Running"
    submitted.complete()
    metrics = submitted.get_metrics()
    assert metrics["alpha"][np.argmin(metrics["mse"])] == 0.0
    assert {"models/ridge_0.00.pkl", "outputs/ridge_0.00.pkl"} <= set(submitted.get_file_names())


# ---- Designer: a function that logs to the run above its own


def test_a_function_of_a_pipeline_logs_to_its_parent(
    ws: Workspace, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = Experiment(ws, "designer").start_logging(snapshot_directory=None)
    step = pipeline.child_run("step")
    monkeypatch.setenv("RUNSTORE_RUN_ID", step.id)
    monkeypatch.setenv("RUNSTORE_DIR", str(ws.path))
    (here / "x.png").write_bytes(b"\x89PNG\r\n\x1a\n")

    def azureml_main(dataframe1: Any = None, dataframe2: Any = None) -> Any:
        run = Run.get_context()
        run.parent.log(name="Mean_Absolute_Error", value=float(np.mean(dataframe1)))
        run.upload_file("graphics/x.png", "x.png")
        return (dataframe1,)

    azureml_main(np.array([1.0, 2.0]))
    assert pipeline.get_metrics() == {"Mean_Absolute_Error": 1.5}
    assert step.get_file_names() == ["graphics/x.png"]


# ---- what needs the service says so


def test_a_sample_that_asks_for_a_cluster_takes_its_other_way(ws: Workspace) -> None:
    from runstore.azureml.core.compute import AmlCompute, ComputeTarget
    from runstore.azureml.core.compute_target import ComputeTargetException

    try:
        ComputeTarget(workspace=ws, name="cpu-cluster")
    except ComputeTargetException:
        config = AmlCompute.provisioning_configuration(vm_size="STANDARD_D2_V2", max_nodes=4)
        with pytest.raises(AzureMLException):
            ComputeTarget.create(ws, "cpu-cluster", config)


# ---- the page


def test_the_example_of_the_page_runs(here: Path) -> None:
    page = (ROOT / "docs" / "azureml.md").read_text(encoding="utf-8")
    code = page.partition("```python\n")[2].partition("```")[0]
    done = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "'fibonacci': [1, 1, 2, 3, 5]" in done.stdout
