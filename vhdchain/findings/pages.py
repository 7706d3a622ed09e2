"""What does the page of a code look like as Markdown?

Text out of the table, nothing else: the pages in ``docs/findings`` are this text, written by
``docs/generate_findings.py``, and a test holds the two together.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from vhdchain.findings.codes import CodeInfo

_WIDTH = 120
INDEX_NAME = "README.md"
_INDEX_HEAD = """\
# The codes of findings

Every finding carries a code that is never given to another condition. `vhdchain explain CODE` shows the same pages.

* **error**: guest data may be wrong or unreadable, or a plan must be refused.
* **warning**: rules are broken, but the data is still certain.
* **note**: worth knowing; healthy files have some.

The severity below is the code's default; a finding may carry another one and then says why.

| code | name | severity | what it says |
|---|---|---|---|
"""


def render_page(info: CodeInfo) -> str:
    """Return the page of one code."""
    facts = [("Name", f"`{info.name}`"), ("Severity", info.severity.value), ("Since", info.since)]
    if info.status != "stable":
        facts.append(("Status", info.status))
    if info.windows_error is not None:
        facts.append(("Windows error", f"0x{info.windows_error:08X}"))
    if info.windows_text is not None:
        facts.append(("Windows says", info.windows_text))
    table = "".join(f"| {name} | {value} |\n" for name, value in facts)
    sections = "".join(f"\n## {heading}\n\n{_filled(text)}\n" for heading, text in info.page.sections)
    return f"# {info.code}: {info.title}\n\n| | |\n|---|---|\n{table}{sections}"


def render_index(codes: Iterable[CodeInfo]) -> str:
    """Return the page that lists the codes, with links to theirs."""
    rows = (f"| [{row.code}]({page_name(row)}) | {row.name} | {row.severity.value} | {row.title} |\n" for row in codes)
    return _INDEX_HEAD + "".join(rows)


def page_name(info: CodeInfo) -> str:
    """Return the name of a code's page in the folder of pages."""
    return f"{info.code}.md"


def _filled(text: str) -> str:
    return textwrap.fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False)
