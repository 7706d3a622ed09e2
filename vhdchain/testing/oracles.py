"""What do other programs say about the same disk?

Adapters for 7-Zip, qemu-img, libvhdi and dissect.hypervisor. Each gives the guest's bytes, or `Cannot` with the reason
that the program itself gave; each knows its version. What each is known to get wrong stands in
``vhdchain.testing.exclusions``.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from vhdchain.units import sectors_for

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Cannot:
    """The oracle gave no bytes; `reason` is what it said."""

    reason: str


Answer: TypeAlias = bytes | Cannot


class Oracle(Protocol):
    """Another reader of VHD chains."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def version(self) -> str | None:
        """Return its version, or None where it is not installed."""
        ...

    def read(self, chain: Sequence[Path]) -> Answer:
        """Return the bytes of the disk whose chain (base first) is ``chain``.

        The files lie where the builder saved them; an oracle that looks for parents by itself finds them there.
        """
        ...


@dataclass(frozen=True, slots=True)
class SevenZip:
    """7-Zip's console program; it follows parents by itself, through the locators."""

    program: str = "7zz"
    name: str = "7-Zip"

    def version(self) -> str | None:
        """See `Oracle.version`."""
        return _first_match(r"7-Zip.*? (\d+\.\d+)", _output([self.program]))

    def read(self, chain: Sequence[Path]) -> Answer:
        """See `Oracle.read`."""
        done = _run([self.program, "x", "-so", "-tVHD", str(chain[-1])])
        if done.returncode:
            return Cannot(reason=_last_line(done.stderr))
        return done.stdout


@dataclass(frozen=True, slots=True)
class QemuImg:
    """qemu-img; it knows no parents and reads a differencing disk as if it were a dynamic one."""

    program: str = "qemu-img"
    name: str = "qemu-img"

    def version(self) -> str | None:
        """See `Oracle.version`."""
        return _first_match(r"version (\S+)", _output([self.program, "--version"]))

    def read(self, chain: Sequence[Path]) -> Answer:
        """See `Oracle.read`."""
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder) / "disk.raw"
            done = _run([self.program, "convert", "-f", "vpc", "-O", "raw", str(chain[-1]), str(raw)])
            if done.returncode:
                return Cannot(reason=_last_line(done.stderr))
            return raw.read_bytes()


@dataclass(frozen=True, slots=True)
class Libvhdi:
    """libvhdi's Python binding; the chain is put together through ``set_parent``."""

    name: str = "libvhdi"

    def version(self) -> str | None:
        """See `Oracle.version`."""
        return _distribution("libvhdi-python")

    def read(self, chain: Sequence[Path]) -> Answer:
        """See `Oracle.read`."""
        pyvhdi = import_module("pyvhdi")
        files: list[Any] = []
        try:
            for path in chain:
                file = pyvhdi.file()
                file.open(str(path))
                files.append(file)
            for parent, child in pairwise(files):
                child.set_parent(parent)
            return bytes(files[-1].read_buffer_at_offset(files[-1].get_media_size(), 0))
        except OSError as error:
            return Cannot(reason=str(error).strip())
        finally:
            for opened in files:
                opened.close()


@dataclass(frozen=True, slots=True)
class Dissect:
    """dissect.hypervisor; it knows no parents and reads a differencing disk as if it were a dynamic one."""

    name: str = "dissect.hypervisor"

    def version(self) -> str | None:
        """See `Oracle.version`."""
        return _distribution("dissect.hypervisor")

    def read(self, chain: Sequence[Path]) -> Answer:
        """See `Oracle.read`."""
        vhd = import_module("dissect.hypervisor.disk.vhd")
        with chain[-1].open("rb") as file:
            try:
                disk = vhd.VHD(file).disk
                # By sectors: its stream reads a whole buffer on behind the disk's end, where the BAT has no entries.
                return bytes(disk.read_sectors(0, sectors_for(disk.size)))
            # It documents no errors, and whatever it raises means that there are no bytes.
            except Exception as error:  # noqa: BLE001
                return Cannot(reason=f"{type(error).__name__}: {error}")


ORACLES: tuple[Oracle, ...] = (SevenZip(), QemuImg(), Libvhdi(), Dissect())


def oracle_versions() -> dict[str, str | None]:
    """Return the version of every oracle by its name; None where it is not installed."""
    return {oracle.name: oracle.version() for oracle in ORACLES}


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS, stdin=subprocess.DEVNULL)


def _output(command: Sequence[str]) -> str:
    if shutil.which(command[0]) is None:
        return ""
    return _run(command).stdout.decode("utf-8", "replace")


def _first_match(pattern: str, text: str) -> str | None:
    found = re.search(pattern, text)
    return found.group(1) if found else None


def _last_line(raw: bytes) -> str:
    lines = [line.strip() for line in raw.decode("utf-8", "replace").splitlines() if line.strip()]
    return lines[-1] if lines else "no message"


def _distribution(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
