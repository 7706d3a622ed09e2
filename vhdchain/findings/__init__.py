"""What can be wrong, and how is it told?

A `Finding` is one condition at one place. Its code is permanent and its row in the table of codes holds name,
severity, Windows error and the page that explains it. This room holds the records and the table; it checks nothing.
"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.records import Finding, Location, Severity, finding, worst_first
from vhdchain.findings.table import CODES, code_info

__all__ = [
    "CODES",
    "CodeInfo",
    "Finding",
    "Location",
    "Page",
    "Severity",
    "code_info",
    "finding",
    "worst_first",
]
