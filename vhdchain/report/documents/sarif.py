"""What is wrong, in the form that viewers and pipelines of findings understand? SARIF 2.1.0, an OASIS standard.

Every finding is a result, its code a rule with the code's page as help; the place is a byte offset in a file. Paths are
written as URIs: relative ones stay relative, to wherever the audit was run.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from urllib.parse import quote

from vhdchain.audit.report import EXIT_UNPROCESSED
from vhdchain.findings import code_info

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from vhdchain.audit import AuditInput, AuditReport
    from vhdchain.findings import CodeInfo, Finding
    from vhdchain.report.documents.shape import Json

SARIF_VERSION = "2.1.0"
SCHEMA_URI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"

_FINGERPRINT = "vhdchain/v1"


def sarif_document(report: AuditReport, options: dict[str, Json] | None = None) -> dict[str, Json]:
    """Return the SARIF log of an audit: one run.

    Args:
        report: The audit.
        options: What the caller chose beside what the report itself records.
    """
    codes = sorted({item.code for item in report.findings})
    return {
        "$schema": SCHEMA_URI,
        "version": SARIF_VERSION,
        "runs": [
            {
                "tool": {"driver": _driver(report, codes)},
                "invocations": [_invocation(report, options or {})],
                "artifacts": [_artifact(item) for item in report.inputs],
                "results": [_result(report, item, codes) for item in report.findings],
            }
        ],
    }


def _driver(report: AuditReport, codes: Sequence[str]) -> dict[str, Json]:
    return {
        "name": "vhdchain",
        "version": report.record.version,
        "semanticVersion": report.record.version,
        "rules": [_rule(code_info(code)) for code in codes],
    }


def _rule(info: CodeInfo) -> dict[str, Json]:
    sections = info.page.sections
    rule: dict[str, Json] = {
        "id": info.code,
        "name": "".join(part.capitalize() for part in info.name.split("-")),
        "shortDescription": {"text": f"{info.title}."},
        "fullDescription": {"text": info.page.finds},
        "help": {
            "text": "\n\n".join(f"{heading}\n{text}" for heading, text in sections),
            "markdown": "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections),
        },
        "defaultConfiguration": {"level": info.severity.value},
    }
    if info.windows_error is not None:
        rule["properties"] = {"windowsError": f"0x{info.windows_error:08X}"}
    return rule


def _invocation(report: AuditReport, options: dict[str, Json]) -> dict[str, Json]:
    record = report.record
    invocation: dict[str, Json] = {
        "executionSuccessful": report.exit_code() != EXIT_UNPROCESSED,
        "toolExecutionNotifications": [
            {"level": "note", "message": {"text": f"not looked at: {clause}"}} for clause in report.skipped
        ],
        "properties": {
            "scanned": list(record.scanned),
            "roots": list(record.roots),
            "deep": record.deep,
            "domainControllers": list(record.domain_controllers),
            "freeSpace": record.free_space,
            "suppressed": report.summary.suppressed,
            **options,
        },
    }
    if record.time is not None:
        invocation["endTimeUtc"] = _utc(record.time)
    return invocation


def _artifact(item: AuditInput) -> dict[str, Json]:
    artifact: dict[str, Json] = {
        "location": {"uri": path_uri(item.path)},
        "length": item.size,
        "roles": ["analysisTarget"],
        # Not among the artifact's hashes: those are of whole files, and this one is of the metadata.
        "properties": {"metadataSha256": item.metadata_sha256, "aliases": list(item.aliases)},
    }
    if item.modified is not None:
        artifact["lastModifiedTimeUtc"] = _utc(item.modified)
    return artifact


def _result(report: AuditReport, item: Finding, codes: Sequence[str]) -> dict[str, Json]:
    result: dict[str, Json] = {
        "ruleId": item.code,
        "ruleIndex": codes.index(item.code),
        "level": item.severity.value,
        "message": {"text": item.message},
        "partialFingerprints": {_FINGERPRINT: report.fingerprint(item)},
    }
    locations = list(_locations(item))
    if locations:
        result["locations"] = locations
    others = [path for path in item.related if path != item.location.path]
    if others:
        result["relatedLocations"] = [
            {"id": number, "physicalLocation": {"artifactLocation": {"uri": path_uri(path)}}}
            for number, path in enumerate(others)
        ]
    facts = {"expected": item.expected, "found": item.found, "block": item.location.block}
    facts["sector"] = item.location.sector
    properties: dict[str, Json] = {name: value for name, value in facts.items() if value is not None}
    if item.details:
        properties["details"] = list(item.details)
    if properties:
        result["properties"] = properties
    return result


def _locations(item: Finding) -> Iterator[dict[str, Json]]:
    place = item.location
    location: dict[str, Json] = {}
    if place.path:
        physical: dict[str, Json] = {"artifactLocation": {"uri": path_uri(place.path)}}
        if place.offset is not None and place.offset >= 0:
            physical["region"] = {"byteOffset": place.offset}
        location["physicalLocation"] = physical
    structure = ".".join(part for part in (place.structure, place.field) if part)
    if structure:
        location["logicalLocations"] = [{"fullyQualifiedName": structure, "kind": "structure"}]
    if location:
        yield location


def path_uri(path: str) -> str:
    """Return a path as a URI reference: percent-encoded; absolute paths as file URLs; bytes that are no UTF-8 kept."""
    quoted = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    return f"file://{quoted}" if path.startswith("/") else quoted


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
