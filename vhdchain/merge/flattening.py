"""What has to be done to have the disk of a chain as one file?

One step: write it. The plan says how long the file becomes at the most and what is read; whether a name is free, and
what the files are when the plan is carried out, is for the executor.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from vhdchain.blockmap import BlockMap
from vhdchain.blockmap.family import flat_block
from vhdchain.errors import ConfigError, PlanRefusedError
from vhdchain.plan import Plan, VolumeNeed, WriteDisk, require_digest, state_of
from vhdchain.structures.bat import UNUSED
from vhdchain.structures.check_header import block_size_is_read
from vhdchain.structures.flat_layout import FlatLayout
from vhdchain.units import bytes_to_sectors, is_sector_aligned

if TYPE_CHECKING:
    from collections.abc import Collection

    from vhdchain.chain import Chain
    from vhdchain.progress import Cancel

_PAGE = 4096
_MOST_ENTRIES = 1 << 24  # of a BAT, which is held in memory: four bytes each


class DiskForm(StrEnum):
    """What a disk is written as."""

    RAW = "raw"
    FIXED = "fixed"
    DYNAMIC = "dynamic"


def plan_flatten(
    chain: Chain,
    path: str,
    *,
    form: DiskForm | str = DiskForm.RAW,
    block_size: int | None = None,
    unique_id: bytes,
    time_stamp: int,
    digest: str = "",
    replace: bool = False,
    footer: str = "auto",
    accept: Collection[str] = (),
    cancel: Cancel | None = None,
) -> Plan:
    """Return the plan that writes the disk of ``chain`` to ``path``.

    Args:
        chain: The disk, with all of its parents; its files are open.
        path: The new file.
        form: ``raw``, ``fixed`` or ``dynamic``.
        block_size: Of a dynamic image, in bytes; by default that of the leaf, or 2 MiB.
        unique_id: A VHD's identifier, 16 bytes.
        time_stamp: When a VHD counts as made, in seconds since 2000-01-01 00:00:00 UTC.
        digest: Name of a digest (`hashlib`) that is made of the disk; empty for none.
        replace: Whether an existing file of this name is replaced.
        footer: By which policy the files were opened, and will be again.
        accept: Codes of errors that were accepted, and will be again.
        cancel: Asked while the map is read.

    Raises:
        PlanRefusedError: The chain is a partial view, or an image of this form cannot hold the disk.
        ConfigError: The form, the block size or the digest is none.
        CancelledError: ``cancel`` asked to stop.
    """
    kind = _form(form)
    _require_possible(chain, kind, block_size, digest)
    block = _block_size(chain, block_size) if kind is DiskForm.DYNAMIC else 0
    data, units = _measured(chain, block or _PAGE, cancel)
    step = WriteDisk(
        layers=tuple(layer.image.name for layer in chain.layers),
        path=path,
        form=kind.value,
        disk_size=chain.virtual_size,
        replace=replace,
        unique_id=b"" if kind is DiskForm.RAW else unique_id,
        time_stamp=0 if kind is DiskForm.RAW else time_stamp,
        block_size=block,
        hash=digest,
        footer=footer,
        accept=tuple(sorted(accept)),
    )
    need = _need(chain, PurePath(path), kind, block or _PAGE, units)
    return Plan(
        action="flatten",
        summary=f"write the disk of {chain.leaf.name} to {path} as {_WORDS[kind]}",
        steps=(step,),
        files=tuple(state_of(layer.image.source) for layer in chain.layers),
        needs=(need,),
        facts={"disk_size": chain.virtual_size, "data_size": data},
    )


_WORDS = {
    DiskForm.RAW: "a raw file",
    DiskForm.FIXED: "a fixed VHD",
    DiskForm.DYNAMIC: "a dynamic VHD",
}


def _form(form: DiskForm | str) -> DiskForm:
    try:
        return DiskForm(form)
    except ValueError:
        raise ConfigError(f"form: {form!r} is none of {', '.join(DiskForm)}") from None


def _require_possible(chain: Chain, form: DiskForm, block_size: int | None, digest: str) -> None:
    require_digest(digest)
    size = chain.virtual_size
    if not chain.complete:
        raise PlanRefusedError(f"{chain.leaf.name}: a parent is missing, so some of its disk is unknown")
    if form is not DiskForm.RAW and not is_sector_aligned(size):
        raise PlanRefusedError(
            f"{chain.leaf.name}: a disk of {size} bytes is no whole number of sectors, and only a raw image can hold it"
        )
    if block_size is not None and form is not DiskForm.DYNAMIC:
        raise ConfigError(f"block_size: a {form} image has no blocks")


def _block_size(chain: Chain, given: int | None) -> int:
    size = flat_block(chain.leaf) if given is None else given
    if not block_size_is_read(size):
        raise ConfigError(f"block_size: {size} is no power of two from 512 bytes to 256 MiB")
    if FlatLayout(disk_size=chain.virtual_size, block_size=size).entries > _MOST_ENTRIES:
        raise ConfigError(
            f"block_size: {size} would give this disk more than {_MOST_ENTRIES} blocks; choose a larger one"
        )
    return size


def _measured(chain: Chain, unit: int, cancel: Cancel | None) -> tuple[int, int]:
    """Return how many bytes of the disk come from files, and in how many units of ``unit`` bytes they lie."""
    data = units = behind = 0
    for extents in BlockMap(chain).chunks(cancel=cancel):
        held = extents[extents["layer"] >= 0]
        if not len(held):
            continue
        data += int(held["length"].sum())
        first = held["start"] // unit
        ends = (held["start"] + held["length"] - 1) // unit + 1
        # Units that two extents share are counted with the first of them.
        first = np.maximum(first, np.concatenate(([behind], ends[:-1])))
        units += int(np.maximum(ends - first, 0).sum())
        behind = int(ends[-1])
    return data, units


def _need(chain: Chain, path: PurePath, form: DiskForm, unit: int, units: int) -> VolumeNeed:
    most = _most(chain, form, unit, units)
    return VolumeNeed(folder=str(path.parent), peak=most, lasting=most)


def _most(chain: Chain, form: DiskForm, unit: int, units: int) -> int:
    """Return how many bytes the new file takes at the most."""
    layout = FlatLayout(disk_size=chain.virtual_size, block_size=unit)
    if form is not DiskForm.DYNAMIC:
        # What is a hole in the files becomes one; a page of theirs may lie across two.
        held = sum(getattr(layer.image.source, "allocated", layer.image.file_size) for layer in chain.layers)
        return min(units * _PAGE, 2 * held, layout.disk_size) + (_PAGE if form is DiskForm.FIXED else 0)
    most = layout.file_size(units)
    if bytes_to_sectors(most) > UNUSED:
        raise PlanRefusedError(
            f"{chain.leaf.name}: a dynamic image of its disk may take {most} bytes, and a BAT reaches no farther than "
            f"{UNUSED} sectors; write it as raw or fixed"
        )
    return most
