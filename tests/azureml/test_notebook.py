"""The notebook in ``docs/examples`` runs from its first cell to its last, without a network, and holds no outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import runstore

NOTEBOOK = Path(__file__).resolve().parents[2] / "docs" / "examples" / "logging_api.ipynb"


@pytest.fixture
def notebook() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


def test_its_outputs_are_cleared(notebook: Any) -> None:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell for cell in cells if cell.outputs or cell.execution_count] == []


def test_the_only_root_it_imports_from_is_runstore(notebook: Any) -> None:
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    assert "from runstore.azureml.core import" in text
    assert "import azureml" not in text.replace("import runstore.azureml", "")
    assert "from azureml" not in text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the libraries that run notebooks
def test_it_runs(notebook: Any, here: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR", "MPLCONFIGDIR"):
        monkeypatch.setenv(name, str(tmp_path / name.lower()))
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(here)}})

    client.execute()

    (run,) = runstore.Workspace(here / ".runstore").sql("select status, tags['rank'] from runs").fetchall()
    assert run[0] == "Completed"
    shown = str([cell.get("outputs") for cell in notebook.cells])
    assert "triangular" in shown
    assert "<table>" in shown
