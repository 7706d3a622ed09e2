"""What does a step of a plan do, in a few words for people?"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from vhdchain.plan import (
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
from vhdchain.report.lines import Role, line, span
from vhdchain.report.numbers import counted, exact_size
from vhdchain.report.times import from_vhd_seconds
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.plan import Step
    from vhdchain.report.lines import Line, Span

_VERBS: dict[type[Step], str] = {
    DeleteFile: "delete ",
    MakeFolder: "make the folder ",
    RemoveFolder: "remove the folder ",
}
_FORMS = {"raw": "a raw file", "fixed": "a fixed VHD", "dynamic": "a dynamic VHD"}


def step_words(step: Step) -> Line:
    """Return what ``step`` does, as one line; who it is done to stands in it as a path."""
    match step:
        case PatchFile():
            return line("change ", counted(len(step.patches), "place"), " of ", _path(step.path), _size(step.size))
        case ReplaceFile():
            places = counted(len(step.patches), "place")
            return line("put a copy with ", places, " changed in the place of ", _path(step.path), _size(step.size))
        case CreateFile() | WriteRecord():
            return line("make ", _path(step.path), f", {exact_size(len(step.content))}: {step.why}")
        case CopyFile() | VerifyFile() | DigestFile() | VerifyChain():
            return _copied_words(step)
        case RenameFile():
            return line("rename ", _path(step.path), " to ", _path(step.to))
        case SetModified():
            return line("set the time of ", _path(step.path), f" to {_time(step.seconds)}")
        case MergeBlocks():
            return _merge_words(step)
        case WriteDisk():
            form = _FORMS.get(step.form, step.form)
            return line(
                "write the disk of ",
                _path(step.layers[-1] if step.layers else ""),
                " to ",
                _path(step.path),
                f" as {form}",
            )
        case DeleteFile() | MakeFolder() | RemoveFolder():
            return line(_VERBS[type(step)], _path(step.path))
        case _:
            assert_never(step)


def _copied_words(step: CopyFile | VerifyFile | DigestFile | VerifyChain) -> Line:
    if isinstance(step, VerifyFile):
        return line("read ", _path(step.path), f" back, {exact_size(step.size)}, and compare its {step.hash}")
    if isinstance(step, DigestFile):
        return line("read ", _path(step.path), f" back, and make its {step.hash}")
    if isinstance(step, VerifyChain):
        files = counted(len(step.layers), "file")
        return line("open the chain of ", _path(step.layers[-1]), f", and find its {files}")
    verb = "compare" if step.expected else "make"
    return line(
        "copy ", _path(step.source), " to ", _path(step.path), f", and {verb} its {step.hash}" if step.hash else ""
    )


def _merge_words(step: MergeBlocks) -> Line:
    moved = exact_size(sectors_to_bytes(step.sectors))
    growth = step.new_size - step.old_size
    layers = [part for name in step.layers for part in (", ", _path(name))][1:]
    return line(
        f"write {moved} of ",
        *layers,
        " into ",
        _path(step.destination),
        f", which gets {counted(step.new_blocks, 'block')} and {exact_size(growth)} more" if growth else "",
    )


def _time(seconds: int) -> str:
    time = from_vhd_seconds(seconds)
    return f"{seconds} s after the beginning of 2000" if time is None else f"{time:%Y-%m-%d %H:%M:%S} UTC"


def _path(path: str) -> Span:
    return span(path, Role.PATH)


def _size(size: int | None) -> str:
    return "" if size is None else f", which is {exact_size(size)} long then"
