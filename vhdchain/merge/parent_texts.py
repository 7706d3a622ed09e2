r"""With which words does a child name another parent, in the manner in which it named the old one?

One text per locator, and the name in the header. A relative path stays relative (with its ``.\`` or without, as it
was), an absolute one absolute, blktap's relative path in a locator for absolute ones stays, a URL stays a URL in its
form. What Windows, or a Mac, calls the new parent is told by the caller, or follows from what the child itself says:
where its relative and its absolute path name one file, the absolute path of another file follows from the relative one.
Nothing is guessed beyond that. The order of bytes is always the one that the format asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from vhdchain.image.manner import NameForm, manner_of
from vhdchain.locate import PathKind, Rule, fold_case, parse_file_url, parse_path, references
from vhdchain.structures import PlatformCode

if TYPE_CHECKING:
    from vhdchain.image import Image
    from vhdchain.locate import StoredPath
    from vhdchain.structures import StoredLocator

_RELATIVE_CODES = (PlatformCode.W2RU, PlatformCode.WI2R)
_ABSOLUTE_CODES = (PlatformCode.W2KU, PlatformCode.WI2K)
_UP = ".."


@dataclass(frozen=True, slots=True, kw_only=True)
class NewParent:
    r"""What a child is told of the file that becomes its parent.

    Attributes:
        unique_id: The 16 stored bytes of its identifier; null for a raw disk.
        name: The file's own name, without a folder.
        relative: The names that lead to it from the child's folder, ``..`` for a folder up; None where none does,
            because it lies on another volume.
        time_stamp: When its file was modified, in seconds since 2000-01-01 00:00:00 UTC.
        absolute: Its path as Windows has it; None where that is not known.
        url: Its file URL for a Mac; None where that is not known.
    """

    unique_id: bytes
    name: str
    relative: tuple[str, ...] | None
    time_stamp: int
    absolute: str | None = None
    url: str | None = None


class ParentTexts:
    """The texts by which a child may name a new parent.

    Args:
        child: A differencing image.
        new: The new parent.
        old: The names that lead from the child's folder to the present parent, where that was found; what the child's
            own relative path says counts in any case.
    """

    def __init__(self, child: Image, new: NewParent, old: tuple[str, ...] | None = None) -> None:
        self._child = child
        self._new = new
        self._olds = [place for place in (old, _stored_relative(child)) if place is not None]

    def of_locator(self, locator: StoredLocator) -> str | None:
        """Return the text for a locator that holds one; None where nothing says how the new parent is called there."""
        code, text = locator.entry.code, locator.text or None
        path = None if text is None else _parsed(code, text)
        if code is PlatformCode.MACX:
            return self._url(text, path)
        if code in _RELATIVE_CODES or (path is not None and _is_relative(path)):
            return self._relative(text if path is not None and _is_relative(path) else None)
        return self._absolute(path)

    def of_header(self) -> str:
        """Return the name for the header, in the form that it has now; the bare name where that form is not known."""
        header = self._child.header
        text = header.record.parent_name if header is not None else None
        if text and manner_of(self._child).name_form in (NameForm.WINDOWS_PATH, NameForm.SLASH_PATH):
            path = parse_path(text)
            found = self._relative(text) if _is_relative(path) else self._absolute(path)
            return found or self._new.name
        return self._new.name

    @property
    def bare(self) -> str:
        """The name that every reader understands, and that says nothing of a folder."""
        return self._new.name

    def _relative(self, old: str | None) -> str | None:
        parts = self._new.relative
        if parts is None:
            return None
        separator = "/" if old and "/" in old and "\\" not in old else "\\"
        is_bare = old is not None and not old.startswith(".")
        return separator.join(parts if is_bare or parts[0] == _UP else (".", *parts))

    def _absolute(self, old: StoredPath | None) -> str | None:
        """Return the path as the caller has it, or as it follows from the old one, ``None`` where it does not."""
        if self._new.absolute is not None and (old is None or old.kind is not PathKind.POSIX):
            return self._new.absolute
        parts = None if old is None else self._moved(old.parts)
        if old is None or parts is None:
            return self._new.absolute
        if old.kind is PathKind.POSIX:
            return "/" + "/".join(parts)
        long = "\\\\?\\" if old.text.startswith("\\\\?\\") else ""
        return long + "\\".join((old.anchor, *parts))

    def _url(self, text: str | None, path: StoredPath | None) -> str | None:
        if text is None or path is None or _is_relative(path):
            parts = self._new.relative
            if parts is None:
                return None
            # blktap escapes nothing, and reads nothing that is escaped; only what would be taken for an escape is.
            return "file://" + "/".join(parts if parts[0] == _UP else (".", *parts)).replace("%", "%25")
        if self._new.url is not None:
            return self._new.url
        if (parts := self._moved(path.parts)) is None:
            return None
        plain = "/".join(map(quote, parts))
        if path.kind is PathKind.UNC:
            return f"file:{path.anchor.replace(chr(92), '/')}/{plain}"
        drive = f"{path.anchor}/" if path.kind is PathKind.DRIVE else ""
        host = "localhost" if text.lower().startswith("file://localhost/") else ""
        return f"file://{host}/{drive}{plain}"

    def _moved(self, parts: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return an absolute path to the old parent made one to the new; None where the child does not say enough."""
        new = self._new.relative
        found = (None if new is None else _followed(parts, old, new) for old in self._olds)
        return next((path for path in found if path is not None), None)


def _followed(parts: tuple[str, ...], old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return where ``new`` leads from the folder from which ``old`` leads to the absolute ``parts``; None: unknown."""
    shared = 0
    while shared < min(len(old), len(new)) - 1 and fold_case(old[shared]) == fold_case(new[shared]):
        shared += 1
    gone = old[shared:]
    kept, tail = list(parts[: len(parts) - len(gone)]), parts[len(parts) - len(gone) :]
    # A folder up from the child has a name that only the absolute path could tell, and it was left behind.
    if _UP in gone or list(map(fold_case, tail)) != list(map(fold_case, gone)):
        return None
    for part in new[shared:]:
        if part != _UP:
            kept.append(part)
        elif kept:
            kept.pop()
        else:
            return None
    return tuple(kept)


def _parsed(code: PlatformCode | None, text: str) -> StoredPath:
    return parse_file_url(text) if code is PlatformCode.MACX else parse_path(text)


def _is_relative(path: StoredPath) -> bool:
    return path.kind is PathKind.RELATIVE and bool(path.parts)


def _stored_relative(child: Image) -> tuple[str, ...] | None:
    """Return where the child's own relative path leads, by the most trusted locator that holds one."""
    for reference in references(child):
        path = reference.path
        if reference.slot is not None and reference.rule is not Rule.BASENAME and _is_relative(path):
            return None if path.problem else path.parts
    return None
