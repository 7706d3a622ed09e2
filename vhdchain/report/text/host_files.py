"""Which other files of a host's folders are there, for people?

Configurations that could not be read, registrations that lead nowhere, parts of exports, copies that hosts keep for
themselves, saved states that nothing names. Those of one kind in one folder stand in one line, unless something is
wrong with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv import FileRole
from vhdchain.report.lines import Role, beside, line, span
from vhdchain.report.names import folder_and_name, shown_name
from vhdchain.report.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import HostFile
    from vhdchain.report.lines import Line
    from vhdchain.report.text.marks import Marks

_WORDS = {
    FileRole.CONFIGURATION: ("configuration", "not understood"),
    FileRole.CACHED: ("copy of a configuration", "kept by the host for itself: left out"),
    FileRole.LINK: ("registration", "leads to a configuration that is not here"),
    FileRole.EXPORTED: ("file of an export", "what it holds is not known"),
    FileRole.STATE: ("file of a saved state", "named by no configuration here"),
    FileRole.STORE: ("store of authorisations", "belongs in a backup of the host"),
}
_PLURALS = {
    FileRole.CACHED: "copies of configurations",
    FileRole.EXPORTED: "files of an export",
    FileRole.STATE: "files of saved states",
    FileRole.STORE: "stores of authorisations",
}


def host_file_lines(inventory: Inventory, marks: Marks, *, width: int | None) -> Iterator[Line]:
    """Yield the files of a host's folders that had no place at a machine."""
    groups: dict[tuple[FileRole, str], list[HostFile]] = {}
    for file in other_files(inventory):
        groups.setdefault((file.role, folder_and_name(file.path)[0]), []).append(file)
    for (role, folder), files in groups.items():
        marked = {file.path for file in files if marks.take(file.path)}
        for file in files:
            if file.path in marked or len(files) == 1:
                noun, what = _WORDS[role]
                head = line(span(shown_name(file.path, inventory.scanned), Role.PATH))
                yield from beside(head, f"{noun}, {what}", width=width, below="  ")
                yield from marks.at(file.path, "  ")
        rest = len(files) - len(marked)
        if rest and len(files) > 1:
            noun, what = _WORDS[role]
            head = line(span(shown_name(folder, inventory.scanned) or ".", Role.PATH))
            yield from beside(head, f"{counted(rest, noun, _PLURALS.get(role))}, {what}", width=width, below="  ")


def unplaced_lines(inventory: Inventory, marks: Marks) -> Iterator[Line]:
    """Yield the files with marks that have no place in the tree at all, such as those deep in a long chain."""
    for path in marks.left():
        yield line(span(shown_name(path, inventory.scanned), Role.PATH))
        yield from marks.at(path, "  ")


def other_files(inventory: Inventory) -> Sequence[HostFile]:
    """Return the files of a host's folders that are no part of a machine, in the order of their paths."""
    states = [state for machine in inventory.machines for state in machine.states]
    named = {state.path for state in states}
    named.update(found.path for state in states for found in state.state_files if found.path is not None)
    return [file for file in inventory.host_files if file.path not in named]
