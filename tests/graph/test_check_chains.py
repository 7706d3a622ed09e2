"""Depth of chains, bases that nothing names, XenServer's marks."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.graph.inventories import inventory_of
from vhdchain.findings import Severity
from vhdchain.graph.check_chains import MAX_DEPTH, check_chains
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import BLKTAP, HYPER_V_2008_R2, Dialect

if TYPE_CHECKING:
    from vhdchain.testing.images import BuiltImage

SIZE = 1 << 20
BLOCK = 4096


def _chain(tree: ChainBuilder, layers: int, prefix: str = "") -> list[BuiltImage]:
    images = [tree.dynamic(f"{prefix}0000.vhd", size=SIZE, block_size=BLOCK)]
    for number in range(1, layers):
        images.append(tree.snapshot(images[-1], f"{prefix}{number:04}.avhd"))
    return images


def _told(tree: ChainBuilder, **options: dict[str, str | None]) -> list[tuple[str, str]]:
    return [(item.code, item.location.path) for item in check_chains(inventory_of(tree, **options))]


# --------------------------------------------------------------------------------------------------------------- depth


@pytest.mark.parametrize(("layers", "names"), [(30, None), (31, 2), (99, 2), (100, 3), (101, 3)])
def test_a_chain_is_deep_from_31_layers_on(layers: int, names: int | None) -> None:
    tree = ChainBuilder()
    leaf = _chain(tree, layers)[-1]
    found = list(check_chains(inventory_of(tree)))
    if names is None:
        assert found == []
        return
    (deep,) = found
    assert (deep.code, deep.severity, deep.location.path) == ("VHD705", Severity.WARNING, leaf.name)
    assert (deep.expected, deep.found, deep.related) == (MAX_DEPTH, layers, ("0000.vhd",))
    tools = ["the Rust crate vhd (16)", "XenServer (30)", "vhdimount (99)", "7-Zip (4096)"]
    assert [name in deep.message for name in tools] == [number < names for number in range(4)]


def test_leaves_of_one_base_are_told_once_at_the_deepest() -> None:
    tree = ChainBuilder()
    images = _chain(tree, 40)
    for number in (28, 29, 30, 35):
        tree.snapshot(images[number], f"side{number}.avhd")
    other = _chain(tree, 32, "other/")
    found = [item for item in check_chains(inventory_of(tree)) if item.code == "VHD705"]
    assert [(item.location.path, item.found) for item in found] == [("0039.avhd", 40), (other[-1].name, 32)]
    # side28 is the 30th layer.
    assert found[0].related == ("0000.vhd", "side29.avhd", "side30.avhd", "side35.avhd")


def test_above_a_missing_parent_the_depth_is_a_lower_bound() -> None:
    tree = ChainBuilder()
    images = _chain(tree, 40)
    links = {image.name: image.parent.name for image in images if image.parent is not None}
    deep = [
        item for item in check_chains(inventory_of(tree, links={**links, "0001.avhd": None})) if item.code == "VHD705"
    ]
    assert [(item.found, item.location.path, item.related) for item in deep] == [(39, "0039.avhd", ("0001.avhd",))]
    assert "at least 39 layers" in deep[0].message


def test_a_cycle_has_no_depth() -> None:
    tree = ChainBuilder()
    images = _chain(tree, 40)
    links: dict[str, str | None] = {image.name: image.parent.name for image in images if image.parent is not None}
    assert _told(tree, links={**links, "0001.avhd": "0039.avhd"}) == [("VHD707", "0000.vhd")]


def test_thousands_of_layers_and_leaves_take_no_time() -> None:
    tree = ChainBuilder()
    images = _chain(tree, 1000)
    for image in images[:-1]:
        tree.snapshot(image, f"leaf-{image.name}")
    inventory = inventory_of(tree)
    begin = time.monotonic()
    (deep,) = [item for item in check_chains(inventory) if item.code == "VHD705"]
    assert time.monotonic() - begin < 1
    assert (deep.found, len(deep.related)) == (1000, 1 + 999 - 29)


# ---------------------------------------------------------------------------------------------------------- used bases


def test_a_base_that_nothing_names_beside_chains_is_a_note() -> None:
    tree = ChainBuilder()
    _chain(tree, 2)
    tree.fixed("other.vhd", size=SIZE)
    tree.fixed("elsewhere/other.vhd", size=SIZE)
    found = list(check_chains(inventory_of(tree)))
    assert [(item.code, item.severity, item.location.path) for item in found] == [
        ("VHD707", Severity.NOTE, "other.vhd"),
    ]


def test_disks_on_their_own_are_quiet() -> None:
    tree = ChainBuilder()
    for number in range(3):
        tree.dynamic(f"{number}.vhd", size=SIZE)
    assert _told(tree) == []


def test_a_base_that_a_search_met_in_vain_is_named() -> None:
    tree = ChainBuilder()
    tree.snapshot(tree.dynamic("gone.vhd", size=SIZE), "leaf.avhd")
    # The attempt of a child without a parent names gone.vhd.
    assert _told(tree, links={"leaf.avhd": None}) == []


# ------------------------------------------------------------------------------------------------------------- hidden


def _marked(*marks: int, dialect: Dialect = BLKTAP, folder: str = "sr/") -> ChainBuilder:
    """Return a chain of which each layer has the mark given, base first."""
    tree = ChainBuilder(dialect=dialect, seed=folder)
    for image, mark in zip(_chain(tree, len(marks), folder), marks, strict=True):
        tree.edit(image, footer_fields={"reserved": bytes([mark]).ljust(427, b"\0")})
    return tree


def test_parents_without_the_mark_beside_others_with_it_are_one_warning() -> None:
    tree = _marked(1, 0, 1, 0, 0)
    (found,) = check_chains(inventory_of(tree))
    assert (found.code, found.severity, found.location.path) == ("VHD712", Severity.WARNING, "sr/0001.avhd")
    assert found.related == ("sr/0001.avhd", "sr/0003.avhd")
    size = tree.file(tree.image("sr/0001.avhd")).content
    assert (found.location.field, found.location.offset) == ("hidden", len(bytes(size)) - 512 + 85)
    assert (found.expected, found.found) == (1, 0)


@pytest.mark.parametrize("marks", [(1, 1, 0), (0, 0, 0), (0,), (1, 1, 1), (0, 0, 7), (2, 1, 0)])
def test_marks_that_fit_or_are_not_used_are_quiet(marks: tuple[int, ...]) -> None:
    # A leaf with the mark, and marks that are neither 0 nor 1, are matters of their own file.
    assert _told(_marked(*marks)) == []


def test_only_blktaps_disks_carry_the_mark() -> None:
    assert _told(_marked(1, 0, 0, dialect=HYPER_V_2008_R2)) == []


def test_another_folders_marks_do_not_count() -> None:
    tree = _marked(1, 1, 0)
    for image in _chain(tree, 3, "elsewhere/"):
        assert image.dialect is BLKTAP
    assert _told(tree) == []
