"""What is a file that a backup of these machines must hold?"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a file is to a machine."""

    CONFIGURATION = "configuration"
    SNAPSHOT = "configuration of a snapshot"
    MEMORY = "memory of a saved state"
    DEVICES = "devices of a saved state"
    DISK = "disk"
    STORE = "store of authorisations"


class Presence(StrEnum):
    """Whether a file is here."""

    PRESENT = "present"
    MISSING = "missing"
    UNKNOWN = "unknown"  # it was not looked for, or several files may be it


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredFile:
    r"""One file of the list; each stands there once, however many machines and states need it.

    Attributes:
        part: What it is.
        id: The id of the machine or snapshot to which a configuration or saved state belongs; empty for other parts,
            and where it is not known.
        snapshot: The name of the snapshot to which it belongs; empty for other files.
        stored: Its path on the host, as far as a configuration or a disk tells; None where nothing does.
        inferred: Whether that path stands in no file, but follows from where the file lies here among the others.
        volume: The volume that this path lies on, as `host_volume` calls it; None where nothing tells.
        path: The file here, as messages call it; None unless present.
        size: Its length in bytes; None where it was not seen.
        presence: Whether it is here.
        detail: Why it is missing or unknown, or what of it could not be read, as one clause; empty otherwise.
        unique_id: The 16 stored bytes that identify a disk; None for other parts, raw disks, and what is no disk.
        sha256: Of a configuration, in hex; None for other parts.
        machines: The machines that need it, as `machine_key` calls them, in the order of the machines; none for what
            the host needs.
    """

    part: Part
    id: str = ""
    snapshot: str = ""
    stored: str | None
    inferred: bool = False
    volume: str | None
    path: str | None = None
    size: int | None = None
    presence: Presence
    detail: str = ""
    unique_id: bytes | None = None
    sha256: str | None = None
    machines: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """What it is best called: its path on the host, or else here."""
        return self.stored or self.path or "?"
