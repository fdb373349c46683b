"""A comparison in a notebook: what differs, as much as one can look through."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from runstore.query import side_by_side
from runstore.query.comparison import Compared, Comparison, Metric, Param


def made(runs: int = 2, params: int = 1, metrics: int = 1, name: str = "lr") -> Comparison:
    return Comparison(
        [Compared(f"run-{at}", "e", None, "Completed") for at in range(runs)],
        [Param(f"{name}{at}", True, [0.1 * n for n in range(runs)], [True] * runs) for at in range(params)],
        [
            Metric(
                f"loss{at}", True, [1.0 + n for n in range(runs)], [float(n) for n in range(runs)], [None] * runs, 1.0
            )
            for at in range(metrics)
        ],
    )


def cells(html: str) -> list[list[str]]:
    tree = ElementTree.fromstring(f"<x>{html}</x>")
    return [["".join(cell.itertext()) for cell in row] for row in tree.iter("tr")]


def test_params_and_metrics_stand_in_a_row_each_and_a_column_for_every_run() -> None:
    rows = cells(made()._repr_html_())
    assert rows == [
        ["", "run-0", "run-1"], ["status", "Completed", "Completed"], ["lr0", "0.0", "0.1"], ["loss0", "1", "2 (+1)"],
    ]  # fmt: skip
    assert "<b>1</b>" in made()._repr_html_()


def test_what_is_the_same_in_all_is_only_counted() -> None:
    alike = Param("batch", False, [1, 1], [True, True])
    html = Comparison(made().runs, [alike], [])._repr_html_()
    assert "batch" not in html
    assert "1 params the same in all" in html


def test_names_and_values_are_text_never_markup() -> None:
    html = made(name="<script>alert(1)</script>&\"'")._repr_html_()
    assert "<script" not in html
    assert cells(html)[2][0].startswith("<script>alert(1)</script>&\"'")


def test_a_param_that_a_run_lacks_and_one_that_is_none_look_different() -> None:
    given = Param("x", True, [None, None, "t"], [True, False, True])
    assert cells(Comparison(made(3).runs, [given], [])._repr_html_())[2] == ["x", "None", "-", "t"]


def test_it_fits_however_much_there_is() -> None:
    html = made(runs=200, params=5000, metrics=5000, name="n" * 500)._repr_html_()
    assert len(html) < 150_000
    assert len(cells(html)) == 2 + 2 * side_by_side.ROWS
    assert all(len(row) == 1 + side_by_side.RUNS for row in cells(html))
    assert re.search(r"190 runs more; 4,960 params more; 4,960 metrics more", html)
    assert "overflow-x:auto" in html


def test_a_long_text_is_cut_and_whole_in_its_title() -> None:
    html = side_by_side.html(Comparison(made().runs, [Param("x", True, ["y" * 100, None], [True, False])], []))
    assert f'title="{"y" * 100}"' in html
    assert max(len(cell) for row in cells(html) for cell in row) <= 40
