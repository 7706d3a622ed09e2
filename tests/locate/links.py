"""Links of two built images, as a search would tell them, for the tests of their checks."""

from __future__ import annotations

from typing import Any

from vhdchain.image import Image, scan_image
from vhdchain.locate import Attempt, Outcome, PathKind, Resolution, Rule
from vhdchain.testing import ChainBuilder

WANTED = bytes(range(16))
OTHER = b"\xff" * 16


def pair(*, child: dict[str, Any] | None = None, parent: dict[str, Any] | None = None) -> tuple[Image, Image]:
    """Return a leaf and its base, built with these options."""
    tree = ChainBuilder()
    base = tree.dynamic("base.vhd", **{"size": 1 << 20, "block_size": 4096, **(parent or {})})
    leaf = tree.snapshot(base, "leaf.avhd", **(child or {}))
    return scan_image(tree.source(leaf)), scan_image(tree.source(base))


def attempt(
    outcome: Outcome = Outcome.FOUND,
    candidate: str | None = "base.vhd",
    *,
    rule: Rule = Rule.W2RU,
    slot: int | None = 1,
    kind: PathKind | None = PathKind.RELATIVE,
    **facts: Any,
) -> Attempt:
    """Return a try of a locator that met ``candidate``; files are told apart by their names unless ``file`` says."""
    met = outcome in (Outcome.FOUND, Outcome.MISMATCH, Outcome.SELF, Outcome.NOT_A_VHD, Outcome.AMBIGUOUS)
    options: dict[str, Any] = {"file": candidate if met else None, "reference": r".\base.vhd", **facts}
    if outcome is Outcome.MISMATCH:
        options.setdefault("unique_id", OTHER)
    return Attempt(child="leaf.avhd", rule=rule, slot=slot, kind=kind, candidate=candidate, outcome=outcome, **options)


def absolute(outcome: Outcome = Outcome.FOUND, candidate: str | None = "base.vhd", **facts: Any) -> Attempt:
    """Return a try of the absolute locator in slot 0."""
    options = {"rule": Rule.W2KU, "slot": 0, "kind": PathKind.DRIVE, "reference": r"C:\VMs\base.vhd", **facts}
    return attempt(outcome, candidate, **options)


def guessed(outcome: Outcome = Outcome.FOUND, candidate: str | None = "base.vhd", **facts: Any) -> Attempt:
    """Return a try of a bare name, or of the rule that is given."""
    return attempt(outcome, candidate, **{"rule": Rule.HEADER_NAME, "slot": None, "guess": True, **facts})


def found(*attempts: Attempt, child: str = "leaf.avhd", parent: str = "base.vhd", **facts: Any) -> Resolution:
    """Return a resolution that took ``parent``, found by the first try that led there."""
    first = next(item for item in attempts if item.candidate == parent)
    options = {"found_by": first.rule, "fallback": first.guess or first.bent, **facts}
    return Resolution(child=child, outcome=Outcome.FOUND, parent=parent, wanted=WANTED, attempts=attempts, **options)
