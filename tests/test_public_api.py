"""What does a user meet who imports or installs the package: light, complete, typed?"""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
import zipfile
from importlib import metadata
from pathlib import Path

import pytest

import vhdchain

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"click", "construct", "lxml", "networkx", "numpy", "rich"}


def _run(*arguments: str) -> str:
    return subprocess.run([sys.executable, *arguments], check=True, capture_output=True, text=True, cwd=ROOT).stdout


def _libraries_loaded_by(statement: str) -> set[str]:
    code = f"{statement}\nimport json, sys; print(json.dumps(sorted({{m.split('.')[0] for m in sys.modules}})))"
    return set(json.loads(_run("-c", code))) & HEAVY


def test_importing_the_package_loads_no_library() -> None:
    assert _libraries_loaded_by("import vhdchain") == set()


def test_the_check_for_loaded_libraries_sees_them() -> None:
    assert _libraries_loaded_by("import vhdchain, numpy, click") == {"numpy", "click"}


def test_listing_the_names_loads_no_library() -> None:
    assert _libraries_loaded_by("import vhdchain; dir(vhdchain); list(vhdchain.__all__)") == set()


def test_every_public_name_resolves_to_what_its_module_defines() -> None:
    for name, home in vhdchain._HOME.items():
        assert getattr(vhdchain, name) is getattr(importlib.import_module(home), name), name


def test_the_table_and_all_agree() -> None:
    assert len(set(vhdchain.__all__)) == len(vhdchain.__all__)
    assert set(vhdchain.__all__) == {*vhdchain._HOME, "__version__"}


def test_dir_lists_every_public_name() -> None:
    assert set(vhdchain.__all__) <= set(dir(vhdchain))


def test_type_checkers_are_told_every_name_from_the_same_module() -> None:
    tree = ast.parse(Path(vhdchain.__file__).read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    imports = [node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom)]
    assert {alias.name: node.module for node in imports for alias in node.names} == vhdchain._HOME


@pytest.mark.parametrize("first", ["vhdchain", "vhdchain.audit"])
def test_audit_is_the_function_whoever_loads_its_package_first(first: str) -> None:
    assert _run("-c", f"import {first}, vhdchain, vhdchain.audit; print(vhdchain.audit.__qualname__)") == "audit\n"


def test_a_loaded_package_does_not_hide_a_public_name() -> None:
    # What the import system does with every submodule that it has loaded.
    bind = "import types, vhdchain; vhdchain.Image = types.ModuleType('x'); vhdchain.other = types.ModuleType('y')"
    assert _run("-c", f"{bind}; print(vhdchain.Image.__name__, vhdchain.other.__name__)") == "Image y\n"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'flatten_everything'"):
        _ = vhdchain.flatten_everything  # type: ignore[attr-defined]  # what a type checker says, too


def test_the_version_is_the_installed_one() -> None:
    assert vhdchain.__version__ == metadata.version("vhdchain")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _run("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_holds_the_package_its_types_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert "vhdchain/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"vhdchain"}
    sources = {path.relative_to(ROOT).as_posix() for path in (ROOT / "vhdchain").rglob("*.py")}
    assert {name for name in names if name.endswith(".py")} == sources


def test_the_wheel_holds_every_schema(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {
            name.rpartition("/")[2]: archive.read(name)
            for name in archive.namelist()
            if name.startswith("vhdchain/schemas/")
        }
    kept = {path.name: path.read_bytes() for path in (ROOT / "docs" / "schemas").iterdir()}
    assert packed == kept
    assert "recipe.schema.json" in packed


def test_the_wheel_needs_only_the_declared_libraries_to_run(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        lines = archive.read(name).decode().splitlines()
    needed = {
        line.partition(": ")[2] for line in lines if line.startswith("Requires-Dist: ") and "extra ==" not in line
    }
    assert {requirement.partition(">=")[0] for requirement in needed} == HEAVY
