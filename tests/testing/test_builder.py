"""Does the builder write what it was told through the chain, and the same bytes every time?"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.testing.small_trees import BLOCK, header_of, pair, scan
from vhdchain.testing import ChainBuilder, Layout, Order
from vhdchain.testing.opening import built_chain

if TYPE_CHECKING:
    from pathlib import Path

_SCRIPT = """
import hashlib, sys
from vhdchain.testing import ChainBuilder, Layout, Order
tree = ChainBuilder(seed=sys.argv[1])
base = tree.dynamic("base.vhd", size=1 << 20, block_size=4096, layout=Layout(order=Order.SHUFFLED, junk=True))
for block in range(0, 200, 3):
    tree.block(base, block, bitmap=b"\\xa5")
leaf = tree.snapshot(base)
tree.fill(leaf, 5000, 70000)
digest = hashlib.sha256()
for name, content in sorted(tree.files().items()):
    digest.update(name.encode() + content)
print(digest.hexdigest())
"""


def _digest(seed: str, hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", _SCRIPT, seed], capture_output=True, check=True, env=environment)
    return done.stdout.decode().strip()


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed() -> None:
    assert _digest("1", "0") == _digest("1", "4711")
    assert _digest("1", "0") != _digest("2", "0")


def test_a_write_sets_bits_of_whole_sectors_and_copies_the_rest_up() -> None:
    tree, leaf = pair()
    base = tree.images[0]
    tree.block(base, 1)
    before = tree.expected(leaf).read(BLOCK, BLOCK)
    tree.write(leaf, BLOCK + 700, b"X" * 600)
    assert tree.expected(leaf).read(BLOCK, BLOCK) == before[:700] + b"X" * 600 + before[1300:]
    assert leaf.blocks[1].present.tolist() == [False, True, True, False, False, False, False, False]
    stored = leaf.data.read(BLOCK + 512, 1024)
    assert stored == before[512:700] + b"X" * 600 + before[1300:1536]


def _pattern(offset: int, length: int) -> bytes:
    return bytes(at % 251 for at in range(offset, offset + length))


def test_a_function_is_asked_for_pieces_of_the_disk_in_order() -> None:
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=4 << 20)
    leaf = tree.snapshot(base)
    asked: list[tuple[int, int]] = []

    def content(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return _pattern(offset, length)

    before = leaf.modified
    tree.write_with(leaf, 700, (2 << 20) + 5, content)
    assert asked == [(700, 1 << 20), (700 + (1 << 20), 1 << 20), (700 + (2 << 20), 5)]
    assert leaf.modified == before + 60  # one step, however long
    assert tree.expected(leaf).read(0, 700) == bytes(700)
    assert tree.expected(leaf).read(700, (2 << 20) + 6) == _pattern(700, (2 << 20) + 5) + b"\0"


def test_a_file_is_written_as_if_its_bytes_were_given(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(_pattern(0, 10_000))
    trees = []
    for by_file in (True, False):
        tree, leaf = pair()
        if by_file:
            assert tree.write_file(leaf, 333, tmp_path / "raw") == 10_000
        else:
            tree.write(leaf, 333, _pattern(0, 10_000))
        trees.append(tree.files())
    assert trees[0] == trees[1]


@pytest.mark.parametrize(("offset", "length"), [(-1, 10), (0, -1), (10 * BLOCK - 1, 2)])
def test_content_outside_the_disk_is_not_asked_for(offset: int, length: int) -> None:
    tree, leaf = pair()
    with pytest.raises(ValueError, match="are not inside a disk"):
        tree.write_with(leaf, offset, length, lambda _, __: pytest.fail("asked"))


@pytest.mark.parametrize("given", [b"", b"12", b"1234"])
def test_content_of_another_length_is_refused(given: bytes) -> None:
    tree, leaf = pair()
    with pytest.raises(ValueError, match=f"gave {len(given)} bytes for offset 512, not 3"):
        tree.write_with(leaf, 512, 3, lambda _, __: given)


def test_a_file_is_not_written_under_children(tmp_path: Path) -> None:
    (tmp_path / "raw").write_bytes(b"x")
    tree, leaf = pair()
    base = tree.images[0]
    with pytest.raises(ValueError, match="has children"):
        tree.write_file(base, 0, tmp_path / "raw")
    tree.write_file(base, 0, tmp_path / "raw", under_children=True)
    assert tree.expected(leaf).read(0, 1) == b"x"


def test_a_write_over_two_blocks_allocates_both() -> None:
    tree, leaf = pair()
    tree.write(leaf, BLOCK - 1, b"ab")
    assert list(leaf.blocks) == [0, 1]
    assert tree.expected(leaf).read(BLOCK - 2, 4) == b"\0ab\0"


def test_an_empty_write_changes_nothing_but_the_time() -> None:
    tree, leaf = pair()
    before = bytes(tree.file(leaf).content)
    tree.write(leaf, 5, b"")
    assert bytes(tree.file(leaf).content) == before


def test_a_write_of_zeros_hides_the_parent() -> None:
    tree, leaf = pair()
    tree.block(tree.images[0], 0)
    tree.write(leaf, 0, bytes(512))
    assert tree.expected(leaf).read(0, 512) == bytes(512)
    assert tree.expected_map(leaf)[0][2] == 1


@pytest.mark.parametrize(("offset", "length"), [(-1, 1), (10 * BLOCK, 1), (10 * BLOCK - 1, 2)])
def test_a_write_outside_of_the_disk_is_refused(offset: int, length: int) -> None:
    tree, leaf = pair()
    with pytest.raises(ValueError, match="not inside a disk"):
        tree.write(leaf, offset, b"x" * length)


def test_a_write_under_children_must_be_meant() -> None:
    tree, leaf = pair()
    base = tree.images[0]
    with pytest.raises(ValueError, match="has children"):
        tree.write(base, 0, b"x")
    tree.write(base, 0, b"x", under_children=True)
    assert tree.expected(leaf).read(0, 2) == b"x\0"


def test_whole_blocks_set_all_bits_of_a_dynamic_block_and_none_else_of_a_differencing_one() -> None:
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", size=2 * BLOCK, block_size=BLOCK, layout=Layout(whole_blocks=True))
    tree.write(base, 0, b"x")
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.write(leaf, 0, b"y")
    assert base.blocks[0].present.all()
    assert leaf.blocks[0].present.tolist() == [True, *[False] * 7]


def test_a_snapshot_is_named_as_hyper_v_names_it() -> None:
    tree = ChainBuilder(seed=3)
    base = tree.dynamic("vm/srv.vhd", size=BLOCK)
    first = tree.snapshot(base)
    second = tree.snapshot(first)
    for image in (first, second):
        folder, _, guid = image.name.removesuffix(".avhd").partition("/srv_")
        assert folder == "vm"
        assert (len(guid), guid.upper(), guid.count("-")) == (36, guid, 4)
    assert first.name != second.name
    assert second.stack == (base, first, second)
    assert tree.leaves == (second,)


def test_sizes_along_a_chain_may_differ_and_the_original_size_stays() -> None:
    tree, leaf = pair()
    tree.write(leaf, 10 * BLOCK - 1, b"x")
    tree.resize(leaf, 20 * BLOCK)
    footer = scan(tree, leaf).footer
    assert footer is not None
    assert (footer.original_size, footer.current_size) == (10 * BLOCK, 20 * BLOCK)
    tree.resize(leaf, 5 * BLOCK)
    tree.resize(leaf, 10 * BLOCK)
    assert tree.expected(leaf) == bytes(10 * BLOCK)
    assert leaf.blocks == {}


def test_a_copy_has_the_same_bytes_and_goes_its_own_way() -> None:
    tree, leaf = pair(layout=Layout(order=Order.SHUFFLED, junk=True))
    for block in range(10):
        tree.block(leaf, block, bitmap=b"\x0f")
    twin = tree.copy(leaf, "copy.avhd")
    assert bytes(tree.file(twin).content) == bytes(tree.file(leaf).content)
    assert twin.parent is leaf.parent
    tree.write(twin, 0, b"x")
    assert bytes(tree.expected(twin)) != bytes(tree.expected(leaf))


def test_fields_can_be_planted_with_the_checksum_that_they_demand_or_a_wrong_one() -> None:
    tree, leaf = pair(footer={"saved_state": 1}, header={"reserved_1": b"\1\2\3\4"})
    chain = built_chain(tree, leaf)
    assert chain.leaf.footer is not None
    assert chain.leaf.footer.saved_state == 1
    assert header_of(tree, leaf).reserved_1 == b"\1\2\3\4"
    tree.edit(leaf, footer_fields={"checksum": 7})
    footer = scan(tree, leaf).footer
    assert footer is not None
    assert (footer.checksum, footer.saved_state) == (7, 0)
    with pytest.raises(AttributeError, match="no 'colour'"):
        tree.edit(leaf, colour="blue")


@pytest.mark.parametrize(
    "options",
    [
        {"name": "base.vhd", "size": 512},
        {"name": "new.vhd"},
        {"name": "new.vhd", "size": 0},
        {"name": "new.vhd", "size": 513},
        {"name": "new.vhd", "size": 512, "block_size": 256},
        {"name": "new.vhd", "size": 512, "block_size": 4608},
    ],
)
def test_an_image_that_cannot_be_is_refused(options: dict[str, Any]) -> None:
    tree = ChainBuilder()
    tree.dynamic("base.vhd", size=512)
    with pytest.raises(ValueError, match=r"already|multiple|power"):
        tree.dynamic(options.pop("name"), **options)
    with pytest.raises(ValueError, match="multiple"):
        tree.resize(tree.images[0], 100)
    with pytest.raises(ValueError, match="already"):
        tree.copy(tree.images[0], "base.vhd")
    assert len(tree.images) == 1


def test_what_is_expected_can_be_read_compared_and_digested() -> None:
    tree, leaf = pair()
    tree.fill(leaf, 100, 3 * BLOCK)
    expected = tree.expected(leaf)
    disk = bytes(expected)
    assert len(expected) == len(disk) == leaf.size
    assert expected == disk
    assert expected == bytearray(disk)
    assert expected != disk[:-1]
    assert expected != disk[:-1] + b"x"
    assert expected != 5
    assert expected.read(leaf.size - 3, 100) == disk[-3:]
    assert expected.sha256() == hashlib.sha256(disk).hexdigest()
