"""How is the manifest of a folder made and read, and the folder held against it?

The folder was scanned by the caller, who also closes what the scan has open; `vhdchain.shell.manifest_folder` says what
else lies in it. A manifest is read as any hostile file: it is a record to compare with, and no path in it is opened.
"""

# ruff: noqa: PTH112, PTH120 - paths are kept as the caller wrote them, and pathlib would tidy them up

from __future__ import annotations

import errno
import json
import os
from typing import TYPE_CHECKING

from vhdchain import __version__
from vhdchain.audit.manifest import (
    DEFAULT_CHUNK_SIZE,
    DiskContents,
    Manifest,
    checked_chunk_size,
    compare_manifests,
    manifest_document,
    manifest_from_document,
)
from vhdchain.errors import ConfigError
from vhdchain.image import FooterPolicy
from vhdchain.shell.files import open_source
from vhdchain.shell.manifest_folder import ListedFolder
from vhdchain.shell.opening import footer_policy
from vhdchain.shell.whole_file import whole_file, write_at

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from vhdchain.audit.manifest import ManifestComparison
    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel, Progress
    from vhdchain.shell.opening import PathLike


def create_manifest(
    inventory: Inventory,
    *,
    content: bool = False,
    chunk_size: int = DEFAULT_CHUNK_SIZE,
    accept: Collection[str] = (),
    footer: FooterPolicy | str = FooterPolicy.AUTO,
    leave_out: Collection[PathLike | int] = (),
    now: datetime | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Manifest:
    """Return what the scanned folder holds.

    Args:
        inventory: What `scan_folder` found in one folder; its images are still open.
        content: Whether what the guests see is hashed, too, and files that are neither disks nor a host's.
        chunk_size: In how many bytes at a time, a multiple of 4 KiB; each chunk with data takes a line of the manifest.
        accept: Codes of errors in spite of which an image's contents are read.
        footer: The policy by which the scan was made.
        leave_out: Files that do not count, such as the manifest itself, by their paths or descriptors.
        now: The present time (aware), for the record.
        progress: Called with the bytes that were hashed, and how many there are.
        cancel: Asked again and again.

    Returns:
        The manifest; what could not be read is in it as problems.

    Raises:
        ConfigError: Not one folder was scanned, or ``chunk_size`` is none.
        CancelledError: ``cancel`` asked to stop.
    """
    policy, size = footer_policy(footer), checked_chunk_size(chunk_size) if content else None
    folder = ListedFolder.of(inventory, leave_out=leave_out, cancel=cancel)
    disks = None if size is None else DiskContents(inventory, size, accept=accept, footer=policy, cancel=cancel)
    told = _Told(folder.hashed_length(everything=content) + (disks.length if disks else 0), progress)
    files = tuple(folder.files(told, everything=content))
    contents = disks.read(told, inside=folder.holds) if disks else {}
    return Manifest(
        tool_version=__version__,
        time=now,
        chunk_size=size,
        images=tuple(folder.images(contents, disks.problems if disks else {})),
        files=files,
        unread=folder.unread,
    )


def verify_manifest(
    inventory: Inventory,
    manifest: Manifest,
    *,
    content: bool = True,
    ignore_times: bool = False,
    accept: Collection[str] = (),
    footer: FooterPolicy | str = FooterPolicy.AUTO,
    leave_out: Collection[PathLike | int] = (),
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ManifestComparison:
    """Return what changed in the scanned folder since ``manifest`` was made.

    Args:
        inventory: What `scan_folder` found in the folder, or in a copy of it; its images are still open.
        manifest: What was there, by `create_manifest` or `load_manifest`.
        content: Whether contents are compared, as far as they are in the manifest.
        ignore_times: Whether another modification time is no change, as in a copy that did not keep times.
        accept: As in `create_manifest`; so all that follows.
        footer: The policy by which the scan was made.
        leave_out: Files that do not count.
        progress: Called with the bytes that were hashed, and how many there are.
        cancel: Asked again and again.

    Raises:
        ConfigError: Not one folder was scanned.
        CancelledError: ``cancel`` asked to stop.
    """
    deep = content and manifest.chunk_size is not None
    there = create_manifest(
        inventory,
        content=deep,
        chunk_size=manifest.chunk_size or DEFAULT_CHUNK_SIZE,
        accept=accept,
        footer=footer,
        leave_out=leave_out,
        progress=progress,
        cancel=cancel,
    )
    return compare_manifests(manifest, there, ignore_times=ignore_times)


def load_manifest(path: PathLike) -> Manifest:
    """Return the manifest in a file.

    Raises:
        ConfigError: It is none, with the file and the place in it.
        FormatError: It is no file that could be read.
        OSError: It could not be opened or read.
    """
    source = open_source(path)
    try:
        data = source.read_at(0, source.size)
    finally:
        source.close()
    try:
        return manifest_from_document(json.loads(data))
    except ConfigError as error:
        raise ConfigError(f"{source.name}: {error}") from None
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{source.name}: it is no JSON document: {error}") from None


def save_manifest(manifest: Manifest, path: PathLike, *, force: bool = False) -> None:
    """Write ``manifest`` to a file, which appears when it is whole.

    Args:
        manifest: What to write.
        path: The file to make.
        force: Whether an existing file may be replaced.

    Raises:
        FileExistsError: ``path`` exists and ``force`` is not given.
        OSError: It could not be written.
    """
    require_free(path, force=force)
    target = os.fspath(path)
    # In ASCII: whatever the names hold, every program reads it, and gets them back byte for byte.
    text = json.dumps(manifest_document(manifest), indent=2) + "\n"
    with whole_file(target, last_look=lambda: require_free(path, force=force)) as descriptor:
        write_at(descriptor, memoryview(text.encode("ascii")), 0)


def require_free(path: PathLike, *, force: bool = False) -> None:
    """Raise where `save_manifest` would, as far as that can be known before there is a manifest.

    Raises:
        FileExistsError: ``path`` exists and ``force`` is not given.
        FileNotFoundError: Its folder does not exist.
    """
    target = os.fspath(path)
    if not force and os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "exists already and is replaced only by force", target)
    if not os.path.isdir(os.path.dirname(target) or os.curdir):
        raise FileNotFoundError(errno.ENOENT, "there is no such folder", target)


class _Told:
    """Adds up what is done."""

    def __init__(self, total: int, progress: Progress | None) -> None:
        self._total = total
        self._progress = progress
        self._done = 0

    def __call__(self, length: int) -> None:
        self._done += length
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)
