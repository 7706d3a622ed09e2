"""What do the fixtures of the pytest plugin give, and how is it shown when a test fails?

Functions that need no pytest: a suite with another runner calls them itself.
"""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vhdchain.audit import audit
from vhdchain.report.lines import plain_text
from vhdchain.report.text.tree import tree_lines
from vhdchain.shell.scanning import scan_folder
from vhdchain.structures import DiskType
from vhdchain.testing.builder import EXPECTED_NAME, ChainBuilder
from vhdchain.testing.dialects import DIALECTS, HYPER_V_2008_R2, Dialect, Layout, NameForm

if TYPE_CHECKING:
    from vhdchain.testing.expected import ExpectedDisk
    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.lab import HostLab

_PATTERNS = (b"\xa5", b"\x0f", b"\x80", b"\x01")  # in this order each leaves some of those below to be seen
_MOST_LINES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenChain:
    """A chain whose files lie in a folder.

    Attributes:
        tree: The builder; more images may be made, and saved with `save`.
        leaf: The chain's leaf.
        folder: Where the files lie.
    """

    tree: ChainBuilder
    leaf: BuiltImage
    folder: Path

    @property
    def path(self) -> Path:
        """The file of the leaf."""
        return self.folder / self.leaf.name

    @property
    def paths(self) -> list[Path]:
        """The files of the chain, base first."""
        return [self.folder / image.name for image in self.leaf.stack]

    @property
    def disk(self) -> ExpectedDisk:
        """What the guest sees of the leaf's disk; equal to bytes of the same content."""
        return self.tree.expected(self.leaf)

    def save(self) -> None:
        """Write the files again, after the tree was changed."""
        self.tree.save(self.folder)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFolder:
    """A folder with several disks.

    Attributes:
        path: The folder.
        expected: What a right reader must find, as `expected_report` tells it; None where nothing is told: of what
            shows a code, and of hosts.
    """

    path: Path
    expected: dict[str, Any] | None = None


def given_chain(
    folder: Path,
    *,
    layers: int = 2,
    size: int = 1 << 20,
    block_size: int = 65536,
    dialect: Dialect | str = HYPER_V_2008_R2,
    layout: Layout | None = None,
    kind: DiskType | str = DiskType.DYNAMIC,
    seed: int | str = 0,
) -> GivenChain:
    """Build a chain and write its files.

    The base is full of text that names the sector, and each layer above it has single sectors in every block, so that a
    reader that takes bits for another order, for bytes or for nothing is wrong about this disk.

    Args:
        folder: Where the files are written.
        layers: How many images there are, at least one.
        size: Of the disk, in bytes.
        block_size: In bytes.
        dialect: Whose manner the files have; a `Dialect`, or its name.
        layout: Where things lie in the files; the dialect's by default.
        kind: Of the base.
        seed: Decides identifiers, junk and shuffled orders.

    Raises:
        ValueError: There is no such dialect, or the sizes are none.
    """
    if layers < 1:
        raise ValueError(f"a chain has at least one layer, not {layers}")
    manner = dialect if isinstance(dialect, Dialect) else _dialect(dialect)
    where = manner.layout if layout is None else layout
    tree = ChainBuilder(seed=seed, dialect=manner)
    image = tree.create(DiskType(kind), "base.vhd", size=size, block_size=block_size, layout=where)
    tree.fill(image, 0, size)
    for number in range(1, layers):
        # The header holds the plain name as well: readers that know no Windows paths find the parent by it.
        image = tree.snapshot(
            image, f"layer{number}.avhd", block_size=block_size, layout=where, name_form=NameForm.BASENAME
        )
        pattern = _PATTERNS[(number - 1) % len(_PATTERNS)] * (block_size // 4096 or 1)
        for block in range(image.block_count):
            tree.block(image, block, bitmap=pattern)
    chain = GivenChain(tree=tree, leaf=image, folder=folder)
    chain.save()
    return chain


def _dialect(name: str) -> Dialect:
    for dialect in DIALECTS:
        if dialect.name == name:
            return dialect
    raise ValueError(f"dialect {name!r} is none of {', '.join(dialect.name for dialect in DIALECTS)}")


def given_folder(
    folder: Path, *, recipe: str | Path | None = None, code: str | None = None, beside: Path | None = None
) -> GivenFolder:
    """Make a folder: from a recipe, with what a code finds, or a healthy one.

    Args:
        folder: An empty folder, or one that does not exist yet.
        recipe: The path of a recipe (``vhdchain make``), relative to ``beside``; or its text.
        code: The code of a finding.
        beside: Where the recipe lies.

    Raises:
        ValueError: Both a recipe and a code are given.
        RecipeError: The recipe cannot be understood or carried out.
        LookupError: The code has no recipe.
    """
    if recipe is not None and code is not None:
        raise ValueError("a folder is made from a recipe or a code, not from both")
    if recipe is None and code is None:
        _healthy().save(folder, expected=True)
    else:
        from vhdchain.testing.make import make, make_by_code  # noqa: PLC0415  # msgspec is for recipes alone

        if code is not None:
            make_by_code(code, folder)
        elif isinstance(recipe, str) and "\n" in recipe:
            make(recipe, folder)
        else:
            make((beside or Path()) / str(recipe), folder)
    expected = folder / EXPECTED_NAME
    told = json.loads(expected.read_text(encoding="utf-8")) if expected.exists() else None
    return GivenFolder(path=folder, expected=told)


def _healthy() -> ChainBuilder:
    """Return a disk with three snapshots, of which the second was applied again, and a disk on its own."""
    tree = ChainBuilder(seed="given folder")
    base = tree.dynamic("srv.vhd", size=1 << 20, block_size=65536)
    tree.fill(base, 0, 300_000)
    first = tree.snapshot(base, "srv_1.avhd")
    tree.fill(first, 65_000, 2_000)
    for number in (2, 3):
        branch = tree.snapshot(first, f"srv_{number}.avhd")
        tree.fill(branch, number * 100_000, 1_000)
    tree.fill(tree.fixed("data.vhd", size=1 << 18), 0, 1 << 16)
    return tree


def tree_text(folder: Path) -> str:
    """Return what ``vhdchain tree`` shows of a folder, at most a hundred lines."""
    with scan_folder(folder) as inventory:
        findings = audit(inventory, ignore=["VHD708"]).findings
        lines = list(tree_lines(inventory, findings, width=None))
    more = len(lines) - _MOST_LINES
    return plain_text(lines[:_MOST_LINES]) + (f"... {more} more lines\n" if more > 0 else "")


def lab_text(lab: HostLab) -> str:
    """Return what ``vhdchain tree`` shows of a host."""
    with tempfile.TemporaryDirectory(prefix="vhdchain-") as folder:
        lab.save(Path(folder))
        return tree_text(Path(folder)).replace(folder, "the host's folder")
