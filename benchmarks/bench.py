"""What does every theme of the benchmarks get?

A theme is a module with functions that take a `Bench` and yield rows; each is called once for every chain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ctypes
    from pathlib import Path

    from benchmarks.chains import Subject
    from benchmarks.peers import Peers

PAGE = 4096
CHUNK = 4 << 20
C_LOOP = "C loop"
READING = "reading all files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """A chain, and what is measured beside vhdchain.

    Attributes:
        subject: The chain.
        peers: The other readers.
        loops: The loops in C, where they could be compiled.
        work: A folder for outputs; on the disk that holds the chains.
        repeat: How often each action is timed.
    """

    subject: Subject
    peers: Peers
    loops: ctypes.CDLL | None
    work: Path
    repeat: int
