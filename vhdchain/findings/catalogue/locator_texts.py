"""Codes 316-324: what do the paths in the parent locators say, and where do they lead?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.findings.codes import CodeInfo

ROWS: tuple[CodeInfo, ...] = ()
