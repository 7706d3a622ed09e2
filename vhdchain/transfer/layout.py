r"""Where does each file of a machine lie in the folder of an export?

In the folders that hosts since 2012 make: ``Virtual Machines``, ``Snapshots`` and ``Virtual Hard Disks`` below a folder
with the machine's name. Names of files stay as they are, so that what names them goes on to find them; of two disks
with one name the later one gets a folder of its own. Names come from configurations and are not trusted: what could
leave the folder, or what Windows could not open, is replaced.
"""

from __future__ import annotations

import posixpath
import unicodedata

from vhdchain.hyperv.folders import DISKS_FOLDER, MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.locate import fold_case, parse_path

LONGEST_NAME = 100
"""How many characters a name that was made safe has at the most."""

_MOST_BYTES = 200  # of 255 that a name may have on disk, as UTF-8: some is left for a number behind it
_LONGEST_FILE_NAME = 255
_FORBIDDEN = frozenset('<>:"/\\|?*')
_INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
_NAMELESS = "machine"


def safe_name(name: str, otherwise: str = "", *, longest: int = LONGEST_NAME) -> str:
    r"""Return ``name`` fit to be that of a file or folder everywhere: what cannot be in one is ``_``.

    Args:
        name: What a configuration says.
        otherwise: What is taken where it says nothing, such as an id.
        longest: How many characters are kept.

    Example:
        >>> safe_name("../../etc/passwd"), safe_name("CON"), safe_name("srv 1.")
        ('_._.._etc_passwd', '_CON', 'srv 1_')
    """
    if not name.strip():
        name = otherwise if otherwise.strip() else _NAMELESS
    safe = "".join(map(_safe, unicodedata.normalize("NFC", name)))[:longest]
    while len(safe.encode("utf-8")) > _MOST_BYTES:
        safe = safe[:-1]
    if safe[0] in ". ":
        safe = f"_{safe[1:]}"
    if safe[-1] in ". ":
        safe = f"{safe[:-1]}_"
    # Only the name of a device is left to be a problem.
    return f"_{safe}" if parse_path(safe).problem else safe


def _safe(character: str) -> str:
    return "_" if character in _FORBIDDEN or unicodedata.category(character) in _INVISIBLE else character


def safe_file_name(name: str) -> str:
    """Return the name of a file as it is, unless Windows could not have it."""
    fine = all(_safe(character) == character for character in name) and name[-1] not in ". "
    return name if fine and not parse_path(name).problem else safe_name(name, longest=_LONGEST_FILE_NAME)


def configuration_place(name: str, *, snapshot: bool) -> str:
    """Return the place of a configuration below the machine's folder; ``name`` is that of its file."""
    return posixpath.join(SNAPSHOTS_FOLDER if snapshot else MACHINES_FOLDER, name)


def state_place(name: str, owner: str, *, snapshot: bool) -> str:
    """Return the place of a file of a saved state; ``owner``: the name of its folder, as a rule an id.

    Without a ``name`` it is the place of the folder.
    """
    return posixpath.join(SNAPSHOTS_FOLDER if snapshot else MACHINES_FOLDER, owner, name).rstrip("/")


class DiskPlaces:
    """The places of disks, given out one after the other; letter case tells no two names apart."""

    def __init__(self) -> None:
        self._files: set[str] = set()  # at the top, folded
        self._inner: dict[str, set[str]] = {}  # folder at the top, folded -> the names in it

    def place(self, path: str) -> str:
        """Return the place of the disk at ``path``, a local file that had no place yet.

        Example:
            >>> places = DiskPlaces()
            >>> [places.place(path) for path in ("/c/vms/srv.vhd", "/d/data/SRV.vhd")]
            ['Virtual Hard Disks/srv.vhd', 'Virtual Hard Disks/data/SRV.vhd']
        """
        folder, name = posixpath.split(path)
        name = safe_file_name(name)
        key = fold_case(name)
        if key not in self._files and key not in self._inner:
            self._files.add(key)
            return posixpath.join(DISKS_FOLDER, name)
        own = safe_name(posixpath.basename(folder), "disks")
        number = 1
        while not self._takes(numbered := own if number == 1 else f"{own} {number}", key):
            number += 1
        return posixpath.join(DISKS_FOLDER, numbered, name)

    def _takes(self, folder: str, key: str) -> bool:
        folded = fold_case(folder)
        held = self._inner.get(folded, set())
        if folded in self._files or key in held:
            return False
        self._inner[folded] = held | {key}
        return True
