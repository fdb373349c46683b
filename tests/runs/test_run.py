"""A run takes what it is given, keeps it exactly, and ends truthfully."""

from __future__ import annotations

import math
import threading
from pathlib import Path
from typing import Any

import pytest

from runstore.disk import files
from runstore.errors import InvalidValue, NotWritable, RunClosed, StoreError, UsageError
from runstore.format import journal, names, values
from runstore.runs import state
from runstore.runs.run import Run
from runstore.runs.workspace import Workspace


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Workspace(tmp_path / "w").experiment("e").start_logging()


def lines(run: Run, prefix: str) -> list[list[Any]]:
    """Every data line of the run's journals of one kind."""
    found = []
    for entry in files.listing(run.path):
        if entry.name.startswith(prefix) and entry.name.endswith(".jsonl"):
            found += list(journal.read(files.read(Path(entry.path))).items())
    return found


def points(run: Run) -> list[tuple[str, Any, Any]]:
    return [(name, values.from_json(value), step) for name, value, step, _ in lines(run, "p-")]


def test_what_is_logged_can_be_read_before_anything_is_flushed(run: Run) -> None:
    run.log("loss", 0.25, step=7)
    assert points(run) == [("loss", 0.25, 7)]
    run.cancel()


@pytest.mark.parametrize(
    "value",
    [0.1, -0.0, 5e-324, 1.7976931348623157e308, math.inf, -math.inf, 0, 1, 2**53 + 1, -(2**63), 2**64, 10**40,
     True, False, "", "text", "nul\0é😀\n", None],
)  # fmt: skip
def test_every_value_comes_back_as_it_was(run: Run, value: Any) -> None:
    run.log("v", value, step=0)
    run.complete()
    ((_, back, _),) = points(run)
    assert (type(back), repr(back)) == (type(value), repr(value))


def test_nan_stays_nan(run: Run) -> None:
    run.log("v", math.nan, step=0)
    run.log({"v": math.nan, "w": 1.0}, step=1)
    first, second = lines(run, "p-")
    assert math.isnan(float(first[1]["f"]))
    assert second[1] == {"v": {"f": "nan"}, "w": 1.0}
    run.cancel()


def test_numpy_scalars_are_plain_numbers(run: Run) -> None:
    import numpy as np

    run.log("v", np.float32(0.5), step=np.int64(3))
    run.log("v", np.int8(-3), step=4)
    run.log("v", np.bool_(True), step=5)
    run.log({"v": np.float64(2.5), "w": np.array(7)}, step=6)
    assert [line[1:3] for line in lines(run, "p-")] == [[0.5, 3], [-3, 4], [True, 5], [{"v": 2.5, "w": 7}, 6]]
    run.cancel()


class Tensor:
    """What torch and jax scalars look like from here."""

    def item(self) -> float:
        return 1.5


def test_anything_with_item_is_a_scalar(run: Run) -> None:
    run.log("v", Tensor(), step=0)
    assert points(run) == [("v", 1.5, 0)]
    run.cancel()


@pytest.mark.parametrize("value", [[1], (1,), {"a": 1}, b"x", 1j, object()])
def test_a_value_of_the_wrong_type_raises_at_once_and_nothing_is_lost(run: Run, value: Any) -> None:
    run.log("v", 1.0, step=0)
    with pytest.raises(InvalidValue):
        run.log("v", value, step=1)
    with pytest.raises(InvalidValue):
        run.log({"ok": 1.0, "v": value}, step=1)
    run.log("v", 2.0, step=2)
    assert [step for _, _, step in points(run)] == [0, 2]
    run.cancel()


@pytest.mark.parametrize("step", [0.5, "1", 2**63, -(2**63) - 1, [1], math.nan])
def test_a_step_that_is_no_64_bit_integer_is_refused(run: Run, step: Any) -> None:
    with pytest.raises(InvalidValue, match="step"):
        run.log("v", 1.0, step=step)
    with pytest.raises(InvalidValue, match="step"):
        run.log({"v": 1.0}, step=step)
    run.cancel()


def test_steps_are_kept_as_given_in_any_order_repeated_or_not(run: Run) -> None:
    steps = [5, 3, 3, -(2**63), 2**63 - 1, 0]
    for step in steps:
        run.log("v", 1.0, step=step)
    run.log("v", 1.0, step=4.0)
    assert [step for _, _, step in points(run)] == [*steps, 4]
    run.cancel()


def test_points_without_a_step_get_the_index_of_their_name(run: Run) -> None:
    run.log("a", 1.0)
    run.log({"a": 2.0, "b": 1.0})
    run.log("b", "x")
    assert [line[2] for line in lines(run, "p-")] == [[0], [1, 0], [1]]
    run.cancel()


def test_an_empty_name_is_refused(run: Run) -> None:
    for call in (lambda: run.log("", 1.0, step=1), lambda: run.log({"": 1.0}, step=1), lambda: run.tag("")):
        with pytest.raises(UsageError, match="empty"):
            call()
    run.cancel()


def test_a_lone_surrogate_is_kept_as_its_escape_with_a_warning(run: Run) -> None:
    with pytest.warns(UserWarning, match="surrogate"):
        run.log("a\ud800", "b\udfff", step=0)
    assert points(run) == [("a\\ud800", "b\\udfff", 0)]
    run.cancel()


def test_a_dict_is_one_line(run: Run) -> None:
    run.log({"a": 1.0, "b": 2, "c": "x"}, step=3)
    ((name, many, step, _),) = lines(run, "p-")
    assert (name, many, step) == (None, {"a": 1.0, "b": 2, "c": "x"}, 3)
    run.cancel()


def test_a_dict_with_a_value_beside_it_is_refused(run: Run) -> None:
    with pytest.raises(InvalidValue, match="dict"):
        run.log({"a": 1.0}, 3)
    with pytest.raises(InvalidValue, match="no value"):
        run.log("a")
    run.cancel()


def test_a_row_keeps_its_columns_and_nested_values(run: Run) -> None:
    run.log_row("t", x=1, y=[1.5, None, math.inf], z={"f": "user's own"})
    ((name, body, step, _),) = lines(run, "p-")
    assert (name, step) == ("t", [0])
    assert values.from_document(body["row"]) == {"x": 1, "y": [1.5, None, math.inf], "z": {"f": "user's own"}}
    with pytest.raises(UsageError, match="no columns"):
        run.log_row("t")
    run.cancel()


def test_nested_params_become_typed_leaves(run: Run) -> None:
    run.log_params({"optimizer": {"name": "adam", "betas": [0.9, 0.999]}, "lr": 0.1, "amp": True, "seed": 3, "x": None})
    (_, _, leaves) = next(line for line in lines(run, "a1") if line[0] == "params")
    assert leaves == [
        ["optimizer.name", "adam"], ["optimizer.betas", {"j": [0.9, 0.999]}],
        ["lr", 0.1], ["amp", True], ["seed", 3], ["x", None],
    ]  # fmt: skip
    with pytest.raises(InvalidValue):
        run.log_params({"model": object()})
    run.cancel()


def test_a_child_names_its_parent(run: Run) -> None:
    child = run.child_run("first")
    child.complete()
    run.complete()
    assert state.fold(child.path).parent_id == run.id


def test_statuses_follow_how_a_run_ends(run: Run) -> None:
    other = run.experiment.start_logging()
    third = run.experiment.start_logging()
    assert run.status == "Running"
    run.complete()
    other.fail(ValueError("bad\nthing"))
    third.cancel()
    assert (run.status, other.status, third.status) == ("Completed", "Failed", "Canceled")
    assert state.fold(other.path).error == "ValueError: bad\nthing"


def test_a_with_block_completes_or_fails_and_raises_on(run: Run) -> None:
    with run:
        run.log("a", 1.0, step=0)
    assert run.status == "Completed"
    with pytest.raises(KeyError), run.experiment.start_logging() as other:
        raise KeyError("lost")
    assert other.status == "Failed"
    with pytest.raises(SystemExit), run.experiment.start_logging() as third:
        raise SystemExit(0)
    assert third.status == "Completed"
    with run.experiment.start_logging() as fourth:
        fourth.cancel()
    assert fourth.status == "Canceled"


def test_a_closed_run_refuses_in_one_line_and_keeps_what_it_has(run: Run) -> None:
    log = run.log
    run.log("a", 1.0, step=0)
    run.complete()
    calls = [
        lambda: run.log("a", 2.0, step=1), lambda: log("a", 2.0, step=1), lambda: log({"a": 2.0}, step=1),
        lambda: run.log_row("r", a=1), lambda: run.log_params({"a": 1}), lambda: run.complete(), lambda: run.flush(),
    ]  # fmt: skip
    for call in calls:
        with pytest.raises(RunClosed, match="resumes it") as caught:
            call()
        assert "\n" not in str(caught.value)
    assert points(run) == [("a", 1.0, 0)]


def test_threads_share_a_run_without_losing_a_point(run: Run) -> None:
    def work(number: int) -> None:
        for i in range(2000):
            run.log(f"t{number}", float(i), step=i)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.complete()
    found = points(run)
    for number in range(4):
        assert [step for name, _, step in found if name == f"t{number}"] == list(range(2000))


def test_times_never_run_backwards_when_the_clock_is_set_back(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    run.log("a", 1.0, step=0)
    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() - 3_600_000_000_000)
    assert run._writer is not None
    run._writer.beat()
    run.log("a", 2.0, step=1)
    first, second = [line[3] for line in lines(run, "p-")]
    assert 0 < second - first < 3_600_000_000_000
    run.cancel()


def test_a_clock_set_forward_is_followed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    real = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: real() + 3_600_000_000_000)
    assert run._writer is not None
    run._writer.beat()
    run.log("a", 1.0, step=0)
    assert lines(run, "p-")[0][3] - real() > 3_500_000_000_000
    run.cancel()


def test_flush_says_when_the_disk_did_not_confirm(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    run.log("a", 1.0, step=0)

    def refuse(*_: object) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(files, "sync", refuse)
        with pytest.raises(StoreError, match="did not confirm"):
            run.flush()
    run.log("a", 2.0, step=1)
    run.complete()
    assert {step for _, _, step in points(run)} == {0, 1}


def test_a_workspace_that_cannot_be_written_is_told_at_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = Workspace(tmp_path / "w").experiment("e")

    def refuse(path: Path, append: bool = False) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(files, "create", refuse)
    with pytest.raises(NotWritable, match="Permission denied"):
        experiment.start_logging()


def test_a_clean_end_leaves_only_data(run: Run) -> None:
    run.log("a", 1.0, step=0)
    run.complete()
    kinds = {names.parse(entry.name).kind for entry in files.listing(run.path)}  # type: ignore[union-attr]
    assert kinds <= {"facts", "points", "segment", "seal"}
