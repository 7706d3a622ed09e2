"""How is a library that reads VHDs called as a program?

By ``python -m vhdchain.testing.conformance.library NAME FILE...``, with the files of the chain, base first; the disk
goes to standard output. Exit code 3 and one line where there is none.
"""

from __future__ import annotations

import sys
from pathlib import Path

from vhdchain.testing.oracles import ORACLES, Cannot


def main(name: str, *files: str) -> int:
    """Print the disk whose chain is ``files``, as the library ``name`` reads it; return the exit code."""
    (oracle,) = (oracle for oracle in ORACLES if oracle.name == name)
    answer = oracle.read([Path(file) for file in files])
    if isinstance(answer, Cannot):
        sys.stderr.write(f"{answer.reason}\n")
        return 3
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
