"""How much memory does the map of a chain take above what the open chain holds?

Measured in a process of its own, which this module is, too: ``python -m benchmarks.peak LEAF (iterator | whole)``. The
peak is the kernel's (``VmHWM``), reset when the chain is open; ``ru_maxrss`` would begin with that of the process that
started this one. With ``whole``, the bytes of the array itself are left out.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from vhdchain import open_chain

_STATUS = Path("/proc/self/status")
_RESET = Path("/proc/self/clear_refs")
MIB = 1 << 20


def peak_so_far() -> float:
    """Return the most memory in MiB that this process held at once."""
    return _mebibytes("VmHWM")


def peak_of_map(leaf: Path, how: str) -> float:
    """Return what mapping ``leaf`` takes in MiB above the open chain, in a process of its own."""
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.peak", leaf, how], check=True, capture_output=True, text=True
    )
    return float(ran.stdout)


def _measured(leaf: Path, how: str) -> float:
    with open_chain(leaf) as chain:
        block_map = chain.block_map()
        _RESET.write_text("5", encoding="ascii")
        before = _mebibytes("VmRSS")
        if how == "whole":
            return _held_beside(before, block_map.extents.nbytes)
        for _ in block_map.chunks():
            pass
        return _held_beside(before, 0)


def _held_beside(before: float, array: int) -> float:
    return peak_so_far() - before - array / MIB


def _mebibytes(name: str) -> float:
    line = next(line for line in _STATUS.read_text(encoding="ascii").splitlines() if line.startswith(f"{name}:"))
    return int(line.split()[1]) / 1024


if __name__ == "__main__":
    print(_measured(Path(sys.argv[1]), sys.argv[2]))
