"""Lines and chunks are sent as they come, all of them, in their order."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from runstore.sync.server.answers import json_answer, lines_answer, stepped


def sent(answer: Any) -> bytes:
    async def all_of_it() -> bytes:
        return b"".join([chunk async for chunk in answer.body_iterator])

    return asyncio.run(all_of_it())


def test_a_document_is_json() -> None:
    answer = json_answer({"a": 1}, 201, {"x": "y"})
    assert (answer.status_code, answer.body, answer.headers["x"]) == (201, b'{"a":1}', "y")


def test_lines_are_all_sent_in_order() -> None:
    lines = sent(lines_answer({"n": n} for n in range(1203))).splitlines()
    assert [json.loads(one)["n"] for one in lines] == list(range(1203))


def test_chunks_are_all_sent_in_order() -> None:
    async def all_of_it() -> list[bytes]:
        return [chunk async for chunk in stepped(iter([b"a", b"b", b"c"]))]

    assert asyncio.run(all_of_it()) == [b"a", b"b", b"c"]
