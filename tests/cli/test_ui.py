"""``runstore ui``: the program itself. What it serves: ``tests/view/server``."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

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

        def one(*options: object, **environment: str) -> tuple[subprocess.Popen[str], str]:
            command = [sys.executable, "-m", "runstore", "ui", "-w", str(ws.path), *map(str, options)]
            process = subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**os.environ, **_NO_SCREEN, **environment},
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


def test_a_browser_is_led_to_the_address_by_a_file_that_only_its_owner_reads(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    opened: list[str] = []
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("webbrowser.open", opened.append)
    url = "http://127.0.0.1:1/?token=x"
    module._open(url, tmp_path)
    (address,) = opened
    assert "token" not in address
    file = Path(url2pathname(urlsplit(address).path))
    assert f'content="0;url={url}"' in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert module._has_screen()
    module._tell(url, False, tmp_path)
    assert capsys.readouterr().out == f"{url}\n"


def test_no_command_line_has_the_token_and_nothing_is_left(start: Start, tmp_path: Path) -> None:
    """A real browser program is started by a real server, and writes down what it was started with."""
    browser, temporary = tmp_path / "browser", tmp_path / "temporary"
    temporary.mkdir()
    note = f"printf '%s' \"$*\" > {tmp_path}/part && mv {tmp_path}/part {tmp_path}/line"
    mode = f"stat -c %a $(dirname $(echo $1 | cut -c8-)) > {tmp_path}/mode"
    browser.write_text(f"#!/bin/sh\n{mode}\n{note}\n")
    browser.chmod(0o700)
    process, url = start("--port", 0, DISPLAY=":0", BROWSER=f"{browser} %s", TMPDIR=str(temporary))
    while not (tmp_path / "line").exists():
        assert process.poll() is None
        time.sleep(0.05)
    assert url.partition("token=")[2] not in (tmp_path / "line").read_text()
    assert (tmp_path / "mode").read_text() == "700\n"
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert [*temporary.glob("runstore-ui-*")] == []


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
        "from runstore.sync.server import hosts\nfrom runstore.view.server import serving\n"
        "from runstore.view.server.app import Page\n"
        "Page(runstore.Workspace(sys.argv[1], create=False), 'x', hosts.names_of('127.0.0.1'))\n"
        "print([name for name in ('duckdb', 'pyarrow', 'numpy', 'watchdog') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program, str(ws.path)], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
