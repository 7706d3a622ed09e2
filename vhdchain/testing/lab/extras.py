r"""What else lies in a host's folder: the store of authorisations, caches, links to machines that are stored elsewhere?

What these files hold on a real host is not known here, apart from what a link is. The lab writes **placeholders**: a
store of a few lines, and caches that look like configurations, so that a reader which takes them for some is found out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.hyperv.folders import INITIAL_STORE, MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.hyperv.keytree import make_key
from vhdchain.hyperv.xml import build_document
from vhdchain.testing.lab.configurations import configuration_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.testing.lab.machine import LabMachine, LabSnapshot

_STORE = (
    '<?xml version="1.0" encoding="utf-8"?>\r\n'
    '<AzAdminManager MajorVersion="1" MinorVersion="0" Description="placeholder of a lab">\r\n'
    "</AzAdminManager>\r\n"
)


def store_path(root: str) -> str:
    """Return the Windows path of the store of authorisations."""
    return f"{root}\\{INITIAL_STORE}"


def store_content() -> bytes:
    """Return the bytes of the store of authorisations."""
    return _STORE.encode()


def exported_content(name: str) -> bytes:
    """Return the bytes of an ``.exp`` file or a ``config.xml``: a placeholder."""
    return f"placeholder of a lab for {name}\r\n".encode("utf-16-le")


def link_targets(machines: Sequence[LabMachine], root: str, link: str) -> Iterator[tuple[str, str]]:
    """Yield the Windows paths of the links of one kind, and of the configurations that they register."""
    for machine in machines:
        if machine.link == link:
            for owner, folder in _stored_elsewhere(machine, root):
                yield f"{root}\\{folder}\\{owner.id}.xml", configuration_file(owner)


def cached(machines: Sequence[LabMachine], root: str) -> Iterator[tuple[str, LabMachine | LabSnapshot]]:
    """Yield the Windows path of a file in a cache for every machine and snapshot."""
    for machine in machines:
        for owner in machine.owners:
            folder = MACHINES_FOLDER if owner is machine else SNAPSHOTS_FOLDER
            yield f"{root}\\{folder} Cache\\{owner.id}.xml", owner


def cache_content(owner: LabMachine | LabSnapshot) -> bytes:
    """Return the bytes of a file in a cache."""
    properties = make_key("properties", None, make_key("global_id", owner.id), make_key("name", owner.name))
    return build_document(make_key("configuration", None, properties))


def _stored_elsewhere(machine: LabMachine, root: str) -> Iterator[tuple[LabMachine | LabSnapshot, str]]:
    if machine.root.upper() != root.upper():
        yield machine, MACHINES_FOLDER
    if machine.snapshot_root.upper() != root.upper():
        for snapshot in machine.snapshots:
            yield snapshot, SNAPSHOTS_FOLDER
