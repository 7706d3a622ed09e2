"""What is one case: which files does a reader get, and what must come of it?

A case belongs to one trap and has as little else in it as possible, so that a reader fails it for that trap alone. It
is a function that builds a chain, and where needed a change to the files after they were saved. What is right follows
from the builder: the guest's bytes, or a refusal where nobody can know them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from vhdchain.testing.builder import ChainBuilder
    from vhdchain.testing.images import BuiltImage


class Right(StrEnum):
    """What a right reader does."""

    BYTES = "bytes"
    REFUSAL = "refusal"


class BuiltChain(NamedTuple):
    """A tree, and the leaf that is read."""

    tree: ChainBuilder
    leaf: BuiltImage


def nothing(_: dict[str, Path]) -> None:
    """Change nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One chain for a reader.

    Attributes:
        name: Unique; words with hyphens.
        trap: The number of the trap (`traps.TRAPS`); 0 for random chains, which ask about whatever they hold.
        asks: What lies in the files, as a clause.
        build: Builds the chain.
        change: What is done to the saved files; it gets their paths by name, and puts a new
            one there where it renames a file.
        right: What a right reader does.
        opened_as: The path below the folder by which the leaf is opened; the leaf's own where None.
        recipe: What can be pasted into a test, of a random chain; empty otherwise.
    """

    name: str
    trap: int
    asks: str
    build: Callable[[], BuiltChain]
    change: Callable[[dict[str, Path]], None] = nothing
    right: Right = Right.BYTES
    opened_as: str | None = None
    recipe: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Laid:
    """A case whose files lie on a disk.

    Attributes:
        built: What the builder knows.
        folder: Where the files lie.
        leaf: The path by which the leaf is opened.
        chain: The paths of the chain's files, base first, those that are there.
    """

    built: BuiltChain
    folder: Path
    leaf: Path
    chain: tuple[Path, ...]


def lay(case: Case, folder: Path, *, expected: bool = False) -> Laid:
    """Write the files of ``case`` below ``folder``.

    Args:
        case: The case.
        folder: An empty or absent folder.
        expected: Whether to write ``expected.json`` beside, for somebody who looks into it later.
    """
    built = case.build()
    paths = built.tree.save(folder, expected=expected)
    case.change(paths)
    leaf = folder / (case.opened_as or built.leaf.name)
    ancestors = [paths[image.name] for image in built.leaf.stack[:-1]]
    return Laid(built=built, folder=folder, leaf=leaf, chain=(*(path for path in ancestors if path.exists()), leaf))
