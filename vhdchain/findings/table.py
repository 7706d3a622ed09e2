"""Which codes are there? The one table, in the order of the codes."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from vhdchain.findings.catalogue import ROWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from vhdchain.findings.codes import CodeInfo

CODES: Mapping[str, CodeInfo] = MappingProxyType({row.code: row for row in ROWS})
"""Every code that this version knows, in ascending order."""


def code_info(code: str) -> CodeInfo:
    """Return the row of ``code``.

    Raises:
        KeyError: There is no such code.
    """
    return CODES[code]
