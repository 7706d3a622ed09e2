"""What is wrong with the files of a scan as files, whatever disks they hold?

Judges what the scan met and recorded of each: what could not be read and who refused, what changed meanwhile, other
names, holes where a structure should be, and names that are given to files while work on them has not ended.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Location, finding
from vhdchain.graph.check_merges import MERGE_STATE, OWN_MARK, is_of_a_journal
from vhdchain.graph.paths import folder_and_name
from vhdchain.image import FaultKind
from vhdchain.locate import LONGEST_PATH, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph.inventory import InputFile, Inventory, Unreadable

# XenServer's coalesce renames the disk that it is about to replace (``TMP_RENAME_PREFIX`` in its storage manager).
_XENSERVER_OLD = "OLD_"
_TMP = re.compile(r"(?<![0-9A-Za-z])tmp(?![0-9A-Za-z])", re.IGNORECASE)


def check_files(inventory: Inventory) -> tuple[Finding, ...]:
    """Return what is wrong with the files of ``inventory``: VHD001, 551, 553, 554, 555, 556."""
    return (
        *(_unread(item) for item in inventory.unreadable),
        *_changed(inventory),
        *(_aliases(item) for item in inventory.inputs if item.aliases),
        *(_holes(item) for item in inventory.inputs if item.holes),
        *_leftovers(inventory),
    )


def _unread(item: Unreadable) -> Finding:
    reason = shortened(item.reason, LONGEST_PATH)
    if item.refused:
        return finding("VHD551", Location(path=item.path), f"the operating system refused it: {reason}")
    return finding("VHD001", Location(path=item.path), f"it was not read: {reason}")


def _changed(inventory: Inventory) -> Iterator[Finding]:
    for item in inventory.inputs:
        if item.changed is None:
            continue
        faults = inventory.image(item.path).faults
        if any(fault.kind is FaultKind.SHORT_READ for fault in faults):
            continue  # nothing of it was judged, and that is told
        message = f"it changed while the folder was scanned: {item.changed}; what was read may not fit together"
        yield finding("VHD553", Location(path=item.path), message)


def _aliases(item: InputFile) -> Finding:
    message = f"the file has {len(item.aliases) + 1} names here: whoever writes to one of them writes to all"
    return finding("VHD554", Location(path=item.path), message, related=item.aliases)


def _holes(item: InputFile) -> Finding:
    first = item.holes[0]
    listed = ", ".join(f"{hole.structure} ({hole.length} bytes at 0x{hole.offset:X})" for hole in item.holes)
    message = f"nothing was ever written where structures should be, and zeros are read instead: {listed}"
    place = Location(path=item.path, structure=first.structure, offset=first.offset)
    return finding("VHD555", place, message, found=sum(hole.length for hole in item.holes))


# ---------------------------------------------------------------------------------------------------------------- names


def _leftovers(inventory: Inventory) -> Iterator[Finding]:
    """Yield VHD556, one for a disk whatever number of signs there is, and for leftovers without their disk."""
    signs: dict[str, list[str]] = {}
    beside: dict[str, list[str]] = {}
    owners: dict[str, str] = {}
    for item in inventory.inputs:
        for path in (item.path, *item.aliases):
            owners[path] = item.path
            if (sign := _sign_of(folder_and_name(path)[1])) is not None:
                signs.setdefault(item.path, []).append(sign)
    for path in inventory.leftovers:
        if is_of_a_journal(path, inventory.leftovers):
            continue  # told with the interrupted change that it belongs to
        disk, sign = _disk_of(path)
        place = owners.get(disk, path)
        signs.setdefault(place, []).append(sign)
        beside.setdefault(place, []).append(path)
    for path, found in signs.items():
        yield finding("VHD556", Location(path=path), "; ".join(dict.fromkeys(found)), related=beside.get(path, ()))


def _sign_of(name: str) -> str | None:
    """Return why a disk's name is one of work that has not ended, as a clause."""
    if name.startswith("."):
        return "its name begins with a dot, as those of files do that are still being written"
    if name.startswith(_XENSERVER_OLD):
        return f"its name begins with {_XENSERVER_OLD}, as XenServer names a disk that a coalesce is replacing"
    if name.rpartition(".")[0].endswith("~"):
        return "its name ends in ~, as those of replaced files do"
    # Most names do not have the letters at all, and a search costs more than to see that.
    if "tmp" in name.lower() and (word := _TMP.search(name)) is not None:
        return f"its name has the word {word[0]}, as those of files do that are still being written"
    return None


def _disk_of(path: str) -> tuple[str, str]:
    """Return the path of the disk that a leftover belongs to by its name, and what it is as a clause."""
    folder, name = folder_and_name(path)
    shown = shortened(name, LONGEST_PATH)
    if name.endswith(MERGE_STATE):
        # Xen Orchestra calls it ``.<disk>.merge.json`` and removes it when the merge has ended.
        disk = name.removesuffix(MERGE_STATE).removeprefix(".")
        return (
            folder + disk,
            f"the state of a merge lies beside it ({shown}): the merge is under way, or was interrupted",
        )
    disk, mark, _ = name.partition(OWN_MARK)
    if mark:
        return folder + disk, f"a file of an interrupted change lies beside it without its journal ({shown})"
    disk = name.removesuffix("~").removesuffix(".tmp").removesuffix(".part")
    return folder + disk, f"a file with the name of a half-written copy lies beside it ({shown})"
