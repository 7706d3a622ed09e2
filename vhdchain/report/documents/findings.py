"""What does one finding look like in a document?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import code_info

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings import Finding, Location
    from vhdchain.report.documents.shape import Json


def finding_fields(finding: Finding) -> dict[str, Json]:
    """Return one finding: code, name, severity, message, location, expected, found, related, details."""
    return {
        "code": finding.code,
        "name": code_info(finding.code).name,
        "severity": finding.severity.value,
        "message": finding.message,
        "location": location_fields(finding.location),
        "expected": finding.expected,
        "found": finding.found,
        "related": list(finding.related),
        "details": list(finding.details),
    }


def location_fields(location: Location) -> dict[str, Json]:
    """Return where a finding was made; what does not apply is null."""
    return {
        "path": location.path,
        "structure": location.structure,
        "field": location.field,
        "offset": location.offset,
        "block": location.block,
        "sector": location.sector,
    }


def findings_list(findings: Iterable[Finding]) -> list[Json]:
    """Return findings in their order."""
    return [finding_fields(finding) for finding in findings]
