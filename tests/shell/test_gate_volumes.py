"""Does a stored path lead to another drive or share than the child's, as far as the path map tells?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from vhdchain.image import scan_image
from vhdchain.locate import Candidate, PathMap, parse_path
from vhdchain.shell.files import open_source
from vhdchain.shell.gate import DirectoryGate, root_of
from vhdchain.testing import ChainBuilder

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def vms(tmp_path: Path) -> Path:
    tree = ChainBuilder()
    tree.snapshot(tree.dynamic("library/base.vhd", size=1 << 20), "machine/leaf.avhd")
    tree.save(tmp_path)
    return tmp_path


SHARE = "\\\\server\\share"


@pytest.mark.parametrize(
    ("path_map", "text", "other"),
    [
        ({"D:\\Library": "library", "C:\\VMs": "machine"}, r"D:\Library\base.vhd", True),
        ({"D:\\Library": "library", "d:\\VMs": "machine"}, r"D:\Library\base.vhd", False),
        ({"D:\\Library": "library"}, r"D:\Library\base.vhd", None),
        ({SHARE: "library", "C:\\VMs": "machine"}, f"{SHARE}\\base.vhd", True),
        ({SHARE: "."}, f"{SHARE.upper()}\\library\\base.vhd", False),
        ({SHARE: "library"}, f"{SHARE}\\base.vhd", None),
        ({"D:\\": ".", "E:\\": "."}, r"D:\library\base.vhd", None),  # the child is on both, for all that is known
        ({"/srv": "."}, "/srv/library/base.vhd", None),
        ({"D:\\": "."}, r"..\library\base.vhd", None),
        ({"D:\\": "."}, r"\library\base.vhd", None),
    ],
)
@pytest.mark.parametrize("relative", [False, True])
def test_drives_are_compared_where_the_map_knows_both(
    *,
    vms: Path,
    path_map: dict[str, str],
    text: str,
    other: bool | None,
    relative: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(vms)
    mapping = PathMap({source: target if relative else vms / target for source, target in path_map.items()})
    gate = DirectoryGate([root_of(vms)], path_map=mapping)
    with scan_image(open_source(vms / "machine" / "leaf.avhd")) as child:
        found = gate.find(child, parse_path(text))
    assert isinstance(found, Candidate)
    assert (found.path, found.other_volume) == (str(vms / "library" / "base.vhd"), other)
