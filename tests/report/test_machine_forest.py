"""Is every state of a machine shown once, below what it was made from, and does each file have its owners?"""

from __future__ import annotations

from math import log2

from hypothesis import given
from hypothesis import strategies as st

from tests.report.machines import chain, host, kept, key, machine_of, now
from vhdchain.hyperv import NOW, Machine, SnapshotTree
from vhdchain.report.machine_forest import CYCLE, MOST_OWNERS, histories, owners_of


def drawn(machine: Machine) -> list[tuple[int, str]]:
    """Return the states as they are shown: how far to the right, and the name; a branch's first is marked."""
    return [
        (place.depth, ("+" if place.is_branch else "") + ("now" if place.is_now else place.state.name))
        for history in histories(machine)
        for place in history.places
    ]


def tree_of(parents: dict[int, int | None]) -> Machine:
    """Return a machine by the numbers of its snapshots and their parents; 0 is the present."""
    by_key = {NOW if child == 0 else key(child): None if of is None else key(of) for child, of in parents.items()}
    present = now() if 0 in parents else None
    return machine_of(present, *(kept(n) for n in sorted(parents) if n), tree=SnapshotTree(parents=by_key))


def test_the_line_goes_on_to_the_present_and_other_branches_lead_aside_before() -> None:
    machine = tree_of({1: None, 2: 1, 3: 2, 4: 1, 5: 2, 6: 1, 0: 4})
    assert drawn(machine) == [
        (0, "snapshot 1"),
        (1, "+snapshot 2"),
        (2, "+snapshot 3"),
        (1, "snapshot 5"),
        (1, "+snapshot 6"),
        (0, "snapshot 4"),
        (0, "now"),
    ]


def test_away_from_the_present_the_line_goes_on_with_most_states() -> None:
    assert drawn(tree_of({1: None, 2: 1, 3: 1, 4: 2, 5: 1})) == [
        (0, "snapshot 1"),
        (1, "+snapshot 3"),
        (1, "+snapshot 5"),
        (0, "snapshot 2"),
        (0, "snapshot 4"),
    ]


def test_a_place_knows_what_it_was_made_from_and_whether_its_line_goes_on() -> None:
    (history,) = histories(tree_of({1: None, 2: 1, 0: 1}))
    assert history.reason is None
    assert [(place.key, place.parent and place.parent.path, place.goes_on) for place in history.places] == [
        (key(1), None, True),
        (key(2), key(1), False),
        (NOW, key(1), False),
    ]


def test_the_tree_with_the_present_comes_last() -> None:
    assert drawn(tree_of({1: None, 2: None, 0: 1})) == [(0, "snapshot 2"), (0, "snapshot 1"), (0, "now")]


def test_fifty_one_snapshots_in_a_line_stay_in_one_column() -> None:
    disks, machine = chain(51)
    (machine,) = host(disks, machine).machines
    assert drawn(machine) == [*((0, f"snapshot {number}") for number in range(51)), (0, "now")]


def test_what_is_unknown_comes_by_its_reasons() -> None:
    tree = SnapshotTree(
        parents={key(1): None, key(4): key(3), key(6): "gone"},
        unknown={key(2): "why", key(3): "why", NOW: "because"},
    )
    machine = machine_of(now(), *(kept(number) for number in range(1, 7)), tree=tree)
    assert [(history.reason, [place.key for place in history.places]) for history in histories(machine)] == [
        (None, [key(1)]),
        ("why", [key(2), key(3), key(4)]),
        ("it was not looked for", [key(5)]),
        ("the snapshot that it was made from is not here", [key(6)]),
        ("because", [NOW]),
    ]


def test_a_circle_begins_with_its_first_member_and_takes_along_what_hangs_on_it() -> None:
    machine = tree_of({1: 3, 2: 1, 3: 2, 4: 2, 5: 5, 0: 5})
    assert [(history.reason, [place.key for place in history.places]) for history in histories(machine)] == [
        (CYCLE, [key(1), key(2), key(3), key(4)]),
        (CYCLE, [key(5), NOW]),
    ]


_PARENTS = st.lists(st.one_of(st.none(), st.just("unknown"), st.just("gone"), st.integers(0, 29)), max_size=30)


@given(_PARENTS, st.integers(0, 29))
def test_every_state_is_shown_once_below_its_parent_and_not_far_to_the_right(
    choices: list[int | str | None], present: int
) -> None:
    """Whatever the parents are: nothing, not here, not known, a circle."""
    count = len(choices)
    parents: dict[str, str | None] = {}
    for number, choice in enumerate(choices):
        if choice != "unknown":
            parents[key(number)] = key(choice % count) if isinstance(choice, int) else choice and str(choice)
    if count:
        parents[NOW] = key(present % count)
    machine = machine_of(now(), *map(kept, range(count)), tree=SnapshotTree(parents=parents))
    places = [place for history in histories(machine) for place in history.places]
    assert sorted(place.key for place in places) == sorted([NOW, *map(key, range(count))])
    columns: dict[int, str] = {}
    for place in places:
        assert place.depth <= log2(count + 1) + 1
        if place.parent is not None:
            assert place.parent.path == parents[place.key]
            # What stands in the column above it is what it was made from.
            assert columns[place.depth - place.is_branch] == place.parent.path
        columns[place.depth] = place.key


def test_three_thousand_snapshots_are_walked() -> None:
    machine = tree_of({1: None} | {number: number - 1 for number in range(2, 3000)} | {0: 2999})
    assert [depth for depth, _ in drawn(machine)] == [0] * 3000


def test_the_files_of_chains_have_owners_and_others_have_none() -> None:
    first = machine_of(now("a.avhd"), kept(1, "base.vhd"), name="first")
    second = machine_of(now("b.avhd", "?gone.vhd"), name="second")
    disks = {"base.vhd": None, "a.avhd": "base.vhd", "b.avhd": "base.vhd", "c.avhd": "a.avhd", "free.vhd": None}
    owners = owners_of(host(disks, first, second))
    assert {path: [machine.name for machine in machines] for path, machines in owners.items()} == {
        "f/a.avhd": ["first"],
        "f/base.vhd": ["first", "second"],
        "f/b.avhd": ["second"],
    }


def test_a_base_of_hundreds_is_counted_a_few_times_and_a_circle_is_walked_once() -> None:
    many = [machine_of(now("p"), name=f"m{number:03}") for number in range(300)]
    owners = owners_of(host({"p": "q", "q": "p"}, *many))
    assert {path: len(machines) for path, machines in owners.items()} == {"f/p": MOST_OWNERS, "f/q": MOST_OWNERS}
