"""What do the documents of an export and of an import look like? Schemas ``vhdchain.export``, ``vhdchain.import``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.plan import plan_document
from vhdchain.report.documents.findings import findings_list
from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.report.documents.shape import Json
    from vhdchain.report.transfers import Speed, Transfer


def export_document(
    source: str, destination: str, machines: Sequence[Transfer], *, speed: Speed | None, dry_run: bool
) -> dict[str, Json]:
    """Return the document of an export: of each machine what was promised and what became of it."""
    return document(
        "export",
        source=source,
        destination=destination,
        dry_run=dry_run,
        speed=_speed(speed),
        machines=[_machine(item, dry_run=dry_run) for item in machines],
    )


def import_document(
    folders: Sequence[str],
    destination: str | None,
    machines: Sequence[Transfer],
    *,
    speed: Speed | None,
    dry_run: bool,
) -> dict[str, Json]:
    """Return the document of an import; ``destination`` is None for an import in place."""
    return document(
        "import",
        folders=list(folders),
        destination=destination,
        in_place=destination is None,
        dry_run=dry_run,
        speed=_speed(speed),
        machines=[_machine(item, dry_run=dry_run) for item in machines],
    )


def _speed(speed: Speed | None) -> dict[str, Json] | None:
    if speed is None:
        return None
    return {
        "bytes_per_second": round(speed.bytes_per_second),
        "keeps_holes": speed.keeps_holes,
        "limit": None if speed.limit is None else round(speed.limit),
    }


def _machine(item: Transfer, *, dry_run: bool) -> dict[str, Json]:
    return {
        "name": item.name,
        "id": item.id,
        "folder": item.folder,
        "files": item.files,
        "bytes": item.bytes,
        "bytes_allocated": item.bytes_allocated,
        "free": item.room,
        "estimate": None if item.estimate is None else round(item.estimate, 3),
        "hash": item.hash or None,
        "digests": dict(item.digests),
        "executed": item.executed,
        "resumed": item.resumed,
        "undone": item.undone,
        "written": item.written,
        "seconds": None if item.seconds is None else round(item.seconds, 3),
        "findings": findings_list(item.findings),
        "error": item.error or None,
        "plan": plan_document(item.plan) if dry_run and item.plan is not None else None,
    }
