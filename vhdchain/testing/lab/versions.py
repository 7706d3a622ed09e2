"""Which hosts can a lab be of, and how do their configurations and disks differ?"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from vhdchain.testing.dialects import HYPER_V_2008_R2, WINDOWS_10, Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class HostVersion:
    """A version of Hyper-V.

    Attributes:
        name: As people call it.
        properties: The ``version`` of a configuration; that of 2008 is an assumption.
        dialect: How its disks are written.
        is_2012: Whether configurations have the form of 2012 R2.
        beside: Whether files of snapshots lie beside the disk; else below the folder of the snapshot or machine.
    """

    name: str
    properties: int
    dialect: Dialect
    is_2012: bool = False
    beside: bool = True


HOST_VERSIONS: dict[str, HostVersion] = {
    version.name: version
    for version in (
        HostVersion(
            name="2008",
            properties=256,
            dialect=dataclasses.replace(HYPER_V_2008_R2, name="Hyper-V 2008", creator_version=0x00060000),
            beside=False,
        ),
        HostVersion(name="2008 R2", properties=512, dialect=HYPER_V_2008_R2),
        HostVersion(
            name="2012 R2",
            properties=1280,
            dialect=dataclasses.replace(WINDOWS_10, name="Hyper-V 2012 R2", creator_version=0x00060003),
            is_2012=True,
        ),
    )
}
"""The versions by name."""
