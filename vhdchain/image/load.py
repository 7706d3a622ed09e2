"""Can this image be read, and if not, why?

`load_image` scans and then judges: it raises `FormatError` with every finding when one of them forbids reading. A
caller who must read a damaged disk names the codes to accept. Two kinds of findings stand outside of that choice:
errors that leave the disk readable by the stated rules (the footer copy steps in), and conditions under which nothing
could be read but a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.errors import ConfigError, FormatError
from vhdchain.findings import CODES, Finding, Severity
from vhdchain.image.checks import check_image
from vhdchain.image.record import FooterPolicy
from vhdchain.image.scan import footer_is_valid, scan_image

if TYPE_CHECKING:
    from collections.abc import Collection

    from vhdchain.image.record import Image, Limits
    from vhdchain.source import ByteSource

NEVER_ACCEPTED = frozenset(
    {
        "VHD002",  # the header is none, so nothing behind it was judged
        "VHD004",  # two states of the file are mixed
        "VHD005",  # something was not taken in
        "VHD101",
        "VHD103",
        "VHD114",  # neither a fixed disk nor one with a BAT
        "VHD116",
        "VHD119",  # there is no header
        "VHD128",  # the map counts in sectors
        "VHD145",
        "VHD208",  # parts of the BAT are something else
        "VHD210",
        "VHD213",  # no sector's place can be computed
        "VHD214",
        "VHD401",  # blocks without an entry: filling them with zeros would be a guess
        "VHD402",
        "VHD403",  # metadata would be given out as the guest's data
        "VHD416",  # every block would be the same bytes
        "VHD510",
        "VHD552",
    }
)
"""Codes whose errors refuse an image whatever the caller accepts."""

_STILL_READABLE = frozenset(
    {
        # The end footer is whole, so the data is read as ever; only the next interrupted growth would miss the copy.
        "VHD139",
        "VHD205",  # the data is found by the first header alone; nobody follows the chain behind it
        # One locator is unusable, and the file's own data is found without it; whether the others, the name or the
        # identifier lead to the right parent is judged where the chain is built.
        "VHD306",
        "VHD307",
        "VHD312",
        "VHD220",  # says nothing of this file; what its identifier leads to is judged where the chain is built
    }
)
# The stated rule takes a valid copy in place of a missing or damaged end footer.
_COVERED_BY_COPY = frozenset({"VHD102", "VHD106"})
# Differences that decide how the data is read are told by VHD141 as an error; for the others the end footer counts.
_TOLD_BY_ANOTHER = frozenset({"VHD142"})
# Whoever names the footer that counts has decided between the two.
_DECIDED_BY_POLICY = frozenset({"VHD141"})


def load_image(
    source: ByteSource,
    *,
    footer: FooterPolicy = FooterPolicy.AUTO,
    accept: Collection[str] = (),
    limits: Limits | None = None,
) -> Image:
    """Return the image in ``source``, judged sound enough to be read.

    Args:
        source: The file.
        footer: Which footer counts; by default a stated rule (`scan_image`). Naming one settles a difference between
            two valid footers.
        accept: Codes of errors in spite of which the image is to be read.
        limits: How much is taken in at most.

    Raises:
        FormatError: An error that is not accepted; all findings are attached.
        ConfigError: ``accept`` names a code that does not exist.
        OSError: The operating system could not read.
    """
    return require_sound(scan_image(source, footer=footer, limits=limits), footer=footer, accept=accept)


def require_sound(image: Image, *, footer: FooterPolicy = FooterPolicy.AUTO, accept: Collection[str] = ()) -> Image:
    """Return ``image`` unless one of its findings forbids reading it; arguments and errors as of `load_image`.

    ``footer`` is the policy with which the image was scanned.
    """
    unknown = sorted(set(accept) - CODES.keys())
    if unknown:
        raise ConfigError(f"accept: there is no code {', '.join(unknown)}; `vhdchain explain` lists all codes")
    if footer is not FooterPolicy.AUTO:
        accept = {*accept, *_DECIDED_BY_POLICY}
    findings = check_image(image)
    refusing = [item for item in findings if _refuses(image, item, accept)]
    if refusing:
        raise FormatError(_message(refusing), findings=findings)
    return image


def _refuses(image: Image, item: Finding, accept: Collection[str]) -> bool:
    if item.code == "VHD002":
        return True
    if item.severity is not Severity.ERROR or item.code in _STILL_READABLE or item.code in _TOLD_BY_ANOTHER:
        return False
    if item.code in NEVER_ACCEPTED:
        return True
    if item.code in _COVERED_BY_COPY and _copy_covers(image):
        return False
    return item.code not in accept


def _copy_covers(image: Image) -> bool:
    return image.footer_source is FooterPolicy.COPY and image.is_sparse and footer_is_valid(image.footer_copy)


def _message(refusing: list[Finding]) -> str:
    more = len(refusing) - 1
    return str(refusing[0]) + (f" (and {more} more)" if more else "")
