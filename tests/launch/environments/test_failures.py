from __future__ import annotations

import pytest

from runstore.launch.environments.failures import explain

MISSING = """\
Collecting pandas
ERROR: Could not find a version that satisfies the requirement {0} (from versions: none)
ERROR: No matching distribution found for {0}
"""
UV_MISSING = """\
error: No solution found when resolving dependencies
  cause: Because {0} was not found in the package registry and you require {0}, we can conclude that ...
"""
UV_VERSION = """\
error: No solution found when resolving dependencies
  cause: Because there is no version of {0} and you require {0}, we can conclude that ...
"""
RETRY = "WARNING: Retrying (Retry(total={}, connect=None)) after connection broken by 'NewConnectionError(...)'"


@pytest.mark.parametrize("output", [MISSING, UV_MISSING, UV_VERSION])
def test_what_pip_does_not_find_is_named(output: str) -> None:
    assert explain(output.format("no-such").splitlines(), frozenset(), "x").startswith("pip finds no no-such; correct")


@pytest.mark.parametrize("output", [MISSING, UV_MISSING, UV_VERSION])
@pytest.mark.parametrize("line", ["no_such", "No.Such==1.*", "no-such>=1,<2"])
def test_what_came_from_conda_is_named_as_such(output: str, line: str) -> None:
    told = explain(output.format(line).splitlines(), frozenset({"no-such"}), "x")
    assert told.startswith(f"pip finds no {line}, a conda package; give pip's name for it")


@pytest.mark.parametrize(
    "line",
    [
        RETRY.format(0),
        "ERROR: Could not install packages due to an OSError: HTTPSConnectionPool(host='h'): Max retries exceeded",
        "  cause: error sending request for url (http://h/simple/click/)",
        "  cause: tcp connect error",
        "  cause: dns error: failed to lookup address information",
    ],
)
def test_an_index_that_can_not_be_reached_is_named(line: str) -> None:
    told = explain([line, *MISSING.format("pandas").splitlines()], frozenset(), "https://h/simple")
    assert told.startswith("https://h/simple can't be reached; connect")


def test_a_connection_that_came_back_is_no_reason() -> None:
    told = explain([RETRY.format(4), *MISSING.format("no-such").splitlines()], frozenset(), "x")
    assert told.startswith("pip finds no no-such")


@pytest.mark.parametrize(
    "output",
    [
        "ERROR: Cannot install a==1 and a==2 because these package versions have conflicting dependencies.\n"
        "ERROR: ResolutionImpossible: for help visit https://h",
        "error: No solution found when resolving dependencies\n"
        "  cause: Because you require a==1 and a==2, we can conclude that your requirements are unsatisfiable.",
    ],
)
def test_requirements_that_contradict_each_other_are_named(output: str) -> None:
    told = explain(output.splitlines(), frozenset(), "x")
    assert "a==1 and a==2" in told
    assert "they contradict each other" in told


def test_anything_else_is_the_last_problem_that_was_printed() -> None:
    assert explain(["ERROR: Failed building wheel for x", "note: see above", ""], frozenset(), "x") == (
        "Failed building wheel for x"
    )
    assert explain(["no space", " "], frozenset(), "x") == "no space"
    assert explain([], frozenset(), "x") == "no output"
