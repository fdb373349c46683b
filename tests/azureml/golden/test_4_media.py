"""Section 4: images and the four kinds of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core import Run
from runstore.azureml.exceptions import AzureMLException
from tests.azureml.scenes import PNG, Figure

# ---- images


def test_a_plot_is_stored_under_name_and_seconds(run: Run) -> None:
    run.log_image("curve", plot=Figure())
    (name,) = run.get_file_names()
    stem, seconds = name.removesuffix(".png").rsplit("_", 1)
    assert (stem, seconds.isdecimal(), len(seconds)) == ("curve", True, 10)
    assert run.get_metrics() == {"curve": f"aml://artifactId/ExperimentRun/dcid.{run.id}/{name}"}


def test_two_plots_in_one_second_are_two(run: Run) -> None:
    for _ in range(3):
        run.log_image("curve", plot=Figure())
    names = run.get_file_names()
    assert len(set(names)) == 3
    assert len(run.get_metrics()["curve"]) == 3


def test_pyplot_itself_can_be_given_and_its_figure_stays_open(run: Run) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure = pyplot.figure()
    pyplot.plot([1, 2])
    run.log_image("curve", plot=pyplot)
    run.log_image("again", plot=figure)
    assert pyplot.fignum_exists(figure.number)
    pyplot.close(figure)
    assert len(run.get_file_names()) == 2


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (PNG, "png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", "jpeg"),
        (b"GIF89a\x01\x00\x01\x00", "gif"),
        (b"BM\x1e\x00\x00\x00\x00\x00\x00\x00\x1a\x00\x00\x00\x0c\x00\x00\x00", "bmp"),
        (b"II*\x00\x08\x00\x00\x00", "tiff"),
        (b"RIFF\x1a\x00\x00\x00WEBPVP8 ", "webp"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "svg"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_image_file_is_known_by_its_bytes(run: Run, here: Path, head: bytes, kind: str) -> None:
    (here / "picture.dat").write_bytes(head)
    run.log_image("image", path="picture.dat")
    assert run.get_file_names() == ["picture.dat"]


def test_a_path_is_kept_as_given_without_dots_and_roots(run: Run, here: Path) -> None:
    (here / "plots").mkdir()
    for name in ("a.png", "b.png", "c.png"):
        (here / "plots" / name).write_bytes(PNG)
    run.log_image("one", path="plots/a.png")
    run.log_image("two", path="./plots/b.png")
    run.log_image("three", path=str(here / "plots" / "c.png"))
    assert run.get_file_names() == ["c.png", "plots/a.png", "plots/b.png"]


@pytest.mark.parametrize(
    "given",
    [{}, {"path": "a.png", "plot": Figure()}, {"path": "text.txt"}, {"plot": "no figure"}],
    ids=["none", "both", "no image", "no plot"],
)
def test_what_is_not_one_image_is_refused(run: Run, here: Path, given: dict[str, Any]) -> None:
    (here / "text.txt").write_text("text", encoding="utf-8")
    (here / "a.png").write_bytes(PNG)
    with pytest.raises(AzureMLException):
        run.log_image("image", **given)
    assert run.get_file_names() == []


def test_populated_an_image_is_its_bytes(run: Run) -> None:
    run.log_image("curve", plot=Figure())
    found = run.get_metrics(populate=True)["curve"]
    (name,) = run.get_file_names()
    assert found.data == PNG
    assert found.filename == name
    assert found.data_location.endswith(f"/{name}")


# ---- the four kinds of JSON

CHARTS = ["log_confusion_matrix", "log_accuracy_table", "log_residuals", "log_predictions"]


@pytest.mark.parametrize("call", CHARTS)
def test_a_chart_is_an_artifact_of_that_very_name(run: Run, call: str) -> None:
    body = {"schema_type": "any", "schema_version": "1.0.0", "data": {"x": [1, 2.5, None]}}
    getattr(run, call)("my chart", body)
    assert run.get_file_names() == ["my chart"]
    assert json.loads(run.read_file("my chart")) == body
    assert run.get_metrics() == {"my chart": f"aml://artifactId/ExperimentRun/dcid.{run.id}/my chart"}


@pytest.mark.parametrize("call", CHARTS)
def test_json_text_is_taken_too(run: Run, call: str) -> None:
    getattr(run, call)("chart", '{"a": [1]}')
    assert json.loads(run.read_file("chart")) == {"a": [1]}


@pytest.mark.parametrize("call", CHARTS)
@pytest.mark.parametrize("value", ["{", "not json", 3, [1]])
def test_anything_else_is_refused(run: Run, call: str, value: Any) -> None:
    with pytest.raises(AzureMLException):
        getattr(run, call)("chart", value)
    assert run.get_file_names() == []


@pytest.mark.parametrize("call", CHARTS)
@pytest.mark.parametrize("value", [{}, {"schema_type": "confusion_matrix", "data": "nonsense"}])
def test_the_shape_is_not_checked(run: Run, call: str, value: Any) -> None:
    getattr(run, call)("chart", value)
    assert json.loads(run.read_file("chart")) == value
