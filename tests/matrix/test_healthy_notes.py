"""Which notes does a healthy file of each writer have? Listed, so that a new one is noticed; none has anything worse.

The images have blocks of 4 KiB (VHD212) that were written out of order (VHD419), and a BAT of one sector (VHD410).
"""

from __future__ import annotations

import pytest

from tests.matrix.planting import KINDS, findings_of
from vhdchain.findings import Severity
from vhdchain.structures import DiskType
from vhdchain.testing.damage import healthy_name
from vhdchain.testing.dialects import DIALECTS, QEMU, Dialect
from vhdchain.testing.edits import healthy

NOTES: dict[str, dict[DiskType, str]] = {
    "Hyper-V 2008 R2": {
        DiskType.FIXED: "",
        DiskType.DYNAMIC: "212 410 419",
        DiskType.DIFFERENCING: "212 225 311 410 419",
    },
    "Windows 10": {
        DiskType.FIXED: "",
        DiskType.DYNAMIC: "212 410 419",
        DiskType.DIFFERENCING: "212 225 311 410 419",
    },
    "Virtual PC 2004": {
        DiskType.FIXED: "132",
        DiskType.DYNAMIC: "132 212 410 419",
        DiskType.DIFFERENCING: "132 212 311 410 419",
    },
    "Virtual PC 5": {
        DiskType.FIXED: "104 132",
        DiskType.DYNAMIC: "104 132 212 410 419",
        DiskType.DIFFERENCING: "104 132 212 303 311 322 410 419",
    },
    "Virtual PC for Mac": {
        DiskType.FIXED: "111 132",
        DiskType.DYNAMIC: "111 132 212 410 419",
        DiskType.DIFFERENCING: "111 132 212 225 226 311 322 410 419",
    },
    "blktap 1.3": {
        DiskType.FIXED: "124",
        DiskType.DYNAMIC: "124 212 410 419",
        DiskType.DIFFERENCING: "124 212 311 316 410 419",
    },
    "VirtualBox 4.3": {
        DiskType.FIXED: "132",
        DiskType.DYNAMIC: "132 212 410 419",
        DiskType.DIFFERENCING: "132 212 311 410 419",
    },
    "qemu": {
        DiskType.FIXED: "",
        DiskType.DYNAMIC: "212 410 419",
    },
    "xen-orchestra": {
        DiskType.FIXED: "132",
        DiskType.DYNAMIC: "132 212 410 419",
        DiskType.DIFFERENCING: "132 212 226 311 316 322 410 419",
    },
    "DiscUtils": {
        DiskType.FIXED: "132",
        DiskType.DYNAMIC: "132 212 410 419",
        DiskType.DIFFERENCING: "132 212 311 325 410 419",
    },
}

CELLS = [
    pytest.param(kind, dialect, id=f"{dialect.name}-{kind}")
    for dialect in DIALECTS
    for kind in KINDS
    if dialect is not QEMU or kind is not DiskType.DIFFERENCING  # qemu writes none
]


@pytest.mark.parametrize(("kind", "dialect"), CELLS)
def test_a_healthy_file_has_exactly_these_notes(kind: DiskType, dialect: Dialect) -> None:
    findings = findings_of(healthy(kind, dialect), healthy_name(kind), deep=True)
    assert {item.severity for item in findings} <= {Severity.NOTE}
    assert " ".join(sorted({item.code.removeprefix("VHD") for item in findings})) == NOTES[dialect.name][kind]


def test_every_dialect_is_listed() -> None:
    assert set(NOTES) == {dialect.name for dialect in DIALECTS}
