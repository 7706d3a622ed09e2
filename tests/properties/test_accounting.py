"""Does the account of a family agree with one that is made sector by sector?

The second opinion parses the built files with the naive reader, and asks for every sector of every file which views
show it. Trees have branches, several block sizes, disks that were resized, blocks that end with the disk, gaps, spare
entries of BATs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from vhdchain.blockmap import account, family_of
from vhdchain.testing.model import NaiveImage
from vhdchain.testing.opening import built_image
from vhdchain.testing.programs import run_program
from vhdchain.testing.strategies import programs

if TYPE_CHECKING:
    from vhdchain.blockmap import Family, FamilyAccount
    from vhdchain.testing.builder import ChainBuilder
    from vhdchain.testing.programs import Program

TIMES = settings().max_examples
_SECTOR = 512


class _Told:
    """A family, and its files as the naive reader has them; images by their numbers."""

    def __init__(self, tree: ChainBuilder, named: set[int]) -> None:
        order = sorted(tree.images, key=lambda image: len(image.stack))
        numbers = {image.name: number for number, image in enumerate(order)}
        self.parents = [None if image.parent is None else numbers[image.parent.name] for image in order]
        self.leaves = [number for number in range(len(order)) if number not in self.parents]
        self.views = [number in named or number in self.leaves for number in range(len(order))]
        self.images = [built_image(tree, image) for image in order]
        self.files = [bytes(tree.file(image).content) for image in order]
        self.naive = [NaiveImage(file) for file in self.files]
        self.family: Family = family_of(self.images, self.parents, self.views)

    def way(self, number: int) -> list[int]:
        """Return the chain of an image, itself first."""
        found = [number]
        while (parent := self.parents[found[-1]]) is not None:
            found.append(parent)
        return found

    def has(self, number: int, sector: int) -> bool:
        image = self.naive[number]
        return sector * _SECTOR < image.size and image.offset_of(sector) is not None

    def supplier(self, number: int, sector: int) -> int | None:
        for layer in self.way(number):
            if sector * _SECTOR >= self.naive[layer].size:
                return None
            if self.has(layer, sector):
                return layer
        return None

    def behind(self, number: int) -> int:
        """Return how many sectors behind the disk's end are set in its last block, and have room in the file."""
        image = self.naive[number]
        if not image.block_size or image.size % image.block_size == 0:
            return 0
        last = image.size // image.block_size
        if image.entries[last] == 0xFFFFFFFF:
            return 0
        first = image.entries[last] * _SECTOR
        data = first + -(-(image.block_size // _SECTOR // 8 or 1) // _SECTOR) * _SECTOR
        taken = [entry * _SECTOR for entry in image.entries[:last] if entry != 0xFFFFFFFF]
        taken += [locator.entry.platform_data_offset for locator in self.images[number].locators]
        end = min([self.images[number].data_end, *(place for place in taken if place > first)])
        bits = range(image.size % image.block_size // _SECTOR, image.block_size // _SECTOR)
        inside = (bit for bit in bits if data + bit * _SECTOR < end)
        return sum((image.data[first + bit // 8] >> (7 - bit % 8)) & 1 for bit in inside)

    def sectors(self, number: int) -> range:
        return range(-(-self.naive[number].size // _SECTOR))


def _told(program: Program, data: st.DataObject) -> _Told:
    tree = run_program(program, after_each=lambda *_: None).tree
    numbers = st.integers(0, len(tree.images) - 1)
    return _Told(tree, data.draw(st.sets(numbers)))


@given(programs(max_steps=16), st.data())
@settings(max_examples=TIMES * 4)
def test_who_sees_each_sector(program: Program, data: st.DataObject) -> None:
    told = _told(program, data)
    found: FamilyAccount = account(told.family)
    seen: dict[tuple[int, int], int] = {}
    for view in (number for number, is_view in enumerate(told.views) if is_view):
        for sector in told.sectors(view):
            if (supplier := told.supplier(view, sector)) is not None:
                seen[supplier, sector] = seen.get((supplier, sector), 0) + 1
    for number, image in enumerate(told.images):
        sectors, parts = found.sectors[number], found.parts[number]
        counts = [seen.get((number, sector), 0) for sector in told.sectors(number) if told.has(number, sector)]
        assert sectors.exclusive == counts.count(1) * _SECTOR
        assert sectors.shared == sum(count > 1 for count in counts) * _SECTOR
        behind = sectors.dead - counts.count(0) * _SECTOR
        assert behind == told.behind(number) * _SECTOR
        assert sectors.exclusive + sectors.shared + sectors.dead + sectors.clear == parts.data
        assert sectors.clear >= 0
        assert parts.structures + parts.bitmaps + parts.data + parts.other == image.file_size
        assert min(parts.structures, parts.bitmaps, parts.data, parts.other) >= 0


@given(programs(max_steps=16), st.data())
@settings(max_examples=TIMES * 2)
def test_what_each_disk_comes_to_when_it_is_flattened(program: Program, data: st.DataObject) -> None:
    told = _told(program, data)
    found = account(told.family)
    for number, image in enumerate(told.images):
        block = image.block_size if image.is_sparse else 2 << 20
        supplied = (sector for sector in told.sectors(number) if told.supplier(number, sector) is not None)
        needed = {sector * _SECTOR // block for sector in supplied}
        stored = block + -(-(block // _SECTOR // 8 or 1) // _SECTOR) * _SECTOR
        table = -(-4 * -(-image.virtual_size // block) // _SECTOR) * _SECTOR
        assert found.flattened[number] == 512 + 1024 + table + len(needed) * stored + 512


@given(programs(max_steps=16), st.data())
@settings(max_examples=TIMES * 2)
def test_how_many_blocks_a_file_gets_in_a_merge(program: Program, data: st.DataObject) -> None:
    told = _told(program, data)
    top = data.draw(st.integers(0, len(told.images) - 1))
    run = told.way(top)[::-1][data.draw(st.integers(0, len(told.way(top)) - 1)) :]
    (merge,) = account(told.family, [tuple(run)]).merges
    into, *others = run
    held: set[int] = set()
    for number in others:  # one after the other, as merges are made: a shorter disk in between cuts what it takes up
        held = {sector for sector in held if sector in told.sectors(number)}
        held |= {sector for sector in told.sectors(number) if told.has(number, sector)}
    image = told.naive[into]
    if not image.block_size:
        assert merge.room == max(0, told.images[top].virtual_size - told.images[into].virtual_size)
        assert merge.blocks == 0
        return
    entries = dict(enumerate(image.entries[: -(-image.size // image.block_size)]))
    needed = {sector * _SECTOR // image.block_size for sector in held}
    new = {block for block in needed if entries.get(block, 0xFFFFFFFF) == 0xFFFFFFFF}
    assert merge.blocks == len(new)
    stored = image.block_size + -(-(image.block_size // _SECTOR // 8 or 1) // _SECTOR) * _SECTOR
    wanted = max(len(image.entries), -(-told.naive[top].size // image.block_size))
    grown = -(-4 * wanted // _SECTOR) - -(-4 * len(image.entries) // _SECTOR)
    assert (
        merge.room
        == _appended(told.files[into], list(image.entries), stored, image.block_size, len(new)) + grown * _SECTOR
    )
    assert merge.after == len(told.files[into]) + merge.room
    assert merge.frees == sum(len(told.files[number]) for number in others) - merge.room


def _appended(file: bytes, entries: list[int], stored: int, block_size: int, count: int) -> int:
    """Return how much longer a file becomes with ``count`` blocks more, aligned as those are that it has."""
    if not count:
        return 0
    footer = 512 if file[-512:].startswith(b"conectix") else 511
    places = [entry * _SECTOR for entry in entries if entry != 0xFFFFFFFF]
    data = [place + stored - block_size for place in places]
    units = (4096, 2048, 1024, 512) if len(data) > 1 else (4096, 512)  # one alone may lie anywhere by chance
    unit = next(unit for unit in units if all(place % unit == 0 for place in data)) if data else 512
    end = max([len(file) - footer, *(place + stored for place in places)])
    for _ in range(count):
        end = -(-(end + stored - block_size) // unit) * unit + block_size
    return end + footer - len(file)
