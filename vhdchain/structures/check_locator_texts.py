"""Is the text behind a parent locator whole, and in the encoding that its platform code asks for?

What the text means as a path is judged where parents are looked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, finding
from vhdchain.structures.locator import PlatformCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures.locator import StoredLocator
    from vhdchain.structures.locators_of_file import LocatorsOfFile

_SHOULD_BE = {
    PlatformCode.W2RU: "UTF-16LE",
    PlatformCode.W2KU: "UTF-16LE",
    PlatformCode.MACX: "UTF-8",
    PlatformCode.WI2R: "text",
    PlatformCode.WI2K: "text",
}
_WIDE = ("utf-16-le", "utf-16-be")


def check_texts(file: LocatorsOfFile) -> Iterator[Finding]:
    """Yield VHD314 and VHD315 for the locators that hold text, or should."""
    for locator in file.locators:
        code = locator.entry.code
        # Without an offset or a length there is no text, which is a finding of its own.
        if not locator.data or not locator.entry.platform_data_offset or code not in _SHOULD_BE:
            continue
        problem = _problem(locator, locator.data, _SHOULD_BE[code])
        if problem:
            message = f"the text of the {locator.name} locator {problem}"
            yield finding("VHD314", file.text_of(locator), message, found=len(locator.data))
        if locator.encoding == "utf-16-be":
            message = f"the text of the {locator.name} locator is big-endian; readers of the right order see garbage"
            yield finding("VHD315", file.text_of(locator), message, expected="utf-16-le", found="utf-16-be")


def _problem(locator: StoredLocator, data: bytes, should_be: str) -> str | None:
    if locator.text is None or locator.encoding is None:
        return f"cannot be decoded as {should_be}"
    if not locator.text.strip():
        return "is empty"
    if locator.encoding in _WIDE and len(data) % 2:
        return f"is UTF-16 of an odd length, {len(data)} bytes"
    end = len(locator.text.encode(locator.encoding))
    if data[end:].strip(b"\0"):
        return f"ends in a NUL after {end} of {len(data)} bytes, but more stands behind it"
    return None
