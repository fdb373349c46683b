"""Section 17: limits that are none here."""

from __future__ import annotations

from pathlib import Path

import pytest

from runstore.azureml.core import Experiment, Run
from runstore.azureml.exceptions import UserErrorException


def test_more_metrics_than_fifty(run: Run) -> None:
    for number in range(120):
        run.log(f"m{number}", number)
    assert len(run.get_metrics()) == 120


def test_more_columns_than_fifteen(run: Run) -> None:
    row = {f"c{number}": number for number in range(40)}
    run.log_row("wide", **row)
    assert run.get_metrics() == {"wide": row}


def test_names_and_texts_longer_than_255(run: Run) -> None:
    run.log("n" * 1000, "v" * 5000)
    assert run.get_metrics() == {"n" * 1000: "v" * 5000}


def test_a_list_longer_than_a_batch(run: Run) -> None:
    run.log_list("long", range(10_000))
    assert run.get_metrics()["long"] == list(range(10_000))


def test_labels_longer_than_azures_are_kept_with_a_warning(run: Run) -> None:
    with pytest.warns(UserWarning, match="Azure"):
        run.tag("k" * 200, "v")
    with pytest.warns(UserWarning, match="Azure"):
        run.add_properties({"k": "v" * 2000})
    assert run.get_tags() == {"k" * 200: "v"}
    assert run.get_properties() == {"k": "v" * 2000}


def test_more_than_fifty_tags(run: Run) -> None:
    for number in range(60):
        run.tag(str(number), "x")
    assert len(run.get_tags()) == 60


def test_long_ids_names_and_descriptions(exp: Experiment) -> None:
    run = exp.start_logging(run_id="i" * 256, snapshot_directory=None, display_name="d" * 256, description="x" * 5000)
    assert (run.id, run.display_name, run.description) == ("i" * 256, "d" * 256, "x" * 5000)


def test_a_path_as_long_as_azures(run: Run, here: Path) -> None:
    (here / "a").write_text("a", encoding="utf-8")
    name = "/".join(["p" * 99] * 50)
    run.upload_file(name, "a")
    assert run.get_file_names() == [name]


def test_a_hundred_children_in_a_call(run: Run) -> None:
    assert len(run.create_children(count=100)) == 100
    with pytest.raises(UserErrorException):
        run.create_children(count=101)
