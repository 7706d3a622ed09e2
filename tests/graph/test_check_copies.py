"""Files that may be mistaken for each other: plain copies, equal identifiers, equal names."""

from __future__ import annotations

import dataclasses
import time
from typing import TYPE_CHECKING

import pytest

from tests.graph.inventories import inventory_of
from vhdchain.findings import Severity
from vhdchain.graph import Inventory, build_graph
from vhdchain.graph.check_copies import check_copies
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.structures.footer import NULL_ID
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from vhdchain.findings import Finding
    from vhdchain.testing.images import BuiltImage

SIZE = 1 << 20


def _told(tree: ChainBuilder) -> list[tuple[str, Severity, tuple[str, ...]]]:
    return [(item.code, item.severity, item.related) for item in check_copies(inventory_of(tree))]


def _dynamic(tree: ChainBuilder, name: str = "a.vhd", **options: bytes) -> BuiltImage:
    image = tree.dynamic(name, size=SIZE, block_size=4096, **options)  # type: ignore[arg-type]
    tree.block(image, 3)
    return image


def test_a_copy_is_a_copy_whatever_its_data() -> None:
    tree = ChainBuilder()
    tree.copy(_dynamic(tree), "b.vhd")
    tree.write(tree.image("b.vhd"), 3 * 4096, b"later")
    (found,) = check_copies(inventory_of(tree))
    assert (found.code, found.severity, found.related) == ("VHD557", Severity.WARNING, ("a.vhd", "b.vhd"))
    assert found.found == tree.image("a.vhd").unique_id.hex()


def test_a_copy_that_grew_has_the_identifier_alone() -> None:
    tree = ChainBuilder()
    tree.copy(_dynamic(tree), "b.vhd")
    tree.write(tree.image("b.vhd"), 9 * 4096, b"later")
    assert _told(tree) == [("VHD702", Severity.WARNING, ("a.vhd", "b.vhd"))]


def test_each_pair_is_told_once() -> None:
    tree = ChainBuilder()
    first = _dynamic(tree)
    for name in ("b.vhd", "c.vhd", "d.vhd"):
        tree.copy(first, name)
    for name in ("c.vhd", "d.vhd"):
        tree.write(tree.image(name), 9 * 4096, b"later")
    assert _told(tree) == [
        ("VHD557", Severity.WARNING, ("a.vhd", "b.vhd")),
        ("VHD557", Severity.WARNING, ("c.vhd", "d.vhd")),
        ("VHD702", Severity.WARNING, ("a.vhd", "c.vhd")),
    ]


@pytest.mark.parametrize("copied", ["base", "wanted"])
def test_where_a_disk_builds_on_them_copies_are_an_error(copied: str) -> None:
    tree = ChainBuilder()
    base = _dynamic(tree)
    tree.copy(base, "b.vhd")
    tree.snapshot(base, "leaf.avhd")
    links: dict[str, str | None] = {"leaf.avhd": "a.vhd" if copied == "base" else None}
    (found,) = check_copies(inventory_of(tree, links=links))
    assert (found.code, found.severity, found.related) == ("VHD702", Severity.ERROR, ("a.vhd", "b.vhd"))
    assert found.found == base.unique_id.hex()


def test_two_leaves_that_are_copies_are_no_error() -> None:
    tree = ChainBuilder()
    leaf = tree.snapshot(_dynamic(tree), "leaf.avhd")
    tree.copy(leaf, "copy.avhd")
    assert _told(tree) == [("VHD557", Severity.WARNING, ("copy.avhd", "leaf.avhd"))]


def test_disks_without_an_identifier_or_of_their_own_are_no_copies() -> None:
    tree = ChainBuilder()
    for name in ("a.vhd", "b.vhd"):
        tree.fixed(name, size=SIZE, unique_id=NULL_ID)
    for name in ("c.vhd", "d.vhd"):
        tree.fixed(name, size=SIZE)
    tree.raw("raw.img", size=SIZE)
    assert _told(tree) == []


def test_names_are_equal_whatever_their_letter_case() -> None:
    tree = ChainBuilder()
    for name in (
        "one/DISK.vhd",
        "two/disk.VHD",
        "two/other.vhd",
        "three/größe.vhd",
        "four/GRÖSSE.vhd",
        "five/Größe.vhd",
    ):
        tree.fixed(name, size=SIZE)
    found = list(check_copies(inventory_of(tree)))
    assert [(item.code, item.severity, item.related) for item in found] == [
        ("VHD703", Severity.NOTE, ("five/Größe.vhd", "three/größe.vhd")),
        ("VHD703", Severity.NOTE, ("one/DISK.vhd", "two/disk.VHD")),
    ]


def test_many_copies_take_no_longer_than_many_disks() -> None:
    tree = ChainBuilder()
    raw = bytes(tree.file(_dynamic(tree)).content)
    images = tuple(scan_image(BytesSource(raw, name=f"{number:05}.vhd")) for number in range(4000))
    graph = build_graph(images, ())
    begin = time.monotonic()
    found: list[Finding] = list(check_copies(Inventory(images=images, resolutions=(), graph=graph, roots=())))
    assert time.monotonic() - begin < 2
    assert [(item.code, len(item.related)) for item in found] == [("VHD557", 4000)]
    assert dataclasses.replace(found[0], related=()).location.path == "00000.vhd"
