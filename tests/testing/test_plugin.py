"""Do the fixtures of the pytest plugin give what their settings say, load nothing too early, and show trees?

Suites of their own are run in a process of their own, as somebody's suite is.
"""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import metadata
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from vhdchain.testing import naive_read
from vhdchain.testing.given import given_chain, given_folder

if TYPE_CHECKING:
    from pathlib import Path


# Other plugins take most of the time that pytest needs to start.
_WITHOUT = ("-p", "no:hypothesispytest", "-p", "no:xdist", "-p", "no:xdist.looponfail")


def run_suite(folder: Path, *arguments: str, **files: str) -> tuple[int, str]:
    """Run the suite of ``files`` (by their names without ``.py``); return the exit code and what was printed."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(dedent(text), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --strict-markers\n", encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *_WITHOUT, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_package_offers_the_plugin() -> None:
    offered = {entry.value for entry in metadata.entry_points(group="pytest11")}
    assert "vhdchain.testing.plugin" in offered, "install the project again: pip install -e '.[dev]'"


def test_settings_come_from_the_suite_and_from_markers(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    recipe = '[[step]]\ndo = "create"\nname = "one.vhd"\nsize = "64K"\n'
    (tmp_path / "recipes" / "one.toml").write_text(recipe, encoding="utf-8")
    code, out = run_suite(
        tmp_path,
        conftest="""
            import pytest

            @pytest.fixture
            def vhd_chain_settings():
                return {"layers": 3, "size": 1 << 19}

            @pytest.fixture
            def hyperv_lab_settings():
                return {"version": "2012 R2"}
        """,
        test_settings="""
            import pytest

            def test_the_suite_sets(vhd_chain):
                assert [path.name for path in vhd_chain.paths] == ["base.vhd", "layer1.avhd", "layer2.avhd"]
                assert all(path.is_file() for path in vhd_chain.paths)
                assert len(vhd_chain.disk) == 1 << 19

            @pytest.mark.vhd_chain(layers=1, dialect="blktap 1.3")
            def test_a_marker_goes_before(vhd_chain):
                assert vhd_chain.path.name == "base.vhd"
                assert vhd_chain.leaf.dialect.creator_application == b"tap\\0"
                assert len(vhd_chain.disk) == 1 << 19

            @pytest.mark.vhd_chain(layers=2, size=1 << 20)
            class TestNearest:
                @pytest.mark.vhd_chain(layers=4)
                def test_the_nearest_marker_wins_name_by_name(self, vhd_chain):
                    assert (len(vhd_chain.paths), len(vhd_chain.disk)) == (4, 1 << 20)

            def test_a_healthy_folder_is_the_default(vhd_folder):
                assert [disk["path"] for disk in vhd_folder.expected["disks"]] == [
                    "data.vhd", "srv.vhd", "srv_1.avhd", "srv_2.avhd", "srv_3.avhd"
                ]

            @pytest.mark.vhd_folder(code="VHD404")
            def test_a_folder_by_code(vhd_folder):
                assert [path.name for path in vhd_folder.path.iterdir()] == ["disk.vhd"]
                assert vhd_folder.expected is None

            @pytest.mark.vhd_folder(recipe="recipes/one.toml")
            def test_a_folder_by_recipe(vhd_folder):
                assert sorted(path.name for path in vhd_folder.path.iterdir()) == ["expected.json", "one.vhd"]

            def test_a_host(hyperv_lab, tmp_path):
                hyperv_lab.machine("srv")
                hyperv_lab.save(tmp_path / "host")
                assert hyperv_lab.version.name == "2012 R2"
        """,
    )
    assert (code, out.splitlines()[-1].startswith("7 passed")) == (0, True), out


def test_nothing_is_loaded_before_a_fixture_is_asked_for(tmp_path: Path) -> None:
    code, out = run_suite(
        tmp_path,
        test_light="""
            import sys

            HEAVY = {"numpy", "construct", "lxml", "networkx", "msgspec", "vhdchain.testing.given"}

            def test_without():
                assert not HEAVY & set(sys.modules)

            def test_with(vhd_chain):
                assert {"numpy", "construct", "vhdchain.testing.given"} <= set(sys.modules)
                assert "msgspec" not in sys.modules
        """,
    )
    assert code == 0, out


def test_a_failure_shows_the_tree_and_a_success_does_not(tmp_path: Path) -> None:
    code, out = run_suite(
        tmp_path,
        test_failing="""
            import pytest
            from vhdchain.testing import LabDisk

            def test_chain(vhd_chain):
                assert vhd_chain.path.read_bytes() == bytes(vhd_chain.disk)

            @pytest.mark.vhd_folder(code="VHD404")
            def test_folder(vhd_folder):
                raise OSError("mine")

            def test_host(hyperv_lab):
                hyperv_lab.take(hyperv_lab.machine("srv", disks=[LabDisk("srv.vhd")]), "before the update")
                assert not hyperv_lab.machines

            def test_right(vhd_folder):
                pass

            def test_removed(vhd_chain):
                import shutil
                shutil.rmtree(vhd_chain.folder)
                assert 0
        """,
    )
    assert code == 1
    assert out.count("- VHD chain -") == 2
    assert out.count("- VHD folder -") == 1
    assert "└─ layer1.avhd  leaf" in out
    assert "error VHD404  A block ends behind the end of the file" in out
    assert "○ before the update" in out
    assert "the tree cannot be shown: FileNotFoundError" in out


def test_a_marker_with_a_setting_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    code, out = run_suite(
        tmp_path,
        test_wrong="""
            import pytest

            @pytest.mark.vhd_chain(layer=3)
            def test_typo(vhd_chain):
                pass

            @pytest.mark.vhd_chain(3)
            def test_by_position(vhd_chain):
                pass
        """,
    )
    assert code == 1
    assert "unexpected keyword argument 'layer'" in out
    assert "the marker vhd_chain takes settings by name only" in out


def test_the_markers_are_documented(tmp_path: Path) -> None:
    code, out = run_suite(tmp_path, "--markers")
    assert code == 0
    for name in ("vhd_chain", "vhd_folder", "hyperv_lab"):
        assert f"@pytest.mark.{name}(**settings): settings of the fixture {name}" in out


# -------------------------------------------------------------------------------------- what needs no plugin to look at


@pytest.mark.parametrize("layers", [1, 2, 5])
def test_a_given_chain_is_what_the_naive_reader_sees(layers: int, tmp_path: Path) -> None:
    chain = given_chain(tmp_path, layers=layers, size=3 * 65536 + 512)
    assert chain.disk == naive_read([path.read_bytes() for path in chain.paths])


def test_a_given_chain_shows_every_layer(tmp_path: Path) -> None:
    chain = given_chain(tmp_path, layers=5)
    assert {extent.layer for extent in chain.disk.extents} == {0, 1, 2, 3, 4}


def test_the_files_follow_the_tree_when_it_is_saved_again(tmp_path: Path) -> None:
    chain = given_chain(tmp_path)
    chain.tree.write(chain.leaf, 0, b"new")
    before = chain.path.read_bytes()
    chain.save()
    assert chain.path.read_bytes() != before


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"layers": 0}, "at least one layer"), ({"dialect": "x"}, "dialect 'x' is none of Hyper-V 2008 R2, ")],
)
def test_a_setting_that_makes_no_chain_is_told(settings: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=message):
        given_chain(tmp_path, **settings)  # type: ignore[arg-type]  # what a marker hands over


def test_a_folder_is_made_from_one_thing(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not from both"):
        given_folder(tmp_path, recipe="x", code="VHD404")


def test_a_recipe_may_be_text(tmp_path: Path) -> None:
    given = given_folder(tmp_path / "made", recipe='[[step]]\ndo = "create"\nname = "one.vhd"\nsize = "64K"\n')
    assert given.expected is not None
    assert [disk["path"] for disk in given.expected["disks"]] == ["one.vhd"]
