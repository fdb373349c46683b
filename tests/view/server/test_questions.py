"""Each address asks a function that is there, with arguments that it takes, and nobody can ask it for more."""

from __future__ import annotations

import inspect

import pytest

from runstore.view.server.questions import FILE, QUESTIONS, ZIP, Question, answering


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.asked)
def test_what_may_be_asked_is_what_the_feed_takes(question: Question) -> None:
    takes = inspect.signature(answering(question.asked)).parameters
    given = {*question.known, *(["run_id"] if "{run_id}" in question.path else []), "ws"}
    given -= {"download"} if question.sent == FILE else set()
    given |= {"target"} if question.sent == ZIP else set()
    assert given <= takes.keys()
    assert {name for name, one in takes.items() if one.default is one.empty} <= given
    assert set(question.needs) <= question.known.keys()


def test_every_question_has_an_address_of_its_own() -> None:
    assert len({question.path for question in QUESTIONS}) == len(QUESTIONS)
    assert all(question.path.startswith("/api/") for question in QUESTIONS)
