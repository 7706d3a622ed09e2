"""Does somebody else's project get from the wheel what the documentation promises?

The built wheel is installed into a virtual environment of its own, with what it says it needs and nothing else; the
sample project below ``docs/examples`` runs its tests there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "docs" / "examples" / "rawbackup"

pytestmark = pytest.mark.slow

# Nothing of this process' environment or checkout is to be found from there.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHON"))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A virtual environment that holds the wheel."""

    folder: Path

    def python(self, *arguments: str, cwd: Path) -> str:
        """Run its Python; return what that printed."""
        return _run([str(self.folder / "bin" / "python"), *arguments], cwd=cwd)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel with its dependencies, from the index or from pip's cache."""
    place, wheels = tmp_path_factory.mktemp("installed"), tmp_path_factory.mktemp("wheels")
    _run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)], cwd=ROOT)
    (wheel,) = wheels.glob("*.whl")
    venv.create(place, with_pip=False)
    pip = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install", "--quiet", "--no-compile"]
    _run([*pip, "--no-deps", str(wheel)], cwd=place)
    done = _done([*pip, f"{wheel}[testing]"], cwd=place)
    if done.returncode:
        _absent(done.stderr)
    return Installed(folder=place)


def _absent(said: str) -> None:
    message = f"the wheel's dependencies cannot be installed: {said.strip().splitlines()[-1]}"
    if os.environ.get("VHDCHAIN_REQUIRE_ORACLES") == "1":  # continuous integration has an index
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def _done(command: list[str], *, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=cwd, env=_ENVIRONMENT, capture_output=True, text=True, check=False)


def _run(command: list[str], *, cwd: Path) -> str:
    done = _done(command, cwd=cwd)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_package_comes_from_the_wheel_with_its_types(installed: Installed, tmp_path: Path) -> None:
    program = "import vhdchain; print(vhdchain.__file__)"
    package = Path(installed.python("-c", program, cwd=tmp_path).strip()).parent
    assert package.is_relative_to(installed.folder)
    assert (package / "py.typed").is_file()


def test_the_wheel_gives_recipes_and_their_schema(installed: Installed, tmp_path: Path) -> None:
    kept = json.loads((ROOT / "docs" / "schemas" / "recipe.schema.json").read_text(encoding="utf-8"))
    assert json.loads(installed.python("-m", "vhdchain", "make", "--schema", cwd=tmp_path)) == kept
    assert installed.python("-m", "vhdchain", "make", "VHD404", "made", cwd=tmp_path) == "made: 1 file\n"


def test_the_schemas_are_found_as_the_documentation_says(installed: Installed, tmp_path: Path) -> None:
    program = (
        "from importlib.resources import files; print(*(x.name for x in (files('vhdchain') / 'schemas').iterdir()))"
    )
    kept = {path.name for path in (ROOT / "docs" / "schemas").iterdir()}
    assert set(installed.python("-c", program, cwd=tmp_path).split()) == kept


def test_the_tests_of_the_sample_project_pass_with_the_wheel(installed: Installed, tmp_path: Path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__", ".*"))
    arguments = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "--hypothesis-seed=0")
    out = installed.python(*arguments, cwd=tmp_path / "project")
    assert out.splitlines()[-1].startswith("5 passed"), out
