"""Carries a plan out in a process of its own, so that it can be killed: ``python -m tests.shell.executor.process``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import vhdchain as vc
from vhdchain.plan import plan_from_document


def main() -> None:
    plan = plan_from_document(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    try:
        vc.execute(plan)
    except KeyboardInterrupt as interruption:
        sys.stdout.write("".join(getattr(interruption, "__notes__", [])) + "\n")
        sys.exit(130)
    except vc.PlanRefusedError as error:
        sys.stdout.write(f"{error}\n")
        sys.exit(1)
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
