"""What lies on the disk when a tree was saved?"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from vhdchain.errors import OutOfRangeError
from vhdchain.source import ByteSource
from vhdchain.testing import EXPECTED_NAME, ChainBuilder, SparseBytes, SparseSource

if TYPE_CHECKING:
    from pathlib import Path


def _tree() -> ChainBuilder:
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base/base.vhd", size=1 << 26)
    tree.write(base, (1 << 26) - 512, b"end")
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.write(leaf, 0, b"begin")
    return tree


def test_files_are_saved_below_the_folder_sparse_and_with_their_times(tmp_path: Path) -> None:
    tree = _tree()
    paths = tree.save(tmp_path / "new")
    assert paths == {"base/base.vhd": tmp_path / "new/base/base.vhd", "leaf.avhd": tmp_path / "new/leaf.avhd"}
    files = tree.files()
    for image in tree.images:
        path = paths[image.name]
        assert path.read_bytes() == files[image.name]
        assert path.stat().st_blocks * 512 < path.stat().st_size < 3 << 20
        assert path.stat().st_mtime == image.modified + 946684800


def test_nothing_is_written_beside_the_images_unless_asked_for(tmp_path: Path) -> None:
    _tree().save(tmp_path)
    assert not (tmp_path / EXPECTED_NAME).exists()


def test_what_a_reader_must_find_is_written_beside(tmp_path: Path) -> None:
    tree = _tree()
    tree.save(tmp_path, expected=True)
    document = json.loads((tmp_path / EXPECTED_NAME).read_text(encoding="utf-8"))
    assert (document["schema"], document["version"]) == ("vhdchain.expected", 1)
    base, leaf = document["disks"]
    assert (base["path"], base["is_leaf"], base["chain"]) == ("base/base.vhd", False, ["base/base.vhd"])
    assert (leaf["path"], leaf["is_leaf"], leaf["chain"]) == ("leaf.avhd", True, ["base/base.vhd", "leaf.avhd"])
    assert leaf["sha256"] == tree.expected(tree.image("leaf.avhd")).sha256()
    assert leaf["virtual_size"] == 1 << 26
    assert leaf["extents"][0]["layer"] == 1
    assert leaf["extents"][1] == {"start": 512, "length": (1 << 26) - 1024, "layer": None, "file_offset": None}
    assert leaf["extents"][2]["layer"] == 0


def test_a_source_is_a_byte_source_that_reads_exactly() -> None:
    tree = _tree()
    for name, source in tree.sources().items():
        assert isinstance(source, ByteSource)
        content = tree.files()[name]
        assert (source.name, source.size) == (name, len(content))
        assert source.read_at(0, 600) == content[:600]
        buffer = bytearray(700)
        source.readinto_at(source.size - 700, buffer)
        assert buffer == content[-700:]
        with pytest.raises(OutOfRangeError):
            source.read_at(source.size - 1, 2)
    assert [source.name for source in tree.chain_sources(tree.image("leaf.avhd"))] == ["base/base.vhd", "leaf.avhd"]


def test_sparse_bytes_behave_as_a_long_bytearray() -> None:
    sparse, plain = SparseBytes(), bytearray(50_000)
    for offset, data in ((40_000, b"x" * 10_000), (0, b"y"), (4095, b"zz"), (8000, bytes(100)), (4096, bytes(1))):
        sparse.write(offset, data)
        plain[offset : offset + len(data)] = data
    assert bytes(sparse) == plain
    assert [sparse.read(start, 5000) for start in range(0, 50_000, 5000)] == [
        bytes(plain[start : start + 5000]) for start in range(0, 50_000, 5000)
    ]
    twin = sparse.copy()
    sparse.truncate(4095)
    sparse.truncate(50_000)
    assert bytes(sparse) == bytes(plain[:4095]) + bytes(50_000 - 4095)
    assert bytes(twin) == plain
    assert sparse.read(49_999, 10) == bytes(10)
    assert [offset for offset, _ in twin.pieces()] == [0, 36864]
    assert SparseSource(twin, name="twin").size == 50_000
