"""How do the checks of all rooms become one report?

Every check is a pure function of the room that knows the facts; here they are called, in a fixed order: each image by
itself, each link, the graph, then the ancestors' errors, and the machines that use the disks. The inventory holds what
was scanned, so nothing is read, unless the audit is a deep one: that reads bitmaps, data and gaps. What is not looked
at is told, once for the whole run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain import __version__
from vhdchain.audit.alone import findings_alone
from vhdchain.audit.ancestors import broken_files, check_ancestors
from vhdchain.audit.backup.check import check_guest_disks
from vhdchain.audit.backup.exports import check_exports
from vhdchain.audit.blast import tell_losses
from vhdchain.audit.deep import check_folder
from vhdchain.audit.fingerprints import fingerprint
from vhdchain.audit.inputs import audit_inputs
from vhdchain.audit.links import LinkChecks
from vhdchain.audit.report import AuditRecord, AuditReport, summary_of
from vhdchain.audit.room import check_room
from vhdchain.audit.selection import Selection, selection_of
from vhdchain.findings import Finding, Location, finding, worst_first
from vhdchain.graph import check_files, check_graph, check_machines, check_merges
from vhdchain.progress import check_cancel

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime

    from vhdchain.graph import Inventory
    from vhdchain.progress import Cancel, Progress

NOT_DEEP = "sector bitmaps and data were not read"


def audit(
    inventory: Inventory,
    *,
    select: Collection[str] = (),
    ignore: Collection[str] = (),
    baseline: Collection[str] | None = None,
    now: datetime | None = None,
    deep: bool = False,
    domain_controllers: Collection[str] = (),
    free_space: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> AuditReport:
    """Return what is wrong with the images, the links, the graph and the machines of ``inventory``.

    Args:
        inventory: What a scan of folders found.
        select: Codes or prefixes of codes to report (``VHD6``); all by default. That an input could not be processed
            is always reported, unless it is ignored.
        ignore: Codes or prefixes of codes to leave out.
        baseline: Fingerprints of known findings, as `AuditReport.fingerprints` gives them; these are counted only.
        now: The present time (aware), for the record and for what lies in the future; this function has no clock.
        deep: Whether sector bitmaps, data and the gaps of the files are read as well; the images are still open.
        domain_controllers: Names or ids of the machines whose guests are domain controllers, letter case ignored: no
            file says so.
        free_space: How many bytes are free where disks are merged; None: merges are not judged.
        progress: Called with the images that were checked, and how many there are; in a deep audit with the bytes that
            were read, and how many there are.
        cancel: Asked before every image, and before every read of a deep audit.

    Raises:
        ConfigError: ``select`` or ``ignore`` fits no code, or no machine is called as in ``domain_controllers``.
        CancelledError: ``cancel`` asked to stop.
    """
    selection = selection_of(select, ignore)
    machines = check_machines(inventory, domain_controllers=domain_controllers)
    everything = _everything(inventory, selection, now=now, deep=deep, progress=progress, cancel=cancel)
    everything += [*machines, *_room(inventory, selection, free_space, cancel)]
    known = frozenset(baseline or ())
    told = [item for item in everything if selection.keeps(item.code)]
    findings, met = _fresh(told, inventory, known)
    return AuditReport(
        findings=findings,
        summary=summary_of(findings, suppressed=len(told) - len(findings)),
        known=met,
        inputs=audit_inputs(inventory),
        skipped=tuple(_skipped(select, ignore, deep=deep)),
        record=AuditRecord(
            version=__version__,
            time=now,
            scanned=inventory.scanned,
            roots=inventory.roots,
            select=tuple(sorted(select)),
            ignore=tuple(sorted(ignore)),
            baseline=len(known),
            deep=deep,
            domain_controllers=tuple(sorted(domain_controllers)),
            free_space=free_space,
        ),
    )


def _everything(
    inventory: Inventory,
    selection: Selection,
    *,
    now: datetime | None,
    deep: bool,
    progress: Progress | None,
    cancel: Cancel | None,
) -> list[Finding]:
    checked = list(_checked(inventory, now, None if deep else progress, cancel))
    own = tell_losses(inventory, checked, group=selection.keeps("VHD708"), deep=deep, cancel=cancel)
    if deep:
        own += check_folder(inventory, checked, progress=progress, cancel=cancel)
        own += check_guest_disks(inventory, cancel=cancel)
    return [
        *own,
        *tell_losses(inventory, check_graph(inventory), deep=deep, cancel=cancel),
        *check_ancestors(inventory.graph, broken_files(own, inventory.graph)),
        *check_files(inventory),
        *check_merges(inventory),
        *check_exports(inventory),
        *(() if deep else (finding("VHD002", Location(path=""), NOT_DEEP),)),
    ]


def _fresh(
    told: list[Finding], inventory: Inventory, known: frozenset[str]
) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Return what is not known yet, worst first, and the fingerprints of what is."""
    # Without a baseline nobody asks for fingerprints.
    if not known:
        return worst_first(told), ()
    marks = [fingerprint(item, inventory.scanned) for item in told]
    fresh = [item for item, mark in zip(told, marks, strict=True) if mark not in known]
    return worst_first(fresh), tuple(sorted(known.intersection(marks)))


def _room(
    inventory: Inventory, selection: Selection, free_space: int | None, cancel: Cancel | None
) -> Iterator[Finding]:
    if free_space is not None and selection.keeps("VHD711"):
        yield from check_room(inventory, free_space, cancel=cancel)


def _checked(
    inventory: Inventory, now: datetime | None, progress: Progress | None, cancel: Cancel | None
) -> Iterator[Finding]:
    total = len(inventory.images)
    links = LinkChecks(inventory)
    for done, image in enumerate(inventory.images, start=1):
        check_cancel(cancel)
        children = len(inventory.graph.children.get(image.name, ()))
        yield from findings_alone(image, now=now, children=children)
        yield from links.of(image)
        if progress is not None:
            progress(done, total)


def _skipped(select: Collection[str], ignore: Collection[str], *, deep: bool) -> Iterator[str]:
    if not deep:
        yield NOT_DEEP
    if select:
        yield f"only findings of {', '.join(sorted(select))} were asked for"
    if ignore:
        yield f"findings of {', '.join(sorted(ignore))} were left out"
