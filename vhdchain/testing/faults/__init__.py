"""What may happen to a plan while it is carried out, and what does it leave?

File layers that record, fail and forget: one recorded run gives every state in which a crash may leave a folder, and
the harness resumes and takes back each of them. They work on real folders, and know nothing of what a plan is for.
"""

from __future__ import annotations

from vhdchain.testing.faults.crashes import CrashState, crash_states
from vhdchain.testing.faults.failing import FailingLayer
from vhdchain.testing.faults.harness import Crashes, Failures, check_crashes, check_failures, materialize
from vhdchain.testing.faults.quick import QuickLayer
from vhdchain.testing.faults.recording import RecordingLayer
from vhdchain.testing.faults.weighing import WeighingLayer, weight

__all__ = [
    "CrashState",
    "Crashes",
    "FailingLayer",
    "Failures",
    "QuickLayer",
    "RecordingLayer",
    "WeighingLayer",
    "check_crashes",
    "check_failures",
    "crash_states",
    "materialize",
    "weight",
]
