"""Which files lie in the folder of a manifest, and are they still what they were when they were read?

The scan took in the images and a host's files; what it passed over is listed besides, because a manifest is of all that
lies there. Symbolic links are not followed, and nothing outside of the folder is part of it. Files are hashed piece by
piece; whatever is not the same any more when everything has been read is told as a problem of its entry.
"""

# ruff: noqa: PTH100, PTH112, PTH116 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

from vhdchain.audit.fingerprints import relative_path
from vhdchain.audit.inputs import metadata_sha256
from vhdchain.audit.manifest import OTHER, FileEntry, ImageEntry, StateUse, Unread
from vhdchain.errors import ConfigError, FormatError, ShortReadError
from vhdchain.locate import LONGEST_PATH, shortened
from vhdchain.shell.facts import unreadable
from vhdchain.shell.files import FileSource, open_source
from vhdchain.shell.folders import FoundFile, walk_folder
from vhdchain.shell.single_file import digest_of
from vhdchain.structures import id_text
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from vhdchain.audit.manifest import DiskContent
    from vhdchain.graph import Inventory
    from vhdchain.image import Image
    from vhdchain.progress import Cancel
    from vhdchain.shell.opening import PathLike

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedFolder:
    """One scanned folder, and all that lies in it.

    Attributes:
        inventory: What the scan found.
        others: The files that are no images, in the order of their paths.
        unread: What could not be read or listed, likewise.
        cancel: Asked before every piece of a file.
    """

    inventory: Inventory
    others: tuple[FoundFile, ...]
    unread: tuple[Unread, ...]
    cancel: Cancel | None

    @classmethod
    def of(cls, inventory: Inventory, *, leave_out: Collection[PathLike | int], cancel: Cancel | None) -> Self:
        """List the folder that was scanned, without the files ``leave_out``.

        Raises:
            ConfigError: It was not one folder.
            CancelledError: ``cancel`` asked to stop.
        """
        folder = inventory.scanned[0] if len(inventory.scanned) == 1 else ""
        if not os.path.isdir(folder):
            raise ConfigError(f"{', '.join(inventory.scanned)}: a manifest is of one folder")
        walk = walk_folder(os.path.realpath(folder), shown=folder, wanted=lambda _: True, cancel=cancel)
        left_out = set(_keys(leave_out))
        known = {name for item in inventory.inputs for name in (item.path, *item.aliases)}
        failed = {item.path: item.reason for item in inventory.unreadable}
        failed.update((path, unreadable(path, error).reason) for path, error in walk.unreadable)
        others = [
            item
            for item in walk.files
            if not (item.is_link or item.shown in known or item.shown in failed or item.key in left_out)
        ]
        return cls(
            inventory=inventory,
            others=tuple(sorted(others, key=lambda item: item.shown)),
            unread=tuple(
                Unread(path=relative_path(path, inventory.scanned), reason=_reason(reason, path, folder))
                for path, reason in sorted(failed.items())
            ),
            cancel=cancel,
        )

    def holds(self, shown: str) -> bool:
        """Say whether the image that messages call ``shown`` lies in the folder; its parents may lie elsewhere."""
        folder = os.path.abspath(self.inventory.scanned[0])
        return os.path.commonpath([folder, os.path.abspath(shown)]) == folder

    # --------------------------------------------------------------------------------------------------------- images

    def images(self, contents: Mapping[str, DiskContent], problems: Mapping[str, str]) -> Iterator[ImageEntry]:
        """Yield the entries of the images, with their contents as far as these are known.

        Args:
            contents: What the guests see, by the images' paths as messages call them.
            problems: Why the rest could not be read, likewise.
        """
        changed = self._changed()
        files = {item.path: item for item in self.inventory.inputs}
        for image in self.inventory.images:
            if not self.holds(image.name):
                continue
            torn = next((path for path in self.inventory.graph.path_to_base(image.name) if path in changed), None)
            problem = problems.get(image.name)
            if torn == image.name:
                problem = f"it changed while it was read: {changed[torn]}"
            elif torn is not None and contents:
                problem = f"it builds on {shortened(torn, LONGEST_PATH)}, which changed while it was read"
            file = files.get(image.name)
            yield replace(
                self._image(image),
                mtime_ns=file.mtime_ns if file else None,
                content=self._relative(contents.get(image.name)) if torn is None else None,
                problem=None if problem is None else self._reason(problem, image.name),
            )

    def _image(self, image: Image) -> ImageEntry:
        parent = self.inventory.graph.parent(image.name)
        own, wanted = image.unique_id, image.parent_unique_id
        return ImageEntry(
            path=self._path(image.name),
            size=image.file_size,
            mtime_ns=None,
            disk_type=None if image.disk_type is None else image.disk_type.value,
            virtual_size=image.virtual_size,
            unique_id=None if own == NULL_ID else id_text(own),
            parent_unique_id=None if wanted is None else id_text(wanted),
            parent=self._path(parent) if parent is not None and self.holds(parent) else None,
            metadata_sha256=metadata_sha256(image),
            used_by=tuple(
                StateUse(machine=use.machine.name, snapshot=None if use.is_now else use.state.name)
                for use in self.inventory.uses(image.name)
            ),
        )

    def _relative(self, content: DiskContent | None) -> DiskContent | None:
        if content is None or content.parent is None:
            return content
        return replace(content, parent=self._path(content.parent))

    def _changed(self) -> Mapping[str, str]:
        """Return which images are not any more as they were when they were opened, and what is different."""
        sources = ((image.name, image.source) for image in self.inventory.images)
        looked_at = ((name, source.change()) for name, source in sources if isinstance(source, FileSource))
        return {name: change for name, change in looked_at if change is not None}

    # ---------------------------------------------------------------------------------------------------- other files

    def hashed_length(self, *, everything: bool) -> int:
        """Return how many bytes `files` hashes."""
        roles = self._roles()
        return sum(item.size for item in self.others if everything or item.shown in roles)

    def files(self, told: Callable[[int], None], *, everything: bool) -> Iterator[FileEntry]:
        """Yield the entries of the files that are no images.

        Args:
            told: Called with the bytes that were hashed since the last call.
            everything: Whether files are hashed, too, that are none of a host's.

        Raises:
            CancelledError: ``cancel`` asked to stop.
        """
        roles = self._roles()
        for item in self.others:
            entry = FileEntry(
                path=self._path(item.shown),
                role=roles.get(item.shown, OTHER),
                size=item.size,
                mtime_ns=item.mtime_ns,
            )
            if not everything and item.shown not in roles:
                yield entry
                continue
            try:
                yield replace(entry, sha256=self._hashed(item, told))
            except (OSError, FormatError) as error:
                yield replace(entry, problem=self._reason(unreadable(item.shown, error).reason, item.shown))

    def _roles(self) -> Mapping[str, str]:
        return {file.path: file.role.value for file in self.inventory.host_files}

    def _hashed(self, item: FoundFile, told: Callable[[int], None]) -> str:
        source = open_source(item.path, name=item.shown, follow=False, devices=False, expected=item.key)
        try:
            if (source.size, source.mtime_ns) != (item.size, item.mtime_ns):
                raise ShortReadError("it changed since it was listed")
            digest = digest_of(source, "sha256", size=source.size, told=told, cancel=self.cancel)
            change = source.change()
            if change is not None:
                raise ShortReadError(f"it changed while it was read: {change}")
            return digest
        finally:
            source.close()

    def _path(self, shown: str) -> str:
        return relative_path(shown, self.inventory.scanned)

    def _reason(self, text: str, shown: str) -> str:
        return _reason(text, shown, self.inventory.scanned[0])


def _reason(text: str, shown: str, folder: str) -> str:
    """Return why something could not be read, without the place of the folder: a copy elsewhere says the same."""
    return text.removeprefix(f"{shown}:").lstrip().replace(f"{folder.rstrip('/')}/", "")


def _keys(files: Collection[PathLike | int]) -> Iterator[tuple[int, int]]:
    for file in files:
        with contextlib.suppress(OSError):  # not there, so that it cannot be met
            status = os.stat(file)
            yield status.st_dev, status.st_ino
