"""What a guest sees of its disk, read through real chains, and the tables that lie in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.audit.backup.tables import BASIC_DATA, DISK, LDM_DATA, LDM_METADATA, SECTOR, gpt_disk, mbr, put
from tests.audit.deep_images import Switched
from vhdchain.audit.backup import GuestDiskKind, PartitionScheme, guest_disk_kind, guest_reader
from vhdchain.chain import Chain, link_images
from vhdchain.errors import OutOfRangeError, ShortReadError, UnknownDataError
from vhdchain.image import scan_image
from vhdchain.source import BytesSource
from vhdchain.testing import ChainBuilder, built_chain, built_image
from vhdchain.testing.shrinking import ShrunkSource

if TYPE_CHECKING:
    from typing_extensions import Buffer

BLOCK = 16 * 1024
BASE_KINDS = ("fixed", "dynamic", "raw")


def _base(tree: ChainBuilder, kind: str) -> str:
    if kind == "raw":
        tree.raw("base.vhd", size=DISK)
    else:
        (tree.fixed if kind == "fixed" else tree.dynamic)("base.vhd", size=DISK)
    return "base.vhd"


def _leaf(kind: str, below: bytes, *above: tuple[int, bytes]) -> Chain:
    """Return a chain of three layers: ``below`` in the base, (sector, bytes) written to the middle and the leaf."""
    tree = ChainBuilder()
    image = tree.image(_base(tree, kind))
    tree.write(image, 0, below)
    for number in range(2):
        image = tree.snapshot(image, f"{number}.avhd", block_size=BLOCK)
        for sector, data in above[number::2]:
            tree.write(image, sector * SECTOR, data)
    return built_chain(tree, image)


@pytest.mark.parametrize("kind", BASE_KINDS)
@pytest.mark.parametrize(("of_type", "outcome"), [(0x42, GuestDiskKind.DYNAMIC), (0x07, GuestDiskKind.BASIC)])
def test_a_leaf_shows_the_mbr_that_lies_in_its_base(kind: str, of_type: int, outcome: GuestDiskKind) -> None:
    # The block is in the leaf, the sector is not.
    chain = _leaf(kind, mbr((of_type, 63, 100)), (5, b"middle"), (3, b"leaf"))
    found = guest_disk_kind(guest_reader(chain), chain.virtual_size)
    assert (found.kind, found.scheme) == (outcome, PartitionScheme.MBR)


def test_a_table_that_the_leaf_has_written_hides_the_base() -> None:
    chain = _leaf("fixed", mbr((0x42, 63, 100)), (9, b"middle"), (0, mbr((0x07, 63, 100))))
    assert guest_disk_kind(guest_reader(chain), chain.virtual_size).kind is GuestDiskKind.BASIC


def test_a_gpt_is_put_together_from_all_layers() -> None:
    disk = gpt_disk(BASIC_DATA, LDM_METADATA, LDM_DATA)
    pieces = {sector: bytes(disk[sector * SECTOR :][:SECTOR]) for sector in (1, 2, DISK // SECTOR - 1)}
    below = bytearray(disk)
    for sector in pieces:
        put(below, sector, bytes([0xFF]) * SECTOR)
    chain = _leaf("dynamic", bytes(below), *pieces.items())
    found = guest_disk_kind(guest_reader(chain), chain.virtual_size)
    assert (found.kind, found.scheme) == (GuestDiskKind.DYNAMIC, PartitionScheme.GPT)
    assert found.evidence[1].startswith("entry 2 of the GPT in sector 1")
    broken = _leaf("dynamic", bytes(below), (1, pieces[1]), (2, bytes(SECTOR)))
    assert guest_disk_kind(guest_reader(broken), broken.virtual_size).kind is GuestDiskKind.UNKNOWN


def test_what_lies_in_a_missing_parent_is_unknown_and_not_zero() -> None:
    tree = ChainBuilder()
    base = tree.image(_base(tree, "dynamic"))
    tree.write(base, 0, mbr((0x42, 63, 100)))
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.write(leaf, SECTOR, b"leaf")
    chain = link_images([built_image(tree, leaf)], partial=True)
    read = guest_reader(chain)
    assert read(SECTOR, 4) == b"leaf"
    with pytest.raises(UnknownDataError):
        read(0, 1)
    with pytest.raises(UnknownDataError):
        read(SECTOR, SECTOR + 1)
    found = guest_disk_kind(read, chain.virtual_size)
    assert found.kind is GuestDiskKind.UNKNOWN
    assert found.evidence[0].startswith("sector 0 could not be read: leaf.avhd: bytes 0 to 512 of the disk")
    tree.write(leaf, 0, mbr((0x42, 63, 100)))
    known = link_images([built_image(tree, leaf)], partial=True)
    assert guest_disk_kind(guest_reader(known), known.virtual_size).kind is GuestDiskKind.DYNAMIC


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (0, DISK + 1), (DISK, 1), (5, -1), (0, 2**62)])
def test_reads_outside_of_the_disk_are_refused(offset: int, length: int) -> None:
    with pytest.raises(OutOfRangeError):
        guest_reader(_leaf("raw", b""))(offset, length)


def test_a_file_that_became_shorter_is_no_answer() -> None:
    tree = ChainBuilder()
    base = tree.image(_base(tree, "dynamic"))
    tree.write(base, 0, mbr((0x42, 63, 100)))
    source = Switched(tree.source(base))
    chain = link_images([scan_image(source)])
    source.now = ShrunkSource(source.now, left=tree.file(base).data_offset(0, base.block_size))
    with pytest.raises(ShortReadError):
        guest_reader(chain)(0, SECTOR)
    assert guest_disk_kind(guest_reader(chain), chain.virtual_size).kind is GuestDiskKind.UNKNOWN


def test_only_the_blocks_that_are_asked_for_are_resolved() -> None:
    tree = ChainBuilder()
    block_size = 32 * 1024
    image = tree.dynamic("base.vhd", size=64 * block_size, block_size=block_size)
    image = tree.snapshot(image, "leaf.avhd")
    for block in range(64):
        tree.write(image, block * block_size, b"x")
    counted = _Counted(bytes(tree.file(image).content), name="leaf.avhd")
    chain = link_images([built_image(tree, tree.image("base.vhd")), scan_image(counted)])
    counted.reads = 0
    read = guest_reader(chain)
    assert counted.reads == 0
    assert read(block_size, 1) == b"x"
    # A bitmap and a sector.
    assert counted.reads == 2


class _Counted(BytesSource):
    reads = 0

    def read_at(self, offset: int, length: int) -> bytes:
        self.reads += 1
        return super().read_at(offset, length)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        self.reads += 1
        super().readinto_at(offset, buffer)


@given(data=st.data(), kind=st.sampled_from(BASE_KINDS))
def test_every_read_gives_what_the_guest_sees(data: st.DataObject, kind: str) -> None:
    tree = ChainBuilder()
    image = tree.image(_base(tree, kind))
    places = st.tuples(st.integers(0, DISK - 3000), st.binary(min_size=1, max_size=3000))
    for layer in range(3):
        for offset, content in data.draw(st.lists(places, max_size=3)):
            tree.write(image, offset, content)
        if layer < 2:
            image = tree.snapshot(image, f"{layer}.avhd", block_size=BLOCK >> layer)
    read, expected = guest_reader(built_chain(tree, image)), tree.expected(image)
    for offset in data.draw(st.lists(st.integers(0, DISK - 5000), min_size=1, max_size=5)):
        length = data.draw(st.integers(0, 5000))
        assert read(offset, length) == expected.read(offset, length)
