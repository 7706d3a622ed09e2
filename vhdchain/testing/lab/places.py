r"""Where does a file of the host lie in the folder that somebody copied?

Drive C: becomes the folder itself; where several drives are used, each is a folder of that letter. Single folders of
the host may have been copied to other places.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Places:
    """From Windows paths to paths below the saved folder, with ``/``.

    Args:
        paths: Windows paths of all files; which drives there are decides whether drives get folders.
        copied_to: Windows folders that lie elsewhere, with their places below the saved folder; the longest counts.
    """

    def __init__(self, paths: Iterable[str], copied_to: Mapping[str, str]) -> None:
        self._copied = sorted(((_names(folder), place) for folder, place in copied_to.items()), key=_depth)
        drives = {path[0].upper() for path in paths if self._elsewhere(path) is None}
        self._by_drive = len(drives) > 1

    def local(self, path: str) -> str:
        """Return the place of the file or folder with this Windows path."""
        elsewhere = self._elsewhere(path)
        if elsewhere is not None:
            return elsewhere
        rest = path[3:].replace("\\", "/")
        return f"{path[0].upper()}/{rest}" if self._by_drive else rest

    def _elsewhere(self, path: str) -> str | None:
        names = _names(path)
        for folder, place in reversed(self._copied):
            if [name.upper() for name in names[: len(folder)]] == [name.upper() for name in folder]:
                return "/".join([part for part in (place.strip("/"), *names[len(folder) :]) if part])
        return None


def _names(path: str) -> list[str]:
    return [name for name in path.replace("/", "\\").split("\\") if name]


def _depth(copied: tuple[list[str], str]) -> int:
    return len(copied[0])
