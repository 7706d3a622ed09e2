"""Where does a child say that its parent is, and which of that is to be believed first?

Up to eight locators and the name in the header, in the order of trust: W2ru, W2ku, MacX, Wi2r, Wi2k, header name. The
relative one comes first because it survives when a folder is copied. Behind them come guesses: the last name of an
absolute path, in the child's own folder, which is where a copied folder has it. Which reference is right, the parent's
identifier decides, not their order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.locate.paths import PathKind, StoredPath, fold_case, parse_file_url, parse_path
from vhdchain.structures import PlatformCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.image import Image
    from vhdchain.structures import StoredLocator


class Rule(StrEnum):
    """The rule by which a parent was looked for, or found."""

    W2RU = "W2ru"
    W2KU = "W2ku"
    MACX = "MacX"
    WI2R = "Wi2r"
    WI2K = "Wi2k"
    HEADER_NAME = "header-name"
    BASENAME = "basename"
    UUID_INDEX = "uuid-index"
    GIVEN = "given"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One place where the parent may be.

    Attributes:
        rule: What says so.
        slot: Which of the eight locator entries; None for the other rules.
        text: The stored text; empty where it could not be decoded.
        path: The text taken apart.
        fallback: Whether a parent found by this is worth a warning: a guess, not what the writer recorded as a place.
    """

    rule: Rule
    slot: int | None = None
    text: str
    path: StoredPath
    fallback: bool = False


_TRUST = {
    PlatformCode.W2RU: Rule.W2RU,
    PlatformCode.W2KU: Rule.W2KU,
    PlatformCode.MACX: Rule.MACX,
    PlatformCode.WI2R: Rule.WI2R,
    PlatformCode.WI2K: Rule.WI2K,
}
_ORDER = list(_TRUST)
_ABSOLUTE = (PathKind.DRIVE, PathKind.UNC, PathKind.POSIX, PathKind.ROOTED)


def references(image: Image) -> tuple[Reference, ...]:
    """Return every reference of ``image`` to its parent, most trusted first; none for other than differencing disks."""
    if not image.is_differencing or image.header is None:
        return ()
    stored = [*_from_locators(image), *_from_header(image)]
    return (*stored, *_beside_the_child(stored))


def _from_locators(image: Image) -> Iterator[Reference]:
    known = [locator for locator in image.locators if locator.entry.code in _TRUST]
    for locator in sorted(known, key=_trust):
        code = locator.entry.code
        assert code is not None
        rule = _TRUST[code]
        if locator.text is None:
            path = StoredPath(text="", kind=PathKind.RELATIVE, problem="the locator's text cannot be decoded")
        else:
            path = parse_file_url(locator.text) if rule is Rule.MACX else parse_path(locator.text)
        yield Reference(rule=rule, slot=locator.slot, text=locator.text or "", path=path)


def _trust(locator: StoredLocator) -> tuple[int, int]:
    code = locator.entry.code
    return (_ORDER.index(code) if code else len(_ORDER)), locator.slot


def _from_header(image: Image) -> Iterator[Reference]:
    name = image.header.record.parent_name if image.header else None
    if name is None:
        path = StoredPath(text="", kind=PathKind.RELATIVE, problem="the parent's name cannot be decoded")
        yield Reference(rule=Rule.HEADER_NAME, text="", path=path, fallback=True)
    elif name:
        path = parse_path(name)
        # A full path is a place; a bare name says nothing of the folder.
        bare = path.kind is PathKind.RELATIVE and len(path.parts) == 1
        yield Reference(rule=Rule.HEADER_NAME, text=name, path=path, fallback=bare)


def _beside_the_child(stored: list[Reference]) -> Iterator[Reference]:
    tried = {fold_case(r.path.parts[0]) for r in stored if r.path.kind is PathKind.RELATIVE and len(r.path.parts) == 1}
    for reference in stored:
        name = reference.path.basename
        if reference.path.kind not in _ABSOLUTE or reference.path.problem or name is None or fold_case(name) in tried:
            continue
        tried.add(fold_case(name))
        path = StoredPath(text=name, kind=PathKind.RELATIVE, parts=(name,), problem=parse_path(name).problem)
        yield Reference(rule=Rule.BASENAME, slot=reference.slot, text=reference.text, path=path, fallback=True)
