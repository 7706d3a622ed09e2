"""The disk graph: forks, orphans, cycles, and depth without recursion."""

from __future__ import annotations

import pytest

from vhdchain.graph import DiskGraph, build_graph
from vhdchain.image import scan_image
from vhdchain.locate import Outcome, Resolution
from vhdchain.source import BytesSource
from vhdchain.testing import ChainBuilder

DEEP = 2_000


def _graph(links: dict[str, str | None], *, bases: tuple[str, ...] = ()) -> DiskGraph:
    tree = ChainBuilder()
    tree.snapshot(tree.dynamic("base", size=1 << 20), "leaf")
    files = tree.files()
    images = [
        *(scan_image(BytesSource(files["base"], name=name)) for name in bases),
        *(scan_image(BytesSource(files["leaf"], name=name)) for name in links),
    ]
    resolutions = [
        Resolution(child=child, outcome=Outcome.FOUND if parent else Outcome.MISSING, parent=parent)
        for child, parent in links.items()
    ]
    return build_graph(images, resolutions)


FORKED = {"b": "a", "c": "b", "d": "b", "e": "d", "lost": None}


def test_a_tree_has_bases_leaves_forks_and_orphans() -> None:
    graph = _graph(dict(FORKED), bases=("z", "a"))
    assert graph.nodes == ("a", "b", "c", "d", "e", "lost", "z")
    assert graph.bases == ("a", "z")
    assert graph.leaves == ("c", "e", "lost", "z")
    assert graph.forks == ("b",)
    assert graph.orphans == ("lost",)
    assert graph.cycles == ()
    assert dict(graph.children) == {"a": ("b",), "b": ("c", "d"), "d": ("e",)}
    assert (graph.parent("c"), graph.parent("a")) == ("b", None)


def test_a_path_goes_down_to_the_base() -> None:
    graph = _graph(dict(FORKED), bases=("a",))
    assert graph.path_to_base("e") == ("e", "d", "b", "a")
    assert graph.path_to_base("lost") == ("lost",)


def test_the_blast_radius_is_every_leaf_above() -> None:
    graph = _graph(dict(FORKED), bases=("a",))
    assert graph.descendants("b") == ("c", "d", "e")
    assert graph.blast_radius("b") == ("c", "e")
    assert graph.blast_radius("e") == ("e",)


@pytest.mark.parametrize("length", [2, 3, 64])
def test_a_cycle_is_told_from_its_first_member_on(length: int) -> None:
    names = [f"n{number:02}" for number in range(length)]
    links: dict[str, str | None] = dict(zip(names, [*names[1:], names[0]], strict=True))
    graph = _graph({**links, "above": names[1]})
    assert graph.cycles == (tuple(names),)
    assert graph.path_to_base("above") == ("above", *names[1:], names[0])
    assert set(graph.descendants(names[0])) == {*names[1:], "above"}
    assert graph.blast_radius(names[0]) == ("above",)
    assert graph.orphans == ()


def test_depth_needs_no_recursion() -> None:
    names = [f"n{number:05}" for number in range(DEEP)]
    graph = _graph(dict(zip(names[1:], names, strict=False)), bases=(names[0],))
    assert len(graph.path_to_base(names[-1])) == DEEP
    assert len(graph.descendants(names[0])) == DEEP - 1
    assert graph.blast_radius(names[0]) == (names[-1],)


def test_networkx_gets_a_graph_of_its_own() -> None:
    graph = _graph(dict(FORKED), bases=("a",))
    handed_out = graph.to_networkx()
    assert set(handed_out.edges) == {("b", "a"), ("c", "b"), ("d", "b"), ("e", "d")}
    handed_out.remove_node("a")
    assert graph.bases == ("a",)
    assert set(graph.to_networkx().nodes) == set(graph.nodes)
