"""Is every disk shown once, below what it builds on?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.report.inventories import inventory
from vhdchain.report.forest import forest


def shown(parents: dict[str, str | None]) -> list[tuple[int, str | None]]:
    return [(place.depth, place.path) for place in forest(inventory(parents))]


def test_children_stand_below_their_parent_by_path() -> None:
    assert shown({"c": "b", "a": None, "b": "a", "b2": "a", "z": None}) == [
        (0, "f/a"),
        (1, "f/b"),
        (2, "f/c"),
        (1, "f/b2"),
        (0, "f/z"),
    ]


def test_the_guides_know_where_siblings_follow() -> None:
    places = {place.path: place.more for place in forest(inventory({"a": None, "b": "a", "c": "b", "d": "a"}))}
    assert places == {"f/a": (), "f/b": (True,), "f/c": (True, False), "f/d": (False,)}


def test_orphans_of_one_parent_stand_together() -> None:
    places = list(forest(inventory({"x": "?gone", "y": "?gone", "z": "?other", "w": "x"})))
    assert [(place.depth, place.path) for place in places] == [
        (0, None),
        (1, "f/x"),
        (2, "f/w"),
        (1, "f/y"),
        (0, None),
        (1, "f/z"),
    ]
    assert [place.missing.child for place in places if place.missing] == ["f/x", "f/z"]


def test_a_cycle_is_shown_once_with_what_hangs_on_it() -> None:
    assert shown({"a": "b", "b": "c", "c": "a", "d": "b"}) == [(0, "f/a"), (1, "f/c"), (2, "f/b"), (3, "f/d")]


def test_a_chain_of_three_thousand_is_walked() -> None:
    names: dict[str, str | None] = {"0000": None}
    names |= {f"{number:04}": f"{number - 1:04}" for number in range(1, 3000)}
    assert [place.depth for place in forest(inventory(names))] == list(range(3000))


@given(st.lists(st.one_of(st.none(), st.integers(0, 9), st.just("?")), min_size=1, max_size=10))
def test_every_file_is_shown_exactly_once(choices: list[int | str | None]) -> None:
    parents: dict[str, str | None] = {}
    for number, choice in enumerate(choices):
        target = choice % len(choices) if isinstance(choice, int) else None
        itself = target == number
        parents[str(number)] = "?gone" if choice == "?" or itself else None if target is None else str(target)
    paths = [place.path for place in forest(inventory(parents)) if place.path is not None]
    assert sorted(paths) == sorted(f"f/{name}" for name in parents)
