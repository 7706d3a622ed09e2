"""Codes 219-230: damages of what the dynamic header says of the parent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from vhdchain.structures.dynamic_header import PARENT_NAME_LENGTH
from vhdchain.structures.footer import NULL_ID, to_timestamp
from vhdchain.testing.damage.recipe import DIFFERENCING, LOOKED_AT, Recipe, recipe
from vhdchain.testing.dialects import BLKTAP, DIALECTS
from vhdchain.testing.edits import edit_header, end_footer, header_of

_WITHOUT_RAW_PARENTS = frozenset({dialect.name for dialect in DIALECTS} - {BLKTAP.name})
"""In blktap's files a null identifier is a note: it stands for a raw parent."""


def _name(raw: bytes) -> bytes:
    return header_of(raw).parent_unicode_name_raw


def _named(raw: bytes, name: bytes) -> bytes:
    """Give the parent the name that begins with these bytes, padded with NULs."""
    return edit_header(raw, parent_unicode_name_raw=name.ljust(PARENT_NAME_LENGTH, b"\0"))


def _text(raw: bytes) -> str:
    name = header_of(raw).parent_name
    assert name
    return name


def _filled(raw: bytes) -> bytes:
    """Let the name take all 256 units: folders are put in front of its last part, which stays."""
    last = "\\" + _text(raw).rpartition("\\")[2]
    folders = ("folder\\" * (PARENT_NAME_LENGTH // 2))[: PARENT_NAME_LENGTH // 2 - len(last)].rstrip("\\")
    return _named(raw, (folders.ljust(PARENT_NAME_LENGTH // 2 - len(last), "x") + last).encode("utf-16-be"))


def _swapped(raw: bytes) -> bytes:
    return _named(raw, _text(raw).encode("utf-16-le"))


def _made_later(raw: bytes, seconds: int) -> bytes:
    return edit_header(raw, parent_time_stamp=end_footer(raw).time_stamp + seconds)


_HOURS = 3600
_DAYS = 24 * _HOURS

RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD219",
        "the parent's identifier is null",
        DIFFERENCING,
        lambda raw: edit_header(raw, parent_unique_id=NULL_ID),
        options={"dialects": _WITHOUT_RAW_PARENTS},
    ),
    recipe(
        "VHD220",
        "the parent's identifier is the disk's own",
        DIFFERENCING,
        lambda raw: edit_header(raw, parent_unique_id=end_footer(raw).unique_id),
    ),
    recipe(
        "VHD221",
        "the parent has no name",
        DIFFERENCING,
        lambda raw: _named(raw, b""),
        variants={"but leftover bytes": lambda raw: _named(raw, b"\0\0" + _name(raw)[2:])},
    ),
    recipe("VHD222", "the parent's name takes all 256 units", DIFFERENCING, _filled),
    recipe(
        "VHD223",
        "the parent's name begins with half of a surrogate pair",
        DIFFERENCING,
        lambda raw: _named(raw, b"\xd8\x3d" + _text(raw).encode("utf-16-be")),
        variants={
            "ends with one": lambda raw: _named(raw, _text(raw).encode("utf-16-be") + b"\xd8\x3d"),
            "begins with the other half": lambda raw: _named(raw, b"\xde\x00" + _text(raw).encode("utf-16-be")),
        },
    ),
    recipe("VHD224", "the parent's name is little-endian", DIFFERENCING, _swapped),
    recipe(
        "VHD229",
        "the parent was modified in the next century",
        DIFFERENCING,
        lambda raw: edit_header(raw, parent_time_stamp=to_timestamp(datetime(2130, 1, 1, tzinfo=UTC))),
        variants={
            "in fifteen hours": lambda raw: edit_header(
                raw, parent_time_stamp=to_timestamp(LOOKED_AT + timedelta(hours=15))
            ),
        },
    ),
    recipe(
        "VHD230",
        "the parent was modified a month after the disk was made",
        DIFFERENCING,
        lambda raw: _made_later(raw, 30 * _DAYS),
        variants={"fifteen hours after": lambda raw: _made_later(raw, 15 * _HOURS)},
    ),
)
