"""How is what readers made of the suite told to a build server?

As JUnit XML: a suite for each reader, a case for each chain. Wrong bytes and refusals are failures, crashes and
time-outs errors. Times are left out, so that two equal runs give equal files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from vhdchain.testing.conformance.judge import Verdict
from vhdchain.testing.conformance.lines import RANDOM, said
from vhdchain.testing.conformance.traps import TRAPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vhdchain.testing.conformance.run import Conformance, Result

_FAILURES = (Verdict.WRONG, Verdict.REFUSED)
_ERRORS = (Verdict.CRASHED, Verdict.TIMED_OUT)


def junit_text(reports: Sequence[Conformance]) -> str:
    """Return the XML document about the readers that were asked."""
    root = ET.Element("testsuites", name="vhdchain conformance")
    for report in reports:
        reader, counts = report.reader, report.counts
        suite = ET.SubElement(
            root,
            "testsuite",
            name=f"{reader.name} {reader.version}" if reader.version else reader.name,
            tests=str(len(report.results)),
            failures=str(sum(counts[verdict] for verdict in _FAILURES)),
            errors=str(sum(counts[verdict] for verdict in _ERRORS)),
            skipped="0",
        )
        for result in report.results:
            _add(suite, result)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _add(suite: ET.Element, result: Result) -> None:
    trap = result.case.trap
    group = f"trap {trap}: {TRAPS[trap]}" if trap else RANDOM
    element = ET.SubElement(suite, "testcase", classname=group, name=result.case.name)
    if result.verdict is Verdict.RIGHT:
        return
    tag = "failure" if result.verdict in _FAILURES else "error"
    text = f"{result.case.asks}: {said(result)}"
    problem = ET.SubElement(element, tag, type=str(result.verdict), message=text)
    problem.text = result.case.recipe or None
