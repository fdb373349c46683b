"""What a client takes from its environment: no proxy to this machine, and no password of anybody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from runstore.sync import client as module
from runstore.sync.client import Server
from tests.sync.hostile import Hostile, hostile


@pytest.fixture
def there() -> Iterator[Hostile]:
    with hostile() as found:
        yield found


def test_a_server_on_this_machine_is_never_asked_through_a_proxy(
    there: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with hostile() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        server = Server(there.url, "rs_token")
        server.info()
        server.close()
        assert proxy.asked == []
    assert there.asked[-1].headers["authorization"] == "Bearer rs_token"


def test_no_password_of_the_netrc_file_is_sent(there: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / ".netrc"
    path.write_text(
        "machine 127.0.0.1 login me password hunter2\nmachine localhost login me password hunter2\n"
        "default login me password hunter2\n"
    )
    path.chmod(0o600)
    monkeypatch.setenv("NETRC", str(path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(module.ALLOW_HTTP, "1")
    for near in (True, False):  # whatever else of the environment counts
        monkeypatch.setattr(module, "_near", lambda host, near=near: near)
        server = Server(there.url, "rs_token")
        server.info()
        server.close()
    assert {request.headers.get("authorization") for request in there.asked} == {"Bearer rs_token"}
