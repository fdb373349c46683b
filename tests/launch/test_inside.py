"""A script that was submitted logs into its run, however it asks for it, and never says how the run ends."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import runstore
from runstore.launch import inside
from runstore.launch.run import Run
from tests.launch.lab import Lab

NATIVE = "import runstore\n"


@pytest.fixture
def submitted(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that goes on elsewhere, and of which this process is a part."""
    monkeypatch.setattr(inside, "_joined", {})
    monkeypatch.setattr(inside, "_started", (0, ""))
    run = runstore.Experiment(runstore.Workspace(workspace), "exp").start_logging()
    monkeypatch.setenv(inside.RUN_ID, run.id)
    monkeypatch.setenv(inside.DIRECTORY, str(workspace))
    monkeypatch.setenv(inside.ATTEMPT, "1")
    return run


def test_the_first_start_run_of_a_script_is_its_run_whatever_it_is_called(lab: Lab) -> None:
    run = lab.run(NATIVE + "run = runstore.start_run('mine'); run.log('loss', 0.5); print(run.id, run.experiment.name)")
    assert lab.log(run) == f"{run.id} lab\n"
    assert run.get_metrics() == {"loss": 0.5}
    assert list(lab.workspace.experiments) == ["lab"]


def test_what_is_said_at_the_start_is_recorded(lab: Lab) -> None:
    run = lab.run(NATIVE + "runstore.start_run('x', 'a name', params={'lr': 1}, tags={'t': 'u'}, description='about')")
    assert (run.params, run.tags, run.display_name, run.description) == ({"lr": 1}, {"t": "u"}, "a name", "about")


def test_a_second_start_run_is_a_run_below(submitted: Run) -> None:
    first, second = runstore.start_run("exp"), runstore.start_run("other")
    first.complete()
    third = runstore.start_run("exp")
    assert first.id == submitted.id
    assert [run.parent_id for run in (second, third)] == [submitted.id] * 2
    assert second.experiment.name == "other"


def test_a_run_that_is_named_or_lies_elsewhere_is_none_of_it(submitted: Run, tmp_path: Path) -> None:
    assert runstore.start_run("exp", run_id="mine").parent_id is None
    elsewhere = runstore.start_run("exp", workspace=tmp_path / "other")
    assert elsewhere.id != submitted.id and elsewhere.parent_id is None
    assert runstore.start_run("exp").id == submitted.id


def test_each_process_of_a_script_joins_it_once(lab: Lab) -> None:
    run = lab.run("""
        import runstore
        if len(sys.argv) == 1:
            runstore.start_run('x').log('outer', 1)
            subprocess.run([sys.executable, __file__, 'inner'], check=True)
        else:
            runstore.start_run('x').log('inner', 2)
    """)
    assert run.status == "Completed", lab.log(run)
    assert run.get_metrics() == {"outer": 1, "inner": 2}
    assert len(run._folded().writers) == 4  # who queued it, its launcher, and both


def test_ranks_join_with_their_numbers(lab: Lab) -> None:
    run = lab.run(NATIVE + "runstore.start_run('x').log('rank', int(os.environ['RANK']))", processes=2)
    assert sorted(writer.rank for writer in run._folded().writers if writer.rank is not None) == [0, 1]


def test_both_faces_share_one_door(lab: Lab) -> None:
    run = lab.run("""
        import runstore
        from runstore.azureml.core import Run
        context = Run.get_context()
        assert Run.get_context() is context is runstore.start_run('x')
        context.log('loss', 1.0)
    """)
    assert run.status == "Completed", lab.log(run)
    assert run.get_metrics() == {"loss": 1.0}


@pytest.mark.parametrize("end", ["run.complete()", "run.fail('it says')", "sys.exit(0)", "os._exit(0)"])
def test_how_the_script_says_it_ends_is_not_how_the_run_ends(lab: Lab, end: str) -> None:
    run = lab.run(NATIVE + f"run = runstore.start_run('x')\nrun.log('a', 1)\n{end}")
    assert run.status == "Completed"
    assert run.get_metrics() == {"a": 1}


def test_an_error_that_the_script_tells_of_is_kept(lab: Lab) -> None:
    run = lab.run(NATIVE + "runstore.start_run('x').fail('it says')")
    assert run.get_details()["error"]["error"]["message"] == "it says"


def test_cancel_inside_warns_that_it_cancels_nothing(submitted: Run) -> None:
    run = runstore.start_run("exp")
    with pytest.warns(UserWarning, match="runstore cancel"):
        run.cancel()
    assert submitted.status == "Running"


def test_a_block_in_a_script_puts_no_line_into_the_log_twice(lab: Lab) -> None:
    run = lab.run("""
        import runstore, warnings, logging
        with runstore.start_run('x') as run:
            print('printed')
            logging.warning('logged')
            run.log('loss', 1.0)
        print('after')
    """)
    assert lab.log(run).splitlines() == ["printed", "WARNING:root:logged", "after"]
    told = lab.workspace.sql("select text, level from logs where level is not null").fetchall()
    assert told == [("logged", "WARNING")]


def test_a_block_that_fails_fails_the_run_by_its_exit_code(lab: Lab) -> None:
    run = lab.run(NATIVE + "with runstore.start_run('x'):\n    raise KeyError('gone')")
    assert run.status == "Failed" and run.error == "KeyError: 'gone'"


def test_what_the_launcher_watches_is_not_watched_twice(lab: Lab) -> None:
    run = lab.run("""
        import runstore
        run = runstore.start_run('x', outputs=True, logs='./logs')
        assert not [one for one in run._companions]
        os.mkdir('more')
        pathlib.Path('outputs/a').write_text('a')
    """)
    assert run.status == "Completed", lab.log(run)
    assert run.read_file("outputs/a") == b"a"


def test_a_model_can_be_registered_from_outputs_at_once(lab: Lab) -> None:
    run = lab.run("""
        import runstore
        run = runstore.start_run('x')
        pathlib.Path('outputs/model.pkl').write_bytes(b'weights')
        print(run.register_model('best', 'outputs/model.pkl').version)
    """)
    assert lab.log(run) == "1\n", run.error
    assert lab.workspace.models["best"].read_file() == b"weights" if hasattr(runstore.Model, "read_file") else True
    assert len(run.versions("outputs/model.pkl")) == 1


def test_a_run_above_can_be_logged_to(lab: Lab) -> None:
    above = lab.experiment.start_logging()
    run = above.submit_child(
        lab.config("import runstore; runstore.start_run('x').parent.log('from below', 1)"), show_output=False
    )
    lab.runs.append(run)
    run.wait_for_completion(raise_on_error=False)
    assert run.status == "Completed", lab.log(run)
    assert above.get_metrics() == {"from below": 1}
    above.complete()


def test_where_runstore_is_disabled_nothing_is_joined(submitted: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNSTORE_MODE", "disabled")
    before = len(submitted._folded().writers)
    run = runstore.start_run("exp")
    run.log("a", 1)
    run.complete()
    assert len(submitted._folded().writers) == before


def test_a_variable_that_names_no_run_begins_that_run(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inside, "_joined", {})
    monkeypatch.setattr(inside, "_started", (0, ""))
    monkeypatch.setenv(inside.RUN_ID, "mine")
    monkeypatch.setenv(inside.PROJECT, "theirs")
    run = runstore.start_run("exp", workspace=workspace)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        run.cancel()
    assert (run.id, run.experiment.name, run.status) == ("mine", "theirs", "Canceled")
