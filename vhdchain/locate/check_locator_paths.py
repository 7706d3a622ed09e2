"""Do the paths in the parent locators have the form that their platform codes ask for, and name one file?

A locator for absolute paths should hold one, a locator for relative paths another, a Mac's locator a URL; together they
should name a file as the header does. What a path must not hold is judged with all stored names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.findings import Finding, Severity, finding
from vhdchain.locate.paths import PathKind, fold_case, shortened, url_problem
from vhdchain.structures import PlatformCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from vhdchain.findings import Location
    from vhdchain.locate.stored_names import StoredName
    from vhdchain.structures import StoredLocator

_FOR_ABSOLUTE = (PlatformCode.W2KU, PlatformCode.WI2K)
_FOR_RELATIVE = (PlatformCode.W2RU, PlatformCode.WI2R)

_LONGEST_WHOLE_NAME = 254
"""A longer name may have been cut when it was put into the header's 256 UTF-16 units."""


def check_locator_paths(
    entries: Location, locators: Sequence[StoredLocator], names: Sequence[StoredName]
) -> Iterator[Finding]:
    """Yield VHD316-319, 321 and 322.

    Args:
        entries: Where the child's locator entries stand.
        locators: Its used locators.
        names: The texts that could be read, of the locators and of the header.
    """
    in_locators = [name for name in names if name.slot is not None]
    yield from _relative_for_absolute(in_locators)
    yield from _absolute_for_relative(in_locators)
    yield from _bad_urls(in_locators)
    yield from _other_names(names)
    yield from _missing(entries, locators, in_locators)


def _relative_for_absolute(names: list[StoredName]) -> Iterator[Finding]:
    found = [name for name in names if name.code in _FOR_ABSOLUTE and _is_relative(name)]
    if found:
        message = f"{found[0]} is for an absolute path, but holds the relative {shortened(found[0].text)}"
        yield finding("VHD316", found[0].place, message, found=found[0].text, details=_further(found))


def _absolute_for_relative(names: list[StoredName]) -> Iterator[Finding]:
    found = [name for name in names if name.code in _FOR_RELATIVE and name.path.kind is not PathKind.RELATIVE]
    if found:
        message = f"{found[0]} is for a relative path, but holds the {found[0].path.kind} path "
        message += shortened(found[0].text)
        yield finding("VHD317", found[0].place, message, found=found[0].text, details=_further(found))


def _is_relative(name: StoredName) -> bool:
    return name.path.kind is PathKind.RELATIVE and bool(name.path.parts)


def _bad_urls(names: list[StoredName]) -> Iterator[Finding]:
    told = [(name, problem) for name in names if name.code is PlatformCode.MACX and (problem := url_problem(name.text))]
    if told:
        name, problem = told[0]
        message = f"{name} {problem}: '{shortened(name.text)}'"
        yield finding("VHD318", name.place, message, found=name.text, details=_further([item for item, _ in told]))


def _other_names(names: Sequence[StoredName]) -> Iterator[Finding]:
    """Compare the last name of each locator's path with the header's."""
    header = next((name for name in names if name.slot is None), None)
    if header is None or (wanted := _last_name(header)) is None or _may_be_cut(header):
        return
    folded = fold_case(wanted)
    other = [
        name
        for name in names
        if name.slot is not None and (last := _last_name(name)) is not None and fold_case(last) != folded
    ]
    if other:
        last = _last_name(other[0])
        assert last is not None
        message = f"{other[0]} leads to a file {shortened(last)}, but the header names the parent {shortened(wanted)}"
        yield finding("VHD319", other[0].place, message, expected=wanted, found=last, details=_further(other))


def _last_name(name: StoredName) -> str | None:
    return None if name.path.problem else name.path.basename


def _may_be_cut(header: StoredName) -> bool:
    return (
        len(header.text) > _LONGEST_WHOLE_NAME // 2 and len(header.text.encode("utf-16-le")) // 2 > _LONGEST_WHOLE_NAME
    )


def _missing(place: Location, locators: Sequence[StoredLocator], names: list[StoredName]) -> Iterator[Finding]:
    if not names:
        used = ", ".join(f"{item.name} in slot {item.slot}" for item in locators)
        message = f"no locator holds a path that could be read: {used}" if used else "no parent locator is used"
        yield finding("VHD321", place, message, found=len(locators))
        return
    if any(item.entry.code is PlatformCode.W2RU for item in locators):
        return
    relative = [name for name in names if _is_relative(name)]
    absolute = [name for name in names if name.code is PlatformCode.W2KU and not _is_relative(name)]
    message = "no locator is a W2ru, the relative path that survives when a folder is moved"
    if relative:
        message += f"; {relative[0]} holds a relative path"
    elif not absolute:
        message += "; its writer has no such locators"
    # Programs for Windows that store a W2ku store a W2ru beside it; older ones and those for the Mac have their own.
    severity = None if absolute and not relative else Severity.NOTE
    yield finding("VHD322", place, message, expected="W2ru", severity=severity)


def _further(names: Sequence[StoredName]) -> tuple[str, ...]:
    return tuple(f"{name}: {shortened(name.text)}" for name in names[1:])
