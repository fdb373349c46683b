"""The public surface: what is not listed here may change."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import runstore

PUBLIC = [
    "Docker", "Environment", "Experiment", "LogHandler", "Model", "Run", "ScriptRunConfig", "Sweep", "Workspace",
    "__version__", "diagnostic_log", "errors", "start_run",
]  # fmt: skip


def test_the_public_names_are_these() -> None:
    assert sorted(runstore.__all__) == PUBLIC
    assert dir(runstore) == PUBLIC


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(runstore, name) is not None


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Tracker'"):
        runstore.Tracker  # noqa: B018


@pytest.mark.parametrize("name", ["Experiment", "Model", "Run", "ScriptRunConfig", "Sweep", "Workspace", "start_run"])
def test_every_public_class_and_method_says_what_it_does(name: str) -> None:
    public = getattr(runstore, name)
    members = inspect.getmembers(public) if inspect.isclass(public) else []
    bare = [
        key for key, member in members if not key.startswith("_") and callable(member) and not inspect.getdoc(member)
    ]
    assert inspect.getdoc(public)
    assert bare == []


@pytest.mark.parametrize(
    ("name", "methods"),
    [
        ("Workspace", {"sql", "runs", "get_run", "models"}),
        (
            "Model",
            {
                "register", "list", "download", "set_alias", "remove_alias", "add_tags", "remove_tags",
                "add_properties", "update", "delete",
            },
        ),
        ("Experiment", {"start_logging", "get_runs"}),
        (
            "Run",
            {
                "log", "log_params", "tag", "set_tags", "add_properties", "log_row", "upload_file", "child_run",
                "flush", "complete", "fail", "cancel", "history", "get_metrics", "__enter__", "__exit__",
                "upload_files", "upload_folder", "remove_files", "get_file_names", "read_file", "download_file",
                "download_files", "versions", "use_artifact", "inputs",
                "log_list", "log_batch", "log_table", "log_image", "log_figure", "log_video", "log_audio", "log_text",
                "log_html", "log_point_cloud", "log_histogram", "log_confusion_matrix", "log_accuracy_table",
                "log_residuals", "log_predictions",
            },
        ),
    ],
)  # fmt: skip
def test_the_contract_names_its_methods(name: str, methods: set[str]) -> None:
    public = getattr(runstore, name)
    assert {method for method in methods if not hasattr(public, method)} == set()


def test_the_module_runs_as_a_command(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "runstore", "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert runstore.__version__ in done.stdout
