"""Which other kind of file is this, by its first bytes?

Signatures of what is met under the name of a virtual disk: images of other formats, and files that are no disk at all.
Only files without any VHD footer are asked about: the first bytes of a disk with one belong to its guest.
"""

from __future__ import annotations

DISK_IMAGES: dict[bytes, str] = {
    b"vhdxfile": "a VHDX image",
    b"QFI\xfb": "a qcow image",
    b"QED\0": "a QED image",
    b"KDMV": "a VMDK image",
    b"COWD": "a VMDK image",
    b"# Disk DescriptorFile": "the description of a VMDK image, without its data",
    b"<<< ": "a VDI image",
    b"WithoutFreeSpace": "a Parallels image",
    b"WithouFreSpacExt": "a Parallels image",
    b"EVF\x09\x0d\x0a\xff\x00": "an EnCase evidence file",
}
"""Disk images of other formats: taken for raw disks they would give wrong bytes."""

_OTHER_FILES: dict[bytes, str] = {
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b\x08": "a gzip archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"\xfd7zXZ\0": "an xz archive",
    b"BZh": "a bzip2 archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"Rar!\x1a\x07": "a RAR archive",
    b"version https://git-lfs.github.com/spec/": "a Git LFS pointer, which stands for a file that was not fetched",
    b"<!DOCTYPE html": "a web page",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
}


def other_disk_image(head: bytes) -> str | None:
    """Return what kind of disk image begins with ``head``; None where it is none that is known."""
    return _kind(head, DISK_IMAGES)


def other_format(head: bytes) -> str | None:
    """Return what kind of file begins with ``head``, disk image or not; None where it is none that is known."""
    return _kind(head, DISK_IMAGES) or _kind(head, _OTHER_FILES)


def _kind(head: bytes, table: dict[bytes, str]) -> str | None:
    return next((kind for signature, kind in table.items() if head.startswith(signature)), None)
