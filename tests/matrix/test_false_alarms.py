"""Do healthy files stay quiet that other checkers complain about?

Each case is what programs really write, in every dialect: the disk loads and reads right, and neither an ordinary audit
nor a deep one has an error or a warning, nor skips anything. Notes are facts and may be told; where a case has one of
its own, it is named, so that the case is seen to be there.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from vhdchain import open_chain, open_image, scan_folder
from vhdchain.audit import audit
from vhdchain.findings import Finding, Severity
from vhdchain.testing import ChainBuilder
from vhdchain.testing.dialects import DIALECTS, QEMU, Dialect
from vhdchain.units import bitmap_length

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.images import BuiltImage

BLOCK_SIZE = 4096
BLOCKS = 5
LOOKED_AT = datetime(2026, 1, 1, tzinfo=UTC)
COPIED = datetime(2025, 6, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is done to the files of a dialect, and the notes that tell of it.

    Attributes:
        layout: Fields of `Layout` to replace.
        footer: Fields of the footer to replace.
        size: Of the disk, in bytes.
        notes: Codes that every file shows.
    """

    layout: dict[str, Any] = field(default_factory=dict)
    footer: dict[str, Any] = field(default_factory=dict)
    size: int = BLOCKS * BLOCK_SIZE
    notes: frozenset[str] = frozenset()


# A boot sector as Windows 10 leaves it in the reserved bytes, without the part before the one where they begin.
_SECTOR_0 = bytes(range(1, 200)) * 3
_SIMH = bytes(11) + b"simh metadata"


def _reserved(data: bytes, length: int = 427) -> bytes:
    return data[:length].ljust(length, b"\0")


CASES = {
    "as its writer leaves it": Case(),
    "a BAT with a spare entry": Case(layout={"spare_entries": 1}, notes=frozenset({"VHD215"})),
    "a BAT with a spare sector": Case(layout={"spare_entries": 128}, notes=frozenset({"VHD215"})),
    "a BAT filled up with zeros": Case(layout={"bat_padding": 0x00}, notes=frozenset({"VHD410"})),
    "a BAT filled up with ones": Case(layout={"bat_padding": 0xFF}, notes=frozenset({"VHD410"})),
    "data at 4 KiB": Case(layout={"data_alignment": 4096}),
    "data at 512 bytes": Case(layout={"data_alignment": 512}),
    "metadata in the reserved bytes": Case(footer={"reserved": _reserved(_SIMH)}, notes=frozenset({"VHD138"})),
    "no feature bit 2": Case(footer={"features": 0x0}, notes=frozenset({"VHD111"})),
    "a footer of 511 bytes": Case(layout={"footer_length": 511}, notes=frozenset({"VHD104"})),
    "a disk that ends in its last block": Case(size=BLOCKS * BLOCK_SIZE - 1536),
}


def _tree(dialect: Dialect, case: Case) -> ChainBuilder:
    """Return a base, a child and a grandchild; qemu writes no children."""
    tree = ChainBuilder(seed="false alarms", dialect=dialect)
    footer = dict(case.footer)
    layout = replace(dialect.layout, **case.layout)
    if "reserved" in footer and layout.footer_length == 511:
        footer["reserved"] = footer["reserved"][:426]
    image = tree.dynamic("base.vhd", size=case.size, block_size=BLOCK_SIZE, layout=layout, footer=footer)
    # Whole blocks, as all of these programs write them to a dynamic disk; the last one is the last in the file.
    for block in (2, 0, BLOCKS - 1):
        tree.block(image, block)
    for number in range(0 if dialect is QEMU else 2):
        image = tree.differencing(
            f"snapshot{number}.avhd", parent=image, block_size=BLOCK_SIZE, layout=layout, footer=footer
        )
        tree.fill(image, 512 * (3 + number), 1024)
        tree.fill(image, case.size - 1024 - 512 * number, 1024)
    return tree


def _told(folder: Path, *, deep: bool) -> list[Finding]:
    with scan_folder(folder) as inventory:
        return list(audit(inventory, now=LOOKED_AT, deep=deep).findings)


def _assert_quiet(folder: Path) -> list[Finding]:
    """Check that nothing is wrong below ``folder``, and return the notes of a deep audit."""
    plain, deep = _told(folder, deep=False), _told(folder, deep=True)
    assert [str(item) for item in (*plain, *deep) if item.severity is not Severity.NOTE] == []
    assert [item.location.path for item in plain if item.code == "VHD002"] == [""]
    assert [str(item) for item in deep if item.code == "VHD002"] == []
    return deep


def _assert_reads(folder: Path, tree: ChainBuilder, leaf: BuiltImage) -> None:
    for image in leaf.stack:
        with open_image(folder / image.name) as opened:
            assert opened.virtual_size == image.size
    with open_chain(folder / leaf.name) as chain:
        assert [layer.image.unique_id for layer in chain.layers] == [image.unique_id for image in leaf.stack]
        assert chain.read(0, chain.virtual_size) == bytes(tree.expected(leaf))


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("name", CASES)
def test_a_healthy_chain_is_quiet(tmp_path: Path, dialect: Dialect, name: str) -> None:
    case = CASES[name]
    tree = _tree(dialect, case)
    tree.save(tmp_path)
    notes = _assert_quiet(tmp_path)
    for image in tree.images:
        told = {item.code for item in notes if item.location.path == str(tmp_path / image.name)}
        assert case.notes <= told
    _assert_reads(tmp_path, tree, tree.images[-1])


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
@pytest.mark.parametrize("footer_length", [512, 511])
def test_a_block_may_end_exactly_where_the_footer_begins(tmp_path: Path, dialect: Dialect, footer_length: int) -> None:
    tree = _tree(dialect, Case(layout={"footer_length": footer_length}))
    for image in tree.images:
        built = tree.file(image)
        length = len(bytes(built.content))
        ends = [offset + bitmap_length(BLOCK_SIZE) + BLOCK_SIZE for offset in built.bitmaps.values()]
        assert max(ends) == built.footer == length - footer_length
    tree.save(tmp_path)
    _assert_quiet(tmp_path)
    _assert_reads(tmp_path, tree, tree.images[-1])


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_a_copy_of_sector_0_in_the_reserved_bytes_is_a_vhd(tmp_path: Path, dialect: Dialect) -> None:
    # Windows 10 fills the rest of the footer's sector with what the disk's own first sector holds there.
    short = dialect.layout.footer_length == 511
    sector = _SECTOR_0[:510] + b"\x55\xaa"
    tree = ChainBuilder(dialect=dialect)
    image = tree.dynamic("base.vhd", size=BLOCKS * BLOCK_SIZE, block_size=BLOCK_SIZE)
    tree.block(image, 0, data=sector)
    tree.edit(image, footer_fields={"reserved": b"\0" + sector[86 : 511 if short else 512]})
    tree.save(tmp_path)
    assert "VHD138" in {item.code for item in _assert_quiet(tmp_path)}
    _assert_reads(tmp_path, tree, image)


@pytest.mark.parametrize("dialect", [one for one in DIALECTS if one is not QEMU], ids=lambda dialect: dialect.name)
def test_times_of_a_copied_folder_are_no_fault(tmp_path: Path, dialect: Dialect) -> None:
    tree = _tree(dialect, Case())
    original, copy = tmp_path / "original", tmp_path / "copy"
    tree.save(original)
    assert {item.code for item in _assert_quiet(original)} & {"VHD606", "VHD607", "VHD608"} == set()
    shutil.copytree(original, copy, copy_function=shutil.copyfile)
    for number, image in enumerate(reversed(tree.images)):
        # A checkout writes the files in any order, each at the time of the checkout.
        os.utime(copy / image.name, (COPIED.timestamp() + number, COPIED.timestamp() + number))
    notes = {item.code for item in _assert_quiet(copy)}
    assert notes & {"VHD606", "VHD608"}
    _assert_reads(copy, tree, tree.images[-1])
    shutil.rmtree(original)
    assert {item.code for item in _assert_quiet(copy)} == notes
