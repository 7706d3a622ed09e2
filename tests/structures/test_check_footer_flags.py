"""Edges of what is told of geometry, identity, state and reserved bytes, and of files that are not what they seem."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

import pytest

from tests.structures.layouts import FOOTER_BYTES
from vhdchain import open_image
from vhdchain.findings import Finding, Severity
from vhdchain.image import FooterPolicy, check_image, load_image, scan_image
from vhdchain.source import BytesSource
from vhdchain.structures import (
    DiskType,
    Footer,
    Geometry,
    Stored,
    build_footer,
    geometry_for,
    parse_footer,
    with_footer_checksum,
)
from vhdchain.structures.check_footer import check_footers
from vhdchain.structures.footer import NO_DATA_OFFSET, POISON_COOKIE
from vhdchain.structures.footers_of_file import FootersOfFile
from vhdchain.structures.formats import other_disk_image, other_format
from vhdchain.structures.journal import Journal, build_journal, parse_journal
from vhdchain.testing.dialects import DIALECTS, Dialect
from vhdchain.testing.edits import edit_footer, healthy

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 1 << 20
DISK = SIZE - 512
NONE = bytes(427)
DYNAMIC = dataclasses.replace(
    parse_footer(FOOTER_BYTES),
    disk_type_raw=3,
    original_size=DISK,
    current_size=DISK,
    geometry=geometry_for(DISK),
    saved_state=0,
    reserved=NONE,
)
FIXED = dataclasses.replace(DYNAMIC, disk_type_raw=2, data_offset=NO_DATA_OFFSET)
CHILD = dataclasses.replace(DYNAMIC, disk_type_raw=4)
# The codes that are judged here; others may follow from how a footer is edited.
OURS = {*range(129, 139), *range(143, 148), 510, 511} - {144}


def _stored(footer: Footer, offset: int) -> Stored[Footer]:
    raw = build_footer(with_footer_checksum(footer))
    return Stored(offset=offset, raw=raw, record=parse_footer(raw))


def _check(
    footer: Footer = DYNAMIC,
    *,
    copy: Footer | None = None,
    path: str = "x.vhd",
    children: int | None = 0,
    **fields: Any,
) -> dict[str, Finding]:
    """Return what is found of a file that ends with ``footer`` and begins with it too, or with ``copy``."""
    end = dataclasses.replace(footer, **fields)
    first = copy or (None if footer is FIXED else end)
    file = FootersOfFile(
        path=path,
        file_size=SIZE,
        end=_stored(end, DISK),
        copy=None if first is None else _stored(first, 0),
        copy_counts=False,
        children=children,
    )
    return {item.code: item for item in check_footers(file) if int(item.code[3:]) in OURS}


def _head(head: bytes, *, size: int = SIZE) -> dict[str, Finding]:
    file = FootersOfFile(path="x.vhd", file_size=size, end=None, copy=None, copy_counts=False, head=head)
    return {item.code: item for item in check_footers(file)}


def _geometry(text: str) -> Geometry:
    cylinders, heads, sectors = (int(part) for part in text.split("/"))
    return Geometry(cylinders=cylinders, heads=heads, sectors_per_track=sectors)


def test_an_ordinary_footer_has_none_of_these() -> None:
    assert _check() == {}
    assert _check(FIXED) == {}
    assert _check(CHILD, path="x.avhd") == {}


# --------------------------------------------------------------------------------------------------- size, geometry


@pytest.mark.parametrize(
    ("size", "creator", "severity"),
    [
        (2040 << 30, b"win ", None),
        ((2040 << 30) + 512, b"win ", Severity.ERROR),
        ((2040 << 30) + 512, b"vpc ", Severity.ERROR),
        ((2040 << 30) + 512, b"vs  ", Severity.ERROR),
        ((2040 << 30) + 512, b"tap\0", Severity.WARNING),
        (1 << 62, b"qem2", Severity.WARNING),
    ],
)
def test_a_disk_over_the_limit_is_an_error_where_its_own_writer_refuses_it(
    size: int, creator: bytes, severity: Severity | None
) -> None:
    found = _check(current_size=size, geometry=geometry_for(size), creator_application=creator)
    told = [(item.code, item.severity, item.expected, item.found) for item in found.values()]
    assert told == ([("VHD129", severity, 2040 << 30, size)] if severity else [])


@pytest.mark.parametrize(
    ("geometry", "creator", "codes"),
    [
        # The specification's for 2,047 sectors is 30/4/17, which are 2,040.
        ("30/4/17", b"win ", set()),
        ("30/4/17", b"vpc ", {"VHD132"}),
        ("30/4/17", b"vbox", {"VHD132"}),
        ("30/4/17", b"qemu", {"VHD132"}),
        ("30/4/17", b"qem2", set()),
        ("30/4/17", b"d2v ", set()),
        ("30/4/17", b"tap\0", set()),
        ("30/4/17", b"CTXS", set()),
        ("23/1/89", b"vpc ", {"VHD131"}),  # just the disk's size
        ("24/1/85", b"win ", {"VHD131"}),
        ("32/4/16", b"win ", {"VHD130"}),  # a sector more than the disk
        ("32/4/16", b"vpc ", {"VHD130", "VHD132"}),
        ("65535/16/255", b"qem2", {"VHD131"}),
        ("65535/16/255", b"vpc ", {"VHD131"}),  # readers go by the size then
        ("65535/16/254", b"win ", {"VHD130"}),
        ("0/4/17", b"vpc ", {"VHD133"}),
        ("30/0/17", b"vpc ", {"VHD133"}),
        ("30/4/0", b"win ", {"VHD133"}),
    ],
)
def test_the_geometry_is_compared_with_the_size(geometry: str, creator: bytes, codes: set[str]) -> None:
    found = _check(geometry=_geometry(geometry), creator_application=creator)
    assert found.keys() == codes
    for code in codes - {"VHD132"}:
        assert (found[code].expected, found[code].found) == ("30/4/17", geometry)
        assert found[code].location.offset == DISK + 56


def test_the_two_sizes_that_readers_see_are_told() -> None:
    item = _check(creator_application=b"vbox")["VHD132"]
    assert (item.expected, item.found, item.severity) == (DISK, 30 * 4 * 17 * 512, Severity.NOTE)


def test_a_disk_too_small_for_a_cylinder_has_none_by_the_specification() -> None:
    assert str(geometry_for(512)) == "0/4/17"
    assert _check(current_size=512, geometry=geometry_for(512)) == {}
    assert _check(current_size=512, geometry=_geometry("0/4/16")).keys() == {"VHD133"}


def test_no_geometry_is_judged_for_a_size_of_zero() -> None:
    assert _check(current_size=0, geometry=_geometry("0/0/0")) == {}


# ------------------------------------------------------------------------------------------------- identity, states


@pytest.mark.parametrize(
    ("children", "severity"), [(None, Severity.WARNING), (0, Severity.WARNING), (1, Severity.ERROR)]
)
def test_a_null_identifier_is_an_error_only_where_children_ask_for_it(children: int | None, severity: Severity) -> None:
    found = _check(unique_id=bytes(16), children=children)
    assert [(item.code, item.severity, item.location.offset) for item in found.values()] == [
        ("VHD134", severity, DISK + 68)
    ]


@pytest.mark.parametrize(("state", "code"), [(1, "VHD136"), (2, "VHD135"), (255, "VHD135")])
def test_a_saved_state_is_told(state: int, code: str) -> None:
    found = _check(saved_state=state)
    assert [(item.code, item.expected, item.found) for item in found.values()] == [(code, 0, state)]
    assert found[code].location.offset == DISK + 84


@pytest.mark.parametrize(
    ("hidden", "children", "creator", "codes"),
    [
        (1, 0, b"tap\0", {"VHD137"}),
        (1, 2, b"tap\0", {"VHD138"}),
        (1, None, b"tap\0", {"VHD138"}),
        (1, 0, b"win ", {"VHD137"}),
        (2, 0, b"tap\0", {"VHD137"}),
        (2, 1, b"tap\0", {"VHD137"}),
        (255, None, b"win ", {"VHD137"}),
    ],
)
def test_the_hidden_flag_belongs_to_parents(hidden: int, children: int | None, creator: bytes, codes: set[str]) -> None:
    found = _check(reserved=bytes([hidden]) + NONE[1:], children=children, creator_application=creator)
    assert [(item.code, item.found, item.location.offset) for item in found.values()] == [
        (code, hidden, DISK + 85) for code in codes
    ]


@pytest.mark.parametrize(
    ("creator", "first", "codes"),
    [(b"win ", 7, {"VHD138"}), (b"tap\0", 7, {"VHD137", "VHD138"}), (b"tap\0", 0, {"VHD138"})],
)
def test_a_byte_among_others_is_a_flag_only_of_blktap(creator: bytes, first: int, codes: set[str]) -> None:
    reserved = bytes([first]) + bytes(425) + b"\x07"
    assert _check(reserved=reserved, creator_application=creator).keys() == codes


@pytest.mark.parametrize(
    ("reserved", "count", "offset", "word"),
    [
        (bytes(426) + b"\1", 1, 511, "1 reserved byte"),
        (bytes(10) + b"\1\2" + bytes(415), 2, 95, "2 reserved bytes"),
        (bytes(11) + b"RA92" + bytes(412), 4, 96, "simh keeps the type of its drive: RA92"),
        (b"x" * 425 + b"\x55\xaa", 427, 85, "as a boot sector does"),
        (b"x" + bytes(10) + b"RA92" + bytes(412), 5, 85, "the first at byte 85"),
    ],
)
def test_reserved_bytes_are_decoded(reserved: bytes, count: int, offset: int, word: str) -> None:
    item = _check(reserved=reserved)["VHD138"]
    assert (item.severity, item.found, item.location.offset) == (Severity.NOTE, count, DISK + offset)
    assert word in item.message
    assert ("simh" in item.message) == word.startswith("simh")


def test_a_footer_of_511_bytes_has_a_byte_less_to_judge() -> None:
    file = FootersOfFile(
        path="x.vhd",
        file_size=SIZE,
        end=_stored(dataclasses.replace(FIXED, reserved=bytes(425) + b"\1"), SIZE - 511),
        copy=None,
        copy_counts=False,
    )
    (item,) = (item for item in check_footers(file) if item.code == "VHD138")
    assert (item.found, item.location.offset) == (1, SIZE - 1)


def test_the_values_of_a_damaged_footer_are_not_judged() -> None:
    raw = build_footer(dataclasses.replace(FIXED, saved_state=1, unique_id=bytes(16), reserved=b"\7" * 427))
    end = Stored(offset=DISK, raw=raw, record=parse_footer(raw))
    file = FootersOfFile(path="x.vhd", file_size=SIZE, end=end, copy=None, copy_counts=False)
    assert {item.code for item in check_footers(file)} == {"VHD106"}


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_healthy_disks_of_all_dialects_have_notes_at_most(dialect: Dialect) -> None:
    for kind in (DiskType.FIXED, DiskType.DYNAMIC, DiskType.DIFFERENCING):
        findings = check_image(scan_image(BytesSource(healthy(kind, dialect), name="x.vhd")), children=0)
        assert {item.severity for item in findings if int(item.code[3:]) in OURS} <= {Severity.NOTE}


NOTES_OF_REAL_DISKS = {
    "single/govhd_vbox.vhd": {"VHD132"},
    "win8-pair/win8-child.vhd": {"VHD147"},
    "fat-pair/fat-differential.vhd": {"VHD147"},
    "fat-pair/fat-parent.vhd": {"VHD132"},  # a made one, whose writer nobody knows
    "single/govhd_xapi.vhd": set(),
    "single/govhd_qemu.vhd": set(),
    "single/govhd_win81_1GB.vhd": set(),
    "single/ronin_origsize_mismatch.vhd": set(),
    "single/dfvfs_ext2.vhd": set(),
    "win8-pair/win8.vhd": set(),
}


@pytest.mark.corpus
@pytest.mark.parametrize(("name", "codes"), NOTES_OF_REAL_DISKS.items())
def test_real_disks_have_these_notes_and_nothing_worse(corpus: Path, name: str, codes: set[str]) -> None:
    with open_image(corpus / name) as image:
        told = {item.code: item.severity for item in check_image(image) if int(item.code[3:]) in OURS}
    assert told == dict.fromkeys(codes, Severity.NOTE)


# ------------------------------------------------------------------------------------- a fixed disk's first sector


@pytest.mark.parametrize(
    ("copy", "codes"),
    [
        (FIXED, {"VHD143"}),
        (dataclasses.replace(FIXED, time_stamp=3, current_size=512), {"VHD143"}),
        # Another identifier, but made at the same time with the same size.
        (dataclasses.replace(DYNAMIC, unique_id=bytes(range(16))), {"VHD143"}),
        (dataclasses.replace(FIXED, unique_id=bytes(range(16))), {"VHD143"}),
        # A VHD that the guest keeps.
        (dataclasses.replace(DYNAMIC, unique_id=bytes(range(16)), time_stamp=3), set()),
        (dataclasses.replace(DYNAMIC, unique_id=bytes(range(16)), current_size=512), set()),
    ],
)
def test_a_footer_in_a_fixed_disks_first_sector_is_told_where_it_is_of_this_disk(copy: Footer, codes: set[str]) -> None:
    found = _check(FIXED, copy=copy)
    assert found.keys() == codes
    assert all(item.location.offset == 0 for item in found.values())


def test_a_sparse_footer_with_this_disks_identifier_is_compared_instead() -> None:
    copy = _stored(DYNAMIC, 0)
    file = FootersOfFile(path="x.vhd", file_size=SIZE, end=_stored(FIXED, DISK), copy=copy, copy_counts=False)
    found = {item.code: item.severity for item in check_footers(file)}
    assert found == {"VHD141": Severity.ERROR}


def test_two_null_identifiers_do_not_make_two_disks_one() -> None:
    nobody = dataclasses.replace(FIXED, unique_id=bytes(16))
    assert _check(nobody, copy=dataclasses.replace(nobody, time_stamp=3)).keys() == {"VHD134"}


def test_a_damaged_footer_in_a_first_sector_is_the_guests() -> None:
    raw = build_footer(dataclasses.replace(FIXED, checksum=1))
    damaged = Stored(offset=0, raw=raw, record=parse_footer(raw))
    file = FootersOfFile(path="x.vhd", file_size=SIZE, end=_stored(FIXED, DISK), copy=damaged, copy_counts=False)
    assert list(check_footers(file)) == []


# -------------------------------------------------------------------------------------------- disabled, other files


@pytest.mark.parametrize(
    ("end", "copy", "offset"), [(True, True, None), (True, False, None), (False, True, 0)], ids=["both", "end", "copy"]
)
def test_a_disabled_disk_is_told_once_and_is_readable_when_accepted(
    *, end: bool, copy: bool, offset: int | None
) -> None:
    raw = edit_footer(healthy(DiskType.DYNAMIC), end=end, copy=copy, cookie=POISON_COOKIE)
    image = scan_image(BytesSource(raw))
    found = [item for item in check_image(image) if item.severity is not Severity.NOTE]
    place = len(raw) - 512 if offset is None else offset
    assert [(item.code, item.severity, item.location.offset) for item in found] == [("VHD146", Severity.ERROR, place)]
    loaded = load_image(BytesSource(raw), accept=("VHD146",))
    assert loaded.unique_id == parse_footer(healthy(DiskType.DYNAMIC)[-512:]).unique_id
    assert loaded.footer_source is (FooterPolicy.COPY if end and not copy else FooterPolicy.END)


def test_a_disabled_copy_whose_end_is_gone_is_not_told_as_a_missing_end() -> None:
    raw = edit_footer(healthy(DiskType.DYNAMIC), cookie=POISON_COOKIE)[:-512]
    found = [item.code for item in check_image(scan_image(BytesSource(raw))) if item.severity is Severity.ERROR]
    assert found == ["VHD146"]


def test_a_disabled_disk_that_a_guest_keeps_in_a_fixed_one_is_the_guests() -> None:
    raw = edit_footer(healthy(DiskType.DYNAMIC), cookie=POISON_COOKIE, unique_id=bytes(range(16)), time_stamp=3)[:512]
    fixed = healthy(DiskType.FIXED)
    found = check_image(scan_image(BytesSource(raw + fixed[512:])))
    assert [item.code for item in found if item.severity is not Severity.NOTE] == []


def test_bytes_that_only_begin_like_a_disabled_footer_are_none() -> None:
    image = scan_image(BytesSource(POISON_COOKIE.ljust(4096, b"\0")))
    assert (image.footer_copy, image.footer_end) == (None, None)
    assert [item.code for item in check_image(image)] == ["VHD103"]


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"vhdxfile" + bytes(504), "a VHDX image"),
        (b"QFI\xfb\0\0\0\2", "a qcow image"),
        (b"<<< Sun VirtualBox Disk Image >>>\n", "a VDI image"),
        (b"# Disk DescriptorFile\nversion=1", "the description of a VMDK image, without its data"),
        (b"PK\x03\x04", "a ZIP archive"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid",
            "a Git LFS pointer, which stands for a file that was not fetched",
        ),
        (b"<!DOCTYPE html>", "a web page"),
    ],
)
@pytest.mark.parametrize("size", [len("<!DOCTYPE html>"), SIZE])
def test_another_format_is_named_instead_of_a_missing_footer(head: bytes, kind: str, size: int) -> None:
    found = _head(head, size=size)
    assert [(item.code, item.severity, item.found) for item in found.values()] == [("VHD145", Severity.ERROR, kind)]


@pytest.mark.parametrize("head", [b"", b"vhdxfil", b"PK\x03", bytes(512), b"\xeb\x3c\x90MSDOS5.0"])
def test_what_is_no_signature_leaves_the_missing_footer(head: bytes) -> None:
    assert _head(head).keys() == {"VHD103"}


def test_only_disk_images_are_no_raw_disks() -> None:
    assert other_disk_image(b"KDMV\1\0\0\0") == "a VMDK image"
    assert other_disk_image(b"PK\x03\x04") is None
    assert other_format(b"PK\x03\x04") == "a ZIP archive"


def test_the_first_bytes_are_kept_only_of_files_without_a_footer() -> None:
    assert scan_image(BytesSource(b"vhdxfile" + bytes(2000))).head == b"vhdxfile" + bytes(504)
    assert scan_image(BytesSource(b"abc")).head == b"abc"
    assert scan_image(BytesSource(b"")).head == b""
    assert scan_image(BytesSource(healthy(DiskType.FIXED))).head == b""


def test_a_journal_says_whose_it_is() -> None:
    journal = Journal(unique_id=bytes(range(16)), footer_offset=1 << 40, data_entries=3, metadata_entries=7)
    raw = build_journal(journal)
    assert parse_journal(raw.ljust(512, b"\0")) == journal
    assert (raw[:8], raw[24:32], raw[32:40]) == (b"vjournal", bytes([0, 0, 1, 0, 0, 0, 0, 0]), b"\0\0\0\3\0\0\0\7")
    item = _head(raw)["VHD510"]
    assert (item.severity, item.found) == (Severity.ERROR, bytes(range(16)).hex())
    assert "7 pieces of metadata and 3 of data" in item.message
    assert "was finished" not in item.message


def test_a_journal_without_entries_is_of_a_resize_that_was_finished() -> None:
    journal = Journal(unique_id=bytes(16), footer_offset=0, data_entries=0, metadata_entries=0)
    assert "was finished" in _head(build_journal(journal), size=64)["VHD510"].message
    assert _head(b"vjournal", size=8).keys() == {"VHD101"}


# ------------------------------------------------------------------------------------------------------------ names


@pytest.mark.parametrize(
    ("path", "footer", "told"),
    [
        ("x.avhd", DYNAMIC, ("VHD147", Severity.WARNING)),
        ("X.AVHD", FIXED, ("VHD147", Severity.WARNING)),
        ("x.avhd", CHILD, None),
        ("x.vhd", CHILD, ("VHD147", Severity.NOTE)),
        ("X.Vhd", CHILD, ("VHD147", Severity.NOTE)),
        ("x.vhd", FIXED, None),
        ("x", CHILD, None),
        ("x.avhd.bak", DYNAMIC, None),
        ("folder.avhd/x", DYNAMIC, None),
        ("x.vud", CHILD, ("VHD511", Severity.NOTE)),
        ("a/VirtualPCUndo_x_0_0_1234.vud", CHILD, ("VHD511", Severity.NOTE)),
        ("a\\virtualpcundo_x", CHILD, ("VHD511", Severity.NOTE)),
        ("VirtualPCUndo_x/y.avhd", CHILD, None),
    ],
)
def test_a_name_is_compared_with_the_kind(path: str, footer: Footer, told: tuple[str, Severity] | None) -> None:
    found = _check(footer, path=path)
    assert [(item.code, item.severity) for item in found.values()] == ([told] if told else [])
