"""A bucket or a container is a storage, whoever made it; its failures say what to do and nothing secret."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from runstore.errors import Refused, RemoteError, Unreachable
from runstore.sync.lake import objects, storage
from runstore.sync.lake.storage import Storage
from tests.sync.lake import storages
from tests.sync.servers.places import Place


@pytest.mark.parametrize("shown", storages.EVERY, ids=lambda one: one.__name__)
@pytest.mark.parametrize("below", ["", "/team/lake"])
def test_it_does_what_a_storage_does(shown: Callable[[Storage], None], below: str, each_store: Place) -> None:
    shown(storage.at(each_store.url + below))


def test_a_bucket_that_is_not_there_is_told(moto: Place) -> None:
    place = storage.at("s3://nobody-made-this/lake")
    with pytest.raises(Refused, match="there is no such bucket or container"):
        place.put("x", [b"x"], 1)
    with pytest.raises(Refused, match="there is no such bucket or container"):
        [*place.names("")]


def test_a_container_that_is_not_there_is_told(azurite: Place) -> None:
    with pytest.raises(Refused, match="there is no such bucket or container"):
        storage.at("az://nobody-made-this/lake").put("x", [b"x"], 1)


def test_who_may_not_is_refused_and_told_where_credentials_come_from(
    seaweed: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "WRONGSECRET")
    with pytest.raises(Refused, match=r"is not allowed .*; set the credentials in the environment") as found:
        storage.at(seaweed.url).put("x", [b"x"], 1)
    assert "WRONGSECRET" not in str(found.value)


def test_what_can_not_be_reached_may_be_tried_again(moto: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nobody listens there
    place = storage.at(moto.url)
    for what in (lambda: place.put("x", [b"x"], 1), lambda: place.size("x"), lambda: [*place.names("")]):
        with pytest.raises(Unreachable, match="the storage can't be reached"):
            what()


def test_nothing_goes_in_the_clear_unless_it_is_allowed(moto: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ALLOW_HTTP")
    with pytest.raises(Refused, match="plain http is not allowed; use https, or set AWS_ALLOW_HTTP=true"):
        storage.at(moto.url).size("x")


def test_a_profile_is_asked_of_boto3(moto: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text("[team]\naws_access_key_id = S3RVER\naws_secret_access_key = S3RVER\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_PROFILE", "team")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    place = storage.at(moto.url)
    place.put("x", [b"x"], 1)
    assert place.size("x") == 1
    monkeypatch.setattr(objects.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Refused, match="an AWS profile is set"):
        storage.at(moto.url)


def test_without_the_library_it_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(RemoteError, match=r"pip install 'runstore\[lake\]'"):
        storage.at("s3://bucket/lake")
