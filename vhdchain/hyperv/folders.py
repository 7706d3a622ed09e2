r"""Which part does a file play in a host's folders, by its name and place?

``Virtual Machines\<id>.xml``, ``Snapshots\<id>.xml``, their state files, caches, links, export folders, the store of
authorisations. A name says what a file may be; whether it is a configuration, its contents say. Letter case is ignored.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MACHINES_FOLDER, SNAPSHOTS_FOLDER, DISKS_FOLDER = "Virtual Machines", "Snapshots", "Virtual Hard Disks"

_GUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_CACHES = frozenset({"SNAPSHOTS CACHE", "VIRTUAL MACHINES CACHE"})
_STATE_SUFFIXES = frozenset({".bin", ".vsv"})
INITIAL_STORE = "InitialStore.xml"
EXPORT_RECORD = "config.xml"
"""What 2008 and 2008 R2 put into the folder of an export, beside `MACHINES_FOLDER`."""
OWN_RECORD = "vhdchain-export.json"
"""What an export of this program says of itself, in the machine's folder."""
MAX_RECORD_BYTES = 1 << 24
"""How long such a record may be: machines have at most some hundreds of files."""


class FileRole(StrEnum):
    """The part that a file plays."""

    CONFIGURATION = "configuration"  # may be one, of a machine or a snapshot
    CACHED = "cached configuration"
    LINK = "link to a configuration"  # a registration whose target did not come along
    EXPORTED = "exported configuration"  # .exp, and config.xml of an export folder: what they hold is not known
    RECORD = "record of an export"  # of one of this program's: `OWN_RECORD`
    STATE = "saved state"
    STORE = "store of authorisations"


def role_of(folders: tuple[str, ...], name: str) -> FileRole | None:
    """Return the part that the file ``name`` plays in its folders, outermost first; None where it plays none here."""
    if name.lower() == OWN_RECORD:
        return FileRole.RECORD
    stem, dot, suffix = name.rpartition(".")
    suffix = (dot + suffix).lower()
    if not stem or suffix not in (".xml", ".exp", *_STATE_SUFFIXES):
        return None
    if suffix in _STATE_SUFFIXES:
        return FileRole.STATE if is_guid(stem) else None
    if suffix == ".exp":
        return FileRole.EXPORTED if is_guid(stem) else None
    if name.upper() == INITIAL_STORE.upper():
        return FileRole.STORE
    if any(folder.upper() in _CACHES for folder in folders):
        return FileRole.CACHED
    return FileRole.CONFIGURATION


def is_export_record(name: str, beside: Iterable[str]) -> bool:
    """Say whether the file ``name`` is the record of an export, where folders of the names ``beside`` lie beside it.

    Many programs call a file so; what lies beside it tells an export's.
    """
    return name.upper() == EXPORT_RECORD.upper() and any(folder.upper() == MACHINES_FOLDER.upper() for folder in beside)


def is_guid(text: str) -> bool:
    """Say whether ``text`` has the form of a GUID without braces."""
    return _GUID.fullmatch(text) is not None


def is_host_folder(name: str) -> bool:
    """Say whether a host keeps configurations in folders of this name."""
    return name.upper() in (MACHINES_FOLDER.upper(), SNAPSHOTS_FOLDER.upper())
