"""What does one file hold?

`scan_image` records everything that can be read of a VHD and judges nothing; `load_image` also checks and raises with
every problem. Both take any `ByteSource`; opening files is for `vhdchain.shell`.
"""

from __future__ import annotations

from vhdchain.image.checks import check_image
from vhdchain.image.load import load_image, require_sound
from vhdchain.image.record import Fault, FaultKind, FooterPolicy, Image, Limits
from vhdchain.image.scan import raw_image, scan_image

__all__ = [
    "Fault",
    "FaultKind",
    "FooterPolicy",
    "Image",
    "Limits",
    "check_image",
    "load_image",
    "raw_image",
    "require_sound",
    "scan_image",
]
