"""Which file is the parent of this child?

Every reference is tried, so that conflicts show; what they lead to is told apart by file, and the file whose identifier
is the one that the child asks for wins, wherever it stands in the order of trust (a copied folder's absolute locator
still points at production). Where none agrees, the index of identifiers is asked. What is ambiguous is refused.

A null identifier asks for a raw parent (XenServer): a file with no VHD structure, or a VHD without an identifier.

Nothing here opens a file: the gate does, or refuses to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vhdchain.errors import VhdChainError
from vhdchain.image import raw_image
from vhdchain.locate.gate import Candidate, Refusal
from vhdchain.locate.paths import PathKind
from vhdchain.locate.records import Attempt, FileKey, Outcome, Resolution
from vhdchain.locate.references import Reference, Rule, references
from vhdchain.structures import id_text
from vhdchain.structures.dynamic_header import HEADER_COOKIE, HEADER_LENGTH
from vhdchain.structures.footer import FOOTER_LENGTH, NULL_ID, POISON_COOKIE
from vhdchain.structures.formats import other_disk_image
from vhdchain.units import SECTOR_SIZE

if TYPE_CHECKING:
    from vhdchain.image import Image
    from vhdchain.locate.gate import Gate

_MOST_TELLING = (
    Outcome.MISMATCH,
    Outcome.NOT_A_VHD,
    Outcome.ACCESS_DENIED,
    Outcome.AMBIGUOUS,
    Outcome.UNREADABLE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A resolution, and the parent itself.

    Attributes:
        resolution: What came out, with the trace.
        parent: The scanned parent; None unless found. The caller closes it.
        key: The parent's file.
    """

    resolution: Resolution
    parent: Image | None = None
    key: FileKey = None


def locate_parent(child: Image, gate: Gate, *, accept_mismatch: bool = False) -> Located:
    """Return the parent of the differencing image ``child``, or why there is none.

    Args:
        child: A differencing image; its file must be one that ``gate`` can place.
        gate: What leads to files and opens them.
        accept_mismatch: Take the most trusted candidate where none has the identifier that the child asks for.
    """
    search = _Search(child, gate, wanted=child.parent_unique_id or NULL_ID)
    for reference in references(child):
        search.follow(reference)
    if not search.agreeing() and search.wanted != NULL_ID:
        search.ask_index()
    return search.result(accept_mismatch=accept_mismatch)


@dataclass(slots=True)
class _Verdict:
    """What one file turned out to be, whichever references led to it."""

    candidate: Candidate
    outcome: Outcome
    detail: str = ""
    image: Image | None = None
    led_by: list[tuple[Rule, bool]] = field(default_factory=list)  # (rule, whether it was a guess)

    @property
    def is_exact(self) -> bool:
        return any(not guess for _, guess in self.led_by)

    @property
    def unique_id(self) -> bytes | None:
        return self.image.unique_id if self.image and not self.image.raw else None


@dataclass(slots=True)
class _Search:
    child: Image
    gate: Gate
    wanted: bytes
    attempts: list[Attempt] = field(default_factory=list)
    verdicts: dict[FileKey, _Verdict] = field(default_factory=dict)
    outside: list[PathKind] = field(default_factory=list)
    looked: bool = False  # at a recorded place, where nothing was

    def follow(self, reference: Reference) -> None:
        place = self.gate.find(self.child, reference.path)
        if isinstance(place, Refusal):
            self._note(reference, place.path, place.outcome, place.detail, outside=place.outside)
            if place.outside:
                self.outside.append(reference.path.kind)
            elif place.outcome is Outcome.MISSING and not reference.fallback:
                self.looked = True
            return
        verdict = self._judge(place)
        verdict.led_by.append((reference.rule, reference.fallback or bool(place.note)))
        detail = "; ".join(part for part in (verdict.detail, place.note) if part)
        self._note(reference, place.path, verdict.outcome, detail, unique_id=verdict.unique_id, met=place)

    def ask_index(self) -> None:
        answer = self.gate.indexed(self.wanted)
        own = self.gate.key(self.child)
        found = [candidate for candidate in answer.candidates if candidate.key != own]
        if len(found) == 1:
            verdict = self._judge(found[0])
            verdict.led_by.append((Rule.UUID_INDEX, True))
            detail = verdict.detail or answer.note
            self._note(None, found[0].path, verdict.outcome, detail, unique_id=verdict.unique_id, met=found[0])
            return
        for candidate in found:
            detail = f"one of {len(found)} files with this identifier"
            self._note(None, candidate.path, Outcome.AMBIGUOUS, detail, unique_id=self.wanted, met=candidate)
        if not found:
            detail = "no file has this identifier"
            self._note(None, None, Outcome.MISSING, f"{detail}; {answer.note}" if answer.note else detail)

    def agreeing(self) -> list[_Verdict]:
        return [verdict for verdict in self.verdicts.values() if verdict.outcome is Outcome.FOUND]

    def result(self, *, accept_mismatch: bool) -> Located:
        chosen = next(iter(self.agreeing()), None)
        agrees = chosen is not None
        outcome = Outcome.FOUND if chosen else self._why_not()
        if accept_mismatch and outcome in (Outcome.MISMATCH, Outcome.AMBIGUOUS):
            chosen = next((item for item in self.verdicts.values() if item.outcome is Outcome.MISMATCH), None)
            outcome = Outcome.FOUND if chosen else outcome
        for verdict in self.verdicts.values():
            if verdict is not chosen and verdict.image is not None:
                self.gate.discard(verdict.image)
        if chosen is None:
            return Located(resolution=self._resolution(outcome))
        found_by, fallback = min(chosen.led_by, key=lambda led: led[1])  # the first exact one, else the first
        resolution = self._resolution(
            outcome, parent=chosen.candidate.path, found_by=found_by, fallback=fallback, agrees=agrees
        )
        return Located(resolution=resolution, parent=chosen.image, key=chosen.candidate.key)

    def _resolution(
        self,
        outcome: Outcome,
        *,
        parent: str | None = None,
        found_by: Rule | None = None,
        fallback: bool = False,
        agrees: bool = True,
    ) -> Resolution:
        return Resolution(
            child=self.child.name,
            outcome=outcome,
            parent=parent,
            found_by=found_by,
            fallback=fallback,
            agrees=agrees,
            wanted=self.wanted,
            attempts=tuple(self.attempts),
        )

    def _why_not(self) -> Outcome:
        """Return the outcome that says most, where no candidate agrees."""
        # A bare name that happens to be the child's own says nothing, unless there is nothing else to go by.
        exact = {verdict.outcome for verdict in self.verdicts.values() if verdict.is_exact}
        if Outcome.SELF in exact:
            return Outcome.SELF
        if any(item.outcome is Outcome.AMBIGUOUS and item.rule is Rule.UUID_INDEX for item in self.attempts):
            return Outcome.AMBIGUOUS
        # Nor does what a guess met, as long as the recorded place could not be looked at.
        # A POSIX path may be another machine's, so it counts only where no other recorded place was looked at.
        outside = any(kind is not PathKind.POSIX for kind in self.outside) or (bool(self.outside) and not self.looked)
        met = exact if outside else {attempt.outcome for attempt in self.attempts}
        for outcome in _MOST_TELLING:
            if outcome in met:
                return outcome
        if outside:
            return Outcome.REFUSED
        stored = {attempt.outcome for attempt in self.attempts if attempt.rule is not Rule.UUID_INDEX}
        if stored == {Outcome.SELF}:
            return Outcome.SELF
        return Outcome.REFUSED if Outcome.REFUSED in stored and Outcome.MISSING not in stored else Outcome.MISSING

    def _judge(self, candidate: Candidate) -> _Verdict:
        verdict = self.verdicts.get(candidate.key)
        if verdict is None:
            verdict = self.verdicts[candidate.key] = self._open(candidate)
        return verdict

    def _open(self, candidate: Candidate) -> _Verdict:
        if candidate.key == self.gate.key(self.child):
            return _Verdict(candidate, Outcome.SELF, "it is the child itself")
        try:
            image = self.gate.open(candidate)
            outcome, detail, image = self._compare(image)
        except PermissionError as error:
            return _Verdict(candidate, Outcome.ACCESS_DENIED, error.strerror or "access is denied")
        except OSError as error:
            return _Verdict(candidate, Outcome.UNREADABLE, error.strerror or str(error))
        except VhdChainError as error:
            return _Verdict(candidate, Outcome.UNREADABLE, str(error))
        return _Verdict(candidate, outcome, detail, image)

    def _compare(self, image: Image) -> tuple[Outcome, str, Image]:
        if image.raw or image.footer is None:
            if self.wanted != NULL_ID:
                return Outcome.NOT_A_VHD, "it has no VHD footer", image
            if (reason := _no_raw_disk(image)) is not None:
                return Outcome.NOT_A_VHD, reason, image
            return Outcome.FOUND, "", image if image.raw else raw_image(image.source)
        if image.unique_id == self.wanted:
            return Outcome.FOUND, "", image
        wanted = id_text(self.wanted) if self.wanted != NULL_ID else "null, a raw parent"
        return Outcome.MISMATCH, f"its identifier is {id_text(image.unique_id)}, the child asks for {wanted}", image

    def _note(
        self,
        reference: Reference | None,
        candidate: str | None,
        outcome: Outcome,
        detail: str,
        *,
        unique_id: bytes | None = None,
        outside: bool = False,
        met: Candidate | None = None,
    ) -> None:
        """Add to the trace what came of ``reference``, or of the index of identifiers where that is None."""
        self.attempts.append(
            Attempt(
                child=self.child.name,
                rule=reference.rule if reference else Rule.UUID_INDEX,
                slot=reference.slot if reference else None,
                reference=reference.text if reference else id_text(self.wanted),
                candidate=candidate,
                outcome=outcome,
                detail=detail,
                unique_id=unique_id,
                outside=outside,
                kind=reference.path.kind if reference else None,
                guess=reference is None or reference.fallback,
                bent=met is not None and bool(met.note),
                file=met.key if met else None,
                other_volume=met.other_volume if met else None,
            )
        )


def _no_raw_disk(image: Image) -> str | None:
    """Return why a file without a VHD footer is no raw disk either, as far as its first bytes tell."""
    head = image.source.read_at(0, min(image.source.size, SECTOR_SIZE))
    if head.startswith(POISON_COOKIE):
        return "it is a VHD that must not be used: blktap disabled it"
    if (kind := other_disk_image(head)) is not None:
        return f"it is {kind}"
    end = FOOTER_LENGTH + HEADER_LENGTH
    if image.source.size >= end and image.source.read_at(FOOTER_LENGTH, HEADER_LENGTH).startswith(HEADER_COOKIE):
        return "it is a sparse VHD that has lost its footers"
    return None
