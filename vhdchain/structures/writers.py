"""Which program wrote this file, by what its footer says?

`creator_application` is four characters that a writer chooses; the table holds those that are known from real files.
Two writers may share a code, and a program may write the code of another one to be compatible: the answer is what the
file claims, not who wrote it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.structures.footer import Footer

WRITERS = {
    b"vpc ": "Virtual PC",
    b"vs  ": "Virtual Server",
    b"win ": "Windows",
    b"d2v ": "Disk2vhd",
    b"qemu": "QEMU",
    b"qem2": "QEMU",
    b"tap\0": "blktap (XenServer, XCP-ng)",
    b"CTXS": "Citrix",
    b"vbox": "VirtualBox",
    b"dutl": "DiscUtils",
    b"xo\0\0": "Xen Orchestra",
    b"DBox": "DOSBox",
    b"go-v": "go-vhd",
    b"dic ": "DiscImageChef",
    b"aaru": "Aaru",
}


def writer_name(footer: Footer) -> str | None:
    """Return the program that `creator_application` stands for; None where the code is not known."""
    return WRITERS.get(footer.creator_application)


def writer_version(footer: Footer) -> str:
    """Return `creator_version` as ``major.minor``, its two halves."""
    return f"{footer.creator_version >> 16}.{footer.creator_version & 0xFFFF}"
