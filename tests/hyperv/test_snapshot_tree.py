"""The tree that disks give: the rule, where disks agree, where they do not, and what damaged folders make of it.

Files are written as chains from the base up: ``"a b c"`` says that c's parent is b, and b's a.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import pytest

from tests.hyperv.calls import calls_of
from vhdchain.hyperv import NOW, SnapshotTree, derive_tree
from vhdchain.hyperv.snapshot_tree import MOST_CANDIDATES, base_files

if TYPE_CHECKING:
    from collections.abc import Callable

    Folder: TypeAlias = tuple[dict[str, tuple[str | None, ...]], dict[str, str]]


def _parents(*chains: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for chain in chains:
        files = chain.split()
        found.update(zip(files[1:], files, strict=False))
    return found


def _states(text: str) -> dict[str, tuple[str | None, ...]]:
    """Return the states of ``"one: a x; now: b ?"``: their disks, ``?`` for one that was not found."""
    states: dict[str, tuple[str | None, ...]] = {}
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, _, disks = part.partition(":")
        states[NOW if name == "now" else name] = tuple(None if disk == "?" else disk for disk in disks.split())
    return states


@dataclass(frozen=True, kw_only=True)
class Case:
    """States, the chains of files, and what the tree says: ``None`` from none, ``?`` unknown."""

    about: str
    states: str
    chains: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    tree: dict[str, str | None] = field(default_factory=dict)
    leftovers: tuple[str, ...] = ()


CASES = (
    Case(about="no snapshot", states="now: a", tree={"now": None}),
    Case(
        about="a line",
        states="one: a; two: b; now: c",
        chains=("a b c",),
        tree={"one": None, "two": "one", "now": "two"},
    ),
    Case(
        about="a branch, after the first was applied",
        states="one: a; two: b; three: d; now: e",
        chains=("a b c", "a d e"),
        tree={"one": None, "two": "one", "three": "one", "now": "three"},
    ),
    Case(
        about="states above a base that no snapshot froze",
        states="one: b; now: c",
        chains=("a b c",),
        tree={"one": None, "now": "one"},
    ),
    Case(
        about="files of deleted snapshots are walked through",
        states="one: a; now: d.avhd",
        chains=("a b.avhd c.avhd d.avhd",),
        tree={"one": None, "now": "one"},
        leftovers=("b.avhd", "c.avhd"),
    ),
    Case(
        about="the only snapshot was deleted, and its merge is owed",
        states="now: b.avhd",
        chains=("a.vhd b.avhd",),
        tree={"now": None},
        leftovers=("a.vhd",),
    ),
    Case(
        about="a differencing disk made by hand owes no merge",
        states="now: b.vhd",
        chains=("a.vhd b.vhd",),
        tree={"now": None},
    ),
    Case(
        about="two disks that agree",
        states="one: a x; two: b y; now: c z",
        chains=("a b c", "x y z"),
        tree={"one": None, "two": "one", "now": "two"},
    ),
    Case(
        about="a disk that was attached after the first",
        states="one: a; two: b x; now: c y",
        chains=("a b c", "x y"),
        tree={"one": None, "two": "one", "now": "two"},
    ),
    Case(
        about="a disk that was attached just now",
        states="one: a; now: b x",
        chains=("a b",),
        tree={"one": None, "now": "one"},
    ),
    Case(
        about="a disk that was removed",
        states="one: a x; two: b; now: c",
        chains=("a b c", "x y"),
        tree={"one": None, "two": "one", "now": "two"},
    ),
    Case(
        about="a disk that was away when the second was taken",
        states="one: a x; two: b; now: c y",
        chains=("a b c", "x y"),
        tree={"one": None, "two": "one", "now": "two"},
    ),
    Case(
        about="one disk was replaced by another",
        states="one: a; now: x",
        tree={"one": None, "now": None},
    ),
    Case(
        about="disks that disagree",
        states="one: a x; two: b y; now: c z",
        chains=("a b c", "x z", "x y"),
        tree={"one": None, "two": "one", "now": "?"},
    ),
    Case(
        about="a disk was put back to what the only snapshot froze",
        states="one: a x; now: b x",
        chains=("a b",),
        tree={"one": None, "now": "?"},
    ),
    Case(
        about="two snapshots claim one file",
        states="one: a; two: a; now: b",
        chains=("a b",),
        tree={"one": None, "two": None, "now": "?"},
    ),
    Case(
        about="another disk tells them apart",
        states="one: a x; two: a y; now: b z",
        chains=("a b", "x y z"),
        tree={"one": None, "two": "?", "now": "two"},
    ),
    Case(
        about="disks that were never attached together",
        states="one: x; two: a; now: b y",
        chains=("a b", "x y"),
        tree={"one": None, "two": None, "now": "?"},
    ),
    Case(
        about="no disk in a file",
        states="one: ; now: a",
        tree={"one": "?", "now": None},
    ),
    Case(about="no disk is here", states="one: a; now: ?", tree={"one": None, "now": "?"}),
    Case(
        about="one disk is not here, the other tells",
        states="one: a x; now: b ?",
        chains=("a b",),
        tree={"one": None, "now": "one"},
    ),
    Case(
        about="one disk is not here, the other has nothing to tell",
        states="one: a; now: x ?",
        tree={"one": None, "now": "?"},
    ),
    Case(
        about="a chain that is broken",
        states="one: a; now: c",
        chains=("b c",),
        orphans=("b",),
        tree={"one": None, "now": "?"},
    ),
    Case(
        about="a chain that is broken below the snapshot",
        states="one: b; now: c",
        chains=("b c",),
        orphans=("b",),
        tree={"one": "?", "now": "one"},
    ),
    Case(
        about="a broken chain that two states share",
        states="one: d; two: e; now: x",
        chains=("b c d", "c e"),
        orphans=("b",),
        tree={"one": "?", "two": "?", "now": None},
    ),
    Case(
        about="one chain is broken, the other tells",
        states="one: a x; now: b z",
        chains=("a b",),
        orphans=("z",),
        tree={"one": None, "now": "one"},
    ),
    Case(
        about="one chain is broken, the other has nothing to tell",
        states="one: a x; now: d z",
        orphans=("z",),
        tree={"one": None, "now": "?"},
    ),
    Case(
        about="files in a circle that nobody froze",
        states="one: a; now: c",
        chains=("d c d",),
        tree={"one": None, "now": "?"},
    ),
    Case(
        about="files in a circle that two snapshots froze",
        states="one: a; two: b; now: c",
        chains=("b a b c",),
        tree={"one": "?", "two": "?", "now": "two"},
    ),
    Case(
        about="broken chains that lead in a circle",
        states="one: a y; two: b x; now: c",
        chains=("a b c", "x y"),
        orphans=("a", "x"),
        tree={"one": "?", "two": "?", "now": "two"},
    ),
    Case(
        about="a file that is its own parent",
        states="one: a; now: b",
        chains=("a a", "a b"),
        tree={"one": "?", "now": "one"},
    ),
    Case(
        about="a snapshot has two disks of one chain",
        states="one: a; two: b c; now: d",
        chains=("a b c d",),
        tree={"one": None, "two": "one", "now": "two"},
    ),
    Case(
        about="the machine runs on a frozen file",
        states="one: a; two: b; now: a",
        chains=("a b",),
        tree={"one": None, "two": "one", "now": None},
    ),
    Case(
        about="snapshots without their machine",
        states="one: a; two: b",
        chains=("a b c",),
        tree={"one": None, "two": "one"},
    ),
    Case(
        about="a base that other machines share",
        states="one: b; now: c",
        chains=("a b c", "a x y"),
        tree={"one": None, "now": "one"},
    ),
)


def _derive(case: Case) -> SnapshotTree:
    return derive_tree(_states(case.states), _parents(*case.chains), orphans=case.orphans)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.about)
def test_disks_give_the_tree(case: Case) -> None:
    tree = _derive(case)
    told = {**tree.parents, **dict.fromkeys(tree.unknown, "?")}
    assert {"now" if state == NOW else state: parent for state, parent in told.items()} == case.tree
    assert not tree.parents.keys() & tree.unknown.keys()
    assert tree.leftovers == case.leftovers
    assert tree.is_known is ("?" not in case.tree.values())


@pytest.mark.parametrize(
    ("about", "state", "reason"),
    [
        ("no disk in a file", "one", "it has no disk in a file"),
        ("no disk is here", NOW, "none of its disks is here"),
        ("a chain that is broken", NOW, "a file that its disks build on is missing"),
        (
            "one disk is not here, the other has nothing to tell",
            NOW,
            "one of its disks is not here, and the others say nothing",
        ),
        (
            "disks that disagree",
            NOW,
            "its disks disagree: they were frozen by 2 snapshots in different orders",
        ),
        (
            "a disk was put back to what the only snapshot froze",
            NOW,
            "its disks disagree: one builds on what a snapshot froze, and another does not",
        ),
        ("two snapshots claim one file", NOW, "2 snapshots froze the same disk"),
        (
            "disks that were never attached together",
            NOW,
            "its disks build on 2 snapshots that held none of them together",
        ),
        (
            "files in a circle that two snapshots froze",
            "one",
            "its disks say that 2 snapshots were each made from the next, in a circle",
        ),
    ],
)
def test_what_is_not_known_has_its_reason(about: str, state: str, reason: str) -> None:
    (case,) = (case for case in CASES if case.about == about)
    assert _derive(case).unknown[state] == reason


def test_a_tree_answers_for_its_states_in_their_order() -> None:
    tree = _derive(next(case for case in CASES if case.about == "a branch, after the first was applied"))
    assert list(tree.parents) == ["one", "two", "three", NOW]
    assert tree.children(None) == ("one",)
    assert tree.children("one") == ("two", "three")
    assert tree.children(NOW) == ()
    assert tree.current == "three"
    assert SnapshotTree() == SnapshotTree()
    assert (SnapshotTree().current, SnapshotTree().children(None)) == (None, ())


def test_the_base_of_every_file_is_found_once() -> None:
    assert base_files(["c", "e", "x"], _parents("a b c", "b d e")) == {
        "a": "a", "b": "a", "c": "a", "d": "a", "e": "a", "x": "x"
    }  # fmt: skip
    circle = base_files(["a"], _parents("c b a c"))
    assert set(circle.values()) <= {"a", "b", "c"}
    assert circle.keys() == {"a", "b", "c"}


def _line(number: int) -> Folder:
    """Snapshots in a line."""
    files = [f"f{item}" for item in range(number)]
    return {f"s{item}": (file,) for item, file in enumerate(files)}, dict(zip(files[1:], files, strict=False))


def _all_on_long_leftovers(number: int) -> Folder:
    """Leaves above one long chain that nobody names."""
    chain = [f"f{item}" for item in range(number)]
    parents = dict(zip(chain[1:], chain, strict=False)) | {f"leaf{item}": chain[-1] for item in range(number)}
    return {f"s{item}": (f"leaf{item}",) for item in range(number)}, parents


def _all_on_one_file(number: int) -> Folder:
    """Half of the snapshots froze one file, half its child."""
    return {f"s{item}": ("ab"[item % 2],) for item in range(number)}, {"b": "a"}


def _all_disks_of_one_chain(number: int) -> Folder:
    """One snapshot holds every file of a chain."""
    chain = [f"f{item}" for item in range(number)]
    return {"one": tuple(chain), NOW: (chain[-1],)}, dict(zip(chain[1:], chain, strict=False))


def _many_disks_of_many_snapshots(number: int) -> Folder:
    """The machine's disks were each frozen by a snapshot of its own."""
    states: dict[str, tuple[str | None, ...]] = {f"s{item}": (f"a{item}",) for item in range(number)}
    states[NOW] = tuple(f"b{item}" for item in range(number))
    return states, {f"b{item}": f"a{item}" for item in range(number)}


@pytest.mark.parametrize(
    "folder",
    [_line, _all_on_long_leftovers, _all_on_one_file, _all_disks_of_one_chain, _many_disks_of_many_snapshots],
    ids=lambda folder: folder.__doc__,
)
def test_large_folders_cost_no_more_than_they_are(folder: Callable[[int], Folder]) -> None:
    def work(number: int) -> int:
        states, parents = folder(number)
        return calls_of(lambda: derive_tree(states, parents))

    small, large = work(1000), work(8000)
    assert large < 8 * small * 1.5


def test_among_too_many_snapshots_none_is_chosen() -> None:
    tree = derive_tree({**{f"s{item}": ("a",) for item in range(MOST_CANDIDATES + 1)}, NOW: ("b",)}, {"b": "a"})
    assert tree.unknown[NOW] == f"{MOST_CANDIDATES + 1} snapshots froze the same disk"
