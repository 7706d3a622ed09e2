"""Which other files of a host's folders are there, for people?

Configurations that could not be read, registrations that lead nowhere, parts of exports, copies that hosts keep for
themselves, saved states that nothing names. Those of one kind in one folder stand in one line, unless something is
wrong with them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv import FileRole
from vhdchain.locate import fold_case, shortened
from vhdchain.report.lines import Role, beside, line, span
from vhdchain.report.names import folder_and_name, shown_name
from vhdchain.report.numbers import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.graph import Inventory
    from vhdchain.hyperv import HostFile
    from vhdchain.report.lines import Line
    from vhdchain.report.text.marks import Marks

# Each in the singular, and what follows it whatever the number.
_WORDS = {
    FileRole.CONFIGURATION: ("configuration", ", not understood"),
    FileRole.CACHED: ("copy of a configuration", ", kept by the host for itself: left out"),
    FileRole.LINK: ("registration", " of a configuration that is not here"),
    FileRole.EXPORTED: ("file of an export", ", contents not known"),
    FileRole.RECORD: ("record of an export", ", says what belongs to it"),
    FileRole.STATE: ("file of a saved state", ", named by no configuration here"),
    FileRole.STORE: ("store of authorisations", ", belongs in a backup of the host"),
}
_PLURALS = {
    FileRole.CACHED: "copies of configurations",
    FileRole.EXPORTED: "files of an export",
    FileRole.RECORD: "records of exports",
    FileRole.STATE: "files of saved states",
    FileRole.STORE: "stores of authorisations",
}


def host_file_lines(inventory: Inventory, marks: Marks, *, width: int | None) -> Iterator[Line]:
    """Yield the files of a host's folders that had no place at a machine."""
    registered = _registered(inventory)
    groups: dict[tuple[str, str, str], list[HostFile]] = {}
    for file in other_files(inventory):
        noun, what = _WORDS[file.role]
        folder, name = folder_and_name(file.path)
        if file.role is FileRole.LINK and fold_case(name) in registered:
            what = f" of {registered[fold_case(name)]}"
        groups.setdefault((noun, what, folder), []).append(file)
    for (noun, what, folder), files in groups.items():
        marked = {file.path for file in files if marks.take(file.path)}
        for file in files:
            if file.path in marked or len(files) == 1:
                head = line(span(shown_name(file.path, inventory.scanned), Role.PATH))
                yield from beside(head, noun + what, width=width, below="  ")
                yield from marks.at(file.path, "  ")
        rest = len(files) - len(marked)
        if rest and len(files) > 1:
            head = line(span(shown_name(folder, inventory.scanned) or ".", Role.PATH))
            counts = counted(rest, noun, _PLURALS.get(files[0].role))
            yield from beside(head, counts + what, width=width, below="  ")


def _registered(inventory: Inventory) -> dict[str, str]:
    """Return what is registered by a file of each name: the machines and snapshots whose configurations are here."""
    found: dict[str, str] = {}
    for machine in inventory.machines:
        for state in machine.states:
            what = shortened(machine.name) if state is machine.now else f"a snapshot of {shortened(machine.name)}"
            found.setdefault(fold_case(folder_and_name(state.path)[1]), what)
    return found


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
