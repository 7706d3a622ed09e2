"""How are images and chains opened from paths?

The one place where a path that the user gave becomes an image. Everything is opened for reading only. A leaf may lie
anywhere; its parents are opened through a gate, inside the folders that the caller allows. Path maps, footers and codes
to accept are understood here and nowhere below.
"""

# ruff: noqa: PTH113, PTH114, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from vhdchain.chain import build_chain, link_images
from vhdchain.errors import ConfigError
from vhdchain.image import FooterPolicy, load_image, raw_image, scan_image
from vhdchain.locate import path_map_of
from vhdchain.shell.files import open_source
from vhdchain.shell.gate import DirectoryGate, Root, root_of
from vhdchain.shell.handle import OpenChain
from vhdchain.source import ByteSource, BytesSource, FileObjectSource
from vhdchain.structures.footer import NULL_ID

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from vhdchain.image import Image, Limits
    from vhdchain.locate import PathMap, PathMapping
    from vhdchain.progress import Cancel, Progress

PathLike: TypeAlias = str | os.PathLike[str]
Source: TypeAlias = PathLike | BinaryIO | ByteSource | bytes | bytearray | memoryview
"""What one image is read from."""

Folders: TypeAlias = PathLike | Iterable[PathLike]
"""One folder, or several."""


def open_image(
    source: Source,
    *,
    footer: FooterPolicy | str = FooterPolicy.AUTO,
    accept: Collection[str] = (),
    limits: Limits | None = None,
) -> Image:
    """Open one image, strictly.

    Args:
        source: A path, a seekable binary file object (which stays the caller's), bytes, or any `ByteSource`.
        footer: Which footer counts: ``auto``, ``end`` or ``copy``.
        accept: Codes of errors that are no reason to refuse.
        limits: How much is taken in at most.

    Raises:
        FormatError: The image has an error that is not accepted; all findings come with it.
        ConfigError: ``footer`` or ``accept`` is unknown.
        OSError: It could not be opened or read.
    """
    policy = footer_policy(footer)
    opened = source_of(source)
    try:
        return load_image(opened, footer=policy, accept=accept, limits=limits)
    except BaseException:
        _close_own(source, opened)
        raise


def scan_file(path: PathLike, *, footer: FooterPolicy | str = FooterPolicy.AUTO, limits: Limits | None = None) -> Image:
    """Open one image and record whatever can be read of it, however damaged it is.

    Raises:
        FormatError: It is no file that could hold an image (a FIFO, a socket).
        ConfigError: ``footer`` is unknown.
        OSError: It could not be opened or read.
    """
    policy = footer_policy(footer)
    opened = open_source(path)
    try:
        return scan_image(opened, footer=policy, limits=limits)
    except BaseException:
        opened.close()
        raise


def open_chain(
    leaf: PathLike,
    *,
    within: Folders | None = None,
    path_map: PathMapping | None = None,
    partial: bool = False,
    accept: Collection[str] = (),
    footer: FooterPolicy | str = FooterPolicy.AUTO,
    limits: Limits | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> OpenChain:
    r"""Open a leaf and every image that its disk is made of.

    Args:
        leaf: Path of the image whose disk is wanted.
        within: The folders inside which parents may be opened; by default the leaf's own folder and those that
            ``path_map`` names.
        path_map: Where the folders that images name lie here, such as ``{r"D:\VMs": "/mnt/evidence/vms"}``.
        partial: Whether the chain may end where a parent is missing or may not be opened. What only that parent could
            supply is then unknown, and reading it raises.
        accept: Codes of errors that are no reason to refuse; VHD603 takes a parent with another identifier.
        footer: Which footer counts, in all images: ``auto``, ``end`` or ``copy``.
        limits: How much of each file is taken in at most.
        progress: Called with the layers that are open, and one more as long as there is a parent to look for.
        cancel: Asked before every parent.

    Raises:
        ChainError: A parent is missing, refused, ambiguous or another disk, or the chain is a cycle. The line names
            the file, every rule and every candidate that was tried.
        FormatError: An image has an error that is not accepted.
        ConfigError: A setting cannot be understood.
        CancelledError: ``cancel`` asked to stop.
        OSError: The leaf could not be opened or read.
    """
    policy, mapping = footer_policy(footer), path_map_of(path_map)
    roots = allowed_roots(within, [folder_of(leaf)], mapping)
    gate = DirectoryGate(roots, path_map=mapping, footer=policy, limits=limits, cancel=cancel)
    image = scan_file(leaf, footer=policy, limits=limits)
    try:
        chain = build_chain(
            image, gate, footer=policy, accept=accept, partial=partial, progress=progress, cancel=cancel
        )
    except BaseException:
        image.close()
        raise
    return OpenChain(chain)


def chain_from_sources(
    sources: Sequence[Source],
    *,
    partial: bool = False,
    accept: Collection[str] = (),
    footer: FooterPolicy | str = FooterPolicy.AUTO,
    limits: Limits | None = None,
) -> OpenChain:
    """Open a chain from sources that the caller names one by one, base first; no parent is looked for.

    Args:
        sources: Paths, seekable binary file objects, bytes or `ByteSource` objects, from the base to the leaf. The
            first one may be a raw disk where the second one asks for a raw parent (null identifier).
        partial: Whether the first one may itself need a parent.
        accept: As in `open_chain`.
        footer: As in `open_chain`.
        limits: As in `open_chain`.

    Raises:
        ChainError: There is no source, or one is not the parent of the next.
        FormatError: An image has an error that is not accepted.
        ConfigError: A setting cannot be understood, or ``sources`` is one source and not several.
        OSError: A file could not be opened or read.
    """
    if isinstance(sources, str | bytes | bytearray | memoryview):  # sequences, too, but of what?
        raise ConfigError(f"sources: a list is wanted, base first, and not one {type(sources).__name__}")
    policy = footer_policy(footer)
    opened: list[ByteSource] = []
    try:
        opened.extend(source_of(source) for source in sources)
        images = [scan_image(source, footer=policy, limits=limits) for source in opened]
        if len(images) > 1 and images[0].footer is None and images[1].parent_unique_id == NULL_ID:
            images[0] = raw_image(images[0].source)
        return OpenChain(link_images(images, footer=policy, accept=accept, partial=partial))
    except BaseException:
        for given, source in zip(sources, opened, strict=False):
            _close_own(given, source)
        raise


def source_of(source: Source) -> ByteSource:
    """Return ``source`` as a `ByteSource`; a path is opened, bytes are the image itself."""
    if isinstance(source, str | os.PathLike):
        return open_source(source)
    if isinstance(source, bytes | bytearray | memoryview):
        return BytesSource(source)
    return source if isinstance(source, ByteSource) else FileObjectSource(source)


def _close_own(given: object, opened: ByteSource) -> None:
    """Close what was opened here; what the caller gave stays the caller's where nothing came of it."""
    if given is not opened:
        opened.close()


def footer_policy(footer: FooterPolicy | str) -> FooterPolicy:
    """Return the policy of this name.

    Raises:
        ConfigError: There is none.
    """
    try:
        return FooterPolicy(footer)
    except ValueError:
        known = ", ".join(FooterPolicy)
        raise ConfigError(f"footer: {footer!r} is none of {known}") from None


def folder_of(path: PathLike) -> str:
    """Return the folder that holds a file, as the caller wrote it; for a link, the real folder of what it leads to."""
    spelled = os.fspath(path)
    return os.path.dirname(os.path.realpath(spelled) if os.path.islink(spelled) else spelled)


def allowed_roots(within: Folders | None, default: Iterable[PathLike], path_map: PathMap) -> list[Root]:
    """Return the folders inside which parents may be opened.

    What the caller gave counts alone. Otherwise they are the default ones, and the targets of the path map: whoever
    says where a folder of the images lies here means it to be looked into. A single file may be mapped as well, and
    then its folder is one of them.

    Raises:
        ConfigError: One of them is no folder.
    """
    if within is not None:
        given = [within] if isinstance(within, str | os.PathLike) else list(within)
        return [root_of(folder) for folder in given]
    targets = (entry.target for entry in path_map.entries)
    mapped = (folder_of(target) if os.path.isfile(target) else target for target in targets)
    return [root_of(folder) for folder in (*default, *mapped)]
