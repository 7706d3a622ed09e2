"""Writes the pages of the codes from the table of codes: ``python docs/generate_findings.py``."""

from __future__ import annotations

from pathlib import Path

from vhdchain.findings import CODES
from vhdchain.findings.pages import INDEX_NAME, page_name, render_index, render_page

FOLDER = Path(__file__).resolve().parent / "findings"


def pages() -> dict[str, str]:
    """Return the text of every page by its name in the folder."""
    return {INDEX_NAME: render_index(CODES.values())} | {page_name(row): render_page(row) for row in CODES.values()}


def main() -> None:
    """Make the folder hold exactly the pages of the table."""
    FOLDER.mkdir(exist_ok=True)
    for stale in set(FOLDER.glob("*.md")) - {FOLDER / name for name in pages()}:
        stale.unlink()
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
