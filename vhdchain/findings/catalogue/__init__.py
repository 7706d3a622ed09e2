"""The rows of the table of codes, a module per family, in the order of the codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings.catalogue import files, footer, footer_copy, graph, header, layout, links, locators, tool

if TYPE_CHECKING:
    from vhdchain.findings.codes import CodeInfo

ROWS: tuple[CodeInfo, ...] = (
    *tool.ROWS,
    *footer.ROWS,
    *footer_copy.ROWS,
    *header.ROWS,
    *locators.ROWS,
    *layout.ROWS,
    *files.ROWS,
    *links.ROWS,
    *graph.ROWS,
)
