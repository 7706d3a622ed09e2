r"""How do the configurations of a machine read after its import?

Every path that leads to a file of the import, and the folders of machine and snapshots, are those of the new place;
with a new id every id of the machine and its snapshots is another one. What else names a place stays as it is and is
told: an ISO file, a floppy disk, a disk of the host, and keys whose meaning is not known.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.hyperv import parse_document
from vhdchain.hyperv.check_machine import place_of_drive
from vhdchain.hyperv.moving import MACHINE_ROOT, SNAPSHOT_ROOT, other_paths, with_new_ids, with_paths, with_roots
from vhdchain.hyperv.viewpoint import DEFAULT_ROOT
from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from vhdchain.hyperv import MachineState

_LISTED = 20
_LONGEST_KIND = 20


def imported_configuration(
    content: bytes, *, name: str, paths: Mapping[str, str], root: str, ids: Mapping[str, str]
) -> bytes:
    """Return a configuration as it reads after the import; ``content`` itself where nothing changes.

    Args:
        content: Its bytes.
        name: What messages call it.
        paths: Key that holds a path -> what Windows then calls the file.
        root: What Windows calls the folder that holds ``Virtual Machines`` and ``Snapshots`` then.
        ids: Id (upper case) -> the one that takes its place.

    Raises:
        ConfigError: It cannot be read any more, or a key that must hold a path holds something else.
    """
    document = parse_document(content, name=name)
    tree = with_new_ids(document.root, ids) if ids else document.root
    tree = with_paths(with_roots(tree, root, default=DEFAULT_ROOT), paths)
    return content if tree == document.root else replace(document, root=tree).to_bytes()


def check_kept_paths(states: Iterable[MachineState], rewritten: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Yield VHD946 where configurations name places that the import does not move; once where several name the same.

    Args:
        states: The machine as it is, and its snapshots.
        rewritten: Configuration -> the keys whose paths are written anew.
    """
    told: dict[tuple[str, ...], list[str]] = {}
    fields: dict[tuple[str, ...], str] = {}
    for state in states:
        if kept := _kept_paths(state, rewritten[state.path]):
            clauses = tuple(kept.values())
            told.setdefault(clauses, []).append(state.path)
            fields.setdefault(clauses, next(iter(kept)))
    for clauses, paths in told.items():
        more = f" (and {len(clauses) - 1} more)" if len(clauses) > 1 else ""
        yield finding(
            "VHD946",
            Location(path=paths[0], structure="configuration", field=fields[clauses]),
            f"what it names beside the machine's own files is not moved, and stays as it is stored: {clauses[0]}{more}",
            related=paths[1:],
            details=clauses[:_LISTED],
        )


def _kept_paths(state: MachineState, rewritten: Collection[str]) -> dict[str, str]:
    """Return the keys that name something which stays, each with a clause."""
    configuration = state.configuration
    kept: dict[str, str] = {}
    for drive in configuration.drives:
        place, kind = place_of_drive(configuration, drive), shortened(drive.kind, _LONGEST_KIND)
        if drive.is_pass_through:
            kept[drive.field] = f"{place}: {kind}, which is no disk in a file"
        elif drive.path.strip() and drive.field not in rewritten:
            kept[drive.field] = f"{place}: {kind} '{shortened(drive.path)}'"
    known = {*rewritten, *kept, MACHINE_ROOT, SNAPSHOT_ROOT}
    return kept | {
        key: f"{shortened(key)}: '{shortened(text)}'" for key, text in other_paths(configuration.tree, known)
    }
