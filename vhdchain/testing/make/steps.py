"""How does a recipe's step act on a builder or a host?"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import UNSET

from vhdchain.structures import DiskType, PlatformCode, SpaceUnit
from vhdchain.testing.dialects import DIALECTS, Dialect, Layout, Locator
from vhdchain.testing.lab.machine import LabDisk
from vhdchain.testing.make import recipe as r
from vhdchain.testing.sizes import parse_size
from vhdchain.testing.tree import ImageOptions

if TYPE_CHECKING:
    from pathlib import Path

    from vhdchain.testing.builder import ChainBuilder
    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.lab import HostLab, LabMachine

    Payload: TypeAlias = r.Write | r.Block | r.GuestWrite

DIALECTS_BY_NAME = {dialect.name: dialect for dialect in DIALECTS}


class StepError(ValueError):
    """A step cannot be carried out."""


def in_bytes(size: r.Size) -> int:
    """Return what a size of a recipe means, in bytes."""
    found = parse_size(size) if isinstance(size, str) else size
    assert found is not None, "the form was checked when the recipe was read"
    return found


def safe_name(name: str) -> str:
    """Return ``name``, which is a path below the folder that is made.

    Raises:
        StepError: It leads out of that folder.
    """
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise StepError(f"{name!r} is no path below the folder that is made")
    return name


def payload(step: Payload, folder: Path | None) -> bytes | None:
    """Return the bytes that a step tells; None where it tells none.

    Raises:
        StepError: It tells them in two ways, or a file that may not be read.
        OSError: The file cannot be read.
    """
    told = [name for name in ("text", "hex", "zeros", "file") if getattr(step, name) is not None]
    if not told:
        return None
    if len(told) > 1:
        raise StepError(f"tells its bytes in several ways: {', '.join(told)}")
    if step.text is not None:
        data = step.text.encode()
    elif step.hex is not None:
        data = bytes.fromhex(step.hex)
    elif step.zeros is not None:
        data = bytes(in_bytes(step.zeros))
    else:
        data = _beside(step.file or "", folder)
    return data * step.repeat


def _beside(name: str, folder: Path | None) -> bytes:
    if folder is None:
        raise StepError(f"{name!r}: a recipe that is no file has no files beside it")
    path = (folder / safe_name(name)).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise StepError(f"{name!r} leads out of the folder of the recipe")
    return path.read_bytes()


def _needed(step: Payload, folder: Path | None) -> bytes:
    data = payload(step, folder)
    if data is None:
        raise StepError("tells no bytes: text, hex, zeros or file")
    return data


# ---------------------------------------------------------------------------------------------------------------- trees


def act_on_tree(tree: ChainBuilder, step: r.TreeStep, folder: Path | None) -> None:
    """Carry out a step on a tree.

    Raises:
        ValueError: It is not possible.
        OSError: A payload cannot be read.
    """
    match step:
        case r.Create():
            _create(tree, step)
        case r.Snapshot():
            _snapshot(tree, step)
        case r.Write():
            tree.write(_image(tree, step.image), in_bytes(step.offset), _needed(step, folder))
        case r.Fill():
            image, offset, length = _image(tree, step.image), in_bytes(step.offset), in_bytes(step.length)
            tree.fill(image, offset, length, label=step.label)
        case r.Block():
            _block(tree, step, folder)
        case r.Resize():
            tree.resize(_image(tree, step.image), in_bytes(step.size))
        case r.Copy():
            tree.copy(_image(tree, step.of), safe_name(step.name))


def _image(tree: ChainBuilder, name: str) -> BuiltImage:
    try:
        return tree.image(name)
    except KeyError:
        known = ", ".join(image.name for image in tree.images) or "none so far"
        raise StepError(f"there is no image {name!r} (images: {known})") from None


def _create(tree: ChainBuilder, step: r.Create) -> None:
    if step.kind == "raw":
        tree.raw(safe_name(step.name), size=in_bytes(step.size))
        return
    options = _manner(step, tree.dialect)
    options["size"] = in_bytes(step.size)
    tree.create(DiskType(step.kind), safe_name(step.name), **options)


def _snapshot(tree: ChainBuilder, step: r.Snapshot) -> None:
    parent = _image(tree, step.of)
    options = _manner(step, parent.dialect if step.dialect is None else tree.dialect)
    if step.size is not None:
        options["size"] = in_bytes(step.size)
    if step.locators is not None:
        options["locators"] = [_locator(locator) for locator in step.locators]
    if step.name_form is not None:
        options["name_form"] = step.name_form
    tree.snapshot(parent, None if step.name is None else safe_name(step.name), **options)


def _locator(told: r.LocatorText) -> Locator:
    code = PlatformCode(told.code.encode("ascii"))
    return Locator(code=code, text=told.text, space_unit=SpaceUnit(told.space_unit))


def _manner(step: r.Create | r.Snapshot, usual: Dialect) -> ImageOptions:
    options = ImageOptions()
    if step.dialect is not None:
        usual = options["dialect"] = DIALECTS_BY_NAME[step.dialect]
    if step.block_size is not None:
        options["block_size"] = in_bytes(step.block_size)
    if step.original_size is not None:
        options["original_size"] = in_bytes(step.original_size)
    if step.layout is not None:
        options["layout"] = _layout(step.layout, usual.layout)
    return options


def _layout(told: Any, usual: Layout) -> Layout:  # noqa: ANN401  # made from the record at run time
    fields = {name: getattr(told, name) for name in told.__struct_fields__}
    return replace(usual, **{name: value for name, value in fields.items() if value is not UNSET})


def _block(tree: ChainBuilder, step: r.Block, folder: Path | None) -> None:
    tree.block(
        _image(tree, step.image),
        step.index,
        bitmap=None if step.bitmap is None else bytes.fromhex(step.bitmap),
        data=payload(step, folder),
        at=None if step.at is None else in_bytes(step.at),
    )


# ---------------------------------------------------------------------------------------------------------------- hosts


def act_on_host(lab: HostLab, step: r.HostStep, folder: Path | None) -> None:
    """Carry out a step on a host.

    Raises:
        ValueError: It is not possible.
        OSError: A payload cannot be read.
    """
    if isinstance(step, r.Machine):
        lab.machine(step.name, disks=[_disk(disk) for disk in step.disks], notes=step.notes, vss=step.vss)
        return
    machine = _machine(lab, step.machine)
    match step:
        case r.Take():
            lab.take(machine, step.name, power=step.power)
        case r.Apply():
            lab.apply(machine, _snapshot_of(machine, step.snapshot))
        case r.Delete():
            lab.delete(machine, _snapshot_of(machine, step.snapshot), merge=step.merge)
        case r.Bring():
            lab.bring(machine, step.power)
        case r.GuestWrite():
            lab.write(machine, _disk_number(machine, step.disk), in_bytes(step.offset), _needed(step, folder))
        case r.GuestFill():
            number, offset = _disk_number(machine, step.disk), in_bytes(step.offset)
            lab.fill(machine, number, offset, in_bytes(step.length), label=step.label)


def _disk(disk: r.Disk) -> LabDisk:
    return LabDisk(
        disk.name,
        controller=disk.controller,
        size=in_bytes(disk.size),
        block_size=in_bytes(disk.block_size),
        fixed=disk.fixed,
    )


def _machine(lab: HostLab, name: str) -> LabMachine:
    found = [machine for machine in lab.machines if machine.name == name]
    if not found:
        known = ", ".join(machine.name for machine in lab.machines) or "none so far"
        raise StepError(f"there is no machine {name!r} (machines: {known})")
    return found[-1]


def _snapshot_of(machine: LabMachine, name: str) -> Any:  # noqa: ANN401  # LabSnapshot; a type for checkers only
    if name not in [snapshot.name for snapshot in machine.snapshots]:
        known = ", ".join(snapshot.name for snapshot in machine.snapshots) or "none so far"
        raise StepError(f"{machine.name} has no snapshot {name!r} (snapshots: {known})")
    return machine.snapshot(name)


def _disk_number(machine: LabMachine, number: int) -> int:
    count = len(machine.state.images)
    if number >= count:
        raise StepError(f"{machine.name} has {count} disks, counted from 0; none has the number {number}")
    return number
