"""What does a missing parent cost: how much of which disks, told once for all who miss it?"""

from __future__ import annotations

import dataclasses
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from tests.audit.folders import audited
from vhdchain.audit import audit
from vhdchain.audit.blast import tell_losses
from vhdchain.audit.unknown import UnknownPart, unknown_parts
from vhdchain.findings import Location, Severity, finding
from vhdchain.graph import Inventory, build_graph
from vhdchain.image import Image, scan_image
from vhdchain.locate import Attempt, Outcome, Resolution, Rule
from vhdchain.shell.scanning import scan_folder
from vhdchain.structures import Bat
from vhdchain.structures.bat import UNUSED
from vhdchain.testing import ChainBuilder
from vhdchain.testing.edits import edit_entry, edit_header

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.findings import Finding
    from vhdchain.testing.images import BuiltImage

BLOCK = 4096
SIZE = 10 * BLOCK + 1024
ALL_BUT_ONE = f"{SIZE - BLOCK} bytes ({(SIZE - BLOCK) // 512} sectors)"


def _inventory(tree: ChainBuilder, *lost: str) -> Inventory:
    """Return the images of ``tree`` but those called ``lost``, each with its parent where that is there."""
    images = [scan_image(tree.source(image)) for image in tree.images if image.name not in lost]
    resolutions = []
    for built in tree.images:
        if built.parent is None or built.name in lost:
            continue
        parent = None if built.parent.name in lost else built.parent.name
        attempt = Attempt(
            child=built.name, rule=Rule.W2RU, reference="x", candidate=built.parent.name, outcome=Outcome.MISSING
        )
        resolutions.append(
            Resolution(
                child=built.name,
                outcome=Outcome.FOUND if parent else Outcome.MISSING,
                parent=parent,
                wanted=built.parent_unique_id,
                attempts=() if parent else (attempt,),
            )
        )
    return Inventory(
        images=tuple(sorted(images, key=lambda image: image.name)),
        resolutions=tuple(resolutions),
        graph=build_graph(images, resolutions),
        roots=(".",),
    )


def _base(tree: ChainBuilder, **options: Any) -> BuiltImage:
    return tree.dynamic("base.vhd", **{"size": SIZE, "block_size": BLOCK, **options})


def _lengths(parts: tuple[UnknownPart, ...]) -> dict[str, int]:
    return {part.leaf: part.length for part in parts}


# ------------------------------------------------------------------------------------------------------- how much


def test_what_no_block_above_holds_cannot_be_known() -> None:
    tree = ChainBuilder()
    leaf = tree.snapshot(_base(tree), "leaf.avhd")
    for block in (0, 3, 10):  # the last one is partial: 1,024 bytes
        tree.block(leaf, block)
    (part,) = unknown_parts(_inventory(tree, "base.vhd"), "leaf.avhd")
    assert part == UnknownPart(leaf="leaf.avhd", length=SIZE - 2 * BLOCK - 1024, exact=False)


def test_layers_add_up_and_leaves_differ() -> None:
    tree = ChainBuilder()
    low = tree.snapshot(_base(tree), "low.avhd")
    tree.block(low, 1)
    for name, blocks in (("a.avhd", (1, 2)), ("b.avhd", (3, 4, 5)), ("c.avhd", ())):
        above = tree.snapshot(low, name)
        for block in blocks:
            tree.block(above, block)
    inventory = _inventory(tree, "base.vhd")
    parts = unknown_parts(inventory, "low.avhd")
    # Most first.
    assert [(part.leaf, (SIZE - part.length) // BLOCK) for part in parts] == [
        ("c.avhd", 1),
        ("a.avhd", 2),
        ("b.avhd", 4),
    ]


@pytest.mark.parametrize(("below", "above"), [(BLOCK, 4 * BLOCK), (4 * BLOCK, BLOCK), (512, 8 * BLOCK)])
def test_block_sizes_may_differ(below: int, above: int) -> None:
    tree = ChainBuilder()
    low = tree.snapshot(_base(tree, size=64 * BLOCK), "low.avhd", block_size=below)
    leaf = tree.snapshot(low, "leaf.avhd", block_size=above)
    tree.block(low, 0)
    tree.block(low, 3)
    tree.block(leaf, 1)
    held = np.zeros(64 * BLOCK, dtype=np.bool_)
    for start, length in ((0, below), (3 * below, below), (above, above)):
        held[start : start + length] = True
    parts = unknown_parts(_inventory(tree, "base.vhd"), "low.avhd")
    assert _lengths(parts) == {"leaf.avhd": 64 * BLOCK - int(held.sum())}


def test_behind_the_end_of_a_shorter_layer_nothing_is_unknown() -> None:
    tree = ChainBuilder()
    low = tree.snapshot(_base(tree), "low.avhd", size=3 * BLOCK)
    tree.snapshot(low, "leaf.avhd", size=SIZE)
    assert _lengths(unknown_parts(_inventory(tree, "base.vhd"), "low.avhd")) == {"leaf.avhd": 3 * BLOCK}


def test_bitmaps_make_the_number_exact() -> None:
    tree = ChainBuilder()
    low = tree.snapshot(_base(tree), "low.avhd")
    leaf = tree.snapshot(low, "leaf.avhd")
    tree.block(low, 0, sectors=[0, 1])
    tree.block(leaf, 0, sectors=[1, 7])
    inventory = _inventory(tree, "base.vhd")
    assert unknown_parts(inventory, "low.avhd")[0] == UnknownPart(leaf="leaf.avhd", length=SIZE - BLOCK, exact=False)
    exact = UnknownPart(leaf="leaf.avhd", length=SIZE - 3 * 512, exact=True)
    assert unknown_parts(inventory, "low.avhd", deep=True) == (exact,)
    # Bitmaps of a file with faults are not trusted.
    assert not unknown_parts(inventory, "low.avhd", deep=True, broken={"low.avhd"})[0].exact


def test_a_leaf_above_a_file_without_blocks_to_tell_is_left_out() -> None:
    tree = ChainBuilder()
    low = tree.snapshot(_base(tree), "low.avhd")
    tree.snapshot(low, "good.avhd")
    tree.edit(tree.snapshot(low, "bad.avhd"), header_fields={"block_size": 1000})
    assert list(_lengths(unknown_parts(_inventory(tree, "base.vhd"), "low.avhd"))) == ["good.avhd"]
    tree.edit(low, header_fields={"block_size": 0})
    assert unknown_parts(_inventory(tree, "base.vhd"), "low.avhd") == ()


def _with_table(image: Image, entries: np.ndarray[Any, np.dtype[np.uint32]]) -> Image:
    return dataclasses.replace(image, bat=Bat(offset=1536, declared=len(entries), entries=entries))


def test_large_disks_and_deep_chains_take_little_memory() -> None:
    tree = ChainBuilder()
    size, block = 2040 << 30, 1 << 21
    image = _base(tree, size=size, block_size=block)
    names = [f"{number:03}.avhd" for number in range(100)]
    for name in names:
        image = tree.snapshot(image, name)
    inventory = _inventory(tree, "base.vhd")
    # Each layer has one block of its own; a table of a million entries is shared by all but that.
    none = np.full(size // block, UNUSED, dtype=np.uint32)
    images = []
    for number, found in enumerate(inventory.images):
        own = none.copy() if number % 25 == 0 else none
        own[number * 10_000] = 7
        images.append(_with_table(found, own))
    wide = Inventory(images=tuple(images), resolutions=inventory.resolutions, graph=inventory.graph, roots=())
    tracemalloc.start()
    begin = time.monotonic()
    (part,) = unknown_parts(wide, names[0])
    assert time.monotonic() - begin < 10
    assert tracemalloc.get_traced_memory()[1] < 32 << 20
    tracemalloc.stop()
    held = {number * 10_000 for number in range(100) if number * 10_000 < size // block}
    assert part.length == size - len(held) * block


# ------------------------------------------------------------------------------------------------------------ findings


def _files(tree: ChainBuilder, *lost: str) -> dict[str, bytes]:
    return {name: content for name, content in tree.files().items() if name not in lost}


def _own(findings: tuple[Finding, ...], *codes: str) -> list[Finding]:
    return [item for item in findings if item.code in codes]


def _family() -> ChainBuilder:
    """Two children of one base; the first has two leaves above it, the second none."""
    tree = ChainBuilder()
    base = _base(tree)
    tree.block(base, 9)
    first, second = tree.snapshot(base, "first.avhd"), tree.snapshot(base, "second.avhd")
    tree.block(first, 0)
    tree.block(second, 1)
    for name in ("left.avhd", "right.avhd"):
        tree.block(tree.snapshot(first, name), 2)
    return tree


def test_children_of_one_missing_parent_are_one_finding(tmp_path: Path) -> None:
    tree = _family()
    report = audited(_files(tree, "base.vhd"), tmp_path)
    (shared,) = _own(report.findings, "VHD601", "VHD708")
    assert (shared.code, shared.severity, shared.found) == ("VHD708", Severity.ERROR, 2)
    assert shared.expected == tree.image("base.vhd").unique_id.hex()
    first, second = str(tmp_path / "first.avhd"), str(tmp_path / "second.avhd")
    assert (shared.location.path, shared.related) == (first, (first, second))
    missing = (SIZE - 2 * BLOCK) * 2 + SIZE - BLOCK
    assert f"at least {missing} bytes ({missing // 512} sectors) of 3 disks" in shared.message
    least = (SIZE - 2 * BLOCK, (SIZE - 2 * BLOCK) // 512)
    assert f"{tmp_path}/left.avhd: at least {least[0]} bytes ({least[1]} sectors) cannot be known" in shared.details
    assert f"tried: {tmp_path}/base.vhd (missing)" in shared.details
    # Each leaf further up is told once, with where its loss comes from.
    passed_on = {item.location.path.rpartition("/")[2]: item.related for item in _own(report.findings, "VHD615")}
    assert passed_on == {"left.avhd": (first,), "right.avhd": (first,)}


def test_without_the_group_each_child_is_told(tmp_path: Path) -> None:
    for options in ({"ignore": ["VHD7"]}, {"select": ["VHD6"]}):
        report = audited(_files(_family(), "base.vhd"), tmp_path, **options)
        names = [item.location.path.rpartition("/")[2] for item in _own(report.findings, "VHD601")]
        assert names == ["first.avhd", "second.avhd"]


def test_a_thousand_children_are_one_finding_of_a_few_places(tmp_path: Path) -> None:
    tree = ChainBuilder()
    base = _base(tree)
    for number in range(40):
        tree.block(tree.snapshot(base, f"{number:02}/leaf.avhd"), 1)
    report = audited(_files(tree, "base.vhd"), tmp_path)
    (shared,) = _own(report.findings, "VHD601", "VHD708")
    assert len(shared.related) == 40
    assert len([detail for detail in shared.details if detail.startswith("tried: ")]) <= 5
    assert len([detail for detail in shared.details if "cannot be known" in detail]) == 40


def test_the_losses_of_a_disk_are_told_at_the_first_of_its_findings_alone() -> None:
    tree = _family()
    inventory = _inventory(tree, "base.vhd")
    child = inventory.resolutions[0].child
    place = Location(path=child, structure="link")
    both = [finding(code, place, "no parent") for code in ("VHD603", "VHD605")]
    told = tell_losses(inventory, both)
    assert [item.message.startswith("no parent; ") for item in told] == [True, False]
    assert told[1] == both[1]


def test_children_of_different_parents_are_told_one_by_one(tmp_path: Path) -> None:
    tree = ChainBuilder()
    for name in ("one", "two"):
        base = tree.dynamic(f"{name}.vhd", size=SIZE, block_size=BLOCK)
        tree.block(tree.snapshot(base, f"{name}.avhd"), 0)
    report = audited(_files(tree, "one.vhd", "two.vhd"), tmp_path)
    assert [item.code for item in report.findings if item.severity is Severity.ERROR] == ["VHD601"] * 2
    for item in _own(report.findings, "VHD601"):
        assert item.message.endswith(f"; at least {ALL_BUT_ONE} of its disk cannot be known")


def test_missing_raw_parents_are_told_apart_by_their_names(tmp_path: Path) -> None:
    tree = ChainBuilder()
    for base, leaves in (("a.raw", ("1.avhd", "2.avhd")), ("b.raw", ("3.avhd",))):
        raw = tree.raw(base, size=SIZE)
        for leaf in leaves:
            tree.block(tree.snapshot(raw, leaf, block_size=BLOCK), 0)
    report = audited(_files(tree, "a.raw", "b.raw"), tmp_path)
    (shared,), (single,) = _own(report.findings, "VHD708"), _own(report.findings, "VHD601")
    assert [path.rpartition("/")[2] for path in shared.related] == ["1.avhd", "2.avhd"]
    assert single.location.path.endswith("3.avhd")


def _mismatch(tree: ChainBuilder) -> dict[str, bytes]:
    other = ChainBuilder(seed="other")
    _base(other)
    return {**tree.files(), "base.vhd": other.files()["base.vhd"]}


def test_a_wrong_parent_costs_as_much_as_none(tmp_path: Path) -> None:
    tree = ChainBuilder()
    tree.block(tree.snapshot(tree.snapshot(_base(tree), "low.avhd"), "leaf.avhd"), 0)
    report = audited(_mismatch(tree), tmp_path)
    (found,) = _own(report.findings, "VHD603")
    told = f"of the disk of {tmp_path}/leaf.avhd cannot be known"
    assert found.message.endswith(f"; at least {ALL_BUT_ONE} {told}")


def test_what_is_no_disk_in_the_parents_place_costs_as_much_as_none(tmp_path: Path) -> None:
    tree = ChainBuilder()
    tree.block(tree.snapshot(_base(tree), "leaf.avhd"), 0)
    (found,) = _own(audited({**tree.files(), "base.vhd": b"no disk"}, tmp_path).findings, "VHD324")
    assert found.message.endswith(f"; at least {ALL_BUT_ONE} of its disk cannot be known")


def test_a_parent_outside_costs_as_much_as_none(tmp_path: Path) -> None:
    tree = ChainBuilder()
    base = tree.dynamic("library/base.vhd", size=SIZE, block_size=BLOCK)
    tree.block(tree.snapshot(base, "machine/leaf.avhd"), 0)
    tree.save(tmp_path)
    with scan_folder(tmp_path / "machine") as inventory:
        (found,) = _own(audit(inventory).findings, "VHD003")
    assert found.message.endswith(f"; at least {ALL_BUT_ONE} of its disk cannot be known")


def test_a_leaf_that_holds_all_blocks_loses_no_whole_block(tmp_path: Path) -> None:
    tree = ChainBuilder()
    leaf = tree.snapshot(_base(tree), "leaf.avhd")
    for block in range(11):
        tree.block(leaf, block)
    (found,) = _own(audited(_files(tree, "base.vhd"), tmp_path).findings, "VHD601")
    assert found.message.endswith(
        "at least 0 bytes (0 sectors) of its disk cannot be known (sector bitmaps were not read)"
    )


def test_a_table_that_cannot_be_trusted_gives_no_number(tmp_path: Path) -> None:
    tree = ChainBuilder()
    tree.block(tree.snapshot(_base(tree), "leaf.avhd"), 0)
    raw = edit_header(tree.files()["leaf.avhd"], block_size=1000)
    (found,) = _own(audited({"leaf.avhd": raw}, tmp_path).findings, "VHD601")
    assert "cannot be known" not in found.message


def test_an_entry_that_is_wrong_counts_as_a_block(tmp_path: Path) -> None:
    tree = ChainBuilder()
    tree.block(tree.snapshot(_base(tree), "leaf.avhd"), 0)
    raw = edit_entry(tree.files()["leaf.avhd"], 5, 0)
    (found,) = _own(audited({"leaf.avhd": raw}, tmp_path).findings, "VHD601")
    assert f"at least {SIZE - 2 * BLOCK} bytes" in found.message
