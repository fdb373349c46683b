"""What strangers send is answered or refused; never by a 500, never with what is not theirs."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

import runstore
from runstore.sync.server import hosts
from runstore.view.server.app import Page
from runstore.view.server.questions import QUESTIONS, Question
from tests.query.hostile import HOSTILE
from tests.view.server.conftest import TOKEN as TOKEN
from tests.view.server.conftest import built, serving_page

SECRET = "PRIVATE-of-this-machine"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A page of two runs, for tests that change nothing."""
    place = tmp_path_factory.mktemp("hostile")
    (place / "private.txt").write_text(SECRET)
    ws = runstore.Workspace(place / "ws")
    for lr in (0.1, 0.2):
        with ws.experiment("e").start_logging(params={"lr": lr, "name": "adam"}) as run:
            run.log("loss", lr, step=1)
            run.log_row("table", a=1, b="x")
    page = Page(ws, TOKEN, hosts.names_of("127.0.0.1"), static=built(tmp_path_factory.mktemp("static")))
    known = {"authorization": f"Bearer {TOKEN}"}
    with serving_page(page) as origin, httpx.Client(base_url=origin, headers=known, timeout=60) as made:
        made.run_id = run.id  # type: ignore[attr-defined]
        yield made


FILTERED = ("/api/runs?where=", "/api/facets?column=lr&where=", "/api/points?metric=loss&where=", "/api/report?where=")


def sound(answer: httpx.Response) -> bool:
    """Whether an answer is one that a stranger may get."""
    told = answer.content if answer.headers["content-type"] != "application/octet-stream" else b""
    return answer.status_code < 500 and SECRET.encode() not in told and b"Traceback" not in told


@pytest.mark.parametrize("text", [each for each in HOSTILE if len(each) < 4000 and "\udfff" not in each], ids=ascii)
def test_a_hostile_filter_gets_nothing(client: httpx.Client, text: str) -> None:
    for address in FILTERED:
        answer = client.get(address + quote(text.encode("utf-8", "surrogatepass")))
        blank = not text.strip()
        assert answer.status_code == 200 if blank else 400 <= answer.status_code < 500, answer.text
    frame = client.post("/api/curves", json={"requests": [{"key": "a", "metric": "loss", "where": ascii(text)[1:-1]}]})
    assert frame.status_code == 200
    assert text.strip() == "" or b'"series":[]' in frame.content


@pytest.mark.parametrize("text", ["[]", "true) UNION ALL SELECT (1", "true) GROUP BY ALL HAVING (false", "%ED%A0%80"])
def test_what_is_no_boolean_is_refused(client: httpx.Client, text: str) -> None:
    for address in FILTERED:
        assert 400 <= client.get(address + text).status_code < 500


def test_nothing_in_a_confined_process_reads_beyond_the_data_even_if_a_filter_got_through(
    client: httpx.Client, tmp_path: Path
) -> None:
    """The second wall: a process in which the check of filters is gone still can't read or write a file."""
    from tests.view.sql.unchecked import answer

    (tmp_path / "private.txt").write_text(SECRET)
    ws = runstore.Workspace(tmp_path / "ws")
    ws.experiment("e").start_logging(params={"lr": 1}).complete()
    (ws.path / "server").mkdir()
    (ws.path / "server" / "tokens.json").write_text(SECRET)
    reads = [tmp_path / "private.txt", ws.path / "server" / "tokens.json", Path("/proc/self/environ")]
    for path in reads:
        told = answer(ws.path, f"true) GROUP BY ALL HAVING ((SELECT max(content) FROM read_text('{path}')) > '0'")
        assert "file system operations are disabled" in told
    log = f"true) GROUP BY ALL HAVING (EXISTS (FROM enable_logging(storage := 'file', storage_path := '{tmp_path}/l'))"
    assert "locked" in answer(ws.path, log)
    assert not (tmp_path / "l").exists()


# ---- fuzz

PIECES = (
    *"()[]{};,.:'\"\\/`*?#%&=<>!|~^@$+-_ \t\n\0",
    "true", "lr", "loss", "select", "from", "runs", "where", "group by all", "having", "union all", "order by", "limit",
    "read_text('/etc/hostname')", "getenv('HOME')", "../", "..\\", "/etc/passwd", "file://",
    "é", "\u202e", "\U0001f600",
    "NaN", "-1", "1e309", "9" * 30, "null", "--", "/*", "*/", "''", '""', "$$", "::json", "<script>", "${x}", "{{x}}",
    "desc", "params.", "last.", "tags['a']", "run_id", "\ufeff", "a" * 300,
)  # fmt: skip


def texts(seed: str, count: int) -> Iterator[str]:
    """Texts of somebody who tries things, the same ones each time."""
    chance = random.Random(seed)
    for _ in range(count):
        if chance.random() < 0.3:
            yield "".join(chr(chance.randrange(1, 0x3000)) for _ in range(chance.randrange(1, 30)))
        else:
            yield "".join(chance.choice(PIECES) for _ in range(chance.randrange(1, 12)))


def parameters() -> Iterator[tuple[Question, str]]:
    for question in QUESTIONS:
        for key in [*question.known, *re.findall(r"\{(\w+)\}", question.path)]:
            yield question, key


NEEDED = {"column": "lr", "metric": "loss", "name": "table", "path": "x", "form": "csv"}


def ask(client: httpx.Client, question: Question, key: str, text: str) -> httpx.Response:
    """Ask a question with a text as one of its arguments, the others as they should be."""
    value = text.encode("utf-8", "surrogatepass")
    run_id: str = client.run_id  # type: ignore[attr-defined]
    path = question.path.replace("{run_id}", quote(value, safe="") if key == "run_id" else run_id)
    given = {each: NEEDED.get(each, run_id) for each in question.needs if each != key}
    query = "&".join([*(f"{name}={quote(each)}" for name, each in given.items())])
    query += f"&{key}={quote(value, safe='')}" if key != "run_id" else ""
    return client.get(f"{path}?{query.lstrip('&')}")


def fuzz(client: httpx.Client, question: Question, key: str, count: int) -> None:
    for text in texts(f"{question.path} {key}", count):
        answer = ask(client, question, key, text)
        assert sound(answer), (question.path, key, text, answer.text[:300])


ARGUMENTS = [*parameters()]
IDS = [f"{question.path}-{key}" for question, key in ARGUMENTS]


@pytest.mark.parametrize(("question", "key"), ARGUMENTS, ids=IDS)
def test_any_text_as_an_argument_is_answered_or_refused(client: httpx.Client, question: Question, key: str) -> None:
    fuzz(client, question, key, 12)


@pytest.mark.soak
@pytest.mark.parametrize(("question", "key"), ARGUMENTS, ids=IDS)
def test_two_thousand_texts_as_an_argument_are_answered_or_refused(
    client: httpx.Client, question: Question, key: str
) -> None:
    fuzz(client, question, key, 2000)


CURVES = ("key", "metric", "where", "experiment", "x", "group", "band", "source", "runs", "seeds", "low", "points")


def curves(client: httpx.Client, key: str, text: str) -> httpx.Response:
    request: dict[str, Any] = {"key": "a", "metric": "loss", "runs": None, key: text}
    if key in ("group", "runs", "seeds"):
        request |= {key: [text]}
    return client.post("/api/curves", json={"requests": [request]})


POSTED: dict[str, Callable[[httpx.Client, str], httpx.Response]] = {
    "sql": lambda client, text: client.post("/api/sql", json={"query": text}),
    "compare": lambda client, text: client.post("/api/compare", json={"runs": [text, text[::-1]]}),
    "baseline": lambda client, text: client.post("/api/compare", json={"runs": [], "baseline": text}),
    "tickets": lambda client, text: client.post("/api/tickets", json={"urls": [f"/api/{text}"]}),
    "body": lambda client, text: client.post(
        "/api/sql", content=text.encode(), headers={"content-type": "application/json"}
    ),
    "path": lambda client, text: client.get(f"/{quote(text, safe='')}"),
    **{f"curves-{key}": lambda client, text, key=key: curves(client, key, text) for key in CURVES},  # type: ignore[misc]
}


@pytest.mark.parametrize("way", POSTED)
def test_any_text_that_is_posted_is_answered_or_refused(client: httpx.Client, way: str) -> None:
    for text in texts(way, 12):
        answer = POSTED[way](client, text)
        assert sound(answer), (way, text, answer.text[:300])


@pytest.mark.soak
@pytest.mark.parametrize("way", POSTED)
def test_two_thousand_texts_that_are_posted_are_answered_or_refused(client: httpx.Client, way: str) -> None:
    for text in texts(way, 2000):
        answer = POSTED[way](client, text)
        assert sound(answer), (way, text, answer.text[:300])
