"""Is one configuration the file that it says it is?

What it says of its machine or snapshot is judged with all the files of that machine, in `check_machine`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.hyperv.check_document import check_encoding
from vhdchain.locate import shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.hyperv.records import Configuration

STRUCTURE = "configuration"
"""What findings call the structure in which they stand."""

LONGEST_NAME = 100
"""How many characters of names and ids a message shows, which is as long as a host lets them be."""


def shown(text: str) -> str:
    """Return a name or an id as messages show it."""
    return shortened(text, LONGEST_NAME)


def check_configuration(configuration: Configuration) -> Iterator[Finding]:
    """Yield what is wrong with one configuration's file: VHD815, 820."""
    yield from check_encoding(configuration.encoding, configuration.path)
    yield from _name(configuration)


def _name(configuration: Configuration) -> Iterator[Finding]:
    # Archives that were packed on Windows and unpacked elsewhere leave names such as ``Virtual Machines\x.xml``.
    name = configuration.path.replace("\\", "/").rpartition("/")[2]
    if not configuration.id or name.rpartition(".")[0].upper() == configuration.id:
        return
    yield finding(
        "VHD820",
        Location(path=configuration.path, structure=STRUCTURE, field="properties/global_id"),
        f"the file is called {shown(name)}, but the {configuration.kind} in it has the id {shown(configuration.id)}: "
        "hosts call the file by the id",
        expected=f"{configuration.id}.xml",
        found=name,
    )
