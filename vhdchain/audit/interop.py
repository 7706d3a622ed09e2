"""Which other programs would refuse, misread or truncate this file?

A verdict follows from a finding of the file (what the program makes of that condition) or from a plain fact (it is a
differencing disk, its blocks are small). The rules about 7-Zip, qemu-img, libvhdi and dissect.hypervisor were measured
with the stated versions and are measured again by the tests, in both directions; those about xen-orchestra are read
from its source (`vhd-lib`); those about Windows are its documented errors. No verdict means that no fault is known, not
that there is none. Programs are judged on the file alone, on the machine where it lies.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from vhdchain.findings import Severity, code_info
from vhdchain.structures.footer import DiskType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from vhdchain.findings import Finding
    from vhdchain.image import Image


class Effect(StrEnum):
    """What a program does with the file, the worst first: it shows wrong bytes, a shorter disk, or nothing at all."""

    MISREADS = "misreads"
    TRUNCATES = "truncates"
    REFUSES = "refuses"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Another program that opens VHDs.

    Attributes:
        name: What it is called.
        known_from: On what the rules about it are based.
    """

    name: str
    known_from: str


SEVEN_ZIP = Program(name="7-Zip", known_from="measured with 26.02")
QEMU_IMG = Program(name="qemu-img", known_from="measured with 7.2.22")
LIBVHDI = Program(name="libvhdi", known_from="measured with 20260901")
DISSECT = Program(name="dissect.hypervisor", known_from="measured with 3.21")
XEN_ORCHESTRA = Program(name="xen-orchestra", known_from="read from its source")
WINDOWS = Program(name="Windows", known_from="its documented errors")

PROGRAMS = (SEVEN_ZIP, QEMU_IMG, LIBVHDI, DISSECT, XEN_ORCHESTRA, WINDOWS)
"""The programs that there are rules about, in the order in which they are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What one program would make of one file, for one reason.

    Attributes:
        program: The program.
        effect: What it does.
        certain: Whether it does so always; False where it depends on what was not looked at.
        reason: A clause.
        code: The finding that it follows from; None where it is a plain fact.
    """

    program: Program
    effect: Effect
    certain: bool = True
    reason: str
    code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What a program does where a file has one of some findings, or a fact is true of it.

    Attributes:
        program: The program.
        effect: What it does.
        reason: A clause about the program.
        codes: The findings; each of them alone brings the effect about.
        fact: Instead of them: what must be true of the image.
        kinds: The kinds of images to which the rule is confined; all where None.
        certain: As of `Verdict`.
    """

    program: Program
    effect: Effect
    reason: str
    codes: tuple[str, ...] = ()
    fact: Callable[[Image], bool] | None = None
    kinds: frozenset[DiskType] | None = None
    certain: bool = True


def verdicts_on(image: Image, findings: Iterable[Finding]) -> tuple[Verdict, ...]:
    """Return what other programs would make of ``image``, in the order of `PROGRAMS`, the worst effect first.

    Args:
        image: What a scan recorded.
        findings: What the checks found in it (`check_alone`, and `check_deep` where bitmaps were read).
    """
    present = {item.code for item in findings}
    windows = [item for item in findings if item.severity is Severity.ERROR]
    verdicts = [*_by_rules(image, present), *_by_windows_errors(windows)]
    order = {program: number for number, program in enumerate(PROGRAMS)}
    effects = list(Effect)
    return tuple(sorted(verdicts, key=lambda item: (order[item.program], effects.index(item.effect), item.code or "")))


def _by_rules(image: Image, present: set[str]) -> Iterator[Verdict]:
    for rule in RULES:
        if rule.kinds is not None and image.disk_type not in rule.kinds:
            continue
        if rule.fact is not None:
            if rule.fact(image):
                yield Verdict(program=rule.program, effect=rule.effect, certain=rule.certain, reason=rule.reason)
            continue
        for code in rule.codes:
            if code in present:
                yield Verdict(
                    program=rule.program, effect=rule.effect, certain=rule.certain, reason=rule.reason, code=code
                )


def _by_windows_errors(findings: Iterable[Finding]) -> Iterator[Verdict]:
    for code in sorted({item.code for item in findings}):
        error = code_info(code).windows_error
        if error is not None:
            reason = f"reports error 0x{error:08X}"
            yield Verdict(program=WINDOWS, effect=Effect.REFUSES, reason=reason, code=code)


_CHILD = frozenset({DiskType.DIFFERENCING})
_FIXED = frozenset({DiskType.FIXED})
_SMALL_BLOCK = 4096
_WHOLE_BITMAP = 0x200000


def _has_small_blocks(image: Image) -> bool:
    return image.is_sparse and 0 < image.block_size < _SMALL_BLOCK


def _has_blocks(image: Image) -> bool:
    return image.bat is not None and image.bat.allocated > 0


def _has_short_bitmaps(image: Image) -> bool:
    small = image.is_sparse and _SMALL_BLOCK <= image.block_size < _WHOLE_BITMAP
    return small and _has_blocks(image)


def _always(_: Image) -> bool:
    return True


def _rules(program: Program, *rules: tuple[Effect, str, tuple[str, ...]]) -> tuple[Rule, ...]:
    return tuple(Rule(program=program, effect=effect, reason=reason, codes=codes) for effect, reason, codes in rules)


_OTHER_DATA = ("VHD402", "VHD403", "VHD406", "VHD407", "VHD416")
_NO_TABLE = ("VHD002", "VHD101", "VHD116", "VHD119", "VHD552")
_NO_FOOTER = ("VHD103", "VHD145", "VHD510")
_PARENT_BY_NAME = "finds a parent only in the child's folder, by W2ru or a bare name in the header"

RULES: tuple[Rule, ...] = (
    *_rules(
        SEVEN_ZIP,
        (Effect.REFUSES, "wants a footer of 512 bytes at the very end", ("VHD102", *_NO_FOOTER, "VHD104", "VHD146")),
        (Effect.REFUSES, "wants a checksum that fits", ("VHD106", "VHD107", "VHD108", "VHD202")),
        (Effect.REFUSES, "wants a front copy that is the same byte for byte", ("VHD139", "VHD140", "VHD141")),
        (Effect.REFUSES, "wants reserved fields to be zero", ("VHD137", "VHD138", "VHD217", "VHD308")),
        (Effect.REFUSES, "wants exactly as many BAT entries as the disk has blocks", ("VHD209", "VHD214", "VHD215")),
        (Effect.REFUSES, "wants the last block whole", ("VHD405",)),
        (Effect.REFUSES, "does not read a damaged disk", (*_NO_TABLE, "VHD114", "VHD127", "VHD201", "VHD401")),
        (Effect.REFUSES, "reads no block of that size", ("VHD005", "VHD210", "VHD213")),
        (Effect.REFUSES, "calls data under clear bits an error", ("VHD452",)),
        (Effect.REFUSES, "wants the parent that has the identifier asked for", ("VHD219", "VHD220")),
        (Effect.REFUSES, "wants locators inside the file", ("VHD307",)),
        (Effect.REFUSES, "ends with an error at such a block", ("VHD403", "VHD404", "VHD407", "VHD416")),
        (Effect.MISREADS, "shows the file's structures or another block's data", ("VHD402", "VHD406")),
        (Effect.REFUSES, "wants the file as long as the disk and its footer", ("VHD144",)),
    ),
    Rule(
        program=SEVEN_ZIP,
        effect=Effect.REFUSES,
        reason=_PARENT_BY_NAME,
        codes=("VHD227", "VHD317", "VHD321", "VHD322"),
        kinds=_CHILD,
        certain=False,
    ),
    Rule(
        program=QEMU_IMG,
        effect=Effect.MISREADS,
        reason="shows zeros where the parent holds the data",
        fact=_always,
        kinds=_CHILD,
    ),
    Rule(
        program=QEMU_IMG,
        effect=Effect.MISREADS,
        reason="gives the bitmap of a block below 4 KiB no room",
        fact=_has_small_blocks,
    ),
    *_rules(
        QEMU_IMG,
        (Effect.TRUNCATES, "takes the disk's size from CHS", ("VHD132",)),
        (Effect.TRUNCATES, "rounds the disk's size down to whole sectors", ("VHD127", "VHD128")),
        (Effect.REFUSES, "reads the front copy, with a checksum that fits", ("VHD107", "VHD108", "VHD139", "VHD140")),
        (
            Effect.REFUSES,
            "does not read a damaged disk",
            (*_NO_TABLE, *_NO_FOOTER, "VHD146", "VHD201", "VHD401", "VHD404"),
        ),
        (Effect.REFUSES, "wants the last block whole", ("VHD405",)),
        (Effect.REFUSES, "wants a BAT that holds the disk", ("VHD209", "VHD214")),
        (Effect.REFUSES, "reads no block of that size", ("VHD005", "VHD210", "VHD213")),
        (Effect.MISREADS, "shows the file's structures or another block's data", _OTHER_DATA),
        (Effect.MISREADS, "ignores the bitmaps of a dynamic disk", ("VHD452",)),
        (Effect.MISREADS, "takes the footer for data", ("VHD144",)),
    ),
    Rule(
        program=LIBVHDI,
        effect=Effect.REFUSES,
        reason="reads no disk with blocks below 4 KiB",
        fact=_has_small_blocks,
    ),
    Rule(
        program=LIBVHDI,
        effect=Effect.MISREADS,
        reason="loses set bits behind clear ones in blocks below 2 MiB",
        fact=_has_short_bitmaps,
        certain=False,
    ),
    Rule(
        program=LIBVHDI,
        effect=Effect.MISREADS,
        reason="takes a partly set bitmap byte for eight set bits: hides the parent",
        fact=_has_blocks,
        kinds=_CHILD,
        certain=False,
    ),
    *_rules(
        LIBVHDI,
        (
            Effect.REFUSES,
            "wants a footer of 512 bytes at the very end",
            ("VHD102", *_NO_FOOTER, "VHD104", "VHD105", "VHD146"),
        ),
        (Effect.REFUSES, "wants version 1.0", ("VHD109", "VHD110", "VHD203")),
        (Effect.REFUSES, "wants no header where there is none", ("VHD115",)),
        (
            Effect.REFUSES,
            "does not read a damaged disk",
            (*_NO_TABLE, "VHD114", "VHD201", "VHD213", "VHD401", "VHD404"),
        ),
        (Effect.REFUSES, "wants the parent that has the identifier asked for", ("VHD219", "VHD220")),
        (Effect.TRUNCATES, "cuts the disk at its original size", ("VHD125",)),
        (Effect.MISREADS, "gives the disk its original size: zeros behind the end", ("VHD126",)),
        (Effect.MISREADS, "shows the file's structures or another block's data", (*_OTHER_DATA, "VHD005", "VHD210")),
        (Effect.MISREADS, "takes the footer for data", ("VHD144",)),
    ),
    Rule(
        program=DISSECT,
        effect=Effect.MISREADS,
        reason="shows zeros where the parent holds the data",
        fact=_always,
        kinds=_CHILD,
    ),
    Rule(
        program=DISSECT,
        effect=Effect.MISREADS,
        reason="gives the bitmap of a block below 4 KiB no room",
        fact=_has_small_blocks,
    ),
    *_rules(
        DISSECT,
        (Effect.REFUSES, "wants a footer at the very end", ("VHD101", "VHD102", "VHD552")),
        (Effect.REFUSES, "takes a footer without feature bit 2 for one of 511 bytes", ("VHD111",)),
        (Effect.REFUSES, "looks for a header where the footer names one", ("VHD002", "VHD115", "VHD119")),
        (Effect.REFUSES, "wants a BAT that holds the disk", ("VHD214",)),
        (Effect.REFUSES, "reads no block of that size", ("VHD213",)),
        (Effect.TRUNCATES, "shows an empty disk", (*_NO_FOOTER, "VHD105", "VHD127")),
        (Effect.MISREADS, "leaves out what it cannot find", ("VHD116", "VHD401", "VHD404")),
        (Effect.MISREADS, "shows the file's structures or another block's data", (*_OTHER_DATA, "VHD005", "VHD210")),
        (Effect.MISREADS, "ignores the bitmaps of a dynamic disk", ("VHD452",)),
        (Effect.MISREADS, "takes the footer for data", ("VHD144",)),
    ),
    Rule(
        program=XEN_ORCHESTRA,
        effect=Effect.REFUSES,
        reason="opens no fixed disk",
        fact=_always,
        kinds=_FIXED,
    ),
    *_rules(
        XEN_ORCHESTRA,
        (Effect.REFUSES, "wants the header at 512", ("VHD116", "VHD117", "VHD118")),
        (
            Effect.REFUSES,
            "wants two equal footers with checksums that fit",
            ("VHD102", *_NO_FOOTER, "VHD104", "VHD106", "VHD107", "VHD108", "VHD139", "VHD140", "VHD141", "VHD146"),
        ),
        (Effect.REFUSES, "wants version 1.0", ("VHD109", "VHD110", "VHD203")),
        (Effect.REFUSES, "wants an original size of at most the present one", ("VHD126",)),
        (
            Effect.REFUSES,
            "wants a whole header and a BAT that holds the disk",
            ("VHD201", "VHD202", "VHD204", "VHD214"),
        ),
        (Effect.REFUSES, "reads no block of that size", ("VHD210",)),
    ),
)
"""Everything that is known, by program."""
