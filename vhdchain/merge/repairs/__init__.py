"""What in these files can be mended, by which rule, and what proves it?

Each rule knows one condition, looks for a proof that one mending is right, and gives the patches for it. Nothing is
guessed: where the proof fails, the reason is told instead. `plan_repair` tries the rules file by file, one upon what
the other leaves, and judges the result as any file is judged before the plan is given out.
"""

from __future__ import annotations

from vhdchain.merge.repairs.planning import plan_repair
from vhdchain.merge.repairs.records import Case, Mending, NotMended
from vhdchain.merge.repairs.rules import MENDABLE

__all__ = ["MENDABLE", "Case", "Mending", "NotMended", "plan_repair"]
