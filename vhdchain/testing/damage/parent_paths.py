"""Codes 225-228: names of the parent that are no bare names, lead to the child itself, or to where nobody should go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vhdchain.structures import DiskType, PlatformCode
from vhdchain.testing.damage.locator_edits import PARENT, edit_name, edit_text, rename_parent
from vhdchain.testing.damage.recipe import DIFFERENCING, Recipe, healthy_name, recipe
from vhdchain.testing.edits import healthy

if TYPE_CHECKING:
    from vhdchain.testing.dialects import Dialect

W2KU, W2RU = PlatformCode.W2KU, PlatformCode.W2RU
OWN_NAME = healthy_name(DiskType.DIFFERENCING)


def _with_a_bare_name(kind: DiskType, dialect: Dialect) -> bytes:
    # Hyper-V's own name is a full path.
    return edit_name(healthy(kind, dialect), PARENT)


RECIPES: tuple[Recipe, ...] = (
    recipe(
        "VHD225",
        "the name in the header is a full path",
        DIFFERENCING,
        lambda raw: edit_name(raw, f"C:\\VMs\\{PARENT}"),
        variants={"without a drive": lambda raw: edit_name(raw, f"\\VMs\\{PARENT}")},
        options={"base": _with_a_bare_name},
    ),
    recipe(
        "VHD226",
        "the name in the header is a relative path with slashes",
        DIFFERENCING,
        lambda raw: edit_name(raw, f"base/{PARENT}"),
        variants={"beside the child": lambda raw: edit_name(raw, f"./{PARENT}")},
    ),
    recipe(
        "VHD227",
        "every stored name of the parent is the child's own",
        DIFFERENCING,
        lambda raw: rename_parent(raw, OWN_NAME),
        variants={"in other letters": lambda raw: rename_parent(raw, OWN_NAME.upper())},
    ),
    recipe(
        "VHD228",
        "W2ku leads to a share",
        DIFFERENCING,
        lambda raw: edit_text(raw, W2KU, f"\\\\server\\share\\{PARENT}"),
        variants={
            "a device": lambda raw: edit_text(raw, W2KU, r"\\.\PhysicalDrive0"),
            "without Windows' checks": lambda raw: edit_text(raw, W2KU, f"\\\\?\\C:\\VMs\\{PARENT}"),
            "a stream": lambda raw: edit_text(raw, W2KU, f"C:\\VMs\\{PARENT}:hidden"),
            "a reserved name": lambda raw: edit_text(raw, W2KU, f"C:\\aux\\{PARENT}"),
            "control characters": lambda raw: edit_text(raw, W2KU, f"C:\\\x1b[2J\\{PARENT}"),
            "out of the folder": lambda raw: edit_text(raw, W2RU, f"..\\base\\{PARENT}"),
        },
    ),
)
