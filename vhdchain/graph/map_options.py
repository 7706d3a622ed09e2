r"""Which option of the command line says what a path in a configuration means here?

A whole folder is mapped where all disks of it that were found lie in one place (``--map 'D:\VMs=copy/VMs'``), so that
one option serves all its disks; otherwise the single file is, because the map of its folder would lead the others
astray. Where nothing was found, the place is left open: ``DIR`` or ``FILE``.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from vhdchain.graph.paths import folder_and_name
from vhdchain.hyperv import PathOutcome
from vhdchain.locate import PathKind, collapse, fold_case, parse_path

if TYPE_CHECKING:
    from vhdchain.hyperv import Machines
    from vhdchain.locate import StoredPath

ANY_FOLDER, ANY_FILE = "DIR", "FILE"

_MAPPED = (PathKind.DRIVE, PathKind.UNC, PathKind.POSIX)


class MapOptions:
    """The options that settle the paths of the machines of a scan."""

    def __init__(self, machines: Machines) -> None:
        """Take note of where the disks of each of the host's folders were found."""
        self._places: dict[str, set[str]] = {}
        for machine in machines:
            for state in machine.states:
                for disk in state.disks:
                    if disk.found.outcome is PathOutcome.FOUND and disk.found.path is not None:
                        place = folder_and_name(disk.found.path)[0]
                        self._places.setdefault(_folder_key(disk.found.stored), set()).add(place)

    def option(self, stored: str, path: str | None) -> str | None:
        """Return the option that makes ``stored`` mean the local ``path`` (None: one that the user fills in).

        The answer is None where no option can say it: paths of this kind are never mapped, or a command line cannot
        hold the texts.
        """
        parsed = parse_path(stored)
        names = collapse(parsed.parts)
        if parsed.kind not in _MAPPED or parsed.problem or not names:
            return None
        folder, name = (ANY_FOLDER, names[-1]) if path is None else folder_and_name(path)
        elsewhere = self._places.get(_folder_key(stored), set()) - {folder}
        if not elsewhere and fold_case(name) == fold_case(names[-1]):
            text = f"{_joined(parsed, names[:-1])}={folder.rstrip('/') or folder or '.'}"
        else:
            text = f"{_joined(parsed, names)}={ANY_FILE if path is None else path}"
        return f"--map {shlex.quote(text)}" if text.isprintable() and text.count("=") == 1 else None


def _folder_key(stored: str) -> str:
    parsed = parse_path(stored)
    return fold_case(_joined(parsed, collapse(parsed.parts)[:-1]))


def _joined(path: StoredPath, names: tuple[str, ...]) -> str:
    """Return the absolute path of these names; a drive, a share or the root alone ends in its separator."""
    separator = "/" if path.kind is PathKind.POSIX else "\\"
    return separator.join((path.anchor, *names)) + ("" if names else separator)
