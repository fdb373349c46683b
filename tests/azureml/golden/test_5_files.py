"""Section 5: files and artifacts."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from runstore.azureml.core import Experiment, Run
from runstore.azureml.exceptions import UserErrorException


@pytest.fixture
def tree(here: Path) -> Path:
    """Three files, one of them below a directory."""
    (here / "data" / "deep").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "deep/c.txt"):
        (here / "data" / name).write_text(name, encoding="utf-8")
    return here / "data"


def test_a_path_or_a_binary_stream_is_stored_under_the_name(run: Run, tree: Path) -> None:
    run.upload_file("one/a.txt", "data/a.txt")
    run.upload_file(name="two.txt", path_or_stream=io.BytesIO(b"two"), datastore_name="any")
    with open(tree / "b.txt", "rb") as file:
        run.upload_file("three.txt", file)
    assert run.get_file_names() == ["one/a.txt", "three.txt", "two.txt"]
    assert run.read_file("two.txt") == b"two"


@pytest.mark.parametrize("source", [3, None, ["a"]])
def test_anything_else_is_refused(run: Run, source: Any) -> None:
    with pytest.raises(UserErrorException):
        run.upload_file("a.txt", source)


def test_a_file_that_is_not_there_is_the_usual_error(run: Run) -> None:
    with pytest.raises(FileNotFoundError):
        run.upload_file("a.txt", "none.txt")


def test_several_files_at_once(run: Run, tree: Path) -> None:
    run.upload_files(["x", "y"], ["data/a.txt", "data/b.txt"], return_artifacts=False, timeout_seconds=3)
    assert run.get_file_names() == ["x", "y"]


def test_not_as_many_names_as_paths_is_a_type_error(run: Run, tree: Path) -> None:
    with pytest.raises(TypeError):
        run.upload_files(["x"], ["data/a.txt", "data/b.txt"])


def test_a_name_given_twice_is_warned_of(run: Run, tree: Path) -> None:
    with pytest.warns(UserWarning, match="more than once"):
        run.upload_files(["x", "x"], ["data/a.txt", "data/b.txt"])


def test_a_folder_is_stored_with_all_below_it(run: Run, tree: Path) -> None:
    run.upload_folder("all", "data")
    assert run.get_file_names() == ["all/a.txt", "all/b.txt", "all/deep/c.txt"]


def test_what_is_no_folder_is_refused(run: Run, tree: Path) -> None:
    with pytest.raises(UserErrorException):
        run.upload_folder("all", "data/a.txt")


def test_the_same_content_again_is_no_error_and_other_content_is(run: Run, tree: Path) -> None:
    run.upload_file("x", "data/a.txt")
    run.upload_file("x", "data/a.txt")
    with pytest.raises(UserErrorException):
        run.upload_file("x", "data/b.txt")
    run.upload_file("x", "data/b.txt", overwrite=True)
    assert run.read_file("x") == b"b.txt"


def test_an_explicit_upload_and_the_one_at_the_end_do_not_clash(exp: Experiment, here: Path) -> None:
    run = exp.start_logging(snapshot_directory=None)
    (here / "outputs" / "x.txt").write_text("x", encoding="utf-8")
    run.upload_file("outputs/x.txt", "outputs/x.txt")
    run.complete()
    assert run.get_file_names().count("outputs/x.txt") == 1


def test_nor_where_the_file_has_changed_since(exp: Experiment, here: Path) -> None:
    run = exp.start_logging(snapshot_directory=None)
    path = here / "outputs" / "x.txt"
    path.write_text("early", encoding="utf-8")
    run.upload_file("outputs/x.txt", "outputs/x.txt")
    path.write_text("later", encoding="utf-8")
    run.complete()
    assert run.read_file("outputs/x.txt") == b"later"


# ---- download


@pytest.fixture
def full(run: Run, tree: Path) -> Run:
    """A run with files in folders whose names begin alike."""
    run.upload_folder("outputs", "data")
    run.upload_file("outside.txt", "data/a.txt")
    run.upload_file("out/x.txt", "data/b.txt")
    return run


def test_a_file_goes_under_its_own_name_here(full: Run, here: Path) -> None:
    full.download_file("outputs/deep/c.txt")
    assert (here / "c.txt").read_text(encoding="utf-8") == "deep/c.txt"


def test_or_into_a_directory_or_to_a_path_whose_parents_are_made(full: Run, here: Path) -> None:
    full.download_file("outputs/a.txt", output_file_path="data/deep")
    full.download_file("outputs/a.txt", "new/er/name.txt")
    assert (here / "data" / "deep" / "a.txt").exists()
    assert (here / "new" / "er" / "name.txt").read_text(encoding="utf-8") == "a.txt"


def test_an_unknown_file_is_an_error_that_lists_what_there_is(full: Run) -> None:
    with pytest.raises(UserErrorException, match=r"outputs/deep/c\.txt"):
        full.download_file("nothing.txt")


def test_a_prefix_is_a_folder(full: Run, here: Path) -> None:
    full.download_files(prefix="out", output_directory="got")
    assert [path.relative_to(here / "got").as_posix() for path in (here / "got").rglob("*.txt")] == ["out/x.txt"]


def test_the_prefix_can_be_left_out(full: Run, here: Path) -> None:
    full.download_files(prefix="outputs", output_directory="got", append_prefix=False, batch_size=1)
    found = sorted(path.relative_to(here / "got").as_posix() for path in (here / "got").rglob("*.txt"))
    assert found == ["a.txt", "b.txt", "deep/c.txt"]


def test_output_paths_name_each_file_unless_they_are_too_few(full: Run, here: Path) -> None:
    full.download_files(prefix="out", output_paths=["mine.txt"])
    assert (here / "mine.txt").exists()
    with pytest.warns(UserWarning, match="output_paths"):
        full.download_files(prefix="out", output_directory="got", output_paths=["one", "two"])
    assert (here / "got" / "out" / "x.txt").exists()


def test_all_logs_are_written_and_their_paths_given(exp: Experiment, here: Path) -> None:
    with exp.start_logging(snapshot_directory=None) as run:
        print("hello")
    paths = run.get_all_logs(destination=str(here / "got"))
    (path,) = [path for path in paths if str(path).endswith("std_log.txt")]
    assert "hello" in Path(path).read_text(encoding="utf-8")
    with pytest.raises(UserErrorException):
        run.get_all_logs(destination=__file__)


def test_the_log_of_old_names_is_the_same_log(exp: Experiment, here: Path) -> None:
    with exp.start_logging(snapshot_directory=None) as run:
        print("hello")
    assert "user_logs/std_log.txt" in run.get_file_names()
    run.download_file("azureml-logs/70_driver_log.txt", "old.txt")
    assert (here / "old.txt").read_text(encoding="utf-8") == "hello\n"
    assert "azureml-logs/70_driver_log.txt" in run.get_details()["logFiles"]


def test_plots_and_charts_lie_in_the_root(run: Run) -> None:
    run.log_residuals("residuals", {})
    assert run.get_file_names() == ["residuals"]


def test_names_that_lead_out_are_refused(run: Run, tree: Path) -> None:
    for name in ("../a", "/a", "a/../../b", "C:\\a"):
        with pytest.raises(UserErrorException):
            run.upload_file(name, "data/a.txt")
    run.upload_file("./outputs/a.txt", "data/a.txt")
    assert run.get_file_names() == ["outputs/a.txt"]
