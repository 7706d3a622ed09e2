"""Codes 104-126: are the fields of the footer what the specification and known writers put there?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.findings.codes import CodeInfo

ROWS: tuple[CodeInfo, ...] = ()
