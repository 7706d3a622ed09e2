"""How is a machine's export planned with the files at hand?

An export is exact: disks, saved states and configurations are copies, byte for byte, holes as holes, with their times,
in the folders in which hosts since 2012 put them. A record, written last, says what each file is, with its digest. What
has to be written anew (paths of configurations, locators of disks) is, when the export comes back. Without snapshots,
or of one snapshot, the machine's configuration is written anew as far as it speaks of snapshots; every chain goes along
whole in any case, unless its disk is written anew as one file.

Hosts of 2008 export a machine while it is off, 2008 R2 also while it is saved (Microsoft, "Export a virtual machine");
whatever is written while files are copied would spoil the copy, so that a machine that runs is never exported here.

The planner (`vhdchain.transfer.exporting`) is told what it cannot know: bytes of configurations, what file systems hold
of files, ids that nobody has yet, the time.
"""

# ruff: noqa: PTH116 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from vhdchain.hyperv import MAX_CONFIGURATION_BYTES
from vhdchain.shell.single_file import read_small, state_of_file
from vhdchain.shell.transfer.destination import place_of_export, require_no_journal
from vhdchain.snapshots import HYPER_V_2008
from vhdchain.structures import to_timestamp
from vhdchain.transfer.exporting import ExportWish, Outside
from vhdchain.transfer.exporting import plan_export as plan_export_of
from vhdchain.transfer.judging import Judge
from vhdchain.transfer.listing import list_files
from vhdchain.transfer.selection import ALL, select
from vhdchain.units import sectors_to_bytes

if TYPE_CHECKING:
    from vhdchain.audit import AuditReport
    from vhdchain.graph import Inventory
    from vhdchain.hyperv import Machine
    from vhdchain.plan import Plan
    from vhdchain.progress import Cancel
    from vhdchain.snapshots import Policy, Power


def plan_export(
    inventory: Inventory,
    machine: Machine,
    destination: str | os.PathLike[str],
    *,
    snapshots: str = ALL,
    compact: bool = False,
    digest: str = "sha256",
    reread: bool = False,
    policy: Policy = HYPER_V_2008,
    power: Power | None = None,
    allow_damaged: bool = False,
    holes: bool = True,
    audited: AuditReport | None = None,
    now: datetime | None = None,
    cancel: Cancel | None = None,
) -> Plan:
    """Return the plan that exports ``machine`` into a folder of its name in ``destination``, for `vhdchain.execute`.

    The rules are at the head of this module. ``facts`` promise ``files`` and ``bytes`` (all lengths, the record's
    included; with ``compact`` ``bytes_at_most``), and say how many of them are data (``bytes_allocated``).

    Args:
        inventory: A scan; its images are open.
        machine: One of its machines.
        destination: The folder in which the machine's folder is made; it is made itself where it is not there.
        snapshots: ``all``, ``none``, or the id or name of one, which becomes a machine of its own, with a new id.
        compact: Whether every disk is written anew as one dynamic image; not with all snapshots.
        digest: Name of the digest, as `hashlib` has it, that is made of every file.
        reread: Whether every copy is read back and compared before the machine's configuration is written.
        policy: The rules of the host: whether a machine is exported that is saved.
        power: Whether it is on, where that is known better than its files tell.
        allow_damaged: Whether files of which an audit tells errors are copied as they are; what is missing cannot be.
        holes: Whether the target keeps holes; otherwise room is asked for as if there were none.
        audited: What `vhdchain.audit` tells of the whole inventory, where that is known; else it is asked.
        now: The time of the export (aware); the present by default.
        cancel: Asked now and then.

    Raises:
        PlanRefusedError: The machine is on, something of it is missing or damaged, or a change of its files was
            interrupted; ``findings`` say what.
        ConfigError: There is no such snapshot or digest, or no place for the export among the machine's own files.
        FileExistsError: The machine's folder is there already, and not empty.
        NotADirectoryError: ``destination`` is no folder.
        CancelledError: ``cancel`` asked to stop.
        OSError: The operating system could not read.
    """
    moment = datetime.now(UTC) if now is None else now
    selection = select(machine, snapshots, _new_id)
    require_no_journal(inventory)
    listing = list_files(inventory, selection, compact=compact)
    judge = Judge(
        inventory, selection, listing, policy, power, compact=compact, allow_damaged=allow_damaged, audited=audited
    )
    findings = judge.told(moment, cancel)
    folder, missing = place_of_export(inventory, selection, os.fspath(destination))
    wish = ExportWish(
        folder=folder, missing=missing, compact=compact, digest=digest, reread=reread, holes=holes, now=moment
    )
    return plan_export_of(inventory, selection, listing, wish, _outside(moment), findings=findings, cancel=cancel)


def _new_id() -> str:
    return str(uuid.uuid4()).upper()


def _outside(moment: datetime) -> Outside:
    seconds = max(0, to_timestamp(moment))
    return Outside(
        read=_read, allocated=_allocated, state=state_of_file, disk_id=lambda: uuid.uuid4().bytes, time_stamp=seconds
    )


def _read(path: str) -> bytes:
    return read_small(path, most=MAX_CONFIGURATION_BYTES, follow=True)


def _allocated(path: str) -> int:
    return sectors_to_bytes(os.stat(path).st_blocks)  # counts 512 bytes, whatever the blocks are
