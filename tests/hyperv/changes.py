"""What differs between two configurations."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vhdchain.hyperv import Key


def values(root: Key) -> dict[str, object]:
    """Return path and value of every key that holds one."""
    return {path: key.value for path, key in root.walk() if key.type is not None}


def changed(before: Key, after: Key) -> dict[str, object]:
    """Return the keys whose values differ, with those of ``after``; None where there is none any more."""
    old, new = values(before), values(after)
    return {path: new.get(path) for path in [*old, *new] if old.get(path) != new.get(path)}
