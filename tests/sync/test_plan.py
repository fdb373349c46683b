"""A plan names exactly what is lacking, and once it was carried out there is nothing left to plan."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runstore.format import ranges
from runstore.sync.plan import File, Held, Wanted, joined, lacking, plan

WRITERS = ("w", "ws", "x")
span = st.builds(lambda w, a, n: (w, a, a + n), st.sampled_from(WRITERS), st.integers(0, 30), st.integers(0, 9))


def record(name: str, *spans: tuple[str, int, int], needs: tuple[str, ...] = (), thinned: bool = False) -> File:
    return File(f"runs/aa/bb/{name}", "seal", 10, spans, needs, thinned=thinned)


def segment(name: str) -> File:
    return File(f"runs/aa/bb/{name}", "points", 100)


@st.composite
def runs(draw: st.DrawFn, tag: str = "") -> list[File]:
    """A run whose records never give one number twice, as sealing has it."""
    taken: dict[str, list[ranges.Range]] = {}
    files: list[File] = []
    for number, spans in enumerate(draw(st.lists(st.lists(span, min_size=1, max_size=3), max_size=4))):
        own = joined(lacking(spans, taken))
        if own:
            for writer, first, last in own:
                taken[writer] = ranges.join([*taken.get(writer, []), (first, last)])
            files += [
                record(f"seal-{tag}{number}", *own, needs=(f"points-{tag}{number}",)),
                segment(f"points-{tag}{number}"),
            ]
    for number, size in enumerate(draw(st.lists(st.integers(1, 50), max_size=3))):
        kind = draw(st.sampled_from(["log", "pack", "facts", "end", "blob"]))
        files.append(File(f"{kind}-{number}", kind, size, ((f"f{number}", 0, size),) if kind == "facts" else ()))
    return files


def carried_out(wanted: list[Wanted], held: Held) -> None:
    for one in wanted:
        if one.lacking:
            held.add(one.file._replace(path=f"{one.file.path}-cut", spans=one.lacking), 10)
        else:
            held.add(one.file, one.file.size)


def numbers(files: list[File]) -> dict[str, list[ranges.Range]]:
    held = Held()
    for file in files:
        held.add(file, file.size)
    return held.data


@given(files=runs(), before=runs(tag="b"), stop=st.integers(0, 20))
def test_what_is_carried_out_is_not_planned_again(files: list[File], before: list[File], stop: int) -> None:
    held = Held()
    carried_out(plan(before, held), held)
    carried_out(plan(files, held)[:stop], held)
    carried_out(plan(files, held), held)
    assert plan(files, held) == []
    assert all(not lacking(file.spans, held.data) for file in files if file.kind == "seal")


@given(files=runs(), before=runs(tag="b"))
def test_only_numbers_that_are_lacking_travel(files: list[File], before: list[File]) -> None:
    held = Held()
    carried_out(plan(before, held), held)
    for one in plan(files, held):
        if one.file.kind == "seal":
            travels = one.lacking or one.file.spans
            assert lacking(travels, held.data) == joined(travels)


@given(files=runs())
def test_nothing_is_named_before_it_is_there(files: list[File]) -> None:
    seen: set[str] = set()
    facts = False
    for one in plan(files, Held()):
        assert set(one.file.needs) <= seen
        assert one.file.kind == "facts" or not facts
        seen.add(one.file.name)
        facts = facts or one.file.kind == "facts"


def test_a_record_of_merged_segments_is_not_sent_again() -> None:
    held = Held()
    carried_out(plan([record("a", ("w", 0, 9)), record("b", ("w", 10, 19))], held), held)
    assert plan([record("c", ("w", 0, 19), needs=("points-c",)), segment("points-c")], held) == []


def test_of_a_record_that_is_known_in_part_the_rest_is_cut() -> None:
    held = Held(data={"w": [(0, 9)]})
    merged = [record("c", ("w", 0, 19), needs=("points-c",)), segment("points-c")]
    assert plan(merged, held) == [Wanted(merged[0], lacking=(("w", 10, 19),))]
    assert plan(merged, held, slices=False) == [Wanted(merged[1]), Wanted(merged[0])]


def test_a_thinned_record_is_sent_though_its_numbers_are_known() -> None:
    held = Held(data={"w": [(0, 9)]})
    thin = [record("c", ("w", 0, 9), needs=("points-c",), thinned=True), segment("points-c")]
    assert [one.file.name for one in plan(thin, held)] == ["points-c", "c"]
    carried_out(plan(thin, held), held)
    assert plan(thin, held) == []


def test_of_a_file_that_has_grown_its_end_is_sent() -> None:
    held = Held(files={"o-1.log": 40})
    assert plan([File("o-1.log", "log", 100)], held) == [Wanted(File("o-1.log", "log", 100), 40)]
    assert plan([File("o-1.log", "log", 30)], held) == []


def test_merged_facts_of_which_all_are_known_are_not_sent() -> None:
    held = Held(facts={"w": [(0, 3)], "v": [(0, 1)]})
    assert plan([File("facts-1", "facts", 100, (("w", 0, 3), ("v", 0, 1)))], held) == []
    assert len(plan([File("facts-1", "facts", 100, (("w", 0, 4), ("v", 0, 1)))], held)) == 1


def test_two_files_of_one_path_and_two_versions_are_two() -> None:
    ours, theirs = (File("a1.jsonl", "facts", 9, ((w, 0, 3),), version=w) for w in ("w", "v"))
    held = Held()
    held.add(ours, 9)
    assert plan([ours, theirs], held) == [Wanted(theirs)]
