"""Which hosts and which damaged files should a property be tried on?

The part of ``strategies.py`` that needs labs and recipes of damage; import its names from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from vhdchain.testing.damage import RECIPES
from vhdchain.testing.dialects import BLKTAP, HYPER_V_2008_R2, VIRTUALBOX, Dialect
from vhdchain.testing.lab import HostLab, LabDisk
from vhdchain.testing.lab.histories import LabAction, LabStep, run_step
from vhdchain.testing.lab.machine import SIZE
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from collections.abc import Collection

    from vhdchain.structures import DiskType
    from vhdchain.testing.damage import Recipe

VERSIONS = ("2008 R2", "2008", "2012 R2")
_DIALECTS = (HYPER_V_2008_R2, VIRTUALBOX, BLKTAP)
_LONGEST_WRITE = 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class LabRecipe:
    """A host with one machine, and what happened to it.

    Attributes:
        disks: How many disks the machine has.
        version: Of the host.
    """

    disks: int = 1
    version: str = VERSIONS[0]
    steps: tuple[LabStep, ...] = ()
    seed: int = 0

    def build(self) -> HostLab:
        """Return the host; its machine is called ``srv``. Steps that mean nothing at their time are left out."""
        lab = HostLab(seed=self.seed, version=self.version)
        machine = lab.machine("srv", disks=[LabDisk(f"disk{number}.vhd") for number in range(self.disks)])
        for step in self.steps:
            run_step(lab, machine, step)
        return lab


@dataclass(frozen=True, slots=True, kw_only=True)
class DamagedImage:
    """A file with one condition planted.

    Attributes:
        code: Of the condition.
        kind: Of the image that it is planted in.
        way: Which of `Recipe.damages`.
    """

    code: str
    kind: DiskType
    dialect: Dialect = HYPER_V_2008_R2
    way: str = ""

    @property
    def recipe(self) -> Recipe:
        """How it is planted."""
        return RECIPES[self.code]

    @property
    def name(self) -> str:
        """What the file must be called."""
        return self.recipe.file_name(self.kind)

    def healthy(self) -> bytes:
        """Return the file before it is damaged."""
        return self.recipe.healthy(self.kind, self.dialect)

    def build(self) -> bytes:
        """Return the damaged file."""
        return self.recipe.damages()[self.way](self.healthy())


@st.composite
def _lab_steps(draw: st.DrawFn) -> LabStep:
    action = draw(st.sampled_from(tuple(LabAction)))
    number = draw(st.integers(0, 5))
    if action is not LabAction.WRITE:
        return LabStep(action=action, number=number)
    # Behind the first sector, which holds the partition table.
    offset = draw(st.integers(SECTOR_SIZE, SIZE - _LONGEST_WRITE))
    return LabStep(action=action, number=number, offset=offset, data=draw(st.binary(min_size=1, max_size=40)))


@st.composite
def labs(draw: st.DrawFn, *, max_disks: int = 2, max_steps: int = 10) -> LabRecipe:
    """Return a strategy for Hyper-V hosts with one machine: snapshots taken, applied, deleted, merged at any time.

    Args:
        draw: Given by Hypothesis.
        max_disks: How many disks the machine may have.
        max_steps: How much may happen to it.
    """
    return LabRecipe(
        disks=draw(st.integers(1, max_disks)),
        version=draw(st.sampled_from(VERSIONS)),
        steps=tuple(draw(st.lists(_lab_steps(), max_size=max_steps))),
        seed=draw(st.integers(0, 3)),
    )


@st.composite
def damaged(draw: st.DrawFn, *, codes: Collection[str] | None = None) -> DamagedImage:
    """Return a strategy for files with one condition planted, in any kind, dialect and way that it fits.

    Args:
        draw: Given by Hypothesis.
        codes: The codes to draw from; those of `RECIPES` by default.
    """
    recipe = RECIPES[draw(st.sampled_from(sorted(RECIPES if codes is None else codes)))]
    return DamagedImage(
        code=recipe.code,
        kind=draw(st.sampled_from(sorted(recipe.kinds))),
        dialect=draw(st.sampled_from([dialect for dialect in _DIALECTS if recipe.fits(dialect)])),
        way=draw(st.sampled_from(list(recipe.damages()))),
    )
