"""Did the text of a command change without anybody meaning it?

Each file of ``cli/`` is what a command shows of the sample folders, at 80 columns and without colours. After a change
that is meant, ``VHDCHAIN_WRITE_GOLDEN=1 pytest tests/golden`` writes them again; read the difference before it is
committed.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.program import run

FOLDER = Path(__file__).parent / "cli"
HEALTHY_LEAF = "fixtures/healthy/srv_C99BAD85-7A38-4870-9508-A24C8219EED7.avhd"
OTHER_LEAF = "fixtures/healthy/srv_9DBF7795-0888-4278-8CFC-8292EE76659B.avhd"

HEALTHY_MANIFEST = str(Path(__file__).parent / "manifests" / "healthy.json")
"""Of ``fixtures/healthy``, with its contents and without times, which a checkout does not keep."""

OUTPUTS: dict[str, tuple[int, tuple[str, ...]]] = {
    "info-differencing": (0, ("info", HEALTHY_LEAF)),
    "info-dynamic": (0, ("info", "fixtures/healthy/srv.vhd")),
    "info-damaged": (1, ("info", "fixtures/broken/app.vhd", "fixtures/broken/mail.vhd")),
    "chain": (0, ("chain", HEALTHY_LEAF)),
    "chain-partial": (0, ("chain", "--partial", "fixtures/broken/lost_child.avhd")),
    "tree-healthy": (0, ("tree", "fixtures/healthy")),
    "tree-broken": (1, ("tree", "fixtures/broken")),
    "tree-host": (0, ("tree", "fixtures/host")),
    "tree-host-broken": (1, ("tree", "fixtures/host-broken")),
    "tree-host-dot": (0, ("tree", "--format", "dot", "fixtures/host")),
    "tree-host-mermaid": (0, ("tree", "--format", "mermaid", "fixtures/host")),
    "tree-dot": (0, ("tree", "--format", "dot", "fixtures/healthy")),
    "tree-mermaid": (1, ("tree", "--format", "mermaid", "fixtures/broken")),
    "map": (0, ("map", HEALTHY_LEAF)),
    "map-at": (0, ("map", HEALTHY_LEAF, "--at", "2068s")),
    "map-at-zero": (0, ("map", HEALTHY_LEAF, "--at", "0x900007")),
    "map-partial": (0, ("map", "--partial", "fixtures/broken/lost_child.avhd")),
    "diff": (0, ("diff", OTHER_LEAF, HEALTHY_LEAF)),
    "diff-exact": (0, ("diff", "--exact", "--block-size", "4K", "--gap", "64K", OTHER_LEAF, HEALTHY_LEAF)),
    "diff-strangers": (0, ("diff", "fixtures/healthy/srv.vhd", "fixtures/broken/srv.vhd")),
    "diff-nothing": (0, ("diff", "--exact", HEALTHY_LEAF, HEALTHY_LEAF)),
    "diff-machine": (0, ("diff", "--in", "fixtures/host", "srv:first", "srv:branch")),
    "audit-healthy": (0, ("audit", "fixtures/healthy")),
    "audit-broken": (1, ("audit", "fixtures/broken")),
    "audit-host-broken": (1, ("audit", "fixtures/host-broken")),
    "backup-check-host": (1, ("backup-check", "fixtures/host")),
    "du-host": (0, ("du", "fixtures/host")),
    "manifest-same": (0, ("manifest", "verify", "--ignore-times", "--all", "fixtures/healthy", HEALTHY_MANIFEST)),
    "manifest-fast": (0, ("manifest", "verify", "--ignore-times", "--fast", "fixtures/healthy", HEALTHY_MANIFEST)),
    "manifest-other": (3, ("manifest", "verify", "--ignore-times", "fixtures/broken", HEALTHY_MANIFEST)),
    "audit-notes": (0, ("audit", "--notes", "fixtures/healthy")),
    "info-interop": (0, ("info", "--interop", HEALTHY_LEAF)),
    "explain": (0, ("explain", "VHD603")),
}


@pytest.mark.parametrize("name", OUTPUTS)
def test_output_is_as_it_was(name: str, clone: Path) -> None:
    code, arguments = OUTPUTS[name]
    ran = run(*arguments, columns=80)
    path = FOLDER / f"{name}.txt"
    if os.environ.get("VHDCHAIN_WRITE_GOLDEN") == "1":
        path.write_text(ran.out, encoding="utf-8", newline="\n")
    assert ran.out == path.read_text(encoding="utf-8")
    assert (ran.code, ran.err) == (code, "")


def test_every_file_belongs_to_a_command() -> None:
    assert {path.stem for path in FOLDER.iterdir()} == set(OUTPUTS)


@pytest.mark.parametrize("name", OUTPUTS)
def test_lines_are_as_wide_as_the_terminal_unless_a_path_is_longer(name: str) -> None:
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        assert len(line) <= 80 or ".avhd" in line or ".vhd" in line or "\\" in line or "/" in line, line
