"""May this machine be exported, and what is worth knowing of that?

The parts of the answer stand in `vhdchain.transfer.refusals`; here all of them are asked before anything is planned,
and the audit of the scan with them, so that a user reads every reason at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.audit import audit
from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.snapshots import Power
from vhdchain.transfer.refusals import (
    check_damaged,
    check_missing,
    check_power,
    check_snapshot_count,
    told_of_export,
)
from vhdchain.transfer.selection import ALL

if TYPE_CHECKING:
    from datetime import datetime

    from vhdchain.audit import AuditReport
    from vhdchain.findings import Finding
    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel
    from vhdchain.snapshots import Policy
    from vhdchain.transfer.listing import Listing
    from vhdchain.transfer.selection import Selection


@dataclass(frozen=True, slots=True)
class Judge:
    """What is asked before an export.

    Attributes:
        inventory: The scan.
        selection: What of the machine goes along.
        listing: Its files, and where each goes.
        policy: The rules of its host.
        power: Whether it is on, where that is known better than its files tell.
        compact: Whether every disk is written anew as one file.
        allow_damaged: Whether files of which an audit tells errors are exported as they are.
        audited: What an audit of the scan tells, where that is known already.
    """

    inventory: Inventory
    selection: Selection
    listing: Listing
    policy: Policy
    power: Power | None = None
    compact: bool = False
    allow_damaged: bool = False
    audited: AuditReport | None = None

    def told(self, now: datetime | None = None, cancel: Cancel | None = None) -> tuple[Finding, ...]:
        """Return what is worth knowing of the export, with the errors that were allowed.

        Args:
            now: The time (aware).
            cancel: Asked now and then.

        Raises:
            PlanRefusedError: Something keeps the machine from being exported; every reason is a finding.
            ConfigError: One file for each disk was asked for with all snapshots.
            CancelledError: ``cancel`` asked to stop.
        """
        inventory, selection = self.inventory, self.selection
        if self.compact and selection.kind == ALL and selection.snapshots:
            raise ConfigError(
                "compact: snapshots live in the chains of files that it replaces by one file each; export without "
                "snapshots (none), or one of them"
            )
        refusing = [*check_power(selection, self.policy, self.power), *check_missing(inventory, selection)]
        doubtful = [*check_snapshot_count(selection)]
        report = audit(inventory, now=now, cancel=cancel) if self.audited is None else self.audited
        doubtful += check_damaged(self.listing, self._chains(), report.findings)
        if not self.allow_damaged:
            refusing += doubtful
        if refusing:
            first, more = refusing[0], f"; and {len(refusing) - 1} more" if len(refusing) > 1 else ""
            raise PlanRefusedError(f"{first.location}: {first.message}{more}", findings=refusing)
        # Hosts that export a machine while it runs are those that came after 2008 R2.
        imports = Power.RUNNING in self.policy.export_while
        return (*doubtful, *told_of_export(inventory, selection, self.listing, imports=imports))

    def _chains(self) -> list[str]:
        """Return every image that the disks of the export are made of."""
        leaves = (path for state in self.selection.states for path in state.disk_paths)
        return [path for leaf in leaves for path in self.inventory.graph.path_to_base(leaf)]
