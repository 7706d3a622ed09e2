"""How do the rules make one plan for one or several files?

File by file: what is found is judged, each rule is tried on what the rules before it leave, and the result is scanned
and judged once more. A mending that does not take its finding away, or brings another one, is no mending. All patches
of a file become one list from the old bytes to the last ones.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.errors import PlanRefusedError
from vhdchain.findings import Finding, Location, Severity, finding, worst_first
from vhdchain.image import check_image, scan_image
from vhdchain.locate import shortened
from vhdchain.locate.check_pair import check_pair
from vhdchain.merge.patched import PatchedSource
from vhdchain.merge.repairs.records import Mending, NotMended
from vhdchain.merge.repairs.rules import RULES, WITHOUT_RULE
from vhdchain.merge.undoing import FilePatches, patch_steps, room_for
from vhdchain.plan import Patch, Plan, state_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from vhdchain.image import Image
    from vhdchain.merge.repairs.records import Case
    from vhdchain.merge.repairs.rules import Rule
    from vhdchain.plan import Step


def plan_repair(cases: Sequence[Case], *, only: Collection[str] = (), replace: bool = False) -> Plan:
    """Return the plan that mends what can be proved of some files.

    Args:
        cases: The files, each once.
        only: Codes that are to be mended; all for which there is a rule where it is empty.
        replace: Whether patched copies take the files' places, so that they can be read at every moment.

    Returns:
        The plan; its findings are what stays, with the reason. It has no steps where there is nothing to mend.

    Raises:
        PlanRefusedError: Something is to be mended, and none of it can be; all findings come with it.
        ShortReadError: A file was truncated after it was scanned.
    """
    works = [_mended(case, frozenset(only)) for case in cases]
    left = worst_first(item for work in works for item in work.left)
    done = [work for work in works if work.mendings]
    if left and not done:
        more = f" (and {len(left) - 1} more)" if len(left) > 1 else ""
        raise PlanRefusedError(f"{left[0]}{more}", findings=left)
    codes = sorted({code for work in done for mending in work.mendings for code in mending.codes})
    names = ", ".join(shortened(work.case.image.name) for work in done)
    summary = f"mend {', '.join(codes)} in {names}" if done else "nothing is to be mended"
    return Plan(
        action="repair",
        summary=summary,
        steps=tuple(step for work in done for step in _steps(work, replace=replace)),
        files=tuple(state_of(work.case.image.source) for work in done),
        needs=room_for(map(_sizes, done), replace=replace),
        facts={"mended": ", ".join(codes), **_proofs(done)} if done else {},
        findings=left,
    )


@dataclass(slots=True)
class _Work:
    """What was done to one file so far: the image as it is then, what is found in it, and how it came to that."""

    case: Case
    image: Image
    found: tuple[Finding, ...] = ()
    mendings: list[Mending] = field(default_factory=list)
    left: list[Finding] = field(default_factory=list)


def _mended(case: Case, only: frozenset[str]) -> _Work:
    work = _Work(case, case.image)
    if case.journal is not None:
        message = "a change of this file was begun and not finished: 'vhdchain resume' it first, or take it back"
        work.left.append(finding("VHD901", Location(path=case.image.name), message, related=(case.journal,)))
        return work
    work.found = _found(case, case.image)
    told = (*work.found, *case.merges)
    for rule in RULES:
        _try(work, rule, only)
    mended = {code for mending in work.mendings for code in mending.codes}
    for item in told:
        reason = WITHOUT_RULE.get(item.code)
        if reason and item.code not in mended and (not only or item.code in only):
            work.left.append(_with_reason(item, reason))
    return work


def _try(work: _Work, rule: Rule, only: frozenset[str]) -> None:
    codes = {item.code for item in work.found}
    outcome = rule(dataclasses.replace(work.case, image=work.image), codes)
    if outcome is None or (only and not only.intersection(outcome.codes)):
        return
    if isinstance(outcome, Mending):
        image = scan_image(PatchedSource(work.image.source, outcome.patches, outcome.size))
        after = _found(work.case, image)
        worse = [item for item in after if item.severity is not Severity.NOTE and item.code not in codes]
        still = sorted({item.code for item in after}.intersection(outcome.codes))
        if not worse and not still:
            work.image, work.found = image, after
            work.mendings.append(outcome)
            return
        why = f"{', '.join(still)} would stay" if still else f"it would bring {worse[0].code}: {worse[0].message}"
        outcome = NotMended(codes=outcome.codes, reason=why)
    work.left.extend(_with_reason(item, outcome.reason) for item in work.found if item.code in outcome.codes)


def _found(case: Case, image: Image) -> tuple[Finding, ...]:
    """Return what is wrong with a file, and with it as the parent of its children."""
    pairs = [item for child in case.children for item in check_pair(child, image) if item.code == "VHD612"]
    return (*check_image(image, children=len(case.children)), *pairs)


def _with_reason(item: Finding, reason: str) -> Finding:
    return dataclasses.replace(item, message=f"{item.message}; not mended: {reason}")


# ----------------------------------------------------------------------------------------------------------- the plan


def _steps(work: _Work, *, replace: bool) -> tuple[Step, ...]:
    whats = "; ".join(mending.what for mending in work.mendings)
    change = FilePatches(
        source=work.case.image.source,
        name=work.case.name,
        patches=joined(work.case.image, work.image, work.mendings),
        size=None if work.image.file_size == work.case.image.file_size else work.image.file_size,
        undo=work.case.undo,
        keeps_time=bool(work.case.children),
    )
    return patch_steps(change, f"{shortened(work.case.name)}: {whats}", replace=replace)


def joined(before: Image, after: Image, mendings: Iterable[Mending]) -> tuple[Patch, ...]:
    """Return one list of patches from the bytes that a file has to those that several mendings leave."""
    places = sorted(
        (patch.offset, patch.offset + len(patch.new), patch.why) for mending in mendings for patch in mending.patches
    )
    spans: list[tuple[int, int, list[str]]] = []
    for begin, end, why in places:
        if spans and begin < spans[-1][1]:
            first, last, whys = spans.pop()
            spans.append((first, max(last, end), [*whys, why]))
        else:
            spans.append((begin, end, [why]))
    patches = []
    for begin, end, whys in spans:
        old, new = (_read(image, begin, end) for image in (before, after))
        if old != new:
            patches.append(Patch(offset=begin, old=old, new=new, why="; ".join(dict.fromkeys(whys))))
    return tuple(patches)


def _read(image: Image, begin: int, end: int) -> bytes:
    """Return the bytes of a file; behind its end it counts as zeros."""
    inside = max(0, min(end, image.file_size) - begin)
    return (image.source.read_at(begin, inside) if inside else b"").ljust(end - begin, b"\0")


def _sizes(work: _Work) -> tuple[str, int, int]:
    before = work.case.image
    return before.name, before.file_size, work.image.file_size - before.file_size


def _proofs(works: Iterable[_Work]) -> dict[str, int | str]:
    """Return what is done and why, one fact for each mending."""
    mendings = [(work.case.image.name, mending) for work in works for mending in work.mendings]
    return {
        f"mending_{number}": f"{path}: {mending.what}, since {mending.proof}"
        for number, (path, mending) in enumerate(mendings, 1)
    }
