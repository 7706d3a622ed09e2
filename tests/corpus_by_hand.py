"""What must a finding about a real disk say, by the bytes alone?

Each proof takes the bytes of the file (and of its parent) and gives offset, expected and found value, or fails. It
knows where fields lie by the specification's tables and uses nothing of the package.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

from tests.corpus_reports import COPIED

Proven: TypeAlias = tuple[int | None, str | int | None, str | int | None]
Proof: TypeAlias = Callable[[bytes, bytes | None], Proven]

# The programs of whose disks qemu takes the size from current_size and not from the geometry (its block/vpc.c).
TRUSTED_BY_QEMU = (b"win ", b"qem2", b"d2v ", b"tap\0", b"CTXS")
SECONDS_TO_2000 = 946684800
SECTOR = 512


def _footer_field(raw: bytes, offset: int, form: str) -> tuple[int, ...]:
    found: tuple[int, ...] = struct.unpack_from(form, raw, len(raw) - SECTOR + offset)
    return found


def _creator(raw: bytes) -> bytes:
    return raw[len(raw) - SECTOR + 28 :][:4]


def _header(raw: bytes) -> int:
    (offset,) = _footer_field(raw, 16, ">Q")
    assert raw[offset : offset + 8] == b"cxsparse"
    return offset


def _table(raw: bytes) -> tuple[int, list[int]]:
    offset, _, count = struct.unpack_from(">QII", raw, _header(raw) + 16)
    return offset, list(struct.unpack_from(f">{count}I", raw, offset))


def _bitmap(raw: bytes) -> tuple[int, bytes]:
    """Return where the bitmap of block 0 lies, and its bytes: 4,096 bits for 2 MiB."""
    offset = _table(raw)[1][0] * SECTOR
    return offset, raw[offset : offset + SECTOR]


def creator_unknown(raw: bytes, parent: bytes | None) -> Proven:
    assert _creator(raw) == b"syn "
    return len(raw) - SECTOR + 28, None, _creator(raw).decode()


def host_unknown(raw: bytes, parent: bytes | None) -> Proven:
    place = len(raw) - SECTOR + 36
    assert raw[place : place + 4] == bytes(4)
    return place, "Wi2k or Mac", r"\x00\x00\x00\x00"


def resized(raw: bytes, parent: bytes | None) -> Proven:
    original, current = _footer_field(raw, 40, ">QQ")
    assert original < current
    return len(raw) - SECTOR + 40, current, original


def size_disputed(raw: bytes, parent: bytes | None) -> Proven:
    (current,) = _footer_field(raw, 48, ">Q")
    cylinders, heads, sectors = _footer_field(raw, 56, ">HBB")
    assert _creator(raw) not in TRUSTED_BY_QEMU
    assert cylinders * heads * sectors * SECTOR != current
    return len(raw) - SECTOR + 56, current, cylinders * heads * sectors * SECTOR


def suffix(raw: bytes, parent: bytes | None) -> Proven:
    assert _footer_field(raw, 60, ">I") == (4,)
    return len(raw) - SECTOR + 60, None, "differencing"


def name_is_a_path(raw: bytes, parent: bytes | None) -> Proven:
    place = _header(raw) + 64
    name = raw[place : place + SECTOR].decode("utf-16-be").rstrip("\0")
    assert name[1:3] == ":\\"
    return place, None, name


def space_in_bytes(raw: bytes, parent: bytes | None) -> Proven:
    places = [_header(raw) + 576 + 24 * slot for slot in range(8)]
    used = [(place, *struct.unpack_from(">IIIQ", raw, place + 4)) for place in places if any(raw[place : place + 4])]
    assert len(used) == 2
    table, _ = _table(raw)
    for _, space, length, _, offset in used:
        # As so many sectors, the room of each would reach over the BAT or over the end of the file.
        assert length <= space
        assert offset + space <= len(raw)
        assert offset < table < offset + space * SECTOR or offset + space * SECTOR > len(raw)
    return used[0][0] + 4, "sectors", "bytes"


def padding(raw: bytes, parent: bytes | None) -> Proven:
    offset, entries = _table(raw)
    begin = offset + 4 * len(entries)
    rest = raw[begin : -(-begin // SECTOR) * SECTOR]
    assert rest in (b"\xff" * len(rest), bytes(len(rest)))
    return begin, None, f"0x{rest[0]:02X}"


def zeros_stored(raw: bytes, parent: bytes | None) -> Proven:
    offset, bitmap = _bitmap(raw)
    data = offset + SECTOR
    present = [sector for sector in range(4096) if bitmap[sector // 8] & 0x80 >> sector % 8]
    zeros = [sector for sector in present if not any(raw[data + sector * SECTOR :][:SECTOR])]
    assert parent is not None
    assert all(any(parent[sector * SECTOR :][:SECTOR]) for sector in zeros)
    return data + zeros[0] * SECTOR, None, len(zeros)


def partial_bytes(raw: bytes, parent: bytes | None) -> Proven:
    offset, bitmap = _bitmap(raw)
    return offset, None, sum(byte not in (0x00, 0xFF) for byte in bitmap)


def no_block(raw: bytes, parent: bytes | None) -> Proven:
    offset, entries = _table(raw)
    assert set(entries) == {0xFFFFFFFF}
    return offset, None, 0


def modified_later(raw: bytes, parent: bytes | None) -> Proven:
    (created,) = _footer_field(raw, 24, ">I")
    modified = int(COPIED.timestamp()) - SECONDS_TO_2000
    assert created < modified
    return None, created, modified


def writers_differ(raw: bytes, parent: bytes | None) -> Proven:
    assert parent is not None
    assert _creator(raw) != _creator(parent)
    return None, _creator(parent).decode().strip(), _creator(raw).decode().strip()


def base_is_fixed(raw: bytes, parent: bytes | None) -> Proven:
    assert _footer_field(raw, 60, ">I") == (2,)
    return None, None, "fixed"


def base_is_writable(raw: bytes, parent: bytes | None) -> Proven:
    # Its copy has the mode 0644, and a child in its folder asks for it (the child's own proofs).
    return None, None, None


PROOFS: dict[str, Proof] = {
    "VHD122": creator_unknown,
    "VHD124": host_unknown,
    "VHD125": resized,
    "VHD132": size_disputed,
    "VHD147": suffix,
    "VHD225": name_is_a_path,
    "VHD311": space_in_bytes,
    "VHD410": padding,
    "VHD456": zeros_stored,
    "VHD459": partial_bytes,
    "VHD558": no_block,
    "VHD608": modified_later,
    "VHD624": base_is_fixed,
    "VHD626": writers_differ,
    "VHD627": base_is_writable,
}
