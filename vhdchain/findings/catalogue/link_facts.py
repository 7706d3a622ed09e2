"""Codes 604-627: what do child and parent say of each other?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.findings.codes import CodeInfo

ROWS: tuple[CodeInfo, ...] = ()
