"""Findings about files as files: refused, changed, linked, with holes, left over."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from tests.graph.inventories import inventory_of
from vhdchain.findings import Finding, Severity
from vhdchain.graph import InputFile, Inventory, MetadataHole, Unreadable, check_files
from vhdchain.image import Fault, FaultKind
from vhdchain.testing import ChainBuilder

SIZE = 64 * 1024


def _inventory(*names: str, **fields: Any) -> Inventory:
    tree = ChainBuilder()
    for name in names:
        tree.fixed(name, size=SIZE)
    return inventory_of(tree, **fields)


def _input(path: str, **fields: Any) -> InputFile:
    return dataclasses.replace(InputFile(path=path, size=SIZE + 512, mtime_ns=0), **fields)


def _told(findings: tuple[Finding, ...]) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(item.code, item.location.path, item.related) for item in findings]


def test_what_the_system_refused_is_told_apart_from_what_is_not_read() -> None:
    unread = (
        Unreadable(path="vms/a.vhd", reason="Permission denied", refused=True),
        Unreadable(path="vms/b.vhd", reason="a symbolic link: there is no x.vhd"),
    )
    found = check_files(_inventory(unreadable=unread))
    assert _told(found) == [("VHD551", "vms/a.vhd", ()), ("VHD001", "vms/b.vhd", ())]
    assert [item.severity for item in found] == [Severity.ERROR, Severity.ERROR]
    assert found[0].message.endswith("Permission denied")


def test_a_file_that_changed_is_a_warning() -> None:
    (found,) = check_files(_inventory("a.vhd", inputs=(_input("a.vhd", changed="it was written to"),)))
    assert (found.code, found.severity) == ("VHD553", Severity.WARNING)


def test_a_file_of_which_nothing_was_judged_is_not_told_twice() -> None:
    inventory = _inventory("a.vhd", inputs=(_input("a.vhd", changed="its length went from 9 to 1 bytes"),))
    fault = Fault(kind=FaultKind.SHORT_READ, structure="footer", offset=0, length=512, reason="cut")
    image = dataclasses.replace(inventory.images[0], faults=(fault,))
    assert check_files(dataclasses.replace(inventory, images=(image,))) == ()


def test_other_names_are_a_note() -> None:
    (found,) = check_files(_inventory("a.vhd", inputs=(_input("a.vhd", aliases=("b.vhd", "c.vhd")),)))
    assert (found.code, found.severity, found.related) == ("VHD554", Severity.NOTE, ("b.vhd", "c.vhd"))


def test_holes_of_a_file_are_one_finding_at_the_first_of_them() -> None:
    holes = (
        MetadataHole(structure="dynamic header", offset=512, length=1024),
        MetadataHole(structure="BAT", offset=4096, length=8192),
    )
    (found,) = check_files(_inventory("a.vhd", inputs=(_input("a.vhd", holes=holes),)))
    assert (found.code, found.severity, found.found) == ("VHD555", Severity.WARNING, 9216)
    assert (found.location.structure, found.location.offset) == ("dynamic header", 512)
    assert "BAT (8192 bytes at 0x1000)" in found.message


@pytest.mark.parametrize(
    "name",
    [
        ".disk.vhd",
        "OLD_2f1c.vhd",
        "disk.tmp.vhd",
        "tmp.vhd",
        "disk-TMP.avhd",
        "tmp_disk.vhd",
        "disk~.vhd",
        "deep/er/.disk.vhd",
    ],
)
def test_names_of_unfinished_work_are_a_warning(name: str) -> None:
    (found,) = check_files(_inventory(name, inputs=(_input(name),)))
    assert (found.code, found.severity, found.location.path) == ("VHD556", Severity.WARNING, name)


@pytest.mark.parametrize(
    "name",
    [
        "template.vhd",
        "Template - copy.vhd",
        "old_server.vhd",
        "GOLD_1.vhd",
        "htmp.vhd",
        "tmp1.vhd",
        "PROGRA~1.VHD",
        ".hidden/disk.vhd",
        "tmp/disk.vhd",
        "./disk.vhd",
        "../disk.vhd",
    ],
)
def test_names_that_merely_look_alike_are_quiet(name: str) -> None:
    assert check_files(_inventory(name, inputs=(_input(name),))) == ()


def test_a_sidecar_is_told_at_its_disk_and_once() -> None:
    inventory = _inventory(
        "vms/a.vhd",
        "vms/b.vhd",
        inputs=(_input("vms/a.vhd"), _input("vms/b.vhd", aliases=("vms/other.vhd",))),
        leftovers=("vms/.a.vhd.merge.json", "vms/a.vhd.tmp", "vms/gone.vhd.part", "vms/other.vhd~"),
    )
    found = [item for item in check_files(inventory) if item.code == "VHD556"]
    assert _told(tuple(found)) == [
        ("VHD556", "vms/a.vhd", ("vms/.a.vhd.merge.json", "vms/a.vhd.tmp")),
        ("VHD556", "vms/gone.vhd.part", ("vms/gone.vhd.part",)),
        ("VHD556", "vms/b.vhd", ("vms/other.vhd~",)),
    ]
    assert "merge" in found[0].message


def test_healthy_files_are_quiet() -> None:
    assert check_files(_inventory("a.vhd", "b.vhd", inputs=(_input("a.vhd", writable=True), _input("b.vhd")))) == ()
