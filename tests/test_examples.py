"""Does somebody else's project get from the wheel what the documentation promises?

The wheel is installed into a folder of its own, without this checkout in the way; the sample project below
``docs/examples`` runs its tests against it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "rawbackup"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which Python finds the built wheel first."""
    place, wheels = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("wheels")
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)], cwd=ROOT)
    (wheel,) = wheels.glob("*.whl")
    install = ["pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", "--target", str(place)]
    _run([sys.executable, "-m", *install, str(wheel)], cwd=place)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}
    return {**kept, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1", "INSTALLED": str(place)}


def _run(command: list[str], *, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_package_comes_from_the_wheel_with_its_types(installed: dict[str, str], tmp_path: Path) -> None:
    place = _run([sys.executable, "-c", "import vhdchain; print(vhdchain.__file__)"], cwd=tmp_path, env=installed)
    assert Path(place.strip()) == Path(installed["INSTALLED"]) / "vhdchain" / "__init__.py"
    assert (Path(installed["INSTALLED"]) / "vhdchain" / "py.typed").is_file()


def test_the_wheel_gives_recipes_and_their_schema(installed: dict[str, str], tmp_path: Path) -> None:
    program = [sys.executable, "-m", "vhdchain"]
    schema = json.loads(_run([*program, "make", "--schema"], cwd=tmp_path, env=installed))
    assert schema == json.loads((ROOT / "docs" / "schemas" / "recipe.schema.json").read_text(encoding="utf-8"))
    assert _run([*program, "make", "VHD404", "made"], cwd=tmp_path, env=installed) == "made: 1 file\n"


@pytest.mark.slow
def test_the_tests_of_the_sample_project_pass_with_the_wheel(installed: dict[str, str], tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0"]
    out = _run(command, cwd=tmp_path / "project", env=installed)
    assert out.splitlines()[-1].startswith("5 passed"), out
