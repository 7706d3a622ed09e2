"""Who carries out which kind of step?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vhdchain.errors import ConfigError
from vhdchain.plan import (
    STEP_KINDS,
    CopyFile,
    CreateFile,
    DeleteFile,
    DigestFile,
    MakeFolder,
    MergeBlocks,
    PatchFile,
    RemoveFolder,
    RenameFile,
    ReplaceFile,
    SetModified,
    VerifyChain,
    VerifyFile,
    WriteDisk,
    WriteRecord,
)
from vhdchain.shell.executor.merging import MergeHandler
from vhdchain.shell.executor.patching import PatchHandler, ReplaceHandler
from vhdchain.shell.executor.simple import (
    CopyHandler,
    CreateHandler,
    DeleteHandler,
    MakeFolderHandler,
    RemoveFolderHandler,
    RenameHandler,
    SetModifiedHandler,
)
from vhdchain.shell.executor.verifying import DigestFileHandler, VerifyChainHandler, VerifyFileHandler
from vhdchain.shell.executor.writing_disk import WriteDiskHandler

if TYPE_CHECKING:
    from vhdchain.plan import Step
    from vhdchain.shell.executor.handlers import StepHandler

HANDLERS: dict[type[Step], StepHandler[Any]] = {
    PatchFile: PatchHandler(),
    ReplaceFile: ReplaceHandler(),
    CreateFile: CreateHandler(),
    CopyFile: CopyHandler(),
    RenameFile: RenameHandler(),
    DeleteFile: DeleteHandler(),
    MakeFolder: MakeFolderHandler(),
    RemoveFolder: RemoveFolderHandler(),
    SetModified: SetModifiedHandler(),
    WriteDisk: WriteDiskHandler(),
    MergeBlocks: MergeHandler(),
    VerifyFile: VerifyFileHandler(),
    DigestFile: DigestFileHandler(),
    VerifyChain: VerifyChainHandler(),
    WriteRecord: CreateHandler(),
}
"""Every kind of step that this program can carry out."""


def handler_of(step: Step) -> StepHandler[Any]:
    """Return who carries out ``step``.

    Raises:
        ConfigError: Nobody can.
    """
    try:
        return HANDLERS[type(step)]
    except KeyError:
        word = next(word for word, kind in STEP_KINDS.items() if kind is type(step))
        raise ConfigError(f"a step {word!r} cannot be carried out by this version of the program") from None
