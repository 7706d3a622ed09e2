"""Backs the disk of a VHD chain up as a compressed raw image: ``python rawbackup.py LEAF OUT.gz``."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import vhdchain as vc

CHUNK = 1 << 20


def backup(leaf: Path, out: Path, *, within: Path | None = None) -> None:
    """Write the guest's bytes of the chain that ends in ``leaf`` to ``out``; nothing where the chain is broken."""
    part = out.with_name(out.name + ".part")
    try:
        with vc.open_chain(leaf, within=None if within is None else [within]) as chain, gzip.open(part, "wb") as file:
            for offset in range(0, chain.virtual_size, CHUNK):
                file.write(chain.read(offset, min(CHUNK, chain.virtual_size - offset)))
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


if __name__ == "__main__":
    try:
        backup(Path(sys.argv[1]), Path(sys.argv[2]))
    except vc.VhdChainError as error:
        sys.exit(f"not backed up: {error}")
