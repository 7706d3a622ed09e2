"""Who wrote the file, and how does that program lay it out?

A `Dialect` is what distinguishes one writer's files from another's: creator fields, where things lie, which locators it
stores and in which unit, what its header calls the parent. The named dialects follow what is documented and real files
show of each program; every detail can be replaced (`dataclasses.replace`, or the builder's keywords).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from vhdchain.structures.locator import PlatformCode, SpaceUnit
from vhdchain.units import SECTOR_SIZE


class Order(StrEnum):
    """In which order blocks lie in the file."""

    WRITTEN = "written"
    INDEX = "index"
    SHUFFLED = "shuffled"


class LocatorsAt(StrEnum):
    """Where the parent locators' data lies."""

    BEFORE_BAT = "before-bat"
    AFTER_BAT = "after-bat"
    AFTER_DATA = "after-data"


class NameForm(StrEnum):
    """What a header's ``parent_unicode_name`` holds."""

    BASENAME = "basename"
    FULL_PATH = "full-path"
    SLASHES = "slashes"
    RELATIVE = "relative"
    LITTLE_ENDIAN = "little-endian"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where things lie in a file. Offsets, lengths and alignments in bytes.

    Attributes:
        header_offset: Where the dynamic header lies; 512 in nearly all files.
        table_offset: Where the BAT lies; None: behind what comes before it.
        locators_at: Where locators without an offset of their own lie.
        order: In which order blocks lie; ``shuffled`` is drawn from the builder's seed.
        data_alignment: What the *data* of a block is aligned to; blktap and Windows 10 use 4,096, which leaves gaps
            before the bitmaps.
        gap: Unused bytes, a multiple of 512, before every block.
        spare_entries: BAT entries beyond those that the disk needs.
        bat_padding: The byte that fills the BAT's last sector: 0xFF or 0x00.
        bitmap_padding: The byte that fills a bitmap behind its last whole byte; readers must not look at it.
        batmap: Whether blktap's batmap follows the BAT.
        footer_length: 512, or 511 as programs before Virtual PC 2004 wrote.
        truncated_tail: Whether the last, partial block of the disk ends in the file where the disk ends. It is then
            the last block of the file.
        junk: Whether sectors whose bit is clear hold junk in the file instead of zeros.
        whole_blocks: Whether allocating a block of a *dynamic* disk sets all of its bits, as Windows and qemu do.
        sector_0_in_footer: Whether the footer's reserved bytes, from 85 on, hold what the same bytes of the disk's own
            sector 0 are, as Windows 10 leaves them. It is not known when it does so, nor what it leaves in a child that
            does not hold the sector: there, they are zeros.
    """

    header_offset: int = SECTOR_SIZE
    table_offset: int | None = None
    locators_at: LocatorsAt = LocatorsAt.AFTER_BAT
    order: Order = Order.WRITTEN
    data_alignment: int = SECTOR_SIZE
    gap: int = 0
    spare_entries: int = 0
    bat_padding: int = 0xFF
    bitmap_padding: int = 0x00
    batmap: bool = False
    footer_length: int = 512
    truncated_tail: bool = False
    junk: bool = False
    whole_blocks: bool = False
    sector_0_in_footer: bool = False


PLAIN = Layout()
"""Footer copy, header, BAT, locators, blocks, footer, with no gaps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """A parent locator to write. Offsets and lengths in bytes.

    Attributes:
        code: The platform code; bytes for codes that the specification does not know.
        text: The path or URL; None: the one that leads to the parent. ``{relative}``, ``{slashes}`` (the same with
            ``/``) and ``{absolute}`` in it are replaced.
        data: The stored bytes instead of ``text``'s encoding.
        space: The room behind it; None: the data's length rounded up to a sector.
        space_unit: In which unit ``platform_data_space`` tells that room.
        slot: Which of the eight entries it takes; None: the next.
        offset: Where its data lies; None: where the layout puts it.
    """

    code: PlatformCode | bytes
    text: str | None = None
    data: bytes | None = None
    space: int | None = None
    space_unit: SpaceUnit = SpaceUnit.BYTES
    slot: int | None = None
    offset: int | None = None


W2RU = Locator(code=PlatformCode.W2RU)
W2KU = Locator(code=PlatformCode.W2KU)
MACX = Locator(code=PlatformCode.MACX)
WI2R = Locator(code=PlatformCode.WI2R)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One writer's manner.

    Attributes:
        creator_application: Four bytes.
        block_size: The block size in bytes that it uses by default.
        records_parent_time: Whether it stores the parent's modification time; Windows 8 and later store 0.
    """

    name: str
    creator_application: bytes
    creator_version: int
    creator_host_os: bytes = b"Wi2k"
    features: int = 0x2
    block_size: int = 0x200000
    layout: Layout = PLAIN
    locators: tuple[Locator, ...] = (W2RU, W2KU)
    name_form: NameForm = NameForm.BASENAME
    records_parent_time: bool = True


HYPER_V_2008_R2 = Dialect(
    name="Hyper-V 2008 R2",
    creator_application=b"win ",
    creator_version=0x00060001,
    locators=(W2KU, W2RU),
    name_form=NameForm.FULL_PATH,
)
WINDOWS_10 = Dialect(
    name="Windows 10",
    creator_application=b"win ",
    creator_version=0x000A0000,
    layout=Layout(data_alignment=4096),
    locators=(W2KU, W2RU),
    name_form=NameForm.FULL_PATH,
    records_parent_time=False,
)
VIRTUAL_PC_2004 = Dialect(name="Virtual PC 2004", creator_application=b"vpc ", creator_version=0x00050000)
VIRTUAL_PC_5 = Dialect(
    name="Virtual PC 5",
    creator_application=b"vpc ",
    creator_version=0x00040000,
    layout=Layout(footer_length=511),
    locators=(WI2R,),
)
VIRTUAL_PC_MAC = Dialect(
    name="Virtual PC for Mac",
    creator_application=b"vpc ",
    creator_version=0x00050000,
    creator_host_os=b"Mac ",
    features=0x0,
    locators=(MACX,),
    name_form=NameForm.SLASHES,
)
BLKTAP = Dialect(
    name="blktap 1.3",
    creator_application=b"tap\0",
    creator_version=0x00010003,
    creator_host_os=bytes(4),
    layout=Layout(data_alignment=4096, batmap=True, bat_padding=0x00),
    # blktap stores the relative path in W2ku as well.
    locators=(MACX, Locator(code=PlatformCode.W2KU, text="{relative}"), W2RU),
)
VIRTUALBOX = Dialect(name="VirtualBox 4.3", creator_application=b"vbox", creator_version=0x00040003)
QEMU = Dialect(
    name="qemu",
    creator_application=b"qem2",
    creator_version=0x00050003,
    layout=Layout(whole_blocks=True),
)
XEN_ORCHESTRA = Dialect(
    name="xen-orchestra",
    creator_application=b"xo\0\0",
    creator_version=0,
    locators=(Locator(code=PlatformCode.W2KU, text="{slashes}", space_unit=SpaceUnit.SECTORS),),
    name_form=NameForm.RELATIVE,
    records_parent_time=False,
)
"""What its ``vhd-lib`` writes where it makes a file itself.

Known are the creator, the relative path with slashes in `W2ku` and in the header, the room in sectors (newer versions),
and that neither a version nor the parent's time is set. Not known, and written as other programs do: where it puts
locators and blocks, and which bits it sets.
"""
DISCUTILS = Dialect(
    name="DiscUtils",
    creator_application=b"dutl",
    creator_version=0x00060001,
    locators=(Locator(code=PlatformCode.W2KU, slot=7), Locator(code=PlatformCode.W2RU, slot=6)),
)
"""The .NET library. Known are the creator with its version, the bare name in the header, and the slots 7 and 6.

Not known, and written as other programs do: the exact form of its relative path, and the order of its blocks.
"""
DIALECTS = (
    HYPER_V_2008_R2,
    WINDOWS_10,
    VIRTUAL_PC_2004,
    VIRTUAL_PC_5,
    VIRTUAL_PC_MAC,
    BLKTAP,
    VIRTUALBOX,
    QEMU,
    XEN_ORCHESTRA,
    DISCUTILS,
)
