"""What is going to be done to files, as a value?

A `Plan` is a list of steps with what they cost and what they rely on. It can be printed, written down, read back,
tested and refused before a byte is changed; one executor (`vhdchain.shell.executor`) carries plans out, whoever made
them. Nothing here knows why a step is a good idea, or how a file is written.
"""

from __future__ import annotations

from vhdchain.plan.codec import plan_document, plan_from_document
from vhdchain.plan.digests import require_digest
from vhdchain.plan.records import FileState, Plan, VolumeNeed, state_of
from vhdchain.plan.steps import (
    STEP_KINDS,
    CopyFile,
    CreateFile,
    DeleteFile,
    DigestFile,
    Fill,
    MakeFolder,
    MergeBlocks,
    Patch,
    PatchFile,
    RemoveFolder,
    RenameFile,
    ReplaceFile,
    SetModified,
    Step,
    VerifyChain,
    VerifyFile,
    WriteDisk,
    WriteRecord,
    digest_fact,
    size_fact,
)

__all__ = [
    "STEP_KINDS",
    "CopyFile",
    "CreateFile",
    "DeleteFile",
    "DigestFile",
    "FileState",
    "Fill",
    "MakeFolder",
    "MergeBlocks",
    "Patch",
    "PatchFile",
    "Plan",
    "RemoveFolder",
    "RenameFile",
    "ReplaceFile",
    "SetModified",
    "Step",
    "VerifyChain",
    "VerifyFile",
    "VolumeNeed",
    "WriteDisk",
    "WriteRecord",
    "digest_fact",
    "plan_document",
    "plan_from_document",
    "require_digest",
    "size_fact",
    "state_of",
]
