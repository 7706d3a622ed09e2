"""How do the other readers do the same? Those that are installed; an absent one leaves its column empty.

7-Zip and blktap's vhd-util are programs on the path; libvhdi and dissect.hypervisor are Python modules; vhd-lib is
installed with npm into the work folder, where that is asked for.
"""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import DISSECT, VHD_LIB, Times

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

NOTES = {
    DISSECT: "¹ knows no parents: it reads the leaf alone, which is wrong for a differencing disk",
    VHD_LIB: "² takes the blocks of the topmost file whole: wrong where a bitmap is not full; its times are node's own",
}

_VHD_LIB = Path(__file__).with_name("vhd_lib")


@dataclass(frozen=True, kw_only=True)
class Peers:
    """The other readers of this machine.

    Attributes:
        work: Where vhd-lib is installed.
    """

    work: Path

    @cached_property
    def seven_zip(self) -> str | None:
        """7-Zip's console program."""
        return shutil.which("7zz") or shutil.which("7z")

    @cached_property
    def vhd_util(self) -> str | None:
        """The program of blktap."""
        return shutil.which("vhd-util")

    @cached_property
    def libvhdi(self) -> ModuleType | None:
        """The module of libvhdi."""
        return _module("pyvhdi")

    @cached_property
    def dissect(self) -> ModuleType | None:
        """The module of dissect."""
        return _module("dissect.hypervisor.disk.vhd")

    @cached_property
    def vhd_lib(self) -> list[str] | None:
        """The command that does one thing with vhd-lib."""
        script = self.work / "vhd-lib" / "run.mjs"
        node = shutil.which("node")
        return [node, os.fspath(script)] if node and script.with_name("node_modules").is_dir() else None

    def install_vhd_lib(self) -> None:
        """Install vhd-lib with npm into the work folder."""
        folder = self.work / "vhd-lib"
        shutil.copytree(_VHD_LIB, folder, dirs_exist_ok=True)
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit("vhd-lib: npm is not installed")
        subprocess.run([npm, "install", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=folder, check=True)


def run_vhd_lib(command: Sequence[str], action: str, *files: Path) -> Times:
    """Let vhd-lib do one thing, and return the times that it took inside."""
    ran = subprocess.run([*command, action, *files], check=True, capture_output=True, text=True)
    return Times(*map(float, ran.stdout.split()))


def run_seven_zip(program: str, leaf: Path, sink: int) -> None:
    """Let 7-Zip write the disk of ``leaf`` to a descriptor, or to `subprocess.DEVNULL`."""
    command: list[str | Path] = [program, "x", "-so", "-tVHD", leaf]
    subprocess.run(command, stdout=sink, stderr=subprocess.DEVNULL, check=True)


class LibvhdiChain:
    """A chain opened by libvhdi, which wants to be told every parent."""

    def __init__(self, module: ModuleType, paths: Sequence[Path]) -> None:
        self._files: list[Any] = []
        for path in paths:
            file = module.file()
            file.open(os.fspath(path))
            if self._files:
                file.set_parent(self._files[-1])
            self._files.append(file)

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes of the disk from ``offset``."""
        data: bytes = self._files[-1].read_buffer_at_offset(length, offset)
        return data

    def close(self) -> None:
        """Close all files, the leaf first."""
        for file in reversed(self._files):
            file.close()


class DissectLeaf:
    """A leaf opened by dissect, which looks for no parents."""

    def __init__(self, module: ModuleType, leaf: Path) -> None:
        self._file = leaf.open("rb")
        self._disk = module.VHD(self._file)

    def read(self, offset: int, length: int) -> bytes:
        """Return ``length`` bytes from ``offset``: zeros where only a parent has them."""
        self._disk.seek(offset)
        data: bytes = self._disk.read(length)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def _module(name: str) -> ModuleType | None:
    with suppress(ImportError):
        return importlib.import_module(name)
    return None
