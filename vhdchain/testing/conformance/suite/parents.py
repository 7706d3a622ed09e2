"""Which cases ask whether the parent is found, and the right one?"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.structures import PlatformCode, SpaceUnit, encode_parent_name
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.conformance.case import BuiltChain, Case, Right
from vhdchain.testing.conformance.suite.parts import BASE, BLOCK, LEAF, SIZE, pair
from vhdchain.testing.dialects import W2KU, W2RU, Locator, NameForm

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_OTHER = "other.vhd"


def _named(form: NameForm) -> Callable[[], BuiltChain]:
    return lambda: pair(locators=[], name_form=form)


def _gone(paths: dict[str, Path]) -> None:
    paths[BASE].unlink()


def _space(unit: SpaceUnit) -> Callable[[], BuiltChain]:
    return lambda: pair(locators=[replace(W2RU, space_unit=unit, space=1024)])


def _through_a_link(paths: dict[str, Path]) -> None:
    link = paths[BASE].parent / "links" / LEAF
    link.parent.mkdir()
    link.symlink_to(paths[LEAF])


def _other_case(paths: dict[str, Path]) -> None:
    paths[BASE] = paths[BASE].rename(paths[BASE].with_name("Base.VHD"))


def _with_another(tree: ChainBuilder, name: str) -> None:
    other = tree.dynamic(name, size=SIZE, block_size=BLOCK)
    for block in range(other.block_count):
        tree.block(other, block)


def _two_locators() -> BuiltChain:
    tree, leaf = pair(
        locators=[Locator(code=PlatformCode.W2RU, text=rf".\{_OTHER}"), replace(W2KU, text="{relative}")],
        header={"parent_unicode_name_raw": encode_parent_name(_OTHER)},
    )
    _with_another(tree, _OTHER)
    return BuiltChain(tree, leaf)


def _same_place_other_disk() -> BuiltChain:
    return pair(parent_unique_id=bytes(range(16)))


def _raw_parent() -> BuiltChain:
    tree = ChainBuilder(seed="conformance")
    base = tree.raw("base.raw", size=SIZE)
    tree.fill(base, 0, SIZE)
    leaf = tree.differencing(LEAF, parent=base, block_size=BLOCK)
    tree.block(leaf, 0, bitmap=b"\xff" * 64)
    return BuiltChain(tree, leaf)


def _copied() -> BuiltChain:
    tree, leaf = pair()
    tree.copy(tree.image(BASE), "base - Copy.vhd")
    return BuiltChain(tree, leaf)


def _same_name() -> BuiltChain:
    tree, leaf = pair(base="base/disk.vhd", leaf="snapshot/disk.vhd")
    _with_another(tree, "disk.vhd")
    return BuiltChain(tree, leaf)


def _cycle() -> BuiltChain:
    tree = ChainBuilder(seed="conformance")
    base = tree.dynamic("below.vhd", size=SIZE, block_size=BLOCK)
    first, second = bytes(range(32, 48)), bytes(range(48, 64))
    for name, own, other, target in (("one.avhd", first, second, LEAF), (LEAF, second, first, "one.avhd")):
        tree.differencing(
            name,
            parent=base,
            block_size=BLOCK,
            unique_id=own,
            parent_unique_id=other,
            locators=[Locator(code=PlatformCode.W2RU, text=rf".\{target}")],
            header={"parent_unicode_name_raw": encode_parent_name(target)},
        )
    return BuiltChain(tree, tree.image(LEAF))


def _deep() -> BuiltChain:
    tree, image = pair(leaf="layer0001.avhd", block_size=4096)
    for number in range(2, 1101):
        image = tree.snapshot(image, f"layer{number:04}.avhd", name_form=NameForm.BASENAME)
        if number % 100 == 0:
            tree.block(image, number // 100, bitmap=b"\xff")
    return BuiltChain(tree, image)


CASES = (
    Case(
        name="parent-missing",
        trap=2,
        asks="the parent is not there",
        build=pair,
        change=_gone,
        right=Right.REFUSAL,
    ),
    *(
        Case(name=f"name-{form}", trap=16, asks=asks, build=_named(form))
        for form, asks in (
            (NameForm.BASENAME, "no locators; the header holds the parent's file name"),
            (NameForm.FULL_PATH, "no locators; the header holds a Windows path"),
            (NameForm.SLASHES, "no locators; the header holds a path with slashes"),
            (NameForm.LITTLE_ENDIAN, "no locators; the header's name is little-endian by mistake"),
        )
    ),
    Case(name="space-in-bytes", trap=17, asks="a locator's room is told in bytes", build=_space(SpaceUnit.BYTES)),
    Case(name="space-in-sectors", trap=17, asks="a locator's room is told in sectors", build=_space(SpaceUnit.SECTORS)),
    Case(
        name="relative-in-w2ku",
        trap=18,
        asks="the only locator is a relative path in W2ku",
        build=lambda: pair(locators=[replace(W2KU, text="{relative}")], name_form=NameForm.EMPTY),
    ),
    Case(
        name="through-a-link",
        trap=18,
        asks="the child is opened through a symbolic link in another folder",
        build=pair,
        change=_through_a_link,
        opened_as=f"links/{LEAF}",
    ),
    Case(
        name="other-folder",
        trap=19,
        asks=r"the parent lies in ..\base",
        build=lambda: pair(base="base/base.vhd", leaf=f"snapshot/{LEAF}"),
    ),
    Case(name="other-case", trap=19, asks="the parent's name has other letter case", build=pair, change=_other_case),
    Case(
        name="drive-letter",
        trap=19,
        asks="the only name of the parent is a path with a drive letter",
        build=lambda: pair(locators=[W2KU], name_form=NameForm.FULL_PATH),
    ),
    Case(
        name="two-parents",
        trap=20,
        asks="one locator leads to another disk, the other one to the parent",
        build=_two_locators,
    ),
    Case(
        name="stranger",
        trap=20,
        asks="what lies in the parent's place has another unique id",
        build=_same_place_other_disk,
        right=Right.REFUSAL,
    ),
    Case(
        name="old-time-stamp",
        trap=22,
        asks="the header knows another time of the parent",
        build=lambda: pair(parent_time_stamp=1),
    ),
    Case(name="raw-parent", trap=23, asks="the parent is a raw disk", build=_raw_parent),
    Case(name="copied-parent", trap=25, asks="a copy of the parent lies beside it", build=_copied),
    Case(
        name="same-name",
        trap=25,
        asks="parent and child have one name, and so has a third disk",
        build=_same_name,
    ),
    Case(
        name="cycle",
        trap=28,
        asks="two disks name each other as the parent",
        build=_cycle,
        right=Right.REFUSAL,
    ),
    Case(name="deep-chain", trap=28, asks="the chain has 1,101 images", build=_deep),
)
"""Traps 2, 16 to 20, 22, 23, 25 and 28."""
