"""Findings of a whole folder: cycles, forks, parents outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Severity
from vhdchain.graph import Inventory, build_graph, check_graph, cycle_finding
from vhdchain.image import scan_image
from vhdchain.locate import Attempt, Outcome, Resolution, Rule
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.testing.images import BuiltImage


def _inventory(tree: ChainBuilder, links: dict[str, str | None], *, outside: bool = False) -> Inventory:
    images = tuple(scan_image(tree.source(image)) for image in tree.images)
    resolutions = []
    for child, parent in links.items():
        attempt = Attempt(
            child=child, rule=Rule.W2RU, reference="x", candidate="/x", outcome=Outcome.REFUSED, outside=outside
        )
        resolutions.append(
            Resolution(
                child=child,
                outcome=Outcome.FOUND if parent else Outcome.REFUSED,
                parent=parent,
                wanted=next(image.parent_unique_id or b"" for image in images if image.name == child),
                attempts=() if parent else (attempt,),
            )
        )
    graph = build_graph(images, resolutions)
    return Inventory(images=images, resolutions=tuple(resolutions), graph=graph, roots=("vms",))


def _base(tree: ChainBuilder) -> BuiltImage:
    return tree.dynamic("base.vhd", size=1 << 20)


def test_a_healthy_chain_has_no_findings() -> None:
    tree = ChainBuilder()
    tree.snapshot(_base(tree), "leaf.avhd")
    assert check_graph(_inventory(tree, {"leaf.avhd": "base.vhd"})) == ()


def test_a_cycle_names_its_members_from_the_first_on() -> None:
    found = cycle_finding(["c", "a", "b"])
    assert (found.code, found.severity) == ("VHD701", Severity.ERROR)
    assert (found.location.path, found.related) == ("a", ("a", "b", "c"))


def test_a_cycle_in_the_graph_is_one_finding() -> None:
    tree = ChainBuilder()
    one = tree.snapshot(tree.dynamic("elsewhere/base.vhd", size=1 << 20), "one.avhd")
    tree.snapshot(one, "two.avhd")
    found = check_graph(_inventory(tree, {"one.avhd": "two.avhd", "two.avhd": "one.avhd"}))
    assert [(item.code, item.related) for item in found] == [("VHD701", ("one.avhd", "two.avhd"))]


def test_a_fork_is_a_note_with_the_children() -> None:
    tree = ChainBuilder()
    base = _base(tree)
    for name in ("one.avhd", "two.avhd"):
        tree.snapshot(base, name)
    (found,) = check_graph(_inventory(tree, {"one.avhd": "base.vhd", "two.avhd": "base.vhd"}))
    assert (found.code, found.severity, found.location.path) == ("VHD704", Severity.NOTE, "base.vhd")
    assert found.related == ("one.avhd", "two.avhd")


def test_parents_outside_are_told_one_by_one_and_once_for_the_scan() -> None:
    tree = ChainBuilder()
    base = tree.dynamic("elsewhere/base.vhd", size=1 << 20)
    for name in ("one.avhd", "two.avhd"):
        tree.snapshot(base, name)
    found = check_graph(_inventory(tree, {"one.avhd": None, "two.avhd": None}, outside=True))
    assert [(item.code, item.location.path, item.related) for item in found] == [
        ("VHD003", "one.avhd", ("/x",)),
        ("VHD003", "two.avhd", ("/x",)),
        ("VHD714", "vms", ("one.avhd", "two.avhd")),
    ]


def test_a_parent_that_is_just_missing_makes_no_scan_incomplete() -> None:
    tree = ChainBuilder()
    tree.snapshot(tree.dynamic("elsewhere/base.vhd", size=1 << 20), "leaf.avhd")
    assert check_graph(_inventory(tree, {"leaf.avhd": None})) == ()
