"""Where does another reader get VHD chains wrong?

A suite of small chains, one or more for each trap that implementers fell into, and random ones, is put before any
program that can print a disk. `run_suite` asks it and tells for each chain whether it was read right; ``vhdchain
conformance`` is the same on the command line.
"""

from __future__ import annotations

from vhdchain.testing.conformance.case import BuiltChain, Case, Right
from vhdchain.testing.conformance.command import Command
from vhdchain.testing.conformance.drawn import random_cases
from vhdchain.testing.conformance.judge import Judgement, Shown, Verdict
from vhdchain.testing.conformance.readers import ADAPTERS, Adapter, Reader
from vhdchain.testing.conformance.run import Conformance, Result, ask_about, chosen_cases, run_suite
from vhdchain.testing.conformance.suite import SUITE
from vhdchain.testing.conformance.traps import NOT_ASKED, TRAPS

__all__ = [
    "ADAPTERS",
    "NOT_ASKED",
    "SUITE",
    "TRAPS",
    "Adapter",
    "BuiltChain",
    "Case",
    "Command",
    "Conformance",
    "Judgement",
    "Reader",
    "Result",
    "Right",
    "Shown",
    "Verdict",
    "ask_about",
    "chosen_cases",
    "random_cases",
    "run_suite",
]
