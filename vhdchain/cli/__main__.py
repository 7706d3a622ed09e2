"""``python -m vhdchain.cli``: the program where its script is not in the path."""

from __future__ import annotations

import sys

from vhdchain.cli import main

if __name__ == "__main__":
    sys.exit(main())
