"""Does the suite fail when the project has a fault? ``python -m tests.mutations [NAME...]`` prints a table.

Each patch of ``patches/`` is applied to a copy of the project, and a fast part of the tests is run there. A fault that
no test notices makes the exit code 1, and so does a test that fails without any.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
PATCHES = {path.stem: path for path in sorted((Path(__file__).parent / "patches").glob("*.patch"))}
COPIED = ("vhdchain", "tests", "fixtures", "pyproject.toml")
TESTS = (
    "tests/structures/test_bitmap.py",
    "tests/structures/test_footer.py",
    "tests/properties/test_small_set.py",
    "tests/blockmap/test_map.py",
    "tests/locate",
)


def first_failure(name: str | None, tests: Sequence[str] = TESTS) -> str | None:
    """Return the first of ``tests`` that fails with the fault ``name`` (None: without any); None where all pass."""
    with tempfile.TemporaryDirectory(prefix="vhdchain-") as place:
        for item in COPIED:
            source = ROOT / item
            if source.is_dir():
                shutil.copytree(source, Path(place) / item)  # compiled modules, too: a patched one is compiled again
            else:
                shutil.copy(source, place)
        if name is not None:
            subprocess.run(["git", "apply", str(PATCHES[name])], cwd=place, check=True)
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:xdist", "-p", "no:cacheprovider", *tests]
        environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST")}
        done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    lines = [line for line in done.stdout.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    return lines[0].partition(" ")[2].partition(" - ")[0] if lines else done.stdout[-300:] + done.stderr[-300:]


def main(names: list[str]) -> int:
    """Print for each fault which test noticed it; return how many nobody noticed, or tests failed without a fault."""
    noticed = {}
    for name in names or PATCHES:
        noticed[name] = first_failure(name)
        print(f"| {name} | {noticed[name] or '**not noticed**'} |", flush=True)  # noqa: T201  # the table
    alarm = first_failure(None)
    print(f"| no fault | {alarm or 'all pass'} |")  # noqa: T201  # the last line of the table
    return sum(test is None for test in noticed.values()) + (alarm is not None)


if __name__ == "__main__":
    sys.exit(1 if main(sys.argv[1:]) else 0)
