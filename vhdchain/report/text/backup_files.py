"""Which files must a backup hold, for people?

By volume of the host, then by folder: each file with its size, or what is known instead, and whose it is. Where the
files of a folder lie here stands below its name on the host; a file that lies elsewhere says so itself.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from vhdchain.audit.backup import Part, Presence
from vhdchain.report.lines import Role, beside, line, span, wrapped
from vhdchain.report.names import folder_and_name, shown_name
from vhdchain.report.numbers import counted, exact_size

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from vhdchain.audit.backup import BackupReport, RequiredFile, VolumeFiles
    from vhdchain.report.lines import Line, Span

SIZE_COLUMN = 16
"""Where sizes end."""

_NAMED = 2  # machines that are named beside a file; a library's base may be needed by hundreds
_INFERRED = "inferred from where the files lie here"
_NO_VOLUME = "where they lie on the host, no file tells"
_ROLES = {Presence.MISSING: Role.ERROR, Presence.UNKNOWN: Role.NOTE}
_INDENT = " " * (SIZE_COLUMN + 2)


def file_lines(report: BackupReport, *, width: int | None) -> Iterator[Line]:
    """Yield the list of files of a check, with an empty line behind each volume."""
    names = {machine.path: machine.name for machine in report.machines}
    yield line(span("what a backup must hold", Role.HEADING))
    lister = _Lister(names, report.scanned, width)
    for volume in report.volumes:
        yield from lister.volume(volume)
        yield line("")
    if not report.files:
        yield line("")


def files_text(files: Sequence[RequiredFile]) -> Iterator[str | Span]:
    """Yield how many files there are, how large, and whether all are here."""
    yield f"{counted(len(files), 'file')}, {exact_size(sum(file.size or 0 for file in files))}, "
    counts = {presence: sum(file.presence is presence for file in files) for presence in Presence}
    if counts[Presence.PRESENT] == len(files):
        yield span("all here", Role.GOOD)
        return
    lacking = [(presence, counts[presence]) for presence in _ROLES if counts[presence]]
    for position, (presence, number) in enumerate(lacking):
        yield ", " if position else ""
        yield span(f"{number:,} {presence}", _ROLES[presence])


class _Lister:
    def __init__(self, names: Mapping[str, str], scanned: Sequence[str], width: int | None) -> None:
        self._names = names
        self._scanned = scanned
        self._width = width

    def volume(self, volume: VolumeFiles) -> Iterator[Line]:
        head = line("  ", span(volume.volume if volume.volume is not None else _NO_VOLUME, Role.HEADING), "  ")
        yield from wrapped(*files_text(volume.files), width=self._width, first=head, rest="    ")
        folders: dict[tuple[str, bool], list[RequiredFile]] = {}
        for file in volume.files:
            folder = folder_and_name(file.stored or self._here(file))[0]
            folders.setdefault((folder, file.inferred), []).append(file)
        for (folder, inferred), files in folders.items():
            here = self._folder_here(files)
            if folder:
                head = line("    ", span(folder, Role.PATH))
                yield from beside(head, _INFERRED if inferred else "", width=self._width, below="      ")
                if here and here != folder:
                    yield line("      ", span("here  ", Role.LABEL), span(here, Role.PATH))
            for file in files:
                yield from self._file(file, here)

    def _here(self, file: RequiredFile) -> str:
        """Return what a file is called here; empty where it is not."""
        return "" if file.path is None else shown_name(file.path, self._scanned)

    def _folder_here(self, files: Sequence[RequiredFile]) -> str:
        """Return where most files of a folder lie here; empty where none is here."""
        folders = Counter(folder_and_name(self._here(file))[0] for file in files if file.path is not None)
        return folders.most_common(1)[0][0] if folders else ""

    def _file(self, file: RequiredFile, here: str) -> Iterator[Line]:
        present = file.presence is Presence.PRESENT
        size = f"{file.size:,}" if present and file.size is not None else "?" if present else file.presence.value
        role = _ROLES.get(file.presence, Role.PLAIN)
        name = folder_and_name(file.shown)[1] if file.shown != "?" else f"{file.part} {file.id}".strip()
        head = line(span(size.rjust(SIZE_COLUMN), role), "  ", span(name, Role.PATH))
        yield from beside(head, _whose(file, self._names), width=self._width, below=_INDENT)
        if file.path is not None and folder_and_name(self._here(file)) != (here, name):
            yield line(_INDENT, span("here  ", Role.LABEL), span(self._here(file), Role.PATH))
        if file.detail:
            yield from wrapped(span(file.detail, role), width=self._width, first=_INDENT, rest=_INDENT)


def _whose(file: RequiredFile, names: Mapping[str, str]) -> str:
    """Return whose file it is: the machines that need it, and the snapshot that it belongs to."""
    machines = [names.get(key, key) for key in file.machines]
    more = f" and {len(machines) - _NAMED} more" if len(machines) > _NAMED else ""
    whose = f"{', '.join(machines[:_NAMED])}{more}"
    if file.part is Part.STORE:
        whose = "the host's store of authorisations"
    elif file.snapshot:
        whose += f": {file.snapshot}"
    return whose
