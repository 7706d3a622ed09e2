"""Which readers can be asked by name, and how is each called?

Programs are called as a user would. Libraries are called through ``python -m vhdchain.testing.conformance.library``, in
a process of their own, so that one that crashes or never ends takes nothing with it.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain import __version__
from vhdchain.testing.conformance.command import Command
from vhdchain.testing.oracles import ORACLES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LIBRARY = (sys.executable, "-m", "vhdchain.testing.conformance.library")
_BY_NAME = {oracle.name: oracle for oracle in ORACLES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A reader of VHD chains.

    Attributes:
        name: What reports call it.
        version: Its version, where it is known.
    """

    name: str
    command: Command
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """How a well-known reader is called; `version` is None where it is not installed."""

    name: str
    command: Command
    version: Callable[[], str | None]
    install: str

    def reader(self) -> Reader:
        """Return the reader with the version that is installed."""
        return Reader(name=self.name, command=self.command, version=self.version())


ADAPTERS: Mapping[str, Adapter] = {
    "7zip": Adapter(
        name="7-Zip",
        command=Command(words=("7zz", "x", "-so", "-tVHD", "{leaf}")),
        version=_BY_NAME["7-Zip"].version,
        install="apt-get install 7zip",
    ),
    "qemu-img": Adapter(
        name="qemu-img",
        command=Command(words=("qemu-img", "convert", "-f", "vpc", "-O", "raw", "{leaf}", "{out}"), raw_out=True),
        version=_BY_NAME["qemu-img"].version,
        install="apt-get install qemu-utils",
    ),
    "libvhdi": Adapter(
        name="libvhdi",
        command=Command(words=(*_LIBRARY, "libvhdi", "{chain}")),
        version=_BY_NAME["libvhdi"].version,
        install="pip install libvhdi-python",
    ),
    "dissect": Adapter(
        name="dissect.hypervisor",
        command=Command(words=(*_LIBRARY, "dissect.hypervisor", "{leaf}")),
        version=_BY_NAME["dissect.hypervisor"].version,
        install="pip install dissect.hypervisor",
    ),
    "vhdchain": Adapter(
        name="vhdchain",
        command=Command(
            words=(sys.executable, "-m", "vhdchain", "flatten", "--quiet", "--within", "{folder}", "{leaf}", "-")
        ),
        version=lambda: __version__,
        install="pip install vhdchain",
    ),
}
"""The readers that are known by name, by what ``--adapter`` calls them."""
