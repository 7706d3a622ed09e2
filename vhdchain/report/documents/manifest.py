"""What changed since a manifest was made, as a document. Schema ``vhdchain.manifest-verify``.

The manifest itself is no report: `vhdchain.audit.manifest` writes and reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.manifest import FileStatus, ViewOutcome
from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from vhdchain.audit.manifest import FileChange, ManifestComparison, ViewChange
    from vhdchain.report.documents.shape import Json


def comparison_document(comparison: ManifestComparison, *, folder: str, manifest: str) -> dict[str, Json]:
    """Return the ``vhdchain.manifest-verify`` document.

    Args:
        comparison: What changed.
        folder: The folder, as the caller wrote it.
        manifest: The manifest's file, likewise.
    """
    then, views = comparison.then, [item.view for item in comparison.files if item.view is not None]
    return document(
        "manifest-verify",
        folder=folder,
        manifest=manifest,
        made=None if then.time is None else then.time.isoformat(),
        chunk_size=then.chunk_size if comparison.deep else None,
        same=comparison.is_same,
        files=[_file(item) for item in comparison.files],
        totals={status.value: sum(item.status is status for item in comparison.files) for status in FileStatus},
        view_totals={outcome.value: sum(view.outcome is outcome for view in views) for outcome in ViewOutcome},
        unread=[{"path": item.path, "reason": item.reason} for item in comparison.unread],
    )


def _file(item: FileChange) -> dict[str, Json]:
    return {
        "path": item.path,
        "now": item.now,
        "kind": "image" if item.is_image else "file",
        "status": item.status.value,
        "aspects": [aspect.value for aspect in item.aspects],
        "used_by": [{"machine": use.machine, "snapshot": use.snapshot} for use in item.used_by],
        "view": None if item.view is None else _view(item.view),
        "problem": item.problem,
    }


def _view(view: ViewChange) -> dict[str, Json]:
    return {
        "outcome": view.outcome.value,
        "basis": None if view.basis is None else view.basis.value,
        "chunks": view.chunks,
        "first": view.first,
        "sizes": None if view.sizes is None else list(view.sizes),
        "shown_by": list(view.shown_by),
        "reason": view.reason,
    }
