"""The command line as ``python -m vhdchain``."""

from __future__ import annotations

import sys

from vhdchain.cli import main

if __name__ == "__main__":
    sys.exit(main())
