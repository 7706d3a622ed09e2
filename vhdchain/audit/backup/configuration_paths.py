r"""What does the host call the file of a configuration?

``<root>\Virtual Machines\<id>.xml`` or ``<root>\Snapshots\<id>.xml``. The root stands in the configuration itself, for
a snapshot also in its machine's, or follows from where the files of the saved state lie; a configuration in the host's
default folder names none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup.volumes import joined
from vhdchain.hyperv.folders import MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.locate import fold_case, parse_path

if TYPE_CHECKING:
    from vhdchain.hyperv import Machine, MachineState


def configuration_path(state: MachineState, machine: Machine) -> str | None:
    """Return what the host calls the file of a configuration; None where no file tells."""
    configuration = state.configuration
    folder = SNAPSHOTS_FOLDER if configuration.is_snapshot else MACHINES_FOLDER
    root = configuration.snapshot_root if configuration.is_snapshot else configuration.data_root
    if not root.strip() and configuration.is_snapshot and machine.now is not None:
        root = machine.now.configuration.snapshot_root
    if not root.strip():
        root = _root_by_state(state, folder)
    name = f"{configuration.id}.xml" if configuration.id else parse_path(state.path).basename
    return joined(root, folder, name) if root.strip() and name else None


def _root_by_state(state: MachineState, folder: str) -> str:
    r"""Return the root that the stored paths of a saved state tell: ``<root>\<folder>\<id>\<id>.vsv``."""
    for found in state.state_files:
        path = parse_path(found.stored)
        names = tuple(map(fold_case, path.parts[-3:-1]))
        if path.anchor and names == (fold_case(folder), fold_case(state.id)):
            return joined(path.anchor, *path.parts[:-3])
    return ""
