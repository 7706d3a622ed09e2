"""Are only the files asked that can say what changed, and are disks told apart that are no relatives?"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest

import vhdchain
from vhdchain.blockmap import EXTENT_DTYPE, common_ancestor, gathered_ranges, may_differ, union, widened, within_ranges
from vhdchain.chain import link_images
from vhdchain.errors import CancelledError, ChainError, ConfigError, UnknownDataError
from vhdchain.image import raw_image, scan_image
from vhdchain.source import BytesSource
from vhdchain.testing import ChainBuilder
from vhdchain.testing.opening import built_image
from vhdchain.testing.sparse import SparseSource

if TYPE_CHECKING:
    from pathlib import Path

    from typing_extensions import Buffer

    from vhdchain.chain import Chain

KIB = 1 << 10
MIB = 1 << 20


class Counted(SparseSource):
    """A source that counts the bytes that are read from it."""

    read = 0

    def read_at(self, offset: int, length: int) -> bytes:
        self.read += length
        return super().read_at(offset, length)

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        super().readinto_at(offset, buffer)


def _tree() -> ChainBuilder:
    """A base, a snapshot, two branches of it: the same block is written everywhere, one sector differs in the leaf."""
    tree = ChainBuilder(seed="changes")
    base = tree.dynamic("base.vhd", size=4 * MIB, block_size=MIB)
    tree.fill(base, 0, 64 * KIB)
    middle = tree.snapshot(base, "middle.avhd")
    tree.fill(middle, 0, 32 * KIB)
    leaf = tree.snapshot(middle, "leaf.avhd")
    tree.fill(leaf, 4 * KIB, 512)
    tree.write(leaf, 8 * KIB, bytes(tree.expected(middle))[8 * KIB : 9 * KIB])  # written, and the same
    other = tree.snapshot(middle, "other.avhd")
    tree.fill(other, 2 * MIB, 1024)
    return tree


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    _tree().save(tmp_path)
    return tmp_path


def _counted(tree: ChainBuilder) -> tuple[dict[str, Counted], dict[str, Chain]]:
    sources = {image.name: Counted(tree.file(image).content, name=image.name) for image in tree.images}
    images = {name: scan_image(source) for name, source in sources.items()}
    chains = {image.name: link_images([images[each.name] for each in image.stack]) for image in tree.images}
    for source in sources.values():
        source.read = 0
    return sources, chains


def test_paths_are_enough(folder: Path) -> None:
    ranges = vhdchain.changed_ranges(folder / "middle.avhd", str(folder / "leaf.avhd"))
    assert ranges.dtype == vhdchain.RANGE_DTYPE
    assert ranges.tolist() == [(4 * KIB, 512), (8 * KIB, 1024)]
    exact = vhdchain.changed_ranges(folder / "middle.avhd", folder / "leaf.avhd", exact=True)
    assert exact.tolist() == [(4 * KIB, 512)]


@pytest.mark.parametrize(
    ("block_size", "gap", "expected"),
    [
        (1, 4 * KIB - 513, [(4 * KIB, 512), (8 * KIB, 1024)]),
        (1, 4 * KIB - 512, [(4 * KIB, 5 * KIB)]),
        (4 * KIB, 0, [(4 * KIB, 8 * KIB)]),
        (3 * KIB, 0, [(3 * KIB, 6 * KIB)]),
        (1000, 0, [(4000, 1000), (8000, 2000)]),
        (3 * MIB, 0, [(0, 3 * MIB)]),
        (1 << 80, 0, [(0, 4 * MIB)]),
        (1, 1 << 80, [(4 * KIB, 5 * KIB)]),
    ],
)
def test_ranges_fit_the_blocks_of_a_backup(
    block_size: int, gap: int, expected: list[tuple[int, int]], folder: Path
) -> None:
    ranges = vhdchain.changed_ranges(folder / "middle.avhd", folder / "leaf.avhd", block_size=block_size, gap=gap)
    assert ranges.tolist() == expected


@pytest.mark.parametrize(("block_size", "gap"), [(0, 0), (-1, 0), (1, -1)])
def test_blocks_and_gaps_that_cannot_be_are_refused_at_once(block_size: int, gap: int, folder: Path) -> None:
    with pytest.raises(ValueError, match="positive"):
        vhdchain.changed_ranges(folder / "base.vhd", folder / "leaf.avhd", block_size=block_size, gap=gap)
    with pytest.raises(ValueError, match="positive"):
        widened([], block_size=block_size, gap=gap, size=0)


def test_across_branches_both_sides_count(folder: Path) -> None:
    ranges = vhdchain.changed_ranges(folder / "other.avhd", folder / "leaf.avhd")
    assert ranges.tolist() == [(4 * KIB, 512), (8 * KIB, 1024), (2 * MIB, 1024)]


def test_parents_of_paths_are_found_by_the_rules_of_chains(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "leaf.avhd").write_bytes((folder / "leaf.avhd").read_bytes())
    with pytest.raises(ChainError):
        vhdchain.changed_ranges(folder / "middle.avhd", elsewhere / "leaf.avhd")
    ranges = vhdchain.changed_ranges(folder / "middle.avhd", elsewhere / "leaf.avhd", within=[folder])
    assert ranges.tolist() == [(4 * KIB, 512), (8 * KIB, 1024)]
    with pytest.raises(ConfigError):
        vhdchain.changed_ranges(folder / "middle.avhd", folder / "leaf.avhd", within=folder / "nowhere")


def test_metadata_below_the_common_ancestor_are_not_read() -> None:
    sources, chains = _counted(_tree())
    assert len(gathered_ranges(may_differ(chains["other.avhd"], chains["leaf.avhd"]))) == 3
    assert (sources["base.vhd"].read, sources["middle.avhd"].read) == (0, 0)
    # One bitmap each: 256 bytes for 2,048 sectors.
    assert (sources["leaf.avhd"].read, sources["other.avhd"].read) == (256, 256)
    assert list(may_differ(chains["leaf.avhd"], chains["leaf.avhd"])) == []
    assert sources["leaf.avhd"].read == 256


def test_an_exact_comparison_reads_what_may_differ_and_nothing_else() -> None:
    tree = _tree()
    sources, chains = _counted(tree)
    one, other = (vhdchain.OpenChain(chains[name]) for name in ("middle.avhd", "leaf.avhd"))
    maps = [chain.block_map().extents for chain in (one, other)]
    assert all(len(each) for each in maps)
    before = {name: source.read for name, source in sources.items()}
    ranges = vhdchain.changed_ranges(one, other, exact=True)
    assert ranges.tolist() == [(4 * KIB, 512)]
    read = {name: source.read - before[name] for name, source in sources.items()}
    # Three sectors of either disk, and the leaf's bitmap once more.
    assert read == {"base.vhd": 0, "middle.avhd": 1536, "leaf.avhd": 1536 + 256, "other.avhd": 0}


def test_a_copy_of_the_family_is_a_stranger_unless_contents_are_compared(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("copy")
    _tree().save(copy)
    with vhdchain.open_chain(folder / "leaf.avhd") as one, vhdchain.open_chain(copy / "leaf.avhd") as other:
        assert common_ancestor(one.chain, other.chain) is None
        assert vhdchain.changed_ranges(one, other).tolist() == [(0, 64 * KIB)]
        assert vhdchain.changed_ranges(one, other, exact=True).tolist() == []


def test_a_name_of_its_own_makes_no_other_file(folder: Path) -> None:
    (folder / "again.avhd").hardlink_to(folder / "leaf.avhd")
    assert vhdchain.changed_ranges(folder / "again.avhd", folder / "leaf.avhd").tolist() == []


def test_a_file_that_is_read_in_two_ways_is_no_common_ancestor() -> None:
    tree = ChainBuilder(seed="raw")
    source = tree.source(tree.fixed("disk.vhd", size=64 * KIB))
    disk, raw = link_images([scan_image(source)]), link_images([raw_image(source)])
    assert common_ancestor(disk, raw) is None
    assert common_ancestor(raw, raw) is raw.layers[0]
    # As a raw disk, the footer is part of it.
    assert gathered_ranges(may_differ(disk, raw)).tolist() == [(0, 64 * KIB + 512)]
    one, other = vhdchain.OpenChain(disk), vhdchain.OpenChain(raw)
    assert vhdchain.changed_ranges(one, other, exact=True).tolist() == [(64 * KIB, 512)]


def test_a_raw_disk_need_not_end_with_a_sector() -> None:
    one, other = (link_images([raw_image(BytesSource(content))]) for content in (b"a" * 1200, b"a" * 1100 + b"b" * 50))
    assert gathered_ranges(may_differ(one, other)).tolist() == [(0, 1150)]
    assert vhdchain.changed_ranges(vhdchain.OpenChain(one), vhdchain.OpenChain(other), exact=True).tolist() == [
        (1024, 126)
    ]
    assert vhdchain.changed_ranges(vhdchain.OpenChain(other), vhdchain.OpenChain(one), exact=True).tolist() == [
        (1024, 176)
    ]


def test_sectors_far_behind_the_older_disk_are_compared_with_zeros() -> None:
    tree = ChainBuilder(seed="grown")
    base = tree.dynamic("base.vhd", size=MIB)
    child = tree.snapshot(base, "child.avhd", size=32 * MIB)
    tree.write(child, 20 * MIB, bytes(1024) + b"x" * 512)
    images = [built_image(tree, image) for image in (base, child)]
    older, newer = vhdchain.OpenChain(link_images(images[:1])), vhdchain.OpenChain(link_images(images))
    assert vhdchain.changed_ranges(older, newer).tolist() == [(20 * MIB, 1536)]
    assert vhdchain.changed_ranges(older, newer, exact=True).tolist() == [(20 * MIB + 1024, 512)]
    assert vhdchain.changed_ranges(newer, older).tolist() == []
    tree.write(child, MIB - 512, b"y" * 1024)  # half of it behind the end of the smaller disk
    images[1] = built_image(tree, child)
    newer = vhdchain.OpenChain(link_images(images))
    assert vhdchain.changed_ranges(newer, older).tolist() == [(MIB - 512, 512)]


def test_what_a_shorter_disk_in_between_hides_may_differ() -> None:
    tree = ChainBuilder(seed="shrunk")
    base = tree.dynamic("base.vhd", size=4 * MIB)
    tree.fill(base, 0, 4 * MIB)
    short = tree.snapshot(base, "short.avhd", size=MIB)
    grown = tree.snapshot(short, "grown.avhd", size=4 * MIB)
    images = [built_image(tree, image) for image in (base, short, grown)]
    older, newer = vhdchain.OpenChain(link_images(images[:1])), vhdchain.OpenChain(link_images(images))
    assert vhdchain.changed_ranges(older, newer).tolist() == [(MIB, 3 * MIB)]
    assert vhdchain.changed_ranges(older, newer, exact=True).tolist() == [(MIB, 3 * MIB)]


def test_partial_views_are_compared_as_far_as_they_are_known(folder: Path) -> None:
    (folder / "base.vhd").unlink()
    paths = [folder / "other.avhd", folder / "leaf.avhd"]
    with pytest.raises(ChainError):
        vhdchain.changed_ranges(*paths)
    one, other = (vhdchain.open_chain(path, partial=True) for path in paths)
    with one, other:
        # Both miss the same parent, so that what only it holds is the same.
        assert vhdchain.changed_ranges(one, other).tolist() == [(4 * KIB, 512), (8 * KIB, 1024), (2 * MIB, 1024)]
        with pytest.raises(UnknownDataError):
            vhdchain.changed_ranges(one, other, exact=True)


def test_a_partial_view_and_a_whole_one_may_differ_everywhere(folder: Path) -> None:
    with vhdchain.open_chain(folder / "leaf.avhd") as whole:
        (folder / "base.vhd").rename(folder.parent / "away.vhd")
        with vhdchain.open_chain(folder / "leaf.avhd", partial=True) as part:
            for pair in ((whole, part), (part, whole)):
                assert vhdchain.changed_ranges(*pair).tolist() == [(0, 4 * MIB)]
        (folder.parent / "away.vhd").unlink()


@pytest.mark.parametrize("exact", [False, True])
def test_progress_is_told_in_bytes_of_the_disk_and_work_can_be_stopped(exact: bool, folder: Path) -> None:
    told: list[tuple[int, int]] = []
    arguments = (folder / "base.vhd", folder / "leaf.avhd")
    vhdchain.changed_ranges(*arguments, exact=exact, progress=lambda *done: told.append(done))
    assert told == sorted(told)
    assert {total for _, total in told} == {4 * MIB}
    assert told[-1][0] <= 4 * MIB
    stop = threading.Event()
    one, other = map(vhdchain.open_chain, arguments)
    with one, other:
        stop.set()
        with pytest.raises(CancelledError):
            vhdchain.changed_ranges(one, other, exact=exact, cancel=stop)


def test_parts_of_extents_keep_their_place_in_the_file() -> None:
    columns = [(0, 10, 20), (10, 10, 10), (1, -1, 0), (100, -1, 7)]
    extents = np.array(list(zip(*columns, strict=True)), dtype=EXTENT_DTYPE)
    ranges = union([(np.array([2, 8, 25]), np.array([4, 22, 40]))])
    assert within_ranges(extents, ranges).tolist() == [
        (2, 2, 1, 102),
        (8, 2, 1, 108),
        (10, 10, -1, -1),
        (20, 2, 0, 7),
        (25, 5, 0, 12),
    ]
    assert within_ranges(extents, ranges[1:2]).tolist() == [(8, 2, 1, 108), (10, 10, -1, -1), (20, 2, 0, 7)]
