"""``runstore ui``: the program itself. What it serves: ``tests/view/server``."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

import runstore
from runstore.cli import ui as module
from tests.cli.conftest import Call

Start = Callable[..., tuple["subprocess.Popen[str]", str]]
_NO_SCREEN = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}


@pytest.fixture
def start(ws: runstore.Workspace) -> Iterator[Start]:
    """``start("--port", 0)``: the program, and the first line that it prints."""
    with ExitStack() as stack:

        def one(*options: object) -> tuple[subprocess.Popen[str], str]:
            command = [sys.executable, "-m", "runstore", "ui", "-w", str(ws.path), *map(str, options)]
            process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **_NO_SCREEN}
            )
            stack.enter_context(process)
            stack.callback(process.kill)
            assert process.stdout is not None
            return process, process.stdout.readline().rstrip("\n")

        yield one


def test_the_first_line_is_the_address_with_its_token(start: Start, ws: runstore.Workspace) -> None:
    _, url = start("--no-browser", "--port", 0)
    origin, _, token = url.partition("/?token=")
    assert origin.startswith("http://127.0.0.1:")
    assert httpx.get(url).status_code in (200, 503)  # built or not
    assert httpx.post(f"{origin}/api/tickets", json={"urls": []}).status_code == 401
    known = {"authorization": f"Bearer {token}"}
    assert httpx.post(f"{origin}/api/tickets", json={"urls": []}, headers=known).status_code == 200


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_quietly(start: Start, how: signal.Signals) -> None:
    process, url = start("--no-browser", "--port", 0)
    origin, _, token = url.partition("/?token=")
    with httpx.stream("GET", f"{origin}/api/events", headers={"authorization": f"Bearer {token}"}) as listening:
        assert next(listening.iter_lines()).startswith("retry")
        process.send_signal(how)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (0, "", "")


def test_a_port_that_is_taken_is_left(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        _, url = start("--no-browser", "--port", taken.getsockname()[1])
        assert f":{taken.getsockname()[1]}/" not in url
        assert url.startswith("http://127.0.0.1:")


def test_where_there_is_no_screen_no_browser_is_opened(start: Start) -> None:
    process, _ = start("--port", 0)
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=30) == ("", "")


def test_a_browser_is_opened_with_the_address(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", opened.append)
    module._open("http://127.0.0.1:1/?token=x")
    assert opened == ["http://127.0.0.1:1/?token=x"]
    assert module._has_screen()
    module._tell("http://127.0.0.1:1/?token=x", False)
    assert capsys.readouterr().out == "http://127.0.0.1:1/?token=x\n"


def test_where_there_is_no_workspace_none_is_made(call: Call, tmp_path: Path) -> None:
    done = call("ui", "-w", tmp_path / "nothing", "--no-browser")
    assert (done.exit_code, "no workspace there" in done.stderr.splitlines()[-1]) == (1, True)
    assert not (tmp_path / "nothing").exists()


def test_where_there_is_none_it_says_how_one_begins_and_that_works(call: Call, tmp_path: Path) -> None:
    done = call("ui", "-w", tmp_path / "nothing", "--no-browser")
    code = done.stderr.partition("\n\n")[2].partition("\n\n")[0]
    assert len(code.splitlines()) == 4
    exec(code, {})
    made = runstore.Workspace(tmp_path / "nothing", create=False)
    assert made.sql("select name, count from metric_summary").fetchall() == [("loss", 100)]


def test_of_a_directory_that_is_something_else_it_says_only_that(call: Call, tmp_path: Path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("hello")
    done = call("ui", "-w", tmp_path / "letters", "--no-browser")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert "is no runstore workspace" in done.stderr


def test_of_a_workspace_that_is_damaged_it_says_which_file(call: Call, ws: runstore.Workspace) -> None:
    (ws.path / "workspace.json").write_text("nonsense")
    done = call("ui", "-w", ws.path, "--no-browser")
    assert (done.exit_code, len(done.stderr.splitlines())) == (1, 1)
    assert "workspace.json" in done.stderr


def test_without_its_packages_it_says_how_to_install_them(ws: runstore.Workspace) -> None:
    program = "import sys; sys.modules['uvicorn'] = None; from runstore.cli.main import main; main()"
    command = [sys.executable, "-c", program, "ui", "-w", str(ws.path), "--no-browser"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    told = "runstore: uvicorn is not installed; `pip install 'runstore[ui]'` brings it\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", told)


def test_the_page_is_there_before_duckdb_is(ws: runstore.Workspace) -> None:
    program = (
        "import sys, runstore\n"
        "from runstore.view.server import serving\nfrom runstore.view.server.app import Page\n"
        "Page(runstore.Workspace(sys.argv[1], create=False), 'x', serving.names_of('127.0.0.1'))\n"
        "print([name for name in ('duckdb', 'pyarrow', 'numpy', 'watchdog') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(ws.path)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
