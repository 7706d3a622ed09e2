"""How does a recipe become a folder?

First the steps build a tree or a host in memory; then the files are written; then the last steps damage, remove, rename
and cut them. What a recipe names lies below the folder that is made, always.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

from vhdchain.errors import ConfigError
from vhdchain.structures import DiskType
from vhdchain.testing.builder import ChainBuilder, write_expected
from vhdchain.testing.damage import RECIPES, damage
from vhdchain.testing.damage_folder import FOLDER_RECIPES
from vhdchain.testing.damage_plan import PLAN_RECIPES
from vhdchain.testing.damage_set import SET_RECIPES
from vhdchain.testing.lab import HostLab
from vhdchain.testing.lab.options import HostOptions
from vhdchain.testing.make import recipe as r
from vhdchain.testing.make.reading import parse_recipe, read_recipe
from vhdchain.testing.make.steps import DIALECTS_BY_NAME, StepError, act_on_host, act_on_tree, in_bytes, safe_name
from vhdchain.testing.report import expected_report

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from vhdchain.testing.make.reading import ReadRecipe

    Built: TypeAlias = "ChainBuilder | HostLab"

_TREE_STEPS = (r.Create, r.Snapshot, r.Write, r.Fill, r.Block, r.Resize, r.Copy)
_FILE_STEPS = (r.Damage, r.Remove, r.Rename, r.Cut)


def make(recipe: Path | str, folder: Path) -> list[Path]:
    """Make the folder that a recipe describes.

    Args:
        recipe: The path of a recipe, or its text.
        folder: An empty folder, or one that does not exist yet.

    Returns:
        The files that were made, in order.

    Raises:
        RecipeError: The recipe cannot be understood or carried out; the line says where.
        ConfigError: ``folder`` is not empty.
        OSError: A file cannot be read or written.
    """
    read = parse_recipe(recipe) if isinstance(recipe, str) else read_recipe(recipe)
    built = build(read)
    _empty(folder)
    built.save(folder)
    changed: set[str] = set()
    for number, step in enumerate(read.recipe.step):
        if isinstance(step, _FILE_STEPS):
            changed.add(step.file)
            try:
                _act_on_file(folder, step)
            except ValueError as error:
                raise read.error(_told(number, step, error), f"step[{number}]") from error
    if isinstance(built, ChainBuilder) and read.recipe.expected:
        _write_expected(built, changed, folder)
    return _files(folder)


def _write_expected(tree: ChainBuilder, changed: Collection[str], folder: Path) -> None:
    """Say what a right reader must find, of all disks that no changed file is part of."""
    report = expected_report(tree)
    report["disks"] = [disk for disk in report["disks"] if not set(disk["chain"]) & set(changed)]
    write_expected(report, folder)


def build(read: ReadRecipe) -> Built:
    """Return what the steps build, before any file is written or damaged.

    Raises:
        RecipeError: A step cannot be carried out.
    """
    recipe = read.recipe
    tree, lab = _tree(recipe), None if recipe.host is None else _host(recipe, recipe.host)
    finished = False
    for number, step in enumerate(recipe.step):
        try:
            if isinstance(step, _FILE_STEPS):
                finished = True
            elif finished:
                raise StepError("comes after a step that changes finished files")
            elif isinstance(step, _TREE_STEPS):
                if lab is not None:
                    raise StepError("is a step of a tree; this recipe makes a host")
                act_on_tree(tree, step, read.folder)
            elif lab is None:
                raise StepError("is a step of a host; this recipe makes a tree (a host needs '[host]')")
            else:
                act_on_host(lab, step, read.folder)
        except (ValueError, OSError) as error:
            raise read.error(_told(number, step, error), f"step[{number}]") from error
    return tree if lab is None else lab


def _tree(recipe: r.RecipeFile) -> ChainBuilder:
    dialect = DIALECTS_BY_NAME[recipe.dialect]
    if recipe.windows_folder is None:
        return ChainBuilder(seed=recipe.seed, dialect=dialect)
    return ChainBuilder(seed=recipe.seed, dialect=dialect, windows_folder=recipe.windows_folder)


def _host(recipe: r.RecipeFile, host: r.Host) -> HostLab:
    options = HostOptions(seed=recipe.seed, version=host.version)
    if host.root is not None:
        options["root"] = host.root
    if host.disks is not None:
        options["disks"] = host.disks
    return HostLab(**options)


def _told(number: int, step: r.Step, error: Exception) -> str:
    return f"step {number + 1} ({step.__struct_config__.tag}): {error}"


def _act_on_file(folder: Path, step: r.FileStep) -> None:
    path = folder / safe_name(step.file)
    if not path.is_file():
        raise StepError(f"there is no file {step.file!r}")
    match step:
        case r.Damage():
            _rewrite(path, damage(path.read_bytes(), step.code, way=step.way))
        case r.Remove():
            path.unlink()
        case r.Rename():
            target = folder / safe_name(step.to)
            if target.exists():
                raise StepError(f"there is a file {step.to!r} already")
            target.parent.mkdir(parents=True, exist_ok=True)
            path.rename(target)
        case r.Cut():
            _rewrite(path, path.read_bytes()[: in_bytes(step.size)])


def _rewrite(path: Path, content: bytes) -> None:
    before = path.stat()
    path.chmod(before.st_mode | 0o200)  # the files of a host are read-only
    path.write_bytes(content)
    path.chmod(before.st_mode)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # another time would be a second condition


def make_by_code(code: str, folder: Path) -> list[Path]:
    """Make a folder that shows the condition of one code, from the recipe that the catalogue has for it.

    Args:
        code: Any code with a recipe.
        folder: An empty folder, or one that does not exist yet.

    Returns:
        The files that were made, in order.

    Raises:
        LookupError: There is no recipe for this code.
        ConfigError: ``folder`` is not empty.
    """
    if code not in {*RECIPES, *FOLDER_RECIPES, *SET_RECIPES, *PLAN_RECIPES}:
        raise LookupError(f"{code} has no recipe")
    _empty(folder)
    if code in FOLDER_RECIPES:
        FOLDER_RECIPES[code].plant(folder)
    elif code in PLAN_RECIPES:  # it shows when the plan is asked for
        PLAN_RECIPES[code].plant(folder)
    elif code in SET_RECIPES:
        for name in ("folder", "set"):
            (folder / name).mkdir()
        SET_RECIPES[code].plant(folder / "folder", folder / "set")
    else:
        for name, content in _one_file(code):
            (folder / name).write_bytes(content)
    return _files(folder)


def _one_file(code: str) -> Iterator[tuple[str, bytes]]:
    recipe = RECIPES[code]
    kind = next(kind for kind in (DiskType.DYNAMIC, DiskType.DIFFERENCING, DiskType.FIXED) if kind in recipe.kinds)
    dialect = next(dialect for dialect in DIALECTS_BY_NAME.values() if recipe.fits(dialect))
    yield recipe.file_name(kind), recipe.damage(recipe.healthy(kind, dialect))


def _empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise ConfigError(f"{folder}: not empty; a recipe is made in a folder of its own")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() or path.is_symlink())
