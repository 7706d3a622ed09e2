"""Do a machine's snapshots go to the volume that its disks are on?

Microsoft asks that the folder for snapshots be on the host volume of the machine's VHDs; two volumes of disks cannot
both be it. The folder is what the configuration names, or else where the saved states of its snapshots say that they
lie; where neither tells, the host's own setting counts, which is in no file. The answer is read off paths: a volume
mounted into a folder does not show.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.audit.backup.answers import Answer, Judgement
from vhdchain.audit.backup.required import Part
from vhdchain.audit.backup.volumes import host_volume
from vhdchain.locate import fold_case, shortened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.audit.backup.required import RequiredFile
    from vhdchain.hyperv import Machine

_MOUNTED = "a volume mounted into a folder would not show in the paths"


def same_volume(machine: Machine, files: Sequence[RequiredFile]) -> Judgement:
    """Return whether the folder for snapshots and all disks of the machine, down to their bases, are on one volume.

    Args:
        machine: A machine whose present state is known.
        files: The files that it needs.
    """
    disks = [file for file in files if file.part is Part.DISK]
    volumes = {file.volume for file in disks if file.volume is not None}
    named = ", ".join(sorted(shortened(volume) for volume in volumes))
    place, told = _snapshot_volume(machine)
    if not disks:
        return Judgement(answer=Answer.YES, evidence=("it has no disk in a file",))
    if len(volumes) > 1:
        return Judgement(answer=Answer.NO, evidence=(f"its disks are on several volumes: {named}",))
    if place is None:
        return Judgement(answer=Answer.UNKNOWN, evidence=(told,))
    if not volumes:
        return Judgement(answer=Answer.UNKNOWN, evidence=("no path says which volume its disks are on",))
    if {fold_case(volume) for volume in volumes} != {fold_case(place)}:
        return Judgement(answer=Answer.NO, evidence=(f"{told}, and its disks are on {named}",))
    if unplaced := sum(file.volume is None for file in disks):
        what = f"of {unplaced} of {len(disks)} files of its disks no path says on which volume they are"
        return Judgement(answer=Answer.UNKNOWN, evidence=(what,))
    return Judgement(answer=Answer.YES, evidence=(f"{told}, and so are its disks", _MOUNTED))


def _snapshot_volume(machine: Machine) -> tuple[str | None, str]:
    """Return the volume of the folder for snapshots, None where that is not known, and a clause that says why."""
    configuration = machine.now.configuration if machine.now is not None else None
    root = configuration.snapshot_root.strip() if configuration is not None else ""
    if root:
        volume = host_volume(root)
        told = f"its snapshots go to {shortened(root)}"
        return volume, f"{told}, on {shortened(volume)}" if volume else f"{told}, which says no volume"
    stored = [found.stored for snapshot in machine.snapshots for found in snapshot.state_files]
    states = {fold_case(volume) if (volume := host_volume(path)) else None for path in stored}
    if len(states) == 1 and (only := states.pop()) is not None:
        return only, f"the saved states of its snapshots are on {shortened(only)}"
    return None, "its configuration does not name the folder for snapshots, so that the host's own setting counts"
