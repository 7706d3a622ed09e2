"""What kind of path is the text that a child stores for its parent?

Windows writes relative, drive, UNC and device paths, blktap POSIX paths, Mac programs (and blktap) file URLs; any of
them may carry an alternate data stream, a reserved device name or control characters. `parse_path` says which kind a
text is and takes it apart by the rules of its own system; `problem` says why a path must never be followed.

Texts come from files and are not trusted. This module refuses to know any file system: it computes with text alone.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate
from urllib.parse import unquote_to_bytes

from vhdchain.escape import printable


class PathKind(StrEnum):
    """What a stored path is relative to."""

    RELATIVE = "relative"  # to the child's own folder
    DRIVE = "drive"  # C:\VMs\base.vhd
    ROOTED = "root-relative"  # \VMs\base.vhd, on the child's own drive
    DRIVE_RELATIVE = "drive-relative"  # C:base.vhd, in a folder that nobody recorded
    UNC = "unc"  # \\server\share\base.vhd
    DEVICE = "device"  # \\?\..., \\.\...
    POSIX = "posix"  # /var/run/sr-mount/base.vhd


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPath:
    r"""A path as a file stores it.

    Attributes:
        text: The text as it was stored.
        kind: What it is relative to.
        anchor: The drive (``D:``), or ``\\server\share``; empty for the other kinds.
        parts: The names behind the anchor; ``.`` and empty ones are gone, ``..`` is kept.
        problem: Why this path is never followed, as one clause; None where it may be.
    """

    text: str
    kind: PathKind
    anchor: str = ""
    parts: tuple[str, ...] = ()
    problem: str | None = None

    @property
    def basename(self) -> str | None:
        """The last name; None where the path has none."""
        return self.parts[-1] if self.parts and self.parts[-1] != ".." else None


_SEPARATORS = re.compile(r"[\\/]+")
_DRIVE = re.compile(r"[A-Za-z]:")
_LONG_DRIVE = re.compile(r"[\\/]{2}\?[\\/](?=[A-Za-z]:[\\/])")
_DEVICE = re.compile(r"[\\/]{2}[?.](?:[\\/]|$)|\\\?\?\\")
_UNC = re.compile(r"[\\/]{2}(?=[^\\/])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[1-9¹²³])[ ]*(?:\.|$)", re.IGNORECASE)
_DEVICE_STEMS = frozenset({"con", "prn", "aux", "nul", "com", "lpt"})
_FILE_URL = re.compile(r"file:", re.IGNORECASE)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")

LONGEST_SHOWN = 240
"""How many characters of a stored text a message shows; paths that exist are shown in full."""

LONGEST_PATH = 4096

_USUAL_LENGTH = 260


def parse_path(text: str) -> StoredPath:
    """Return what ``text`` says, as Windows reads it unless it begins with ``/`` or ``file:``."""
    # The search, the checks and the reports ask for the same texts; only those of usual length are remembered.
    return _parsed_once(text) if len(text) <= _USUAL_LENGTH else _parsed(text)


def _parsed(text: str) -> StoredPath:
    if not text.strip():
        return StoredPath(text=text, kind=PathKind.RELATIVE, problem="the path is empty")
    if _FILE_URL.match(text):
        return parse_file_url(text)
    if _CONTROL.search(text):
        return StoredPath(text=text, kind=PathKind.RELATIVE, problem="the path holds control characters")
    plain = text
    if text[0] in "\\/":
        plain = _LONG_DRIVE.sub("", text, count=1)
        if _DEVICE.match(plain):
            return StoredPath(text=text, kind=PathKind.DEVICE, problem="device paths are never opened")
        if _UNC.match(plain):
            return _windows(text, PathKind.UNC, *_split_share(plain))
    if _DRIVE.match(plain):
        kind = PathKind.DRIVE if plain[2:3] in ("\\", "/") else PathKind.DRIVE_RELATIVE
        return _windows(text, kind, plain[:2].upper(), plain[2:])
    if plain.startswith("/"):
        return StoredPath(text=text, kind=PathKind.POSIX, parts=_names(plain.split("/")))
    if plain.startswith("\\"):
        return _windows(text, PathKind.ROOTED, "", plain)
    return _windows(text, PathKind.RELATIVE, "", plain)


_parsed_once = lru_cache(maxsize=8192)(_parsed)


def parse_file_url(text: str) -> StoredPath:
    r"""Return what a file URL says; a text that is none is read by `parse_path`.

    ``file://localhost/...``, ``file:///...`` and ``file:/...`` are absolute. blktap writes relative ones as
    ``file://./x.vhd``, whose host is then ``.`` or ``..``, and it escapes nothing: a text with a bad escape is taken
    as it stands. A host of its own makes it a UNC path.
    """
    if not _FILE_URL.match(text):
        return parse_path(text)
    rest = text[len("file:") :]
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host in (".", ".."):
            rest = host + slash + path
        elif host and host.lower() != "localhost":
            rest = f"//{host}{slash}{path}"
        else:
            rest = slash + path
    decoded = _unescape(rest)
    if re.match(r"/[A-Za-z]:[\\/]", decoded):
        decoded = decoded[1:]
    inner = parse_path(decoded) if not _FILE_URL.match(decoded) else _windows(text, PathKind.RELATIVE, "", decoded)
    return StoredPath(text=text, kind=inner.kind, anchor=inner.anchor, parts=inner.parts, problem=inner.problem)


def url_problem(text: str) -> str | None:
    """Return what keeps ``text`` from being a file URL for this machine, as a clause; None where it is one.

    The relative form of blktap, ``file://./x.vhd``, is one.
    """
    if not _FILE_URL.match(text):
        return "is no file URL"
    rest = text[len("file:") :]
    host = rest[2:].partition("/")[0] if rest.startswith("//") else ""
    if host.lower() not in ("", ".", "..", "localhost"):
        return f"names another host, {shortened(host)}"
    if _BAD_ESCAPE.search(rest):
        return "holds a % that escapes nothing"
    try:
        unquote_to_bytes(rest).decode("utf-8")
    except UnicodeDecodeError:
        return "has escapes that are no UTF-8"
    return None


def collapse(parts: tuple[str, ...]) -> tuple[str, ...]:
    """Return ``parts`` below a root with each ``..`` taken back, textually as Windows does; the root stops it."""
    kept: list[str] = []
    for part in parts:
        if part != "..":
            kept.append(part)
        elif kept:
            kept.pop()
    return tuple(kept)


def fold_case(name: str) -> str:
    """Return ``name`` so that two names compare equal when Windows may take them for the same.

    Character by character to upper case, as NTFS does, so that a name never changes its length (``ß`` stays). Composed
    and decomposed letters compare equal, because a copy by way of a Mac changes one into the other.
    """
    if name.isascii():
        return name.upper()
    composed = unicodedata.normalize("NFC", name)
    return "".join(upper if len(upper := letter.upper()) == 1 else letter for letter in composed)


def shortened(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return ``text`` fit for one line of a message: what would break the line is escaped, overlong texts are cut.

    At most ``longest`` characters are shown before the mark of a cut, however many of them escapes take.
    """
    shown = printable(text[:longest])
    if len(shown) <= longest:
        return shown if len(text) <= longest else shown + "…"
    # An escape is not cut in two: half of one reads like another text.
    ends = accumulate(len(printable(character)) for character in text[:longest])
    return shown[: max((end for end in ends if end <= longest), default=0)] + "…"


def _unescape(text: str) -> str:
    if _BAD_ESCAPE.search(text):
        return text
    try:
        return unquote_to_bytes(text).decode("utf-8")
    except UnicodeDecodeError:
        return text


def _split_share(text: str) -> tuple[str, str]:
    server, _, rest = _SEPARATORS.sub(r"\\", text[2:]).partition("\\")
    share, _, path = rest.partition("\\")
    return f"\\\\{server}\\{share}", path


def _windows(text: str, kind: PathKind, anchor: str, path: str) -> StoredPath:
    names = _names(path.replace("/", "\\").split("\\"))
    # Windows drops dots and spaces at the end of a name.
    parts = tuple([name if name == ".." else name.rstrip(" .") for name in names])
    return StoredPath(text=text, kind=kind, anchor=anchor, parts=parts, problem=_windows_problem(kind, parts))


def _windows_problem(kind: PathKind, parts: tuple[str, ...]) -> str | None:
    if kind is PathKind.DRIVE_RELATIVE and parts:
        return "a path relative to a drive's current folder leads nowhere for certain"
    for part in parts:
        if not part:
            return "a name of the path is nothing but dots or spaces"
        if ":" in part:
            return "alternate data streams are never opened"
        if part[:3].lower() in _DEVICE_STEMS and _RESERVED.match(part):
            return "the path holds the name of a device"
    return None


def _names(pieces: list[str]) -> tuple[str, ...]:
    return tuple([piece for piece in pieces if piece and piece != "."])
