"""Codes 314-322: parent locators whose texts are broken, or do not say what they should."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.structures import PlatformCode
from vhdchain.structures.dynamic_header import NO_LOCATORS
from vhdchain.testing.damage.locator_edits import (
    PARENT,
    edit_code,
    edit_data,
    edit_name,
    edit_text,
    entry_of_code,
    place_in_slots,
    used_entries,
)
from vhdchain.testing.damage.recipe import DIFFERENCING, Recipe, recipe
from vhdchain.testing.dialects import HYPER_V_2008_R2, VIRTUALBOX
from vhdchain.testing.edits import edit_header, healthy

if TYPE_CHECKING:
    from vhdchain.structures import DiskType
    from vhdchain.testing.dialects import Dialect

W2KU, W2RU, MACX = PlatformCode.W2KU, PlatformCode.W2RU, PlatformCode.MACX
LONE_SURROGATE = b"\x00\xd8"


def _data(raw: bytes, code: PlatformCode) -> bytes:
    entry = entry_of_code(raw, code)
    return raw[entry.platform_data_offset :][: entry.platform_data_length]


def _undecodable(raw: bytes) -> bytes:
    return edit_data(raw, W2KU, LONE_SURROGATE + _data(raw, W2KU)[2:])


def _odd(raw: bytes) -> bytes:
    return edit_data(raw, W2KU, _data(raw, W2KU) + b"\0")


def _more_behind(raw: bytes) -> bytes:
    return edit_data(raw, W2KU, _data(raw, W2KU) + "\0.old".encode("utf-16-le"))


def _empty(raw: bytes) -> bytes:
    return edit_data(raw, W2KU, bytes(20))


def _swapped(raw: bytes) -> bytes:
    return edit_data(raw, W2KU, _data(raw, W2KU).decode("utf-16-le").encode("utf-16-be"))


def _with_an_absolute_path(kind: DiskType, dialect: Dialect) -> bytes:
    # blktap's own W2ku is relative.
    return edit_text(healthy(kind, dialect), W2KU, f"C:\\VMs\\{PARENT}")


def _without_relative(raw: bytes) -> bytes:
    return place_in_slots(raw, [entry for entry in used_entries(raw) if entry.code is not W2RU])


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD314",
        "the text of W2ku begins with a lone surrogate",
        DIFFERENCING,
        _undecodable,
        variants={"odd length": _odd, "more behind a NUL": _more_behind, "empty": _empty},
    ),
    recipe("VHD315", "the text of W2ku is big-endian", DIFFERENCING, _swapped),
    recipe(
        "VHD316",
        "W2ku holds a relative path",
        DIFFERENCING,
        lambda raw: edit_text(raw, W2KU, f".\\{PARENT}"),
        variants={"a bare name": lambda raw: edit_text(raw, W2KU, PARENT)},
        options={"base": _with_an_absolute_path},
    ),
    recipe(
        "VHD317",
        "W2ru holds an absolute path",
        DIFFERENCING,
        lambda raw: edit_text(raw, W2RU, f"C:\\VMs\\{PARENT}"),
        variants={
            "without a drive": lambda raw: edit_text(raw, W2RU, f"\\VMs\\{PARENT}"),
            "of a POSIX system": lambda raw: edit_text(raw, W2RU, f"/vms/{PARENT}"),
        },
    ),
    recipe(
        "VHD318",
        "MacX holds a plain path",
        DIFFERENCING,
        lambda raw: edit_text(raw, MACX, f"/Users/Public/{PARENT}"),
        variants={
            "of another kind": lambda raw: edit_text(raw, MACX, f"http://localhost/{PARENT}"),
            "another host": lambda raw: edit_text(raw, MACX, f"file://server/share/{PARENT}"),
            "a bad escape": lambda raw: edit_text(raw, MACX, f"file://localhost/100%/{PARENT}"),
            "an escape that is no UTF-8": lambda raw: edit_text(raw, MACX, f"file:///%FF/{PARENT}"),
        },
    ),
    recipe(
        "VHD319",
        "W2ku leads to a file of another name",
        DIFFERENCING,
        lambda raw: edit_text(raw, W2KU, "C:\\VMs\\other.vhd"),
        variants={
            "W2ru": lambda raw: edit_text(raw, W2RU, ".\\other.vhd"),
            "the header": lambda raw: edit_name(raw, "other.vhd"),
        },
    ),
    recipe(
        "VHD321",
        "no locator is used",
        DIFFERENCING,
        lambda raw: edit_header(raw, locators=NO_LOCATORS),
        variants={
            "only an alias of a Mac": lambda raw: edit_code(
                place_in_slots(raw, [entry_of_code(raw, W2KU)]), W2KU, platform_code=b"Mac "
            )
        },
    ),
    recipe(
        "VHD322",
        "the W2ru is taken away",
        DIFFERENCING,
        _without_relative,
        # blktap's other locators are relative too, so that there it is a note.
        options={"dialects": frozenset({HYPER_V_2008_R2.name, VIRTUALBOX.name})},
    ),
)
