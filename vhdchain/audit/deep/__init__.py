"""What do the sector bitmaps, the data and the gaps of the images show? Read only where an audit is a deep one."""

from __future__ import annotations

from vhdchain.audit.deep.check import check_deep
from vhdchain.audit.deep.folder import check_folder

__all__ = ["check_deep", "check_folder"]
