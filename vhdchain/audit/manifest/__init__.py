"""What did a folder hold, and what changed since?

A manifest is a record of a folder that can be kept for years: identities, lengths, times, digests of structures, of
files, and of what the guests see. Two of them are compared, and the answer tells files apart from views: a merge
changes files and no view, a damaged base changes the views of disks whose files are as they were.
"""

from __future__ import annotations

from vhdchain.audit.manifest.chunks import DEFAULT_CHUNK_SIZE, Chunks, view_sha256
from vhdchain.audit.manifest.codec import SCHEMA, checked_chunk_size, manifest_document, manifest_from_document
from vhdchain.audit.manifest.compare import compare_manifests
from vhdchain.audit.manifest.comparison import (
    Basis,
    FileAspect,
    FileChange,
    FileStatus,
    ManifestComparison,
    ViewChange,
    ViewOutcome,
)
from vhdchain.audit.manifest.contents import DiskContents
from vhdchain.audit.manifest.records import OTHER, DiskContent, FileEntry, ImageEntry, Manifest, StateUse, Unread

__all__ = [
    "DEFAULT_CHUNK_SIZE",
    "OTHER",
    "SCHEMA",
    "Basis",
    "Chunks",
    "DiskContent",
    "DiskContents",
    "FileAspect",
    "FileChange",
    "FileEntry",
    "FileStatus",
    "ImageEntry",
    "Manifest",
    "ManifestComparison",
    "StateUse",
    "Unread",
    "ViewChange",
    "ViewOutcome",
    "checked_chunk_size",
    "compare_manifests",
    "manifest_document",
    "manifest_from_document",
    "view_sha256",
]
