"""Is the reference model right where the answer is written down by hand?"""

from __future__ import annotations

import struct

import pytest

from vhdchain.testing.model import ModelDisks, naive_map, naive_read

S = 512


def _sectors(text: str) -> bytes:
    """Return one sector per character; a dot is a sector of zeros."""
    return b"".join(bytes(S) if character == "." else character.encode() * S for character in text)


# ---------------------------------------------------------------------------------------------------------------- disks


def test_a_clear_sector_of_a_differencing_disk_is_the_parents_and_of_a_base_zero() -> None:
    disks = ModelDisks()
    disks.create("base", size=4 * S)
    disks.write("base", S, _sectors("bb"))
    disks.create("leaf", size=4 * S, parent="base")
    disks.write("leaf", 2 * S, _sectors("ll"))
    assert disks.read("leaf") == _sectors(".bll")
    assert disks.layers("leaf") == [-1, 0, 1, 1]


def test_beyond_a_shorter_middle_layer_nothing_from_below_shows_through() -> None:
    disks = ModelDisks()
    disks.create("base", size=4 * S, supplies_all=True)
    disks.write("base", 0, _sectors("bbbb"))
    disks.create("middle", size=2 * S, parent="base")
    disks.create("leaf", size=5 * S, parent="middle")
    disks.write("leaf", 4 * S, _sectors("l"))
    assert disks.read("leaf") == _sectors("bb..l")
    assert disks.layers("leaf") == [0, 0, -1, -1, 2]


def test_a_partial_write_keeps_the_rest_of_the_sector() -> None:
    disks = ModelDisks()
    disks.create("base", size=2 * S)
    disks.write("base", 0, b"b" * 2 * S)
    disks.create("leaf", size=2 * S, parent="base")
    disks.write("leaf", S - 1, b"ll")
    assert disks.read("leaf") == b"b" * (S - 1) + b"ll" + b"b" * (S - 1)
    assert disks.layers("leaf") == [1, 1]


def test_zeros_that_were_written_hide_the_parent() -> None:
    disks = ModelDisks()
    disks.create("base", size=S, supplies_all=True)
    disks.write("base", 0, _sectors("b"))
    disks.create("leaf", size=S, parent="base")
    disks.write("leaf", 0, bytes(S))
    assert (disks.read("leaf"), disks.layers("leaf")) == (bytes(S), [1])


def test_what_a_smaller_size_cuts_off_is_gone() -> None:
    disks = ModelDisks()
    disks.create("base", size=3 * S)
    disks.write("base", 0, _sectors("bbb"))
    disks.resize("base", S)
    disks.resize("base", 3 * S)
    assert disks.read("base") == _sectors("b..")


def test_blocks_that_are_allocated_whole_belong_to_the_image() -> None:
    disks = ModelDisks()
    disks.create("base", size=6 * S, allocation=4)
    disks.write("base", 4 * S, _sectors("b"))
    assert (disks.read("base"), disks.layers("base")) == (_sectors("....b."), [-1, -1, -1, -1, 0, 0])


# ----------------------------------------------------------------------------------------------- files, written by hand


def _footer(kind: int, size: int) -> bytes:
    data_offset = 512 if kind != 2 else 0xFFFFFFFFFFFFFFFF
    footer = bytearray(512)
    struct.pack_into(">8sIIQ", footer, 0, b"conectix", 2, 0x10000, data_offset)
    struct.pack_into(">QQ", footer, 40, 0, size)
    struct.pack_into(">I", footer, 60, kind)
    return bytes(footer)


def _sparse(kind: int, size: int, block_size: int, entries: list[int], blocks: bytes) -> bytes:
    header = bytearray(1024)
    struct.pack_into(">8sQQIII", header, 0, b"cxsparse", 0, 1536, 0x10000, len(entries), block_size)
    table = struct.pack(f">{len(entries)}I", *entries).ljust(512, b"\xff")
    footer = _footer(kind, size)
    return footer + bytes(header) + table + blocks + footer


def _block(bitmap: int, text: str) -> bytes:
    return bytes([bitmap]).ljust(512, b"\0") + _sectors(text)


UNUSED = 0xFFFFFFFF


def test_the_naive_reader_reads_a_chain_that_was_packed_by_hand() -> None:
    base = _sectors("abcdefgh" * 2) + _footer(2, 16 * S)
    # The second block lies first in the file; the bits of the first one are 1010 0101.
    blocks = _block(0x01, "ABCDEFGH") + _block(0xA5, "STUVWXYZ")
    leaf = _sparse(4, 15 * S, 4096, [13, 4], blocks)
    assert naive_read([base, leaf]) == _sectors("SbUdeXgZabcdefg")
    first, second = 13 * S + S, 4 * S + S
    assert naive_map([base, leaf]) == [
        (0, S, 1, first),
        (S, S, 0, S),
        (2 * S, S, 1, first + 2 * S),
        (3 * S, 2 * S, 0, 3 * S),
        (5 * S, S, 1, first + 5 * S),
        (6 * S, S, 0, 6 * S),
        (7 * S, S, 1, first + 7 * S),
        (8 * S, 7 * S, 0, 8 * S),
    ]
    grown = _sparse(4, 16 * S, 4096, [UNUSED, 4], blocks)
    assert naive_map([base, grown])[-1] == (15 * S, S, 1, second + 7 * S)


def test_the_naive_reader_takes_clear_bits_of_a_dynamic_disk_for_zeros() -> None:
    disk = _sparse(3, 10 * S, 4096, [4, UNUSED, UNUSED], _block(0x80, "ABCDEFGH"))
    assert naive_read([disk]) == _sectors("A.........")
    assert naive_map([disk]) == [(0, S, 0, 5 * S), (S, 9 * S, -1, -1)]


def test_the_naive_reader_knows_footers_of_511_bytes_and_raw_disks() -> None:
    assert naive_read([_sectors("ab") + _footer(2, 2 * S)[:-1]]) == _sectors("ab")
    leaf = _sparse(4, 3 * S, 4096, [UNUSED], b"")
    assert naive_read([_sectors("xy"), leaf]) == _sectors("xy.")


def test_the_naive_reader_refuses_what_it_cannot_know() -> None:
    leaf = _sparse(4, S, 4096, [UNUSED], b"")
    with pytest.raises(ValueError, match="parent is missing"):
        naive_read([leaf])
    outside = _sparse(3, S, 4096, [10], bytes(512 * 6) + b"\x80")
    with pytest.raises(ValueError, match="behind the end"):
        naive_read([outside])
    with pytest.raises(ValueError, match="disk type 5"):
        naive_read([_sparse(5, S, 4096, [UNUSED], b"")])
