r"""How does a machine's configuration read in an export that leaves snapshots out, or makes a machine of one?

With all snapshots it is a copy, byte for byte. Without them it must not speak of them any more: their number becomes 0,
and entries and keys that hold their ids go. A snapshot's configuration becomes a machine's, with a new id; settings
that make the machine itself are the machine's. Paths of disks stay those of the host, since an import sets them.
"""

from __future__ import annotations

import ntpath
from dataclasses import replace
from typing import TYPE_CHECKING

from vhdchain.hyperv import parse_document
from vhdchain.hyperv.folders import MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.hyperv.rewriting import (
    as_present,
    renamed,
    with_disks,
    with_ids,
    with_saved_state,
    with_snapshots,
    without_listed,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from vhdchain.hyperv import Key, MachineState
    from vhdchain.transfer.selection import Selection

_OWN_IDS = ("properties/global_id", "settings/global/logical_id")


def own_configuration(
    selection: Selection, read: Callable[[MachineState], bytes], *, disks: Mapping[str, str] | None = None
) -> bytes | None:
    """Return the configuration of the machine in the export; None where it is the source's, byte for byte.

    Args:
        selection: What goes along.
        read: Returns the bytes of a state's configuration.
        disks: The path of the key of a ``pathname`` -> the host's path that it gets, for disks that are written anew.

    Raises:
        ConfigError: A configuration cannot be read any more.
    """
    machine = selection.machine
    document = parse_document(read(selection.own), name=selection.own.path)
    root = document.root
    if selection.of_a_snapshot:
        assert machine.now is not None
        present = parse_document(read(machine.now), name=machine.now.path).root
        root = _as_machine(root, present, selection)
    if not selection.snapshots:
        root = _alone(root, selection)
    root = with_disks(root, disks or {})
    return None if root == document.root else replace(document, root=root).to_bytes()


def _alone(root: Key, selection: Selection) -> Key:
    """Return ``root`` without what it says of snapshots."""
    going = {item.id for item in selection.machine.snapshots} - {""}
    going |= {id_ for state in selection.machine.states for id_ in state.configuration.listed_ids}
    return with_ids(without_listed(with_snapshots(root, 0), going), dict.fromkeys(going - {selection.id}))


def _as_machine(snapshot: Key, machine: Key, selection: Selection) -> Key:
    root = renamed(as_present(snapshot, machine), selection.name)
    for path in _OWN_IDS:
        root = root.with_value(path, selection.id)
    saved = selection.own.configuration.saved_state
    if not saved:
        return root
    places = [state_path(path, selection) for path in (saved.memory, saved.devices)]
    return with_saved_state(root, *places, kind="Normal")


def beside_stored(stored: str, name: str) -> str:
    """Return the host's path of a file called ``name`` in the folder of the one at ``stored``."""
    return ntpath.join(ntpath.dirname(stored), name)


def state_path(stored: str, selection: Selection) -> str:
    r"""Return where the host would have a file of the saved state: ``...\Virtual Machines\<id>\<id>.vsv``.

    Args:
        stored: Where the configuration of the snapshot that becomes a machine says that it is.
        selection: What goes along.
    """
    if not stored.strip():
        return stored
    assert selection.machine.now is not None
    folder, name = ntpath.split(stored)
    root = selection.machine.now.configuration.data_root.strip()
    above = ntpath.dirname(folder)
    if not root and ntpath.basename(above).casefold() == SNAPSHOTS_FOLDER.casefold():
        root = ntpath.dirname(above)
    own = selection.id + ntpath.splitext(name)[1]
    return ntpath.join(root, MACHINES_FOLDER, selection.id, own) if root else ntpath.join(folder, own)
