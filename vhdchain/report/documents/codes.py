"""What does a code mean, as a document? Schema ``vhdchain.explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.report.documents.shape import document

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings import CodeInfo
    from vhdchain.report.documents.shape import Json


def codes_document(codes: Iterable[CodeInfo]) -> dict[str, Json]:
    """Return the ``vhdchain.explain`` document: the rows of the table, each with its page."""
    return document("explain", codes=[_row(info) for info in codes])


def _row(info: CodeInfo) -> dict[str, Json]:
    page = info.page
    return {
        "code": info.code,
        "name": info.name,
        "title": info.title,
        "severity": info.severity.value,
        "since": info.since,
        "status": info.status,
        "windows_error": info.windows_error,
        "windows_text": info.windows_text,
        "page": {
            "finds": page.finds,
            "matters": page.matters,
            "seen": page.seen,
            "false_positives": page.false_positives,
            "do": page.do,
        },
    }
