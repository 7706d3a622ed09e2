"""Is this file what its first bytes, its cookie and its name say?

A file without any footer may be something else, which its first bytes tell. A footer whose cookie is `v_poison` is one
that blktap disabled while it resizes the disk. A name is only compared with what the footer says: nothing is decided
by it. Sources: blktap's ``libvhd.h`` and ``libvhd-journal.c`` for the cookie and the journal; libvhdi's documentation
of the format for the names of undo disks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, Severity, finding
from vhdchain.structures.footer import POISON_COOKIE, DiskType, Footer
from vhdchain.structures.footers_of_file import FOOTER, FOOTER_COPY, FootersOfFile
from vhdchain.structures.formats import other_format
from vhdchain.structures.identifiers import id_text
from vhdchain.structures.journal import Journal, parse_journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.stored import Stored

_SNAPSHOT, _DISK, _UNDO = ".avhd", ".vhd", ".vud"
_UNDO_PREFIX = "virtualpcundo_"


def other_kind(file: FootersOfFile) -> Finding | None:
    """Return what a file without any footer is by its first bytes; None where these tell nothing."""
    journal = parse_journal(file.head)
    if journal is not None:
        return _journal(file, journal)
    kind = other_format(file.head)
    if kind is None:
        return None
    place = Location(path=file.path, structure=FOOTER_COPY, field="cookie", offset=0)
    return finding("VHD145", place, f"this is {kind}, not a VHD", expected="conectix", found=kind)


def _journal(file: FootersOfFile, journal: Journal) -> Finding:
    pieces = f"{journal.metadata_entries} pieces of metadata and {journal.data_entries} of data"
    message = f"this is the journal of a resize of disk {id_text(journal.unique_id)}: it holds {pieces}"
    if not journal.metadata_entries:
        message += ", so that resize was finished and the journal only not removed"
    return finding(
        "VHD510", Location(path=file.path, structure="journal", offset=0), message, found=id_text(journal.unique_id)
    )


def poisoned(file: FootersOfFile) -> Finding | None:
    """Return the finding for a disk of which a footer is disabled; None where none is."""
    if _is_poisoned(file.end):
        structure = FOOTER
    elif _is_poisoned(file.copy) and (file.end is None or file.end.record.disk_type is not DiskType.FIXED):
        # What a fixed disk has there is the guest's.
        structure = FOOTER_COPY
    else:
        return None
    message = "the disk is disabled: blktap was resizing it, and what the file holds may be of two different layouts"
    expected, found = "conectix", POISON_COOKIE.decode("ascii")
    return finding("VHD146", file.at(structure, "cookie"), message, expected=expected, found=found)


def _is_poisoned(stored: Stored[Footer] | None) -> bool:
    return stored is not None and stored.record.cookie == POISON_COOKIE


def check_name(file: FootersOfFile, footer: Footer) -> Iterator[Finding]:
    """Yield what the name of a file says that its footer, the one that counts, does not."""
    name = file.path.replace("\\", "/").rpartition("/")[2].lower()
    kind = footer.disk_type
    if name.endswith(_SNAPSHOT) and kind in (DiskType.FIXED, DiskType.DYNAMIC):
        message = f"the name ends with {_SNAPSHOT}, as those of snapshots do, but this is a {kind} disk with no parent"
        place, expected = file.at(file.structure, "disk_type"), DiskType.DIFFERENCING.value
        yield finding("VHD147", place, message, expected=expected, found=kind.value)
    elif name.endswith(_DISK) and kind is DiskType.DIFFERENCING:
        message = f"a differencing disk whose name ends with {_DISK}: it needs its parent, which the name does not tell"
        place = file.at(file.structure, "disk_type")
        yield finding("VHD147", place, message, found=kind.value, severity=Severity.NOTE)
    if name.startswith(_UNDO_PREFIX) or name.endswith(_UNDO):
        message = (
            "by its name this is an undo disk of Virtual PC or Virtual Server: what a machine wrote since its start"
        )
        yield finding("VHD511", Location(path=file.path), message)
