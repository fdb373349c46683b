"""Section 4: what the logging calls take, what they store, and what ``get_metrics`` gives back."""

from __future__ import annotations

import inspect
import json
import math
import os
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from runstore.azureml.core import Experiment, Run
from runstore.azureml.exceptions import AzureMLException, UserErrorException

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c636060606000000005000"
    "1a5f645400000000049454e44ae426082"
)


class Figure:
    """Anything with ``savefig``."""

    closed = False

    def savefig(self, target: Any, **_: Any) -> None:
        if hasattr(target, "write"):
            target.write(PNG)
        else:
            Path(target).write_bytes(PNG)


# ---- signatures


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("log", ["name", "value", "description", "step"]),
        ("log_list", ["name", "value", "description"]),
        ("log_row", ["name", "description", "kwargs"]),
        ("log_table", ["name", "value", "description"]),
        ("log_image", ["name", "path", "plot", "description"]),
        ("log_confusion_matrix", ["name", "value", "description"]),
        ("log_accuracy_table", ["name", "value", "description"]),
        ("log_residuals", ["name", "value", "description"]),
        ("log_predictions", ["name", "value", "description"]),
    ],
)
def test_the_parameters_come_in_the_sdks_order(call: str, parameters: list[str]) -> None:
    found = list(inspect.signature(getattr(Run, call)).parameters)[1:]
    assert found[: len(parameters)] == parameters


def test_every_call_takes_keywords_and_gives_none(run: Run) -> None:
    assert run.log(name="a", value=1, description="d", step=1) is None  # type: ignore[func-returns-value]
    assert run.log_list(name="b", value=[1], description="d") is None  # type: ignore[func-returns-value]
    assert run.log_row(name="c", description="d", x=1) is None  # type: ignore[func-returns-value]
    assert run.log_table(name="d", value={"x": 1}, description="d") is None  # type: ignore[func-returns-value]
    assert run.log_image(name="e", plot=Figure(), description="d") is None  # type: ignore[func-returns-value]
    assert run.log_residuals(name="f", value={}, description="d") is None  # type: ignore[func-returns-value]


def test_what_was_logged_is_read_at_once(run: Run) -> None:
    for number in range(100):
        run.log("n", number)
        assert len(run.get_metrics()["n"]) == number + 1 if number else run.get_metrics() == {"n": 0}


# ---- log


@pytest.mark.parametrize("value", [[1, 2], range(3), (n for n in range(2))])
def test_several_values_are_refused_and_log_list_named(run: Run, value: Any) -> None:
    with pytest.raises(UserErrorException, match="log_list"):
        run.log("a", value)
    assert run.get_metrics() == {}


@pytest.mark.parametrize(
    "value",
    [(1, 2), {1}, {"a": 1}, np.arange(3), np.zeros((2, 2)), 1j, Decimal("1.5"), b"abc", np.float128(1), object],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_kept_as_its_text_with_one_warning(run: Run, value: Any) -> None:
    with pytest.warns(UserWarning, match="text is kept") as warned:
        run.log("a", value)
    assert len(warned) == 1
    assert run.get_metrics() == {"a": repr(value)}


@pytest.mark.parametrize("value", [True, False, 3, -1, 2**70, 0.1, 1e308, "Red", "", "mäh ☃", None])
def test_plain_values_come_back_as_they_were(run: Run, value: Any) -> None:
    run.log("a", value)
    found = run.get_metrics()["a"]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_so_do_nan_and_infinities(run: Run, value: float) -> None:
    run.log("a", value)
    assert repr(run.get_metrics()["a"]) == repr(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (np.bool_(True), True),
        *((kind(3), 3) for kind in (np.int8, np.int16, np.int32, np.int64, np.uint8, np.uint16, np.uint32, np.uint64)),
        (np.float16(0.5), 0.5),
        (np.float32(0.1), 0.10000000149011612),
        (np.float64(0.1), 0.1),
        (np.str_("a"), "a"),
        (np.array(3), 3),
        (np.array(0.5), 0.5),
        (np.array([7]), 7),
    ],
    ids=repr,
)
def test_numpys_scalars_come_back_as_pythons(run: Run, value: Any, plain: Any) -> None:
    run.log("a", value)
    found = run.get_metrics()["a"]
    assert (found, type(found)) == (plain, type(plain))


def test_a_scalar_of_another_library_is_a_number(run: Run) -> None:
    class Tensor:
        def item(self) -> float:
            return 0.25

    run.log("a", Tensor())
    assert run.get_metrics() == {"a": 0.25}


def test_an_int_and_then_a_float_stay_what_they_are(run: Run) -> None:
    run.log("a", 1)
    run.log("a", 2.5)
    found = run.get_metrics()["a"]
    assert found == [1, 2.5]
    assert [type(value) for value in found] == [int, float]


# ---- log_list


@pytest.mark.parametrize("value", [[1, 2, 3], (1, 2, 3), range(1, 4), (n for n in (1, 2, 3)), np.array([1, 2, 3])])
def test_any_iterable_is_a_list(run: Run, value: Any) -> None:
    run.log_list("a", value)
    found = run.get_metrics()["a"]
    assert found == [1, 2, 3]
    assert {type(one) for one in found} == {int}


def test_a_text_is_its_characters(run: Run) -> None:
    run.log_list("a", "abc")
    assert run.get_metrics() == {"a": ["a", "b", "c"]}


def test_a_generator_is_read_once(run: Run) -> None:
    read = []

    def numbers() -> Any:
        for number in range(3):
            read.append(number)
            yield number

    run.log_list("a", numbers())
    assert read == [0, 1, 2]


def test_a_list_that_begins_with_an_int_and_has_a_float_is_floats(run: Run) -> None:
    run.log_list("a", [1, 2.5])
    assert [type(one) for one in run.get_metrics()["a"]] == [float, float]


@pytest.mark.parametrize("value", [[[1]], [{"a": 1}], [(1,)], [np.arange(2)]])
def test_nested_lists_are_refused(run: Run, value: Any) -> None:
    with pytest.raises(AzureMLException):
        run.log_list("a", value)
    assert run.get_metrics() == {}


def test_an_empty_list_logs_nothing(run: Run) -> None:
    run.log_list("a", [])
    assert run.get_metrics() == {}


def test_one_element_is_bare_and_two_lists_are_one(run: Run) -> None:
    run.log_list("a", [1])
    assert run.get_metrics() == {"a": 1}
    run.log_list("a", [2, 3])
    assert run.get_metrics() == {"a": [1, 2, 3]}


# ---- log_row and log_table


def test_one_row_is_a_dict_of_scalars(run: Run) -> None:
    run.log_row("t", x=1, y=0.5)
    assert run.get_metrics() == {"t": {"x": 1, "y": 0.5}}


def test_several_rows_are_a_dict_of_lists(run: Run) -> None:
    run.log_row("t", x=1, y="a")
    run.log_row("t", x=2, y="b")
    assert run.get_metrics() == {"t": {"x": [1, 2], "y": ["a", "b"]}}


def test_the_second_argument_is_the_description(run: Run) -> None:
    run.log_row("t", "about it", x=1)
    assert run.get_metrics() == {"t": {"x": 1}}


@pytest.mark.parametrize("value", [[1], {"a": 1}, (1, 2)])
def test_a_container_in_a_row_is_refused(run: Run, value: Any) -> None:
    with pytest.raises(AzureMLException):
        run.log_row("t", x=value)
    assert run.get_metrics() == {}


def test_numpys_scalars_in_a_row(run: Run) -> None:
    run.log_row("t", angle=np.float64(0.5), n=np.int64(3))
    assert run.get_metrics() == {"t": {"angle": 0.5, "n": 3}}


def test_rows_with_gaps_keep_their_columns_equally_long(run: Run) -> None:
    run.log_row("t", x=1, y=1)
    run.log_row("t", x=2)
    run.log_row("t", y=3, z=3)
    assert run.get_metrics() == {"t": {"x": [1, 2, None], "y": [1, None, 3], "z": [None, None, 3]}}


def test_a_table_of_lists_and_one_of_scalars(run: Run) -> None:
    run.log_table("a", {"x": [1, 2], "y": [3, 4]})
    run.log_table("b", {"x": 1, "y": 2})
    run.log_table("c", {"x": [1]})
    assert run.get_metrics() == {"a": {"x": [1, 2], "y": [3, 4]}, "b": {"x": 1, "y": 2}, "c": {"x": 1}}


def test_tables_are_appended_to(run: Run) -> None:
    run.log_table("a", {"x": [1, 2]})
    run.log_table("a", {"x": [3]})
    run.log_row("a", x=4)
    assert run.get_metrics() == {"a": {"x": [1, 2, 3, 4]}}


@pytest.mark.parametrize("cells", [(1, 2), np.array([1, 2])])
def test_columns_may_be_tuples_and_arrays(run: Run, cells: Any) -> None:
    run.log_table("a", {"x": cells})
    assert run.get_metrics() == {"a": {"x": [1, 2]}}


def test_columns_of_different_lengths_are_refused(run: Run) -> None:
    with pytest.raises(AzureMLException, match="length"):
        run.log_table("a", {"x": [1, 2], "y": [1]})
    assert run.get_metrics() == {}


@pytest.mark.parametrize("value", [[1, 2], "x", None, 3])
def test_what_is_no_dict_is_refused(run: Run, value: Any) -> None:
    with pytest.raises(UserErrorException):
        run.log_table("a", value)


@pytest.mark.parametrize("value", [{}, {"x": []}, {"x": [], "y": []}])
def test_an_empty_table_logs_nothing(run: Run, value: Any) -> None:
    run.log_table("a", value)
    assert run.get_metrics() == {}


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


# ---- get_metrics


def test_the_best_run_is_found_by_a_bare_scalar(exp: Experiment, run: Run) -> None:
    for mse in (3.0, 1.0, 2.0):
        run.child_run().log("mse", mse)
    found = run.get_metrics(recursive=True)
    best = min(found, key=lambda key: found[key]["mse"])
    assert found[best] == {"mse": 1.0}


def test_by_name_it_is_a_dict_still(run: Run) -> None:
    run.log("x", 1)
    run.log("y", 2)
    assert run.get_metrics(name="x") == {"x": 1}
    assert run.get_metrics("none") == {}


def test_recursively_it_is_by_run_and_without_those_that_have_none(run: Run) -> None:
    run.log("x", 1)
    child = run.child_run()
    leaf = child.child_run()
    leaf.log("x", 2)
    assert run.get_metrics(recursive=True) == {run.id: {"x": 1}, leaf.id: {"x": 2}}


def test_the_type_of_run_filters_descendants(run: Run) -> None:
    one, two = run.child_run(type="mine"), run.child_run()
    one.log("x", 1)
    two.log("x", 2)
    assert run.get_metrics(recursive=True, run_type="mine") == {one.id: {"x": 1}}


@pytest.mark.parametrize("name", ["scale factor", "a/b", "trailing ", "mäh ☃", "x'y\"z", "../up", "last.loss"])
def test_names_are_kept_to_the_letter(run: Run, name: str) -> None:
    run.log(name, 1)
    run.log_row(name + "r", x=1)
    assert run.get_metrics() == {name: 1, name + "r": {"x": 1}}


@pytest.mark.parametrize("name", ["a/b", "trailing ", "mäh ☃", "x'y\"z"])
def test_so_are_names_of_charts_and_plots(run: Run, name: str) -> None:
    run.log_residuals(name, {"a": 1})
    run.log_image(f"plot {name}", plot=Figure())
    assert set(run.get_metrics()) == {name, f"plot {name}"}


def test_a_name_stays_of_its_first_kind(run: Run) -> None:
    run.log("a", 1)
    for call in (
        lambda: run.log_row("a", x=1),
        lambda: run.log_table("a", {"x": 1}),
        lambda: run.log_image("a", plot=Figure()),
        lambda: run.log_residuals("a", {}),
    ):
        with pytest.raises(UserErrorException, match="another name"):
            call()
    run.log_row("t", x=1)
    with pytest.raises(UserErrorException, match="another name"):
        run.log("t", 1)
    assert run.get_metrics() == {"a": 1, "t": {"x": 1}}


def test_steps_change_nothing_about_it(run: Run) -> None:
    for step in (3, 1, 2):
        run.log("loss", step / 2, step=step)
    assert run.get_metrics() == {"loss": [1.5, 0.5, 1.0]}


# ---- many writers


def test_threads_and_forks_lose_nothing(run: Run) -> None:
    from threading import Thread

    def work(name: str) -> None:
        for number in range(200):
            run.log(name, number)

    threads = [Thread(target=work, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {key: len(found) for key, found in run.get_metrics().items()} == {f"t{n}": 200 for n in range(4)}


def test_a_forked_child_goes_on_with_the_same_checks(run: Run) -> None:
    child = os.fork()
    if child == 0:
        try:
            run.log("a", np.int64(1))
            run.log_list("b", [1, 2])
            run.flush()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    run.log("a", 2)
    found = run.get_metrics()
    assert sorted(found["a"]) == [1, 2]
    assert found["b"] == [1, 2]


def test_parents_take_what_children_log_to_them(exp: Experiment, run: Run) -> None:
    child = Run(exp, run.child_run().id)
    child.parent.log("seen by", "child")
    assert run.get_metrics() == {"seen by": "child"}


def test_an_ended_run_takes_nothing_more(run: Run) -> None:
    run.complete()
    for call in (
        lambda: run.log("a", 1),
        lambda: run.log_row("b", x=1),
        lambda: run.log_list("c", [1]),
        lambda: run.log_table("d", {"x": 1}),
    ):
        with pytest.raises(UserErrorException, match=r"ended|not open"):
            call()


def test_disabled_nothing_is_stored(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from runstore.azureml.core import Workspace

    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    with Experiment(Workspace(), "off").start_logging() as run:
        run.log("a", 1)
        run.log_row("b", x=1)
        run.log_list("c", [1])
        run.log_table("d", {"x": [1]})
        run.log_image("e", plot=Figure())
        run.log_residuals("f", {})
    assert not (here / ".runstore").exists()


def test_importing_imghdr_is_not_needed() -> None:
    assert "imghdr" not in sys.modules
