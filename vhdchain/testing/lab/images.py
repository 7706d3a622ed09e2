"""How do the disks of a host come into being, change, merge and vanish?

`LabImages` is a `ChainBuilder` whose images are named by the Windows paths of a host (``C:/VMs/srv.vhd``, with ``/``),
on any number of drives. A child's locators and its header's name say these paths. Beside what the builder can do, files
are merged into their parents and deleted.
"""

from __future__ import annotations

import ntpath
import posixpath
import uuid
from typing import TYPE_CHECKING, Unpack

from vhdchain.structures.dynamic_header import PARENT_NAME_LENGTH, encode_parent_name
from vhdchain.structures.locator import PlatformCode
from vhdchain.testing.builder import ChainBuilder
from vhdchain.testing.dialects import Locator
from vhdchain.testing.parent_names import relative_path
from vhdchain.units import bytes_to_sectors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.structures import DiskType
    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.tree import ImageOptions


class LabImages(ChainBuilder):
    """The disks of a lab, by their Windows paths with ``/``."""

    def tick(self) -> int:
        """Let a minute pass; return the time in seconds since 2000."""
        return self._tick()

    def random_id(self, purpose: str) -> str:
        """Return a GUID in upper case that depends on the seed and ``purpose`` alone."""
        return str(uuid.UUID(bytes_le=self._random_id(purpose))).upper()

    def create(self, kind: DiskType, name: str, **options: Unpack[ImageOptions]) -> BuiltImage:
        """See `ImageTree.create`; ``name`` is a Windows path with ``/``."""
        image = super().create(kind, name, **options)
        if image.parent is not None:
            self._name_parent(image)
        return image

    def children(self, image: BuiltImage) -> list[BuiltImage]:
        """Return the images whose parent is ``image``, in the order in which they were made."""
        return [other for other in self._images.values() if other.parent is image]

    def remove(self, image: BuiltImage) -> None:
        """Delete the file of ``image``.

        Raises:
            ValueError: Other images are made from it.
        """
        if self.children(image):
            raise ValueError(f"{image.name} has children")
        del self._images[image.name]
        self._changed(image)

    def merge(self, child: BuiltImage) -> BuiltImage:
        """Put the sectors of ``child`` into its parent, hang its children below that, delete its file.

        Other children of the parent are left as they are, and show something else from then on.

        The children's headers change, their modification times do not: what a host does about these is not known.

        Returns:
            The parent.

        Raises:
            ValueError: ``child`` has no parent.
        """
        parent = child.parent
        if parent is None:
            raise ValueError(f"{child.name} has no parent to merge into")
        if parent.size != child.size:
            self.resize(parent, child.size)
        for start, end in child.runs():
            parent.set_sectors(bytes_to_sectors(start), bytes_to_sectors(end - start))
            parent.data.write(start, child.data.read(start, end - start))
        parent.modified = self._tick()
        self._changed(parent)
        for image in self.children(child):
            self._hang(image, parent)
        self.remove(child)
        return parent

    def duplicate(self, image: BuiltImage, name: str, parent: BuiltImage | None) -> BuiltImage:
        """Add a copy of ``image`` called ``name`` that names ``parent`` as its parent; see `ImageTree.copy`."""
        twin = self.copy(image, name)
        twin.parent = parent
        if parent is not None:
            self._name_parent(twin)
        return twin

    def rename(self, image: BuiltImage, name: str) -> None:
        """Move the file of ``image`` to ``name``, as a move by hand does: its children go on naming the old place.

        Raises:
            ValueError: The name is taken.
        """
        if name in self._images:
            raise ValueError(f"there is an image called {name!r} already")
        self._changed(image)
        self._images = {name if other is image else other.name: other for other in self._images.values()}
        image.name = name

    def _hang(self, child: BuiltImage, parent: BuiltImage) -> None:
        child.parent, child.parent_unique_id = parent, parent.unique_id
        child.parent_time_stamp = parent.modified if child.parent_time_stamp else 0
        self._name_parent(child)
        self._changed(child)

    def _name_parent(self, image: BuiltImage) -> None:
        assert image.parent is not None
        absolute = windows_path(image.parent.name)
        image.locators = tuple(_locators(image.name, image.parent.name, image.dialect.locators))
        fits = len(absolute.encode("utf-16-be")) <= PARENT_NAME_LENGTH
        name = encode_parent_name(absolute if fits else ntpath.basename(absolute))
        image.header_fields["parent_unicode_name_raw"] = name


def windows_path(name: str) -> str:
    r"""Return the Windows path of the image called ``name``: ``C:\VMs\srv.vhd``."""
    return name.replace("/", "\\")


def image_name(path: str) -> str:
    r"""Return the image name of a Windows path: ``C:/VMs/srv.vhd``.

    Raises:
        ValueError: The path does not begin with a drive.
    """
    drive, rest = ntpath.splitdrive(path)
    if len(drive) != 2 or not rest.startswith(("\\", "/")):
        raise ValueError(f"{path!r} does not begin with a drive and a backslash")
    return posixpath.normpath(path.replace("\\", "/"))


def _locators(child: str, parent: str, wanted: tuple[Locator, ...]) -> Iterator[Locator]:
    # No relative path leads from one drive to another; that a host then leaves the locator out is an assumption.
    same_drive = child[:2].upper() == parent[:2].upper()
    for locator in wanted:
        absolute = locator.code in (PlatformCode.W2KU, PlatformCode.WI2K)
        if absolute or same_drive:
            text = windows_path(parent) if absolute else relative_path(child, parent)
            yield Locator(code=locator.code, text=text.replace("{", "{{").replace("}", "}}"))
