"""What every test may ask for: a Hypothesis profile, the collection of real disks, and the other readers.

A reader or collection that is absent skips the test, with the reason. With ``VHDCHAIN_REQUIRE_ORACLES=1`` (continuous
integration sets it) a missing reader fails the test instead, so that a green run cannot mean "compared with nothing".
"""

from __future__ import annotations

import importlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from types import ModuleType

from vhdchain.testing.oracles import oracle_versions

ROOT = Path(__file__).resolve().parent.parent
_CLONED = 1_767_225_600  # 2026-01-01, later than all times in the files

# Generated chains are files to build and read: time per example says more about the machine than about the code.
_COMMON = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("dev", _COMMON, max_examples=50)
settings.register_profile("ci", _COMMON, max_examples=100, derandomize=True, database=None)
settings.register_profile("thorough", _COMMON, max_examples=5_000)
settings.load_profile(os.environ.get("VHDCHAIN_HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


def _absent(reader: str, how_to_get_it: str) -> NoReturn:
    message = f"{reader} is not installed ({how_to_get_it})"
    if os.environ.get("VHDCHAIN_REQUIRE_ORACLES") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def _program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        _absent(name, f"apt-get install {package}")
    return found


def _module(name: str, distribution: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ImportError:
        _absent(name, f"pip install {distribution}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Record what was compared with: a green run means little without the versions."""
    versions = [f"{name} {version or 'absent'}" for name, version in oracle_versions().items()]
    terminalreporter.write_line(f"oracles: {', '.join(versions)}")
    for family, (codes, planted) in sorted(_matrix(terminalreporter).items()):
        terminalreporter.write_line(f"matrix: {family}xx: {codes} codes, planted {planted} times, all found")
    for label, operations, states in sorted(_recorded(terminalreporter, "crashes")):
        terminalreporter.write_line(
            f"crashes: {label}: {states:,} states of {operations:,} operations, all finished or taken back"
        )
    for name, times in sorted(_recorded(terminalreporter, "killed")):
        terminalreporter.write_line(f"crashes: {times} processes ended by {name}, all finished or taken back")
    for label, runs in sorted(_recorded(terminalreporter, "failures")):
        terminalreporter.write_line(f"failures: {label}: {runs:,} runs with one failing operation, nothing lost")


def _matrix(terminalreporter: pytest.TerminalReporter) -> dict[str, tuple[int, int]]:
    """Return by family how many codes were planted and found, and in how many images (tests/matrix)."""
    sums: dict[str, tuple[int, int]] = {}
    for report in terminalreporter.stats.get("passed", ()):
        for name, value in getattr(report, "user_properties", ()):
            if name == "matrix":
                codes, planted = sums.get(value[0], (0, 0))
                sums[value[0]] = (codes + 1, planted + value[1])
    return sums


def _recorded(terminalreporter: pytest.TerminalReporter, name: str) -> list[Any]:
    """Return what tests that passed told of themselves under ``name`` (vhdchain.testing.faults)."""
    return [
        value
        for report in terminalreporter.stats.get("passed", ())
        for key, value in getattr(report, "user_properties", ())
        if key == name
    ]


@pytest.fixture(scope="session")
def seven_zip() -> str:
    """The path of 7-Zip's console program."""
    return _program("7zz", "7zip")


@pytest.fixture(scope="session")
def qemu_img() -> str:
    """The path of qemu-img."""
    return _program("qemu-img", "qemu-utils")


@pytest.fixture(scope="session")
def pyvhdi() -> ModuleType:
    """The binding of libvhdi."""
    return _module("pyvhdi", "libvhdi-python")


@pytest.fixture(scope="session")
def dissect_vhd() -> ModuleType:
    """The VHD reader of dissect.hypervisor."""
    return _module("dissect.hypervisor.disk.vhd", "dissect.hypervisor")


@pytest.fixture(scope="session")
def project_root() -> Path:
    """The folder that holds pyproject.toml."""
    return ROOT


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in that holds a copy of `fixtures/`, as a reader's clone does: all files have one new time."""
    shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
    for path in (tmp_path / "fixtures").rglob("*"):
        os.utime(path, (_CLONED, _CLONED))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The collection of real disks that stands beside the project; read-only, and not everybody has it."""
    folder = ROOT.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip("the collection of real disks (../shared/corpus) is absent")
    return folder


@pytest.fixture(scope="session")
def hyperv_examples() -> Path:
    """Configurations of 2008 R2, reconstructed and annotated, beside the project; read-only, not everybody has them."""
    folder = ROOT.parent / "shared" / "hyperv-examples"
    if not folder.is_dir():
        pytest.skip("the reconstructed configurations (../shared/hyperv-examples) are absent")
    return folder
