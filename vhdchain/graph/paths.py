"""How is a path as messages show it taken apart, where thousands of them are?"""

from __future__ import annotations

from pathlib import PurePath

# The system's own; the core has no access to the system's module that knows it.
_SEPARATOR = str(PurePath("a", "b"))[1]


def folder_and_name(path: str) -> tuple[str, str]:
    """Return the folder of ``path``, with the separator behind it (empty where there is none), and the file's name.

    As `PurePath` does it, in a tenth of the time.
    """
    folder, separator, name = path.rpartition(_SEPARATOR)
    return folder + separator, name


def stem_of(path: str) -> str:
    r"""Return a file's name without its suffix in capital letters, as the ids of machines and snapshots are compared.

    A ``\`` in the name separates, as in `vhdchain.hyperv.known_files`.
    """
    return folder_and_name(path)[1].rpartition("\\")[2].rpartition(".")[0].upper()
