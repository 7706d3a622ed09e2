"""Codes 501-512: what do the dialects keep beside the specification?"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.findings.codes import CodeInfo

ROWS: tuple[CodeInfo, ...] = ()
