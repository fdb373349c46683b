"""The bytes of one line."""

from __future__ import annotations

import zlib

import orjson
import pytest

from runstore.format import VERSION, lines


def test_a_header_says_whose_journal_it_is_and_names_the_positions() -> None:
    assert orjson.loads(lines.header(lines.POINTS, "r", "e", "w", 2, 3, 40)) == {
        "runstore": VERSION, "journal": "points", "columns": ["name", "value", "step", "time"],
        "run": "r", "experiment": "e", "writer": "w", "attempt": 2, "number": 3, "first": 40,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (lines.point("loss", 0.5, 7, 9), b'["loss",0.5,7,9]\n'),
        (lines.point("a\n\0", "b\n", [0], 9), b'["a\\n\\u0000","b\\n",[0],9]\n'),
        (lines.points({"a": 1, "b": None}, 7, 9), b'[null,{"a":1,"b":null},7,9]\n'),
        (lines.series("s", {"list": [1, None]}, [0], 9), b'["s",{"list":[1,null]},[0],9]\n'),
        (lines.row("t", {"x": [1]}, 7, 9), b'["t",{"row":{"x":[1]}},7,9]\n'),
        (lines.fact("tags", 9, {"a": "b"}), b'["tags",9,{"a":"b"}]\n'),
    ],
)
def test_a_line_of_data_is_one_array(line: bytes, text: bytes) -> None:
    assert line == text


@pytest.mark.parametrize(
    ("line", "count"),
    [
        (lines.point("null,", 1, 0, 0), 1),
        (lines.points({"a": 1, "b": 2, "c": 3}, 0, 0), 3),
        (lines.series("s", {"list": [1, "a", {"f": "nan"}], "steps": [3, 4, 5]}, 3, 0), 3),
        (lines.row("t", {"x": 1, "y": 2}, 0, 0), 1),
        (lines.row("t", {"x": [1, {"list": [1, 2]}]}, 0, 0), 1),
        (lines.fact("params", 0, [["x", {"j": [1, {"list": [1, 2]}]}]]), 1),
        (lines.point(',{"list":[1,2]}', ',{"list":[1,2]}', 0, 0), 1),
    ],
)
def test_every_point_takes_a_number_of_its_own(line: bytes, count: int) -> None:
    assert lines.count(line) == count


def test_a_checking_line_covers_itself() -> None:
    covered = b"some bytes\n"
    line = lines.checksum(lines.SUM, 0, 11, 5, 1, zlib.crc32(covered))
    head, _, rest = line.rpartition(b',"')
    assert head == b'{"sum":[0,11,5,1'
    assert rest == b'%08x"]}\n' % zlib.crc32(covered + head + b',"')
    assert orjson.loads(line)["sum"][:4] == [0, 11, 5, 1]
