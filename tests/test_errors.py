"""One tree of exceptions, drawn in its docstring; each is caught by the built-in it resembles."""

from __future__ import annotations

import inspect

import pytest

from runstore import errors

CLASSES = [found for _, found in inspect.getmembers(errors, inspect.isclass) if found.__module__ == errors.__name__]


def drawn() -> dict[str, int]:
    """Class names in the docstring's drawing, with how far they are indented."""
    lines = [line for line in (errors.__doc__ or "").splitlines() if line.startswith("    ")]
    names = {line: line.strip(" |`-").split()[0] for line in lines}
    return {name: line.index(name) for line, name in names.items()}


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_every_class_is_drawn_below_its_parent(found: type[errors.RunstoreError]) -> None:
    names, depths = list(drawn()), drawn()
    above = names[: names.index(found.__name__)]
    parents = [name for name in above if depths[name] < depths[found.__name__]]
    assert found.__mro__[1].__name__ == (parents[-1] if parents else "Exception")


def test_nothing_is_drawn_that_is_not_there() -> None:
    assert set(drawn()) == {found.__name__ for found in CLASSES}


@pytest.mark.parametrize(
    ("found", "builtin"),
    [
        (errors.UsageError, ValueError),
        (errors.InvalidValue, TypeError),
        (errors.NotAWorkspace, FileNotFoundError),
        (errors.RunNotFound, KeyError),
        (errors.ModelNotFound, KeyError),
        (errors.NotWritable, OSError),
    ],
)
def test_who_knows_only_the_builtins_catches_it_too(
    found: type[errors.RunstoreError], builtin: type[Exception]
) -> None:
    assert issubclass(found, builtin)


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_the_message_is_shown_as_it_was_given(found: type[errors.RunstoreError]) -> None:
    assert str(found("what: where; what to do")) == "what: where; what to do"


@pytest.mark.parametrize("found", CLASSES, ids=lambda found: found.__name__)
def test_the_exit_code_tells_a_wrong_call_from_a_failure(found: type[errors.RunstoreError]) -> None:
    usage = issubclass(found, errors.UsageError) and found is not errors.RunClosed
    assert found.exit_code == (2 if usage else 1)


def test_an_error_without_a_message_says_its_name() -> None:
    assert str(errors.RunstoreError()) == "RunstoreError"
