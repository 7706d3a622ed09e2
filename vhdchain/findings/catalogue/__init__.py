"""The rows of the table of codes, a module or two per family, in the order of the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings.catalogue import (
    backup,
    batmap,
    batmap_bits,
    bitmaps,
    configurations,
    containment,
    exports,
    files,
    footer,
    footer_copy,
    footer_fields,
    footer_flags,
    gaps,
    graph,
    header,
    header_fields,
    imports,
    layout,
    layout_shape,
    link_facts,
    link_places,
    links,
    locator_entries,
    locator_targets,
    locator_texts,
    locators,
    machine_disks,
    machine_graph,
    machines,
    merges,
    parent_names,
    parent_paths,
    repair,
    snapshot_disks,
    snapshot_plans,
    tool,
)

if TYPE_CHECKING:
    from vhdchain.findings.codes import CodeInfo

_FAMILIES = (
    tool,
    footer,
    footer_fields,
    footer_flags,
    footer_copy,
    header,
    header_fields,
    parent_names,
    parent_paths,
    locators,
    locator_entries,
    locator_targets,
    locator_texts,
    layout,
    layout_shape,
    gaps,
    bitmaps,
    batmap,
    batmap_bits,
    files,
    links,
    link_facts,
    link_places,
    graph,
    machine_graph,
    configurations,
    machines,
    machine_disks,
    snapshot_disks,
    backup,
    containment,
    repair,
    merges,
    snapshot_plans,
    exports,
    imports,
)

ROWS: tuple[CodeInfo, ...] = tuple(
    sorted((row for family in _FAMILIES for row in family.ROWS), key=lambda row: row.code)
)
