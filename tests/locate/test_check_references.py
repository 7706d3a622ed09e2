"""Which stored names of a parent are told, how badly, and which are in order although they look odd?

Whole images of the builder are edited, so that texts are read from bytes; that each code is found in every dialect is
shown by the recipes of damages.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from vhdchain.findings import Severity
from vhdchain.image import scan_image
from vhdchain.image.record import Fault, FaultKind
from vhdchain.locate import check_references
from vhdchain.source import BytesSource
from vhdchain.structures import DiskType, PlatformCode
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.damage.locator_edits import (
    edit_code,
    edit_name,
    edit_text,
    entry_of_code,
    place_in_slots,
    rename_parent,
    used_entries,
)
from vhdchain.testing.dialects import (
    BLKTAP,
    DIALECTS,
    HYPER_V_2008_R2,
    VIRTUAL_PC_5,
    VIRTUAL_PC_MAC,
    VIRTUALBOX,
    Dialect,
)
from vhdchain.testing.edits import edit_footer, end_footer, healthy, overwrite

if TYPE_CHECKING:
    from vhdchain.findings import Finding

W2RU, W2KU = PlatformCode.W2RU, PlatformCode.W2KU


def _findings(raw: bytes, name: str = "child.avhd") -> list[Finding]:
    with scan_image(BytesSource(raw, name=name)) as image:
        return list(check_references(image))


def _told(raw: bytes, code: str, name: str = "child.avhd") -> list[Finding]:
    return [item for item in _findings(raw, name) if item.code == code]


def _severities(raw: bytes, code: str, name: str = "child.avhd") -> list[Severity]:
    return [item.severity for item in _told(raw, code, name)]


def _child(dialect: Dialect = VIRTUALBOX) -> bytes:
    return healthy(DiskType.DIFFERENCING, dialect)


def _named(*, header: str = "base.vhd", **texts: str) -> bytes:
    """Return a child whose header and locators (by platform) hold these texts, and which has no other locators."""
    raw = _child()
    places = used_entries(raw)
    entries = [
        dataclasses.replace(place, platform_code=PlatformCode[code].value)
        for place, code in zip(places, texts, strict=False)
    ]
    raw = place_in_slots(raw, entries)
    for code, text in texts.items():
        raw = edit_text(raw, PlatformCode[code], text)
    return edit_name(raw, header)


NOTES_OF_HEALTHY = {
    "Hyper-V 2008 R2": {"VHD225"},
    "Windows 10": {"VHD225"},
    "Virtual PC 2004": set(),
    "Virtual PC 5": {"VHD322"},
    "Virtual PC for Mac": {"VHD225", "VHD226", "VHD322"},
    "blktap 1.3": {"VHD316"},
    "VirtualBox 4.3": set(),
    "qemu": set(),
    "xen-orchestra": {"VHD226", "VHD316", "VHD322"},
    "DiscUtils": set(),
}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda item: item.name)
def test_a_healthy_child_of_any_writer_shows_at_most_the_notes_of_its_manner(dialect: Dialect) -> None:
    found = _findings(_child(dialect))
    assert {item.code for item in found} == NOTES_OF_HEALTHY[dialect.name]
    assert {item.severity for item in found} <= {Severity.NOTE}


@pytest.mark.parametrize("dialect", [HYPER_V_2008_R2, VIRTUALBOX, BLKTAP], ids=lambda item: item.name)
def test_a_parent_of_the_same_name_in_another_folder_is_no_error(dialect: Dialect) -> None:
    tree = ChainBuilder(seed="folders", dialect=dialect)
    base = tree.dynamic("base/disk.vhd", size=65536, block_size=4096)
    leaf = tree.differencing("snapshots/disk.vhd", parent=base, block_size=4096)
    found = _findings(bytes(tree.file(leaf).content), "snapshots/disk.vhd")
    severities = {item.code: item.severity for item in found}
    assert severities["VHD227"] is Severity.WARNING
    assert severities["VHD228"] is Severity.NOTE  # ..\base\disk.vhd leads out of the child's folder
    assert Severity.ERROR not in severities.values()


# What the header and the locators say, of a child that is called disk.avhd.
OWN: list[tuple[bytes, Severity | None]] = [
    (_named(W2RU=r".\disk.avhd", W2KU=r"C:\VMs\disk.avhd", header="disk.avhd"), Severity.ERROR),
    (_named(W2RU="disk.avhd", header="disk.avhd"), Severity.ERROR),
    (_named(W2RU=r".\DISK.avhd", header="Disk.AVHD"), Severity.ERROR),
    (_named(MACX="file://./disk.avhd", header="disk.avhd"), Severity.ERROR),
    (_named(header="disk.avhd"), Severity.ERROR),  # nothing says more than the bare name
    (_named(W2RU=r".\disk.avhd", W2KU=r"C:\VMs\base.vhd", header="disk.avhd"), Severity.WARNING),
    (_named(W2RU=r".\disk.avhd", header="base.vhd"), Severity.WARNING),
    (_named(W2RU=r".\base.vhd", header="disk.avhd"), Severity.WARNING),
    (_named(W2RU=r"..\base\disk.avhd", W2KU=r"C:\VMs\base\disk.avhd", header="disk.avhd"), Severity.WARNING),
    (_named(W2RU=r"base\disk.avhd", header="disk.avhd"), Severity.WARNING),
    (_named(W2KU=r"C:\VMs\disk.avhd", header="disk.avhd"), Severity.WARNING),
    (_named(W2KU=r"C:\disk.avhd\base.vhd", header="base.vhd"), None),
    (_named(W2RU=r".\disk.vhd", header="disk.vhd"), None),
    (_named(W2RU=r".\disk.avhd.vhd", header="disk"), None),
]


@pytest.mark.parametrize(("raw", "severity"), OWN, ids=range(len(OWN)))
def test_a_disk_that_names_itself_is_an_error_only_where_nothing_else_is_named(
    raw: bytes, severity: Severity | None
) -> None:
    assert _severities(raw, "VHD227", "VMs/disk.avhd") == ([severity] if severity else [])


def test_of_several_own_names_the_one_in_the_own_folder_is_told_and_the_others_are_evidence() -> None:
    raw = _named(W2KU=r"C:\VMs\disk.avhd", W2RU=r".\disk.avhd", header="disk.avhd")
    (item,) = _told(raw, "VHD227", "/mnt/disk.avhd")
    place = entry_of_code(raw, W2RU).platform_data_offset
    assert (item.location.structure, item.location.offset, item.found) == ("locator 1", place, r".\disk.avhd")
    assert item.details == (r"locator 0 (W2ku): C:\VMs\disk.avhd", "the name in the header: disk.avhd")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("base.vhd", False),
        (r".\base.vhd", False),
        (r"..\base\base.vhd", False),
        ("a/base.vhd", False),
        (r"C:\VMs\base.vhd", True),
        (r"\VMs\base.vhd", True),
        (r"\\server\share\base.vhd", True),
        ("/vms/base.vhd", True),
        ("C:base.vhd", False),
        ("", False),
    ],
)
def test_a_full_path_in_the_header_is_a_note(name: str, told: bool) -> None:
    found = _told(edit_name(_child(), name), "VHD225")
    assert [(item.severity, item.found) for item in found] == [(Severity.NOTE, name)] * told
    assert {(item.location.field, item.location.offset) for item in found} <= {("parent_unicode_name", 512 + 64)}


@pytest.mark.parametrize(("name", "told"), [("a/base.vhd", True), ("/base.vhd", True), (r"a\base.vhd", False)])
def test_slashes_in_the_header_are_a_note(name: str, told: bool) -> None:
    assert _severities(edit_name(_child(), name), "VHD226") == [Severity.NOTE] * told


@pytest.mark.parametrize(
    ("text", "severity"),
    [
        (r"\\server\share\base.vhd", Severity.WARNING),
        (r"\\?\C:\VMs\base.vhd", Severity.WARNING),
        ("//?/C:/VMs/base.vhd", Severity.WARNING),
        (r"\\?\UNC\server\share\base.vhd", Severity.WARNING),
        (r"\\.\pipe\base.vhd", Severity.WARNING),
        (r"C:\VMs\base.vhd:stream", Severity.WARNING),
        (r"C:\VMs\NUL\base.vhd", Severity.WARNING),
        ("C:base.vhd", Severity.WARNING),
        ("C:\\a\nb\\base.vhd", Severity.WARNING),
        (r"..\base\base.vhd", Severity.NOTE),
        (r"C:\VMs\..\base.vhd", Severity.NOTE),
        ("../base.vhd", Severity.NOTE),
        (r"C:\VMs\base.vhd", None),
        ("/var/run/sr-mount/base.vhd", None),
        (r"C:\conference..old\base.vhd", None),
    ],
)
def test_paths_that_should_not_be_followed_blindly_are_told_where_they_stand(
    text: str, severity: Severity | None
) -> None:
    for raw, structure in (
        (edit_text(_child(), W2KU, text), "locator 1"),
        (edit_name(_child(), text), "dynamic header"),
    ):
        found = _told(raw, "VHD228")
        assert [(item.severity, item.location.structure, item.found) for item in found] == (
            [(severity, structure, text)] if severity else []
        )


def test_dangerous_paths_are_told_once_and_before_those_that_only_lead_out() -> None:
    raw = _named(W2RU=r"..\base.vhd", W2KU=r"\\server\share\base.vhd", header=r"\\.\C:")
    (item,) = _told(raw, "VHD228")
    assert (item.severity, item.location.structure) == (Severity.WARNING, "locator 1")
    assert item.details == ("the name in the header: \\\\.\\C: (device paths are never opened)",)


def test_what_is_wrong_with_a_url_is_told_as_that_alone() -> None:
    raw = _named(MACX="file://server/share/base.vhd")
    assert _severities(raw, "VHD318") == [Severity.WARNING]
    assert _told(raw, "VHD228") == []
    assert _severities(_named(MACX="file:///vms/aux:/base.vhd"), "VHD228") == []  # a Mac's names
    assert _severities(_named(MACX="file:///C:/aux/base.vhd"), "VHD228") == [Severity.WARNING]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("file://./base.vhd", False),
        ("file://../base/base.vhd", False),
        ("file://localhost/Users/a/base.vhd", False),
        ("FILE:///Users/a/base.vhd", False),
        ("file:/Users/a/base.vhd", False),
        ("file://LOCALHOST/a%20b/b%C3%A4ume/base.vhd", False),
        ("file://server/share/base.vhd", True),
        ("/Users/a/base.vhd", True),
        ("./base.vhd", True),
        ("http://localhost/base.vhd", True),
        ("file://./100%/base.vhd", True),
        ("file://./%C3/base.vhd", True),
    ],
)
def test_a_macs_locator_holds_a_file_url_of_this_machine(text: str, told: bool) -> None:
    found = _told(_named(MACX=text), "VHD318")
    assert [(item.severity, item.found) for item in found] == [(Severity.WARNING, text)] * told


@pytest.mark.parametrize("code", ["W2KU", "WI2K"])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (r".\base.vhd", True),
        ("../base.vhd", True),
        ("base.vhd", True),
        (r"C:\base.vhd", False),
        (r"\\server\share\base.vhd", False),
        ("/vms/base.vhd", False),
        ("a\x01b", False),  # told as what it is, not as relative
    ],
)
def test_a_locator_for_absolute_paths_that_holds_a_relative_one_is_a_note(code: str, text: str, told: bool) -> None:
    found = _told(_named(**{code: text}), "VHD316")
    assert [(item.severity, item.found) for item in found] == [(Severity.NOTE, text)] * told


@pytest.mark.parametrize("code", ["W2RU", "WI2R"])
@pytest.mark.parametrize(
    ("text", "told"),
    [
        (r".\base.vhd", False),
        (r"..\base\base.vhd", False),
        ("Snapshots/base.vhd", False),
        (r"C:\base.vhd", True),
        ("C:base.vhd", True),
        (r"\base.vhd", True),
        (r"\\server\share\base.vhd", True),
        ("/vms/base.vhd", True),
    ],
)
def test_a_locator_for_relative_paths_that_holds_another_is_a_warning(code: str, text: str, told: bool) -> None:
    found = _told(_named(**{code: text}), "VHD317")
    assert [(item.severity, item.found) for item in found] == [(Severity.WARNING, text)] * told


@pytest.mark.parametrize(
    ("header", "text", "told"),
    [
        ("base.vhd", r".\base.vhd", False),
        ("BASE.VHD", r"..\x\base.vhd", False),
        (r"D:\old\base.vhd", r"C:\new\base.vhd", False),
        ("/vms/base.vhd", r".\base.vhd", False),
        ("bäume.vhd", r".\BÄUME.vhd", False),
        ("base.vhd", r".\other.vhd", True),
        (r"C:\VMs\base.vhd", r".\other.vhd", True),
        ("", r".\other.vhd", False),
        ("base.vhd", r"\\.\PhysicalDrive0", False),
        ("base.vhd", "other.vhd:stream", False),
        ("..", r".\other.vhd", False),
    ],
)
def test_locators_and_header_name_one_file(header: str, text: str, told: bool) -> None:
    found = _told(_named(W2RU=text, header=header), "VHD319")
    assert [item.severity for item in found] == [Severity.WARNING] * told


def test_the_two_names_are_the_evidence_and_all_locators_that_differ_are_told() -> None:
    raw = _named(W2RU=r".\other.vhd", W2KU=r"C:\base.vhd", header=r"C:\VMs\base.vhd")
    (item,) = _told(raw, "VHD319")
    assert (item.expected, item.found, item.location.structure) == ("base.vhd", "other.vhd", "locator 0")
    (item,) = _told(_named(W2RU=r".\other.vhd", W2KU=r"C:\third.vhd"), "VHD319")
    assert item.details == (r"locator 1 (W2ku): C:\third.vhd",)


@pytest.mark.parametrize(("length", "compared"), [(254, True), (255, False), (256, False)])
def test_a_name_that_may_have_been_cut_is_not_compared(length: int, compared: bool) -> None:
    name = ("C:\\" + "folder\\" * 40)[: length - 5] + "\\base"
    assert len(name) == length
    assert len(_told(_named(W2RU=r".\base.vhd", header=name), "VHD319")) == compared


def test_a_child_without_any_readable_locator_is_a_warning() -> None:
    alias = edit_code(_named(W2KU=r"C:\base.vhd"), W2KU, platform_code=b"Mac ")
    cut = edit_code(_named(W2KU=r"C:\base.vhd"), W2KU, platform_data_offset=1 << 40)
    blank = _named(W2KU="   ")
    for raw, used in ((_named(), 0), (alias, 1), (cut, 1), (blank, 1)):
        (item,) = _told(raw, "VHD321")
        assert (item.severity, item.found, item.location.offset) == (Severity.WARNING, used, 512 + 576)
        assert _told(raw, "VHD322") == []


@pytest.mark.parametrize(
    ("texts", "severity"),
    [
        ({"W2RU": r".\base.vhd"}, None),
        ({"W2RU": r".\base.vhd", "W2KU": r"C:\base.vhd"}, None),
        ({"W2KU": r"C:\base.vhd"}, Severity.WARNING),
        ({"W2KU": r"C:\base.vhd", "WI2K": r"C:\base.vhd"}, Severity.WARNING),
        ({"W2KU": r"C:\base.vhd", "WI2R": r".\base.vhd"}, Severity.NOTE),
        ({"W2KU": r"C:\base.vhd", "MACX": "file://./base.vhd"}, Severity.NOTE),
        ({"W2KU": r"C:\base.vhd", "MACX": "file:///base.vhd"}, Severity.WARNING),
        ({"W2KU": "../base.vhd"}, Severity.NOTE),  # xen-orchestra's manner
        ({"WI2R": r".\base.vhd"}, Severity.NOTE),
        ({"MACX": "file:///Users/base.vhd"}, Severity.NOTE),
    ],
)
def test_a_missing_relative_locator_is_a_warning_only_where_the_child_cannot_be_moved(
    texts: dict[str, str], severity: Severity | None
) -> None:
    assert _severities(_named(**texts), "VHD322") == ([severity] if severity else [])


@pytest.mark.parametrize("dialect", [VIRTUAL_PC_5, VIRTUAL_PC_MAC], ids=lambda item: item.name)
def test_writers_without_windows_locators_show_a_note(dialect: Dialect) -> None:
    assert _severities(_child(dialect), "VHD322") == [Severity.NOTE]


def test_what_a_dynamic_disk_has_left_over_is_not_judged() -> None:
    raw = rename_parent(_child(), "disk.avhd")
    assert _told(raw, "VHD227", "disk.avhd")
    assert _findings(edit_footer(raw, disk_type_raw=3), "disk.avhd") == []


def test_what_is_no_header_is_not_judged() -> None:
    raw = rename_parent(_child(), "disk.avhd")
    header = end_footer(raw).data_offset
    assert _findings(overwrite(raw, header, b"\0" * 8 + b"\1" * 8), "disk.avhd") == []


def test_a_file_that_changed_while_it_was_read_is_not_judged() -> None:
    fault = Fault(kind=FaultKind.SHORT_READ, structure="BAT", offset=1536, length=44, reason="it was cut")
    with scan_image(BytesSource(rename_parent(_child(), "disk.avhd"), name="disk.avhd")) as image:
        assert check_references(image)
        assert check_references(dataclasses.replace(image, faults=(fault,))) == ()
        harmless = dataclasses.replace(fault, kind=FaultKind.BEYOND_END)
        assert check_references(dataclasses.replace(image, faults=(harmless,)))
