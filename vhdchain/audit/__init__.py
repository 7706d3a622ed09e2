"""What is wrong with a folder of disks, and what was looked at to say so?

`audit` runs the checks of every room over an inventory, passes errors of ancestors on to the leaves that depend on
them, and returns a report: findings in one deterministic order, and the record of what they are based on.
"""

from __future__ import annotations

from vhdchain.audit.alone import check_alone
from vhdchain.audit.inputs import AuditInput
from vhdchain.audit.interop import PROGRAMS, Effect, Program, Verdict, verdicts_on
from vhdchain.audit.report import AuditRecord, AuditReport, Summary
from vhdchain.audit.run import audit

__all__ = [
    "PROGRAMS",
    "AuditInput",
    "AuditRecord",
    "AuditReport",
    "Effect",
    "Program",
    "Summary",
    "Verdict",
    "audit",
    "check_alone",
    "verdicts_on",
]
