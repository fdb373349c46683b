"""Lines of dots: joined, and told apart where they cross."""

from __future__ import annotations

from runstore.view.terminal import canvas
from runstore.view.terminal.canvas import Canvas
from runstore.view.terminal.ticks import axis


def test_a_line_joins_its_two_ends_without_gaps() -> None:
    drawn = Canvas(4, 2)
    drawn.line((0, 7), (7, 0), 0)
    rows = ["".join(text for text, _ in drawn.row(row)) for row in range(2)]
    assert [row.strip() for row in rows] == ["⡠⠊", "⡠⠊"]


def test_a_later_curve_has_the_cell_where_two_cross() -> None:
    drawn = Canvas(1, 1)
    drawn.dot(0, 0, 0)
    drawn.dot(1, 3, 1)
    assert drawn.row(0, letters=True) == [("b", 1)]
    assert drawn.row(0) == [("⢁", 1)]


def test_what_is_nobodys_is_blank() -> None:
    drawn = Canvas(3, 1)
    drawn.dot(2, 0, 7)
    assert drawn.row(0) == [(" ", None), ("⠁", 7), (" ", None)]


def test_a_trace_goes_from_the_low_end_to_the_high_end_of_its_axes() -> None:
    drawn = Canvas(2, 1)
    drawn.trace([0.0, 1.0], [0.0, 1.0], 0, axis(0, 1), axis(0, 1))
    assert drawn.row(0) == [("⡠⠊", 0)]


def test_marks_stand_at_the_rows_of_their_values() -> None:
    assert canvas.marks(axis(0, 1), 9) == {0: "1.0", 4: "0.5", 8: "0.0"}


def test_the_line_below_ends_with_the_name_of_the_axis() -> None:
    line = canvas.below(axis(0, 100), True, "step", 60)
    assert line.startswith("0") and line.endswith("  step") and len(line) == 60
