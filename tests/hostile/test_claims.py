"""Numbers that a file claims never decide how much is allocated, nor how long it takes."""

from __future__ import annotations

import dataclasses
import os
import time
import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from vhdchain.errors import FormatError, ShortReadError, VhdChainError
from vhdchain.image import Limits, check_image, load_image, scan_image
from vhdchain.shell.opening import chain_from_sources, open_chain
from vhdchain.source import BytesSource
from vhdchain.structures import build_footer, build_header, with_footer_checksum, with_header_checksum
from vhdchain.testing import ChainBuilder
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


def tampered(*, footer: dict[str, Any] | None = None, header: dict[str, Any] | None = None, tail: int = 0) -> bytes:
    """A small dynamic image with other numbers in its structures, checksums right; ``tail`` bytes before the footer."""
    tree = ChainBuilder(seed=1)
    base = tree.dynamic("base.vhd", size=1 << 20, block_size=65536)
    tree.fill(base, 0, 5000)
    data = bytearray(tree.files()["base.vhd"])
    image = scan_image(BytesSource(data))
    assert image.footer is not None
    assert image.header is not None
    new_footer = build_footer(with_footer_checksum(dataclasses.replace(image.footer, **footer or {})))
    new_header = build_header(with_header_checksum(dataclasses.replace(image.header.record, **header or {})))
    return new_footer + new_header + bytes(data[1536:-SECTOR_SIZE]) + bytes(tail) + new_footer


CLAIMS = [
    pytest.param({}, {"max_table_entries": 0xFFFFFFFF}, id="four-thousand-million BAT entries"),
    pytest.param({"current_size": 1 << 62}, {"max_table_entries": 0xFFFFFFFF}, id="four exbibytes"),
    pytest.param({"current_size": (1 << 64) - 512}, {}, id="the largest size"),
    pytest.param({"current_size": (1 << 64) - 512}, {"block_size": 1 << 31}, id="the largest size, blocks of 2 GiB"),
    pytest.param({}, {"block_size": 0}, id="blocks of nothing"),
    pytest.param({}, {"block_size": 1}, id="blocks of one byte"),
    pytest.param({}, {"block_size": 0xFFFFFFFF}, id="blocks of four gigabytes less one"),
    pytest.param({}, {"table_offset": (1 << 64) - 1}, id="BAT at the last address"),
    pytest.param({"data_offset": (1 << 64) - 512}, {}, id="header at the last address"),
]


@pytest.mark.parametrize(("footer", "header"), CLAIMS)
@pytest.mark.parametrize("tail", [0, MIB])
def test_a_claim_is_refused_at_once_and_costs_nothing(
    footer: dict[str, Any], header: dict[str, Any], tail: int
) -> None:
    data = tampered(footer=footer, header=header, tail=tail)
    tracemalloc.start()
    begin = time.perf_counter()
    try:
        check_image(scan_image(BytesSource(data)))
        with pytest.raises(FormatError):
            load_image(BytesSource(data))
        assert tracemalloc.get_traced_memory()[1] <= 8 * MIB + 4 * len(data)
    finally:
        tracemalloc.stop()
    assert time.perf_counter() - begin < 1


def test_the_untampered_image_loads() -> None:
    assert load_image(BytesSource(tampered())).virtual_size == MIB


def test_a_limit_that_is_reached_is_told_and_refuses() -> None:
    limits = Limits(max_bat_entries=3)
    image = scan_image(BytesSource(tampered()), limits=limits)
    assert image.bat is not None
    assert len(image.bat.entries) == 3
    assert "VHD005" in {item.code for item in check_image(image)}
    with pytest.raises(FormatError):
        load_image(BytesSource(tampered()), limits=limits)


@pytest.fixture
def saved(tmp_path: Path) -> dict[str, Path]:
    tree = ChainBuilder(seed=5)
    base = tree.dynamic("base.vhd", size=4 * MIB, block_size=65536)
    tree.fill(base, 0, 3 * MIB)
    leaf = tree.snapshot(base, "leaf.avhd")
    tree.fill(leaf, MIB, 3000)
    return tree.save(tmp_path)


@pytest.mark.parametrize("name", ["base.vhd", "leaf.avhd"])
@pytest.mark.parametrize("keep", [0, 512, 2048, 4096])
def test_a_file_truncated_while_it_is_read_gives_a_typed_error(saved: dict[str, Path], name: str, keep: int) -> None:
    with open_chain(saved["leaf.avhd"]) as chain:
        os.truncate(saved[name], keep)
        with pytest.raises(ShortReadError):
            chain.read(0, chain.virtual_size)
        with pytest.raises(ShortReadError), chain.open() as disk:
            disk.read()


def test_a_file_truncated_before_its_map_is_made_gives_a_typed_error(saved: dict[str, Path]) -> None:
    with open_chain(saved["leaf.avhd"]) as chain:
        os.truncate(saved["base.vhd"], 2048)
        with pytest.raises(ShortReadError):
            _ = chain.block_map().extents


def test_a_source_that_shrinks_during_the_scan_is_recorded() -> None:
    data = tampered()

    class Shrinking(BytesSource):
        def read_at(self, offset: int, length: int) -> bytes:
            if offset == SECTOR_SIZE:
                raise ShortReadError("shrunk")
            return super().read_at(offset, length)

    image = scan_image(Shrinking(data))
    assert image.header is None
    assert [fault.structure for fault in image.faults] == ["dynamic header"]
    assert "VHD004" in {item.code for item in check_image(image)}


def test_a_chain_of_itself_is_refused_quickly() -> None:
    tree = ChainBuilder(seed=2)
    leaf = tree.snapshot(tree.dynamic("base.vhd", size=MIB), "leaf.avhd")
    data = tree.files()[leaf.name]
    begin = time.perf_counter()
    with pytest.raises(VhdChainError):
        chain_from_sources([BytesSource(data, name=f"copy {number}") for number in range(64)])
    assert time.perf_counter() - begin < 1
