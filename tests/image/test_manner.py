"""Does a file show in whose manner it is written? The manners are the builder's dialects."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003  # a fixture's type

import numpy as np
import pytest

from vhdchain.image import raw_image, scan_image
from vhdchain.image.manner import NameForm, Padding, manner_of
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType, SpaceUnit
from vhdchain.testing import ChainBuilder
from vhdchain.testing import NameForm as BuiltForm
from vhdchain.testing.dialects import (
    BLKTAP,
    HYPER_V_2008_R2,
    VIRTUAL_PC_5,
    VIRTUAL_PC_MAC,
    VIRTUALBOX,
    WINDOWS_10,
    Dialect,
    Layout,
)


def _pair(dialect: Dialect, **options: object) -> tuple[ChainBuilder, list[str]]:
    tree = ChainBuilder(seed=1, dialect=dialect)
    base = tree.dynamic("base.vhd", size=10 * 4096, block_size=4096)
    tree.fill(base, 0, 5 * 4096)
    leaf = tree.snapshot(base, "leaf.avhd", block_size=4096, **options)  # type: ignore[arg-type]  # handed on
    tree.fill(leaf, 0, 5 * 4096)
    return tree, [base.name, leaf.name]


@pytest.mark.parametrize(
    ("dialect", "writer", "layout", "locators", "form"),
    [
        (HYPER_V_2008_R2, "Windows 6.1", (Padding.ONES, 512), ["W2ku", "W2ru"], NameForm.WINDOWS_PATH),
        (WINDOWS_10, "Windows 10.0", (Padding.ONES, 4096), ["W2ku", "W2ru"], NameForm.WINDOWS_PATH),
        (BLKTAP, "blktap (XenServer, XCP-ng) 1.3", (Padding.ZEROS, 4096), ["MacX", "W2ku", "W2ru"], NameForm.BASENAME),
        (VIRTUALBOX, "VirtualBox 4.3", (Padding.ONES, 512), ["W2ru", "W2ku"], NameForm.BASENAME),
        (VIRTUAL_PC_MAC, "Virtual PC 5.0", (Padding.ONES, 512), ["MacX"], NameForm.SLASH_PATH),
        (VIRTUAL_PC_5, "Virtual PC 4.0", (Padding.ONES, 512), ["Wi2r"], NameForm.BASENAME),
    ],
    ids=lambda item: getattr(item, "name", ""),
)
def test_each_dialect_shows_its_manner(
    dialect: Dialect, writer: str, layout: tuple[Padding, int], locators: list[str], form: NameForm
) -> None:
    tree, (_, leaf) = _pair(dialect)
    manner = manner_of(scan_image(tree.source(tree.image(leaf))))
    assert f"{manner.writer} {manner.version}" == writer
    assert (manner.bat_padding, manner.data_alignment) == layout
    assert manner.locators == tuple(enumerate(locators))
    assert manner.space_unit is SpaceUnit.BYTES
    assert manner.name_form is form
    assert manner.batmap is (dialect is BLKTAP)
    assert manner.short_footer is (dialect is VIRTUAL_PC_5)


@pytest.mark.parametrize(
    ("built", "form"),
    [
        (BuiltForm.BASENAME, NameForm.BASENAME),
        (BuiltForm.FULL_PATH, NameForm.WINDOWS_PATH),
        (BuiltForm.SLASHES, NameForm.SLASH_PATH),
        (BuiltForm.LITTLE_ENDIAN, NameForm.LITTLE_ENDIAN),
        (BuiltForm.EMPTY, NameForm.EMPTY),
    ],
)
def test_the_form_of_the_parents_name(built: BuiltForm, form: NameForm) -> None:
    tree, (_, leaf) = _pair(HYPER_V_2008_R2, name_form=built)
    assert manner_of(scan_image(tree.source(tree.image(leaf)))).name_form is form


def test_what_a_base_and_a_fixed_disk_do_not_show() -> None:
    tree, (base, _) = _pair(HYPER_V_2008_R2)
    manner = manner_of(scan_image(tree.source(tree.image(base))))
    assert (manner.locators, manner.space_unit, manner.name_form, manner.data_alignment) == ((), None, None, 512)
    fixed = manner_of(scan_image(tree.source(tree.create(DiskType.FIXED, "fixed.vhd", size=4096))))
    assert (fixed.bat_padding, fixed.data_alignment, fixed.writer) == (None, None, "Windows")
    nothing = manner_of(raw_image(BytesSource(bytes(4096))))
    assert (nothing.writer, nothing.version, nothing.short_footer) == (None, None, False)


def test_a_table_that_fills_its_sector_has_no_padding_and_an_odd_one_is_named() -> None:
    tree = ChainBuilder(seed=1)
    full = tree.dynamic("full.vhd", size=128 * 4096, block_size=4096)
    assert manner_of(scan_image(tree.source(full))).bat_padding is None
    odd = tree.dynamic("odd.vhd", size=4096, block_size=4096, layout=Layout(bat_padding=0x17))
    manner = manner_of(scan_image(tree.source(odd)))
    assert (manner.bat_padding, manner.data_alignment) == (Padding.OTHER, None)
    assert np.all(scan_image(tree.source(odd)).bat.entries == 0xFFFFFFFF)  # type: ignore[union-attr]  # it has one


@pytest.mark.corpus
def test_real_files_show_their_writers(corpus: Path) -> None:
    def manner(name: str) -> tuple[object, ...]:
        raw = (corpus / name).read_bytes()
        found = manner_of(scan_image(BytesSource(raw)))
        return found.writer, found.data_alignment, found.batmap, [code for _, code in found.locators], found.name_form

    assert manner("fat-pair/fat-differential.vhd") == (
        "Windows",
        4096,
        False,
        ["W2ku", "W2ru"],
        NameForm.WINDOWS_PATH,
    )
    assert manner("single/govhd_xapi.vhd")[0] == "blktap (XenServer, XCP-ng)"
    assert manner("single/govhd_xapi.vhd")[2] is True
    assert manner("single/dfvfs_ext2.vhd")[0] == "QEMU"
