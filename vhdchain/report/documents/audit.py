"""What is wrong, and on what is that based, as a document? Schema ``vhdchain.audit``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError
from vhdchain.report.documents.findings import finding_fields
from vhdchain.report.documents.shape import VERSION, document

if TYPE_CHECKING:
    from vhdchain.audit import AuditInput, AuditRecord, AuditReport
    from vhdchain.report.documents.shape import Json


def audit_document(report: AuditReport, options: dict[str, Json] | None = None) -> dict[str, Json]:
    """Return the ``vhdchain.audit`` document.

    Args:
        report: The audit.
        options: What the caller chose beside what the report itself records (path maps, footer policy, threshold).
    """
    summary = report.summary
    return document(
        "audit",
        findings=[finding_fields(item) | {"fingerprint": report.fingerprint(item)} for item in report.findings],
        summary={
            "error": summary.error,
            "warning": summary.warning,
            "note": summary.note,
            "suppressed": summary.suppressed,
        },
        fingerprints=list(report.fingerprints()),
        inputs=[_input(item) for item in report.inputs],
        skipped=list(report.skipped),
        record=_record(report.record) | (options or {}),
    )


def _input(item: AuditInput) -> dict[str, Json]:
    return {
        "path": item.path,
        "size": item.size,
        "mtime": item.modified.isoformat() if item.modified else None,
        "mtime_ns": item.mtime_ns,
        "metadata_sha256": item.metadata_sha256,
        "aliases": list(item.aliases),
        "kind": item.kind.value,
    }


def _record(record: AuditRecord) -> dict[str, Json]:
    return {
        "tool": "vhdchain",
        "tool_version": record.version,
        "time": record.time.isoformat() if record.time else None,
        "scanned": list(record.scanned),
        "roots": list(record.roots),
        "select": list(record.select),
        "ignore": list(record.ignore),
        "baseline": record.baseline,
        "deep": record.deep,
        "domain_controllers": list(record.domain_controllers),
        "free_space": record.free_space,
    }


def parse_baseline(report: object) -> frozenset[str]:
    """Return the fingerprints in a ``vhdchain.audit`` document: what is known already.

    Raises:
        ConfigError: It is no such document.
    """
    if not isinstance(report, dict) or report.get("schema") != "vhdchain.audit":
        raise ConfigError("it is no report of an audit: its schema is not vhdchain.audit")
    if report.get("version") != VERSION:
        raise ConfigError(f"it is a report of version {report.get('version')}; this program knows {VERSION}")
    fingerprints = report.get("fingerprints")
    if not isinstance(fingerprints, list) or not all(isinstance(item, str) for item in fingerprints):
        raise ConfigError("its fingerprints are not a list of texts")
    return frozenset(fingerprints)
