"""How does a pytest suite ask for chains, folders and hosts? By fixtures; this module only wires them.

pytest loads it by its entry point, so it imports pytest and nothing else until a fixture is asked for. What the
fixtures give is made in ``given.py``. Settings are fixtures of their own, to be overridden in a ``conftest.py``; a
marker at a test goes before them. Where a test fails that had one of these, its report shows the tree of files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from pathlib import Path
    from typing import Any

    from vhdchain.testing.given import GivenChain, GivenFolder
    from vhdchain.testing.lab import HostLab

_MARKERS = {
    "vhd_chain": "settings of the fixture vhd_chain for this test: layers, size, block_size, dialect, layout, seed",
    "vhd_folder": "settings of the fixture vhd_folder for this test: recipe (a TOML file beside the test) or code",
    "hyperv_lab": "settings of the fixture hyperv_lab for this test: seed, root, disks, version, start",
}
_shown = pytest.StashKey["list[tuple[str, Callable[[], str]]]"]()


def pytest_configure(config: pytest.Config) -> None:
    """Make the markers known."""
    for name, text in _MARKERS.items():
        config.addinivalue_line("markers", f"{name}(**settings): {text}")


@pytest.fixture
def vhd_chain_settings() -> dict[str, Any]:
    """The settings of `vhd_chain`; override it to change them for a module or a suite."""
    return {}


@pytest.fixture
def vhd_folder_settings() -> dict[str, Any]:
    """The settings of `vhd_folder`; override it to change them for a module or a suite."""
    return {}


@pytest.fixture
def hyperv_lab_settings() -> dict[str, Any]:
    """The settings of `hyperv_lab`; override it to change them for a module or a suite."""
    return {}


@pytest.fixture
def vhd_chain(request: pytest.FixtureRequest, tmp_path: Path, vhd_chain_settings: dict[str, Any]) -> GivenChain:
    """A chain of VHD files in a temporary folder, of which every byte is known."""
    from vhdchain.testing.given import given_chain, tree_text  # noqa: PLC0415  # nothing is loaded until it is used

    settings = {"seed": request.node.nodeid, **vhd_chain_settings, **_marked(request, "vhd_chain")}
    chain = given_chain(tmp_path / "vhd_chain", **settings)
    _show(request, "VHD chain", lambda: tree_text(chain.folder))
    return chain


@pytest.fixture
def vhd_folder(request: pytest.FixtureRequest, tmp_path: Path, vhd_folder_settings: dict[str, Any]) -> GivenFolder:
    """A temporary folder with several disks: healthy, as a recipe has it, or with what a code finds."""
    from vhdchain.testing.given import given_folder, tree_text  # noqa: PLC0415  # same

    settings = {**vhd_folder_settings, **_marked(request, "vhd_folder")}
    folder = given_folder(tmp_path / "vhd_folder", beside=request.path.parent, **settings)
    _show(request, "VHD folder", lambda: tree_text(folder.path))
    return folder


@pytest.fixture
def hyperv_lab(request: pytest.FixtureRequest, hyperv_lab_settings: dict[str, Any]) -> HostLab:
    """A Hyper-V host that is being built, without machines; `save` writes its folder."""
    from vhdchain.testing.given import lab_text  # noqa: PLC0415  # same
    from vhdchain.testing.lab import HostLab  # noqa: PLC0415  # same

    lab = HostLab(**{"seed": request.node.nodeid, **hyperv_lab_settings, **_marked(request, "hyperv_lab")})
    _show(request, "Hyper-V host", lambda: lab_text(lab))
    return lab


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the trees of what a failed test was given to its report."""
    report = yield
    if report.when == "call" and report.failed:
        for title, text in item.stash.get(_shown, []):
            report.sections.append((title, _told(text)))
    return report


def _marked(request: pytest.FixtureRequest, name: str) -> dict[str, Any]:
    """Return the settings of the markers of a test; the nearest one wins, name by name."""
    settings: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers(name))):
        if marker.args:
            raise pytest.UsageError(f"the marker {name} takes settings by name only, not {marker.args}")
        settings.update(marker.kwargs)
    return settings


def _show(request: pytest.FixtureRequest, title: str, text: Callable[[], str]) -> None:
    request.node.stash.setdefault(_shown, []).append((title, text))


def _told(text: Callable[[], str]) -> str:
    try:
        return text()
    except Exception as error:  # noqa: BLE001  # the test's own failure is what counts
        return f"the tree cannot be shown: {type(error).__name__}: {error}"
