"""What lies in the folders of ``fixtures/``, and how are they made again?

Two folders of disks as a Hyper-V 2008 R2 host could leave them: a healthy one with three snapshots and a branch, and a
broken one in which every disk has one fault of its own; and two of whole hosts (`fixture_hosts`). Each has beside it
what a right reader must find (``expected.json``).
The recipes are deterministic: building them again gives the same bytes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from vhdchain.structures import PlatformCode, encode_parent_name
from vhdchain.testing.builder import ChainBuilder, write_expected
from vhdchain.testing.damage import RECIPES
from vhdchain.testing.dialects import HYPER_V_2008_R2, Locator
from vhdchain.testing.edits import edit_entry
from vhdchain.testing.fixture_hosts import build_hosts
from vhdchain.testing.report import expected_report
from vhdchain.units import bytes_to_sectors, sectors_to_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    from vhdchain.testing.images import BuiltImage

BLOCK_SIZE = 512 * 1024
DISK_SIZE = 16 * 1024 * 1024
_PARTITION = 2048
"""The partition's first sector: Windows aligns it at 1 MiB since Vista."""


def build_fixtures(folder: Path) -> None:
    """Write the folders ``healthy``, ``broken``, ``host`` and ``host-broken`` below ``folder``."""
    healthy = healthy_tree()
    healthy.save(folder / "healthy")
    # The branch is worth a note and no more.
    fork = healthy.images[1].name
    _write_report(folder / "healthy", healthy, {fork: ["VHD704"]}, healthy.images)
    build_broken(folder / "broken")
    build_hosts(folder)


def healthy_tree() -> ChainBuilder:
    """Return a machine's disk with three snapshots; the second was applied again, so that there are two branches.

    The snapshots froze ``srv.vhd`` and the first two of the `.avhd` files; the machine runs on the third, beside the
    second, below the first.
    """
    tree = ChainBuilder(seed="healthy", dialect=HYPER_V_2008_R2)
    base = tree.dynamic("srv.vhd", size=DISK_SIZE, block_size=BLOCK_SIZE)
    _install(tree, base)
    first = tree.snapshot(base)
    _log(tree, first, 0, "updates installed")
    second = tree.snapshot(first)
    _log(tree, second, 1, "service pack installed")
    tree.write(second, sectors_to_bytes(_PARTITION + 40), bytes(sectors_to_bytes(8)))
    now = tree.snapshot(first)
    _log(tree, now, 2, "second snapshot applied, other driver installed")
    return tree


def _install(tree: ChainBuilder, image: BuiltImage) -> None:
    tree.write(image, 0, _master_boot_record(image.size))
    tree.write(image, sectors_to_bytes(_PARTITION), b"\xeb\x52\x90NTFS    ".ljust(510, b"\0") + b"\x55\xaa")
    tree.fill(image, sectors_to_bytes(_PARTITION + 16), 40_000, label="system file")
    tree.fill(image, sectors_to_bytes(_PARTITION + 5000), 20_000, label="data file")


def _log(tree: ChainBuilder, image: BuiltImage, number: int, event: str) -> None:
    line = f"2011-05-0{number + 2} 08:00:00 srv {event}\r\n".encode("ascii")
    # Not at a sector's beginning: the rest of the sector is copied up from the parent.
    tree.write(image, sectors_to_bytes(_PARTITION + 20 + number) + 100, line * 40)
    tree.fill(image, sectors_to_bytes(_PARTITION + 30 + 3 * number), sectors_to_bytes(2), label=event)


def _master_boot_record(size: int) -> bytes:
    count = bytes_to_sectors(size) - _PARTITION
    partition = struct.pack("<B3sB3sII", 0x80, b"\x20\x21\x00", 0x07, b"\xfe\xff\xff", _PARTITION, count)
    code = b"\x33\xc0\x8e\xd0\xbc\x00\x7cInvalid partition table\0Error loading operating system\0"
    return code.ljust(440, b"\0") + b"\x11\x22\x33\x44\0\0" + partition.ljust(64, b"\0") + b"\x55\xaa"


def broken_tree() -> ChainBuilder:
    """Return the disks of the broken folder before they are damaged; the parent ``lost.vhd`` is not saved with them."""
    tree = ChainBuilder(seed="broken", dialect=HYPER_V_2008_R2)
    for name in ("srv.vhd", "lost.vhd", "web.vhd", *DAMAGES):
        disk = tree.dynamic(name, size=4 * BLOCK_SIZE, block_size=BLOCK_SIZE)
        tree.write(disk, 0, _master_boot_record(disk.size))
    srv, web = tree.image("srv.vhd"), tree.image("web.vhd")
    # Somebody put another disk in the parent's place, or wrote a new one under its name.
    tree.snapshot(srv, "srv_changed.avhd", parent_unique_id=bytes(range(16)))
    tree.snapshot(srv, "srv_larger.avhd", size=5 * BLOCK_SIZE)
    tree.snapshot(tree.image("lost.vhd"), "lost_child.avhd")
    tree.snapshot(tree.image("sql.vhd"), "sql_child.avhd")
    tree.snapshot(web, "web_child.avhd")
    for name in ("srv_changed", "srv_larger", "lost_child", "sql_child", "web_child"):
        tree.fill(tree.image(f"{name}.avhd"), 300, 1000)
    tree.copy(web, "web - Copy.vhd")
    # Each of two disks names the other one as its parent.
    first, second = bytes(range(32, 48)), bytes(range(48, 64))
    for name, own, other in (("one.avhd", first, second), ("two.avhd", second, first)):
        target = "two.avhd" if name == "one.avhd" else "one.avhd"
        tree.differencing(
            name,
            parent=web,
            block_size=BLOCK_SIZE,
            unique_id=own,
            parent_unique_id=other,
            locators=[Locator(code=PlatformCode.W2RU, text=f".\\{target}")],
            header={"parent_unicode_name_raw": encode_parent_name(target)},
        )
    return tree


def _torn(raw: bytes) -> bytes:
    return RECIPES["VHD102"].damage(raw)


def _flipped(raw: bytes) -> bytes:
    return RECIPES["VHD106"].damage(raw)


def _leads_out(raw: bytes) -> bytes:
    return edit_entry(raw, 0, bytes_to_sectors(len(raw)))


def _leads_into_metadata(raw: bytes) -> bytes:
    return edit_entry(raw, 0, 1)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "mail.vhd": _torn,
    "app.vhd": _flipped,
    "data.vhd": _leads_out,
    "sql.vhd": _leads_into_metadata,
}
"""Which disks of the broken folder are damaged after they were written, and how."""


BROKEN_FINDINGS = {
    "app.vhd": ["VHD106"],
    "data.vhd": ["VHD404", "VHD414"],
    "lost_child.avhd": ["VHD601"],
    "mail.vhd": ["VHD102"],
    "one.avhd": ["VHD701"],
    "sql.vhd": ["VHD402"],
    "sql_child.avhd": ["VHD615"],
    "srv_changed.avhd": ["VHD603"],
    "srv_larger.avhd": ["VHD611"],
    "web - Copy.vhd": ["VHD702"],
}
"""Which codes an audit must find in which file of the broken folder; a group is told at its first file."""


def build_broken(folder: Path) -> None:
    """Write disks that are broken in one way each, with ``expected.json`` beside them."""
    tree = broken_tree()
    paths = tree.save(folder)
    paths["lost.vhd"].unlink()
    for name, damage in DAMAGES.items():
        paths[name].write_bytes(damage(paths[name].read_bytes()))
    readable = ("srv.vhd", "srv_larger.avhd", "web.vhd", "web - Copy.vhd", "web_child.avhd")
    _write_report(folder, tree, BROKEN_FINDINGS, [tree.image(name) for name in readable])


def _write_report(
    folder: Path, tree: ChainBuilder, findings: Mapping[str, Sequence[str]], disks: Iterable[BuiltImage]
) -> None:
    names = {image.name for image in disks}
    report: dict[str, Any] = expected_report(tree)
    report["disks"] = [disk for disk in report["disks"] if disk["path"] in names]
    report["findings"] = [{"path": path, "code": code} for path in sorted(findings) for code in findings[path]]
    write_expected(report, folder)
