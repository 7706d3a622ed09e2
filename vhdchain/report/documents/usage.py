"""How much do the disks of a folder take, and for whom, as a document? Schema ``vhdchain.du``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from vhdchain.blockmap import DeletionUsage, DiskUsage, FamilyUsage, ImageUsage, MergePrediction
    from vhdchain.graph import Inventory
    from vhdchain.report.documents.shape import Json


def usage_document(inventory: Inventory, usage: DiskUsage) -> dict[str, Json]:
    """Return the ``vhdchain.du`` document: flat lists of families, with their files, and of snapshots."""
    return document(
        "du",
        scanned=list(inventory.scanned),
        roots=list(inventory.roots),
        file_size=sum(family.file_size for family in usage.families),
        families=[_family(family) for family in usage.families],
        snapshots=[_snapshot(item) for item in usage.snapshots],
        owed=_outcome(usage.owed),
        unreadable=[{"path": item.path, "reason": item.reason} for item in inventory.unreadable],
    )


def _family(family: FamilyUsage) -> dict[str, Json]:
    return {
        "base": family.images[0].path,
        "complete": family.complete,
        "problem": family.problem,
        "file_size": family.file_size,
        "images": [_image(image) for image in family.images],
    }


def _image(image: ImageUsage) -> dict[str, Json]:
    parts, sectors, redundant = image.parts, image.sectors, image.redundant
    return {
        "path": image.path,
        "parent": image.parent,
        "view": image.is_view,
        "file_size": image.file_size,
        "blocks": parts.blocks if parts else None,
        "structures": parts.structures if parts else None,
        "bitmaps": parts.bitmaps if parts else None,
        "data": parts.data if parts else None,
        "other": parts.other if parts else None,
        "exclusive": sectors.exclusive if sectors else None,
        "shared": sectors.shared if sectors else None,
        "dead": sectors.dead if sectors else None,
        "clear": sectors.clear if sectors else None,
        "flattened": image.flattened,
        "merge": _merge(image.merge) if image.merge else None,
        "repeated": redundant.repeated if redundant else None,
        "zeros": redundant.zeros if redundant else None,
    }


def _merge(merge: MergePrediction) -> dict[str, Json]:
    return {
        "files": list(merge.files),
        "before": merge.before,
        "after": merge.after,
        "frees": merge.frees,
        "room": merge.room,
        "blocks": merge.blocks,
    }


def _outcome(deletion: DeletionUsage) -> dict[str, Json]:
    return {
        "deleted": list(deletion.deleted),
        "merges": [_merge(merge) if merge else None for merge in deletion.merges],
        "frees": deletion.frees,
        "room": deletion.room,
    }


def _snapshot(deletion: DeletionUsage) -> dict[str, Json]:
    machine, snapshot = deletion.machine, deletion.snapshot
    return {
        "machine": machine.name if machine else None,
        "machine_id": machine.id if machine else None,
        "name": snapshot.name if snapshot else None,
        "id": snapshot.id if snapshot else None,
        "path": snapshot.path if snapshot else None,
        "disks": [{"path": disk.path, "fate": disk.fate.value, "reason": disk.reason} for disk in deletion.disks],
        "state_size": deletion.state_size,
        **_outcome(deletion),
    }
