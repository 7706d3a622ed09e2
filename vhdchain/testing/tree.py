"""Which images are there, and how is a new one made?

`ImageTree` is the part of the builder that creates images: each has a name, an identity drawn from the seed, a parent,
and the manner of the program that would have written it.
"""

from __future__ import annotations

import copy
import posixpath
import uuid
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from vhdchain.structures import DiskType, to_timestamp
from vhdchain.structures.footer import NULL_ID
from vhdchain.testing.dialects import HYPER_V_2008_R2, Dialect, Layout, Locator, NameForm
from vhdchain.testing.images import BuiltImage
from vhdchain.units import SECTOR_SIZE, is_sector_aligned

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.testing.layout import BuiltFile

_STEP_SECONDS = 60


class ImageOptions(TypedDict, total=False):
    """What can be said of a new image; all have defaults, but a base needs a size.

    Attributes:
        size: The disk's size in bytes, a multiple of 512; a child's default is its parent's.
        parent: The image below a differencing one.
        block_size: Bytes, a power of two from 512 up; the dialect's by default.
        dialect: Whose manner the file has; the builder's by default.
        layout: Where things lie in the file; the dialect's by default.
        locators: The parent locators; the dialect's by default.
        name_form: What the header calls the parent; the dialect's by default.
        original_size: Stored beside the size; the same by default.
        unique_id: 16 bytes; drawn from the seed by default.
        parent_unique_id: The identifier that the header asks for; the parent's by default.
        parent_time_stamp: Seconds since 2000; the parent's modification time by default, if the dialect keeps it.
        footer: Fields of `vhdchain.structures.Footer` to replace; the checksum follows unless it is among them.
        header: The same for `vhdchain.structures.DynamicHeader`.
    """

    size: int
    parent: BuiltImage
    block_size: int
    dialect: Dialect
    layout: Layout
    locators: Sequence[Locator]
    name_form: NameForm
    original_size: int
    unique_id: bytes
    parent_unique_id: bytes
    parent_time_stamp: int
    footer: dict[str, Any]
    header: dict[str, Any]


class ImageTree:
    """Images and their parents; see `vhdchain.testing.ChainBuilder`, which adds everything else."""

    def __init__(
        self,
        *,
        seed: int | str = 0,
        dialect: Dialect = HYPER_V_2008_R2,
        windows_folder: str = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks",
        start: datetime = datetime(2011, 5, 2, 8, 0, tzinfo=UTC),
    ) -> None:
        self.seed = seed
        self.dialect = dialect
        self.windows_folder = windows_folder
        self._now = to_timestamp(start)
        self._images: dict[str, BuiltImage] = {}
        self._files: dict[str, BuiltFile] = {}  # what has been written out since the image's last change

    @property
    def images(self) -> tuple[BuiltImage, ...]:
        """All images in the order in which they were made."""
        return tuple(self._images.values())

    @property
    def leaves(self) -> tuple[BuiltImage, ...]:
        """The images that no other one has as its parent."""
        parents = {id(image.parent) for image in self.images}
        return tuple(image for image in self.images if id(image) not in parents)

    def image(self, name: str) -> BuiltImage:
        """Return the image called ``name``."""
        return self._images[name]

    def fixed(self, name: str, **options: Unpack[ImageOptions]) -> BuiltImage:
        """Make a fixed image; it needs a ``size``."""
        return self.create(DiskType.FIXED, name, **options)

    def dynamic(self, name: str, **options: Unpack[ImageOptions]) -> BuiltImage:
        """Make a dynamic image without any block; it needs a ``size``."""
        return self.create(DiskType.DYNAMIC, name, **options)

    def raw(self, name: str, *, size: int) -> BuiltImage:
        """Make a raw base, as XenServer has them: no VHD structure at all, its children's parent id is null."""
        return self.create(DiskType.RAW, name, size=size, unique_id=NULL_ID)

    def differencing(self, name: str, **options: Unpack[ImageOptions]) -> BuiltImage:
        """Make a child without any block; it needs a ``parent``."""
        return self.create(DiskType.DIFFERENCING, name, **options)

    def snapshot(self, image: BuiltImage, name: str | None = None, **options: Unpack[ImageOptions]) -> BuiltImage:
        """Make a child that takes ``image``'s writes from now on, as a host does when a snapshot is taken.

        Without ``name``: beside ``image``, called ``<base>_<GUID>.avhd``. Block size, dialect and layout are those of
        ``image`` where it has them, unless the options say otherwise.
        """
        if name is None:
            number = len(self._images)
            guid = str(uuid.UUID(bytes_le=self._random_id(f"snapshot/{number}"))).upper()
            stem = posixpath.splitext(posixpath.basename(image.stack[0].name))[0]
            name = posixpath.join(posixpath.dirname(image.name), f"{stem}_{guid}.avhd")
        inherited: ImageOptions = {"parent": image, "dialect": image.dialect}
        if image.is_sparse:
            inherited["block_size"], inherited["layout"] = image.block_size, image.layout
        return self.differencing(name, **ImageOptions(**{**inherited, **options}))

    def create(self, kind: DiskType, name: str, **options: Unpack[ImageOptions]) -> BuiltImage:
        """Make an image of ``kind`` called ``name`` (its path below the tree's folder, with ``/``).

        Raises:
            ValueError: The name is taken, the size is missing or no multiple of 512, or the block size is no power of
                two or below 512.
        """
        parent = options.get("parent")
        dialect = options.get("dialect", self.dialect)
        if name in self._images:
            raise ValueError(f"there is an image called {name!r} already")
        size = _checked_size(options.get("size", parent.size if parent else None))
        stamp = parent.modified if parent and dialect.records_parent_time else 0
        now = self._tick()
        image = BuiltImage(
            name=name,
            kind=kind,
            size=size,
            original_size=options.get("original_size", size),
            block_size=_checked_block_size(options.get("block_size", dialect.block_size)),
            seed=str(self.seed),
            seed_name=name,
            dialect=dialect,
            layout=options.get("layout", dialect.layout),
            locators=tuple(options.get("locators", dialect.locators)),
            name_form=options.get("name_form", dialect.name_form),
            parent=parent,
            unique_id=options.get("unique_id", self._random_id(f"id/{name}")),
            parent_unique_id=options.get("parent_unique_id", parent.unique_id if parent else NULL_ID),
            parent_time_stamp=options.get("parent_time_stamp", stamp),
            created=now,
            modified=now,
            footer_fields=dict(options.get("footer", {})),
            header_fields=dict(options.get("header", {})),
        )
        self._images[name] = image
        return image

    def copy(self, image: BuiltImage, name: str) -> BuiltImage:
        """Add a second file with the bytes of ``image``, identifier included, as a copy by hand makes it."""
        if name in self._images:
            raise ValueError(f"there is an image called {name!r} already")
        # The parent is shared: a copied child asks for the same one.
        twin = copy.deepcopy(image, {id(image.parent): image.parent})
        # Junk and order are drawn by name, and the copy must have the original's.
        twin.seed_name = image.seed_name
        twin.name = name
        self._images[name] = twin
        return twin

    def _tick(self) -> int:
        self._now += _STEP_SECONDS
        return self._now

    def _random_id(self, purpose: str) -> bytes:
        # Seeding with text goes through SHA-512, so PYTHONHASHSEED has no say.
        raw = Random(f"{self.seed}/{purpose}").randbytes(16)
        return uuid.UUID(bytes=raw, version=4).bytes_le


def _checked_size(size: int | None) -> int:
    if size is None or size <= 0 or not is_sector_aligned(size):
        raise ValueError(f"a size is a positive multiple of 512, not {size}")
    return size


def _checked_block_size(size: int) -> int:
    if size < SECTOR_SIZE or size & (size - 1):
        raise ValueError(f"a block size is a power of two from 512 up, not {size}")
    return size
