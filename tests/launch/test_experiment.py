"""An experiment runs scripts: the train-on-local sample's way, and many at once."""

from __future__ import annotations

from tests.launch.lab import Lab


def test_runs_that_go_on_at_once_are_kept_apart(lab: Lab) -> None:
    runs = [lab.submit("open('outputs/mine', 'w').write(sys.argv[1]); print(*sys.argv[1:])", [n]) for n in range(4)]
    for number, run in enumerate(runs):
        assert run.wait_for_completion()["status"] == "Completed"
        assert (lab.log(run), run.read_file("outputs/mine")) == (f"{number}\n", str(number).encode())


def test_the_source_may_change_as_soon_as_it_was_submitted(lab: Lab) -> None:
    first = lab.submit("time.sleep(0.3); print('first')")
    second = lab.submit("print('second')")
    for run in (first, second):
        run.wait_for_completion()
    assert [lab.log(run) for run in (first, second)] == ["first\n", "second\n"]


def test_the_run_that_submit_gives_is_found_again_with_its_definition(lab: Lab) -> None:
    run = lab.run("pass", ["--alpha", 0.4], tags={"k": "v"})
    (found,) = lab.experiment.get_runs(type="azureml.scriptrun", tags={"k": "v"})
    assert found.id == run.id
    definition = found.get_details()["runDefinition"]
    assert (definition["script"], definition["arguments"]) == ("script.py", ["--alpha", "0.4"])
    assert found.get_details()["target"] == "local"
