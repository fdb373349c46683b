"""Events arrive while another process logs, and streams end with whoever listens."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import httpx

import runstore
from runstore.view.server.changes import Changes
from runstore.view.server.events import Events
from tests.view.server.conftest import Served

WRITER = """
import sys, runstore
with runstore.start_run("e", run_id="far", workspace=sys.argv[1]) as run:
    print("begun", flush=True)
    for line in sys.stdin:
        run.log("loss", float(line))
        run.flush()
        print("logged", flush=True)
"""


def events(response: httpx.Response) -> Iterator[tuple[str, Any]]:
    kind = ""
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if name == "event":
            kind = value
        elif name == "data":
            yield kind, json.loads(value)


def test_points_that_another_process_logs_are_told(served: Served) -> None:
    with (
        served.client.stream("GET", "/api/events") as response,
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(served.ws.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as writer,
    ):
        assert response.headers["content-type"].startswith("text/event-stream")
        assert writer.stdin is not None and writer.stdout is not None
        told = events(response)
        assert next(told)[1] == {"cursor": served.page.events._changes.last, "runs": [], "listed": False}
        assert writer.stdout.readline() == "begun\n"
        assert next(body for kind, body in told if "far" in body["runs"])["listed"]
        for value in ("0.5", "0.25"):
            print(value, file=writer.stdin, flush=True)
            assert writer.stdout.readline() == "logged\n"
            assert next(body for kind, body in told if kind == "changed")["runs"] == ["far"]
        writer.stdin.close()
        assert next(body for kind, body in told if body["listed"])["runs"] == ["far"]


def test_what_was_missed_is_told_by_the_cursor(served: Served) -> None:
    with served.client.stream("GET", "/api/events") as response:
        cursor = next(events(response))[1]["cursor"]
    run = runstore.start_run("e", workspace=served.ws)
    with served.client.stream("GET", f"/api/events?cursor={cursor}") as response:
        told = next(body for _, body in events(response) if body["runs"])
    assert (told["runs"], told["listed"]) == ([run.id], True)


def test_what_came_while_nobody_listened_is_told_to_the_next_one(served: Served) -> None:
    """A page that is opened again has asked after the last look, or sees what has changed since."""
    with served.client.stream("GET", "/api/events") as response:
        next(events(response))
    run = runstore.start_run("e", workspace=served.ws)
    with served.client.stream("GET", "/api/events") as response:
        told = events(response)
        assert next(told)[1]["runs"] == []
        assert next(told)[1]["runs"] == [run.id]


def test_a_cursor_of_another_server_means_that_anything_may_have_changed(served: Served) -> None:
    with served.client.stream("GET", "/api/events?cursor=12345678-9") as response:
        assert next(events(response))[1]["listed"]


def test_a_connection_on_which_nothing_happens_is_shown_to_live(served: Served) -> None:
    served.page.events._beat = 0.05
    with served.client.stream("GET", "/api/events") as response:
        kinds = [kind for kind, _ in (next(told) for told in [events(response)] for _ in range(3))]
    assert kinds == ["changed", "beat", "beat"]


def test_nobody_looks_when_nobody_listens(served: Served) -> None:
    gone = threading.Event()
    served.page.events._changes.leave = gone.set  # type: ignore[method-assign]
    with served.client.stream("GET", "/api/events") as response:
        next(events(response))
    assert gone.wait(30)
    assert served.page.events._task is None


def test_a_look_that_fails_is_followed_by_another(ws: runstore.Workspace, served: Served, caplog: Any) -> None:
    looks: list[int] = []

    def look() -> bool:
        looks.append(1)
        if len(looks) == 2:
            raise OSError("gone")
        return len(looks) > 2

    served.page.events._changes.look = look  # type: ignore[method-assign]
    served.page.events._beat = 0.05
    with served.client.stream("GET", "/api/events") as response:
        told = events(response)
        while len(looks) < 4:
            next(told)
    assert "came to nothing" in caplog.text


def test_closing_ends_what_nobody_listens_to_either(ws: runstore.Workspace) -> None:
    made = Events(Changes(ws.path))
    made.close()
    made.close()
