"""Is the text of a configuration what it says it is?

VHD815 compares the declared encoding with the bytes; VHD816 is made where a text cannot be read as a configuration, and
travels with the `ConfigError`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError
from vhdchain.findings import Finding, Location, finding
from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.hyperv.encoding import TextEncoding
    from vhdchain.hyperv.xml import ConfigurationDocument

_STRUCTURE = "configuration"


def check_document(document: ConfigurationDocument, path: str) -> Iterator[Finding]:
    """Yield VHD815 where the declaration names an encoding that the bytes at ``path`` are not in."""
    yield from check_encoding(document.encoding, path)


def check_encoding(encoding: TextEncoding, path: str) -> Iterator[Finding]:
    """Yield VHD815 where ``encoding``, that of the file at ``path``, is not the one that its declaration names."""
    if encoding.agrees:
        return
    mark = " with a byte order mark" if encoding.bom else " without a byte order mark"
    declared = "declares no encoding" if encoding.declared is None else f"declares {shortened(encoding.declared)}"
    yield finding(
        "VHD815",
        Location(path=path, structure=_STRUCTURE, field="encoding"),
        f"the configuration {declared}, but its bytes are {encoding.name}{mark}: something other than the host wrote "
        "it, and programs that believe the declaration refuse it",
        expected=encoding.declared,
        found=encoding.name,
    )


def malformed(name: str, what: str, *, line: int | None = None, offset: int | None = None) -> ConfigError:
    """Return the error, with its VHD816, for a file that is no readable configuration.

    Args:
        name: The configuration's file, as it was given.
        what: What was found, as a clause.
        line: The line that it was found in, counted from 1, where that is known.
        offset: The offset in bytes, where that is known.
    """
    place = Location(path=name, structure=_STRUCTURE, offset=offset)
    where = "" if line is None else f"line {line}: "
    made = finding("VHD816", place, f"{where}{what}")
    return ConfigError(f"{place}: {where}{what}; take the file from a backup or the host", findings=[made])
