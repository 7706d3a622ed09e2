"""Which hostile inputs are tried? Healthy images with damaged structures, and bytes that never were an image.

Every input follows from its number alone, so that a failure is rerun by its number. Half of the inputs keep their
checksums right: a damage that a checksum gives away never reaches the code behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING

from vhdchain.structures.dynamic_header import HEADER_CHECKSUM_OFFSET, HEADER_LENGTH, header_checksum
from vhdchain.structures.footer import FOOTER_CHECKSUM_OFFSET, FOOTER_LENGTH, footer_checksum
from vhdchain.testing import ChainBuilder
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

_HEADER_AT = FOOTER_LENGTH
_WORDS = (0, 1, 2, 3, 4, 7, 511, 512, 513, 1024, 1536, 4096, 1 << 21, 1 << 28, 1 << 31, (1 << 31) + 1, 0xFFFFFFFE)
_ONES = 0xFFFFFFFFFFFFFFFF
# Offset and width of every number that steers a reader, in the footer and in the header.
_FOOTER_FIELDS = ((8, 4), (12, 4), (16, 8), (40, 8), (48, 8), (56, 4), (60, 4), (84, 1))
_HEADER_FIELDS = (
    (8, 8),
    (16, 8),
    (24, 4),
    (28, 4),
    (32, 4),
    *((576 + 24 * slot + at, width) for slot in range(8) for at, width in ((0, 4), (4, 4), (8, 4), (16, 8))),
)
_NAMES = ("hostile", "disk.vhd", "leaf.avhd", "VirtualPCUndo_.vud")
# What a stored path, or a file's name, says that is none, or that a terminal would obey.
_TEXTS = (
    "\x1b[31m\n\r\t\x07\u202e\u200b" * 30,
    "A" * 260,
    "\u202e" * 256,
    "hostile",
    "..\\" * 80 + "base.vhd",
    "\\\\?\\C:\\" + "\x1b" * 250,
    "\\\\server\n\\share\\\u2028.vhd",
    "file://host\x1b/%zz\n",
    "file:///%1b%0a%00/base.vhd",
    "C:\\\x9b5m/base.vhd:stream:more",
    "con",
    " ",
    "\0",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HostileInput:
    """An image that was tampered with, and what is known of it.

    Attributes:
        data: Its bytes.
        parents: The files below it, base first.
        name: What its file is called.
        children: How many images build on it; None: not known.
    """

    data: bytes
    parents: tuple[bytes, ...]
    name: str
    children: int | None


@cache
def healthy_chains() -> tuple[tuple[bytes, ...], ...]:
    """Return small healthy chains of every kind, each base first."""
    chains = []
    for seed, block_size in enumerate((4096, 8192, 65536)):
        tree = ChainBuilder(seed=seed)
        base = tree.dynamic("base.vhd", size=5 * 8192 + SECTOR_SIZE, block_size=block_size)
        tree.fill(base, 0, 9000)
        middle = tree.snapshot(base, "middle.avhd", block_size=4096)
        tree.fill(middle, 3000, 20000)
        leaf = tree.snapshot(middle, "leaf.avhd", block_size=block_size)
        tree.fill(leaf, 8192, SECTOR_SIZE)
        fixed = tree.fixed("fixed.vhd", size=16384)
        child = tree.snapshot(fixed, "child.avhd", block_size=4096)
        tree.fill(child, 700, 3)
        files = tree.files()
        stacks = (base, leaf, fixed, child)
        chains += [tuple(files[image.name] for image in top.stack) for top in stacks]
    return tuple(chains)


def hostile_input(number: int) -> HostileInput:
    """Return input ``number``."""
    random = Random(f"hostile {number}")
    chain = random.choice(healthy_chains())
    data = bytearray(chain[-1])
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        random.choice(_DAMAGES)(data, random)
    if random.random() < 0.5:
        _mend_checksums(data)
    name, children = random.choice((*_NAMES, random.choice(_TEXTS))), random.choice((None, 0, 2))
    return HostileInput(data=bytes(data), parents=chain[:-1], name=name, children=children)


def _number(random: Random, size: int, width: int) -> bytes:
    value = random.choice(
        (
            *_WORDS,
            size,
            size - 1,
            size - 512,
            size - 511,
            size + 1,
            size // 512,
            _ONES,
            _ONES - 1,
            random.getrandbits(64),
        )
    )
    return (value & ((1 << 8 * width) - 1)).to_bytes(width, "big")


def _put(data: bytearray, at: int, raw: bytes) -> None:
    if at >= 0 and at + len(raw) <= len(data):
        data[at : at + len(raw)] = raw


def _footer_field(data: bytearray, random: Random) -> None:
    at, width = random.choice(_FOOTER_FIELDS)
    raw = _number(random, len(data), width)
    for footer in random.choice(((0,), (len(data) - FOOTER_LENGTH,), (0, len(data) - FOOTER_LENGTH))):
        _put(data, footer + at, raw)


def _header_field(data: bytearray, random: Random) -> None:
    at, width = random.choice(_HEADER_FIELDS)
    _put(data, _HEADER_AT + at, _number(random, len(data), width))


def _parent_name(data: bytearray, random: Random) -> None:
    raw = random.choice(_TEXTS).encode(random.choice(("utf-16-be", "utf-16-le")))
    if random.random() < 0.3:
        raw = b"\xd8\0" + raw  # half of a surrogate pair
    _put(data, _HEADER_AT + 64, raw[:512].ljust(512, b"\0"))


def _locator_text(data: bytearray, random: Random) -> None:
    """Let a locator lead to a text that is appended, of up to 64 KiB, and keep the footer the last of the file."""
    text = random.choice(_TEXTS) * random.choice((1, 1, 300))
    raw = text.encode(random.choice(("utf-16-le", "utf-16-le", "utf-16-be", "utf-8")))[: 64 << 10]
    code = random.choice((b"W2ru", b"W2ku", b"MacX", b"Wi2r", b"Wi2k", b"Mac ", b"\x1b[2J"))
    footer, offset = bytes(data[-FOOTER_LENGTH:]), max(0, len(data) - FOOTER_LENGTH)
    data[offset:] = raw.ljust(-(-len(raw) // SECTOR_SIZE) * SECTOR_SIZE, b"\0") + footer
    fields = (len(raw).to_bytes(4, "big"), len(raw).to_bytes(4, "big"), bytes(4), offset.to_bytes(8, "big"))
    _put(data, _HEADER_AT + 576 + 24 * random.randrange(8), code + b"".join(fields))


def _bat_entry(data: bytearray, random: Random) -> None:
    table = int.from_bytes(data[_HEADER_AT + 16 : _HEADER_AT + 24], "big")
    _put(data, table + 4 * random.randrange(24), _number(random, len(data), 4))


def _flip(data: bytearray, random: Random) -> None:
    if data:
        data[random.randrange(len(data))] ^= 1 << random.randrange(8)


def _flip_metadata(data: bytearray, random: Random) -> None:
    if data:
        data[random.randrange(min(len(data), 4096))] = random.getrandbits(8)


def _truncate(data: bytearray, random: Random) -> None:
    del data[
        random.choice((0, 1, 511, 512, 1024, 1536, len(data) - 1, len(data) - 512, random.randrange(len(data) + 1))) :
    ]


def _extend(data: bytearray, random: Random) -> None:
    data += random.choice((b"\0", b"\0" * 512, random.randbytes(700), bytes(data[:512])))


def _splice(data: bytearray, random: Random) -> None:
    other = random.choice(random.choice(healthy_chains()))
    at = random.randrange(0, len(other), 64)
    _put(data, random.randrange(0, max(1, len(data)), 64), other[at : at + random.choice((64, 512, 2048))])


def _noise(data: bytearray, random: Random) -> None:
    data[:] = random.randbytes(random.choice((0, 1, 510, 511, 512, 513, 2048, 5000)))
    for cookie, at in ((b"conectix", 0), (b"conectix", len(data) - 512), (b"cxsparse", 512)):
        if random.random() < 0.6:
            _put(data, at, cookie)


_DAMAGES: tuple[Callable[[bytearray, Random], None], ...] = (
    _footer_field,
    _header_field,
    _header_field,
    _parent_name,
    _locator_text,
    _bat_entry,
    _flip,
    _flip_metadata,
    _truncate,
    _extend,
    _splice,
    _noise,
)


def _mend_checksums(data: bytearray) -> None:
    for at in (0, len(data) - FOOTER_LENGTH):
        raw = bytes(data[at : at + FOOTER_LENGTH]) if at >= 0 else b""
        if len(raw) == FOOTER_LENGTH and raw.startswith(b"conectix"):
            _put(data, at + FOOTER_CHECKSUM_OFFSET, footer_checksum(raw).to_bytes(4, "big"))
    raw = bytes(data[_HEADER_AT : _HEADER_AT + HEADER_LENGTH])
    if len(raw) == HEADER_LENGTH:
        _put(data, _HEADER_AT + HEADER_CHECKSUM_OFFSET, header_checksum(raw).to_bytes(4, "big"))
