"""The structures of the format once more, written down with `struct` from the specification alone.

The tables of the tests put a record beside bytes that were packed here, so that a field which the package declares at a
wrong place cannot agree with itself.
"""

from __future__ import annotations

import struct
from uuid import UUID

FOOTER = struct.Struct(">8s I I Q I 4s I 4s Q Q H B B I I 16s B 427s")
HEADER = struct.Struct(">8s Q Q I I I I 16s I 4s 512s 192s 256s")
LOCATOR = struct.Struct(">4s I I I Q")
BATMAP = struct.Struct(">8s Q I I I B 483s")

assert (FOOTER.size, HEADER.size, LOCATOR.size, BATMAP.size) == (512, 1024, 24, 512)

SOME_ID = UUID("5fa21a55-f394-aa4d-9958-1951a67d5540").bytes
ALL_ONES = 0xFFFFFFFF_FFFFFFFF

# A footer as Windows 10 writes one for a differencing disk of 4 MiB.
FOOTER_BYTES = FOOTER.pack(
    b"conectix", 2, 0x00010000, 512, 0x1A2B3C4D, b"win ", 0x000A0000, b"Wi2k",
    4194304, 4194816, 120, 4, 17, 4, 0xFFFFE89A, SOME_ID, 1, b"\x01" + bytes(425) + b"\x5a",
)  # fmt: skip

LOCATOR_BYTES = (
    LOCATOR.pack(b"W2ku", 4096, 84, 0, 4096)
    + LOCATOR.pack(b"W2ru", 65536, 32, 0, 12288)
    + LOCATOR.pack(b"MacX", 1, 20, 7, 0x1_0000_0000)
    + bytes(5 * 24)
)
PARENT_NAME = "base-ü.vhd".encode("utf-16-be").ljust(512, b"\0")
HEADER_BYTES = HEADER.pack(
    b"cxsparse", ALL_ONES, 1536, 0x00010000, 3, 0x200000, 0xFFFFE0E0, SOME_ID, 0x0BADCAFE, b"\1\2\3\4",
    PARENT_NAME, LOCATOR_BYTES, bytes(255) + b"\x77",
)  # fmt: skip

BATMAP_BYTES = BATMAP.pack(b"tdbatmap", 2560, 1, 0x00010002, 0xFFFFFF7F, 1, bytes(482) + b"\x99")
