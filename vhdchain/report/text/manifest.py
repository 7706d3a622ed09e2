"""What changed since a manifest was made, for people?

A line for each file that is not as it was, its new name beside it, and below it what of it changed and what its guest
sees. What is the same is summed up; the sums come last.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vhdchain.audit.manifest import FileAspect, FileStatus, ViewOutcome
from vhdchain.graph.machine_words import LONGEST_NAME, listed
from vhdchain.locate import LONGEST_PATH, shortened
from vhdchain.report.lines import Role, beside, line, span, wrapped
from vhdchain.report.numbers import counted, exact_size, human_size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.audit.manifest import FileChange, Manifest, ManifestComparison, StateUse, Unread, ViewChange
    from vhdchain.report.lines import Line, Span

_COLUMN = 9
_INDENT = " " * (_COLUMN + 2)
_STATUS_ROLES = {
    FileStatus.SAME: Role.GOOD,
    FileStatus.CHANGED: Role.WARNING,
    FileStatus.MOVED: Role.WARNING,
    FileStatus.GONE: Role.ERROR,
    FileStatus.NEW: Role.NOTE,
}
_VIEW_ROLES = {
    ViewOutcome.SAME: Role.GOOD,
    ViewOutcome.CHANGED: Role.WARNING,
    ViewOutcome.LOST: Role.ERROR,
    ViewOutcome.UNKNOWN: Role.NOTE,
}
_ASPECTS = {
    FileAspect.SIZE: "its size",
    FileAspect.TIME: "its time",
    FileAspect.METADATA: "its metadata",
    FileAspect.CONTENT: "its data",
}
_NAMED = 3


def manifest_lines(manifest: Manifest, out: str, *, width: int | None) -> Iterator[Line]:
    """Yield what was written to ``out``, and what could not be read."""
    yield from _problems(manifest.problems, width)
    contents = "" if manifest.chunk_size is None else ", with the contents of the disks"
    yield from wrapped(
        span(out, Role.PATH),
        f": {counted(len(manifest.images), 'image')} and {counted(len(manifest.files), 'other file')}{contents}",
        width=width,
        rest="  ",
    )


def comparison_lines(
    comparison: ManifestComparison, *, folder: str, width: int | None, everything: bool = False
) -> Iterator[Line]:
    """Yield what changed.

    Args:
        comparison: What changed.
        folder: The folder, as the caller wrote it.
        width: The columns to wrap prose at; None never wraps.
        everything: Whether files are told, too, that are as they were.
    """
    yield line(span(folder, Role.PATH))
    told = [item for item in comparison.files if everything or item.is_change]
    for item in told:
        yield from _change(item, comparison.then.chunk_size or 0, width)
    if told:
        yield line("")
    yield from _problems(comparison.unread, width)
    if comparison.unread:
        yield line("")
    yield from wrapped(*_sums(comparison), width=width, rest="  ")
    yield from wrapped(*_view_sums(comparison), width=width, rest="  ")


def _problems(problems: tuple[Unread, ...], width: int | None) -> Iterator[Line]:
    for item in problems:
        head = line(span(item.path, Role.PATH), "  ")
        yield from wrapped(span(f"not read: {item.reason}", Role.ERROR), width=width, first=head, rest="  ")


def _change(item: FileChange, chunk_size: int, width: int | None) -> Iterator[Line]:
    renamed = item.path is not None and item.now is not None and item.path != item.now
    head = line("  ", span(item.status.value.ljust(_COLUMN), _STATUS_ROLES[item.status]))
    used_by = listed([_user(use) for use in item.used_by])
    whose = f"disk of {used_by}" if used_by else ""
    yield from beside(line(*head, span(item.shown, Role.PATH)), whose, width=width, below=_INDENT)
    if renamed:
        yield line(_INDENT, span("now ", Role.LABEL), span(item.now or "", Role.PATH))
    clauses = list(_clauses(item, chunk_size))
    if clauses:
        parts: list[str | Span] = []
        for clause in clauses:
            parts += ["; " if parts else "", clause]
        yield from wrapped(*parts, width=width, first=_INDENT, rest=_INDENT)


def _user(use: StateUse) -> str:
    """Return who sees a disk, in the words of the findings (`vhdchain.graph.machine_words.shown_use`)."""
    machine = shortened(use.machine, LONGEST_NAME)
    return machine if use.snapshot is None else f"snapshot {shortened(use.snapshot, LONGEST_NAME)} of {machine}"


def _clauses(item: FileChange, chunk_size: int) -> Iterator[str | Span]:
    if item.aspects:
        names = [_ASPECTS[aspect] for aspect in item.aspects]
        yield f"not as it was: {', '.join(names)}"
    view = item.view
    if view is None:
        return
    shown_by = _listed(view)
    if item.status is FileStatus.GONE:
        match view.outcome:
            case ViewOutcome.SAME:
                yield span(f"what its guest saw is now the disk of {shown_by}", _VIEW_ROLES[view.outcome])
            case ViewOutcome.CHANGED | ViewOutcome.LOST:
                yield span("no disk shows what its guest saw", Role.ERROR)
            case ViewOutcome.UNKNOWN:
                yield span("whether a disk still shows what its guest saw is not known", Role.NOTE)
        return
    yield span(_view_text(view, chunk_size), _VIEW_ROLES[view.outcome])
    if shown_by:
        yield f"what it saw is now the disk of {shown_by}"


def _view_text(view: ViewChange, chunk_size: int) -> str:
    match view.outcome:
        case ViewOutcome.SAME:
            return "its guest sees the same"
        case ViewOutcome.UNKNOWN:
            return f"what its guest sees is not known: {view.reason}"
    text = "its guest sees another disk"
    if view.chunks:
        pieces = counted(view.chunks, f"piece of {human_size(chunk_size)}", f"pieces of {human_size(chunk_size)}")
        text += f": {pieces} {'differs' if view.chunks == 1 else 'differ'}, the first at byte {view.first:,}"
    if view.sizes is not None:
        text += f"; its size went from {exact_size(view.sizes[0])} to {exact_size(view.sizes[1])}"
    return text


def _listed(view: ViewChange) -> str:
    names = ", ".join(f"'{shortened(name, LONGEST_PATH)}'" for name in view.shown_by[:_NAMED])
    more = len(view.shown_by) - _NAMED
    return f"{names} and {more} more" if more > 0 else names


def _sums(comparison: ManifestComparison) -> Iterator[str | Span]:
    counts = Counter(item.status for item in comparison.files)
    if comparison.is_same:
        yield span("same", Role.GOOD)
        yield f": {counted(len(comparison.files), 'file')} as in the manifest"
    else:
        yield f"{counted(len(comparison.files), 'file')}: "
        for position, status in enumerate(status for status in FileStatus if counts[status]):
            yield ", " if position else ""
            yield span(f"{counts[status]:,} {status}", _STATUS_ROLES[status])
    if comparison.then.time is not None:
        yield f"; made {comparison.then.time.isoformat(' ')}"


def _view_sums(comparison: ManifestComparison) -> Iterator[str | Span]:
    views = [item.view for item in comparison.files if item.view is not None]
    if not views:
        return
    counts = Counter(view.outcome for view in views)
    yield f"{counted(len(views), 'disk')} as {'its guest sees it' if len(views) == 1 else 'their guests see them'}: "
    for position, outcome in enumerate(outcome for outcome in ViewOutcome if counts[outcome]):
        yield ", " if position else ""
        yield span(f"{counts[outcome]:,} {outcome}", _VIEW_ROLES[outcome])
    if not comparison.deep:
        yield " (contents were not compared)"
