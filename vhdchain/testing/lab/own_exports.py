r"""How does the export of a lab's machine look that this program makes?

An exact copy of every file in the folders of an export, with the record, made from what the lab knows and not from a
scan: what the planner of exports makes can be compared with it, and imports can be tried without one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.structures.footer import mtime_of_timestamp
from vhdchain.testing.lab.images import windows_path
from vhdchain.testing.lab.machine import LabMachine
from vhdchain.transfer import (
    RECORD_NAME,
    DiskPlaces,
    ExportedFile,
    ExportedPart,
    ExportRecord,
    build_record,
    configuration_place,
    state_place,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.lab.host import HostLab
    from vhdchain.testing.lab.machine import LabSnapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnExport:
    """The export of one machine.

    Attributes:
        files: The bytes of every file by its place in the machine's folder, the record last.
        folders: The folders that may hold no file.
        modified: When each of them was modified, in seconds since 2000, as far as the lab says.
        record: What the record says.
    """

    files: Mapping[str, bytes]
    folders: tuple[str, ...]
    modified: Mapping[str, int]
    record: ExportRecord


def own_export(lab: HostLab, machine: LabMachine, *, instead: Mapping[str, bytes] | None = None) -> OwnExport:
    """Return the export of ``machine``, off or saved, with all its snapshots.

    Args:
        lab: The host.
        machine: One of its machines.
        instead: Path below the lab's folder -> what the host had there when the export was made.
    """
    found, times = {**lab.files(), **(instead or {})}, lab.modified()
    contents: dict[str, bytes] = {}
    modified: dict[str, int] = {}
    items = []
    for item, source in (*_disks(lab, machine), *_states(lab, machine), *_configurations(lab, machine)):
        contents[item.path] = found[source]
        if source in times:
            modified[item.path] = times[source]
        items.append(_measured(item, found[source], times.get(source)))
    record = ExportRecord(
        tool="a lab",
        machine_id=machine.id,
        machine_name=machine.name,
        exported="2011-05-02T08:12:00+00:00",
        files=tuple(items),
    )
    return OwnExport(
        files={**contents, RECORD_NAME: build_record(record).content},
        folders=tuple(state_place("", owner.id, snapshot=owner is not machine) for owner in machine.owners),
        modified=modified,
        record=record,
    )


_Found = tuple[ExportedFile, str]  # what it is, and its path below the lab's folder


def _disks(lab: HostLab, machine: LabMachine) -> Iterator[_Found]:
    attached = {image for state in machine.states for image in state.images}
    layers = dict.fromkeys(layer for state in machine.states for image in state.images for layer in image.stack)
    places = DiskPlaces()
    place_of: dict[BuiltImage, str] = {}
    for image in layers:
        place_of[image] = places.place(lab.disk_path(image))
        item = ExportedFile(
            path=place_of[image],
            part=ExportedPart.DISK,
            unique_id=image.unique_id.hex(),
            size=None,
            stored=(windows_path(image.name),) if image in attached else (),
            parent=None if image.parent is None else place_of[image.parent],
        )
        yield item, lab.disk_path(image)


def _states(lab: HostLab, machine: LabMachine) -> Iterator[_Found]:
    for owner in machine.owners:
        if owner.state.saved is None:
            continue
        parts = (ExportedPart.MEMORY, ExportedPart.DEVICES)
        keys = ("savedstate/memlocation", "savedstate/vsvlocation")
        for part, source, key in zip(parts, lab.state_paths(owner), keys, strict=True):
            place = state_place(posixpath.basename(source), owner.id, snapshot=owner is not machine)
            stored = lab.configuration(owner).text_at(key)
            yield ExportedFile(path=place, part=part, id=owner.id, size=None, stored=(stored,)), source


def _configurations(lab: HostLab, machine: LabMachine) -> Iterator[_Found]:
    owners: list[LabMachine | LabSnapshot] = [*machine.snapshots, machine]
    for owner in owners:
        is_snapshot = not isinstance(owner, LabMachine)
        source = lab.configuration_path(owner)
        place = configuration_place(posixpath.basename(source), snapshot=is_snapshot)
        part = ExportedPart.SNAPSHOT if is_snapshot else ExportedPart.CONFIGURATION
        yield ExportedFile(path=place, part=part, id=owner.id, size=None), source


def _measured(item: ExportedFile, content: bytes, modified: int | None) -> ExportedFile:
    mtime_ns = None if modified is None else mtime_of_timestamp(modified)
    digest = hashlib.sha256(content).hexdigest()
    return dataclasses.replace(item, size=len(content), digest=digest, mtime_ns=mtime_ns)
