"""Where may an export be made?

Not among the files that it is made from, nor in the place of something else, and not while a change of these files, or
an earlier export to the same place, is half done.
"""

# ruff: noqa: PTH112, PTH114, PTH118, PTH119, PTH120, PTH208 - paths are kept as the caller wrote them

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.hyperv.folders import is_host_folder
from vhdchain.shell.executor.journal import journal_path, unfinished
from vhdchain.shell.executor.names import is_journal_name
from vhdchain.transfer.layout import safe_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.graph import Inventory
    from vhdchain.transfer.selection import Selection


def place_of_export(inventory: Inventory, selection: Selection, destination: str) -> tuple[str, tuple[str, ...]]:
    """Return the folder for the export of a machine, and the folders above it that are not there, outer ones first.

    Args:
        inventory: The scan.
        selection: What of the machine goes along.
        destination: In which folder its own is made.

    Raises:
        PlanRefusedError: An export to this place was interrupted.
        ConfigError: The place lies among the machine's own files.
        FileExistsError: It is taken.
        NotADirectoryError: What stands above it is no folder.
        OSError: The operating system does not say what is there.
    """
    folder = os.path.join(destination, safe_name(selection.name, selection.id))
    _require_elsewhere(inventory, selection, folder)
    missing = _missing_above(folder)
    _require_free(folder)
    return folder, tuple(missing)


def require_no_journal(inventory: Inventory) -> None:
    """Refuse where a change of files was interrupted in what was scanned: they may be half done.

    Raises:
        PlanRefusedError: See above.
    """
    for path in inventory.leftovers:
        if is_journal_name(path):
            raise PlanRefusedError(unfinished(path))


def _require_elsewhere(inventory: Inventory, selection: Selection, folder: str) -> None:
    """Refuse a place in what was scanned, or among the machine's own files: the next scan would find it twice."""
    target = os.path.realpath(folder)
    scanned = filter(os.path.isdir, inventory.scanned)
    for own in (*_own_folders(inventory, selection), *scanned):
        place = os.path.realpath(own)
        if target == place or target.startswith(os.path.join(place, "")):
            raise ConfigError(
                f"{folder}: lies in {own or os.curdir}, where the next scan would find the machine twice; choose a "
                "destination elsewhere"
            )


def _own_folders(inventory: Inventory, selection: Selection) -> Iterator[str]:
    """Yield the folders that hold a file of the machine; of a host's folders the one above them, too."""
    files: dict[str, None] = {}
    for state in selection.machine.states:
        files[state.path] = None
        files.update((found.path, None) for found in state.state_files if found.path is not None)
        files.update((path, None) for leaf in state.disk_paths for path in inventory.graph.path_to_base(leaf))
    for folder in dict.fromkeys(map(os.path.dirname, files)):
        yield folder
        if is_host_folder(os.path.basename(folder)):
            yield os.path.dirname(folder)


def _missing_above(folder: str) -> list[str]:
    missing: list[str] = []
    above = os.path.dirname(folder)
    while above and not os.path.isdir(above):
        if os.path.lexists(above):
            raise NotADirectoryError(errno.ENOTDIR, "is no folder, so that no export can be made in it", above)
        missing.append(above)
        above = os.path.dirname(above)
    return missing[::-1]


def _require_free(folder: str) -> None:
    # Its journal lies beside the highest folder that was not there.
    above = folder
    while os.path.basename(above):
        if os.path.lexists(journal_path(above)):
            raise PlanRefusedError(unfinished(journal_path(above)))
        above = os.path.dirname(above)
    if os.path.isdir(folder) and not os.path.islink(folder) and not os.listdir(folder):
        return
    if os.path.lexists(folder):
        why = "is there already, and an export replaces nothing; move it away, or choose another destination"
        raise FileExistsError(errno.EEXIST, why, folder)
