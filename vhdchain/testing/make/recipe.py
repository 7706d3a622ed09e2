"""What can a recipe say?

A recipe is a TOML file: a few words about the whole, and steps in the order in which they happen. A step names what it
does (``do``) and everything that this takes; whatever else stands in it is an error. The records below are the form,
for the parser as for the JSON schema; msgspec checks one and writes the other.

Steps build a tree of images or, where the recipe has a ``host``, the machines of a Hyper-V host; the last ones may
damage, remove, rename or cut files that are finished. Sizes and offsets are bytes, as numbers or as text (``"2M"``).
"""

from __future__ import annotations

import dataclasses
import inspect
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, get_type_hints

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from vhdchain.report.documents.schema_parts import DRAFT
from vhdchain.testing.dialects import DIALECTS, Layout, NameForm
from vhdchain.testing.lab.machine import BLOCK_SIZE, SIZE
from vhdchain.testing.sizes import SIZE_PATTERN

if TYPE_CHECKING:
    from vhdchain.report.documents.shape import Json

DIALECT_NAMES = tuple(dialect.name for dialect in DIALECTS)

Size: TypeAlias = Annotated[int, Meta(ge=0)] | Annotated[str, Meta(pattern=SIZE_PATTERN)]
HEX_PATTERN = r"^\s*([0-9a-fA-F]{2}\s*)*$"
CODE_PATTERN = "^VHD[0-9]{3}$"
Hex: TypeAlias = Annotated[str, Meta(pattern=HEX_PATTERN)]
Count: TypeAlias = Annotated[int, Meta(ge=0)]
Code: TypeAlias = Annotated[str, Meta(pattern=CODE_PATTERN)]
DialectName: TypeAlias = Annotated[str, Meta(extra_json_schema={"enum": list(DIALECT_NAMES)})]

if TYPE_CHECKING:
    LayoutFields: TypeAlias = Any
else:
    _hints = get_type_hints(Layout)
    LayoutFields = msgspec.defstruct(
        "LayoutFields",
        [(field.name, _hints[field.name] | UnsetType, UNSET) for field in dataclasses.fields(Layout)],
        forbid_unknown_fields=True,
        kw_only=True,
    )
    """The fields of `vhdchain.testing.Layout` that are not as the dialect has them."""


class Record(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that is written in a recipe."""


class Step(Record, frozen=True, kw_only=True, tag_field="do", forbid_unknown_fields=True):
    """One step."""


class LocatorText(Record, frozen=True, kw_only=True):
    """A parent locator.

    Attributes:
        code: Its platform code.
        text: The path or URL; ``{relative}``, ``{slashes}`` (the same with ``/``) and ``{absolute}`` stand for the one
            that leads to the parent.
        space_unit: In which unit its room is told.
    """

    code: Literal["W2ru", "W2ku", "MacX", "Wi2r", "Wi2k"]
    text: str | None = None
    space_unit: Literal["bytes", "sectors"] = "bytes"


class _Manner(Step, frozen=True, kw_only=True):
    """What can be said of every new image; the dialect's by default."""

    block_size: Size | None = None
    dialect: DialectName | None = None
    layout: LayoutFields | None = None
    original_size: Size | None = None


class _Payload(Step, frozen=True, kw_only=True):
    """Bytes: exactly one of these, ``repeat`` times.

    Attributes:
        text: UTF-8.
        hex: Hex digits; spaces do not count.
        zeros: So many zeros.
        file: The content of a file beside the recipe.
    """

    text: str | None = None
    hex: Hex | None = None
    zeros: Size | None = None
    file: str | None = None
    repeat: Annotated[int, Meta(ge=1)] = 1


# ---------------------------------------------------------------------------------------------------------------- trees


class Create(_Manner, frozen=True, kw_only=True, tag="create"):
    """Make a base."""

    name: str
    size: Size
    kind: Literal["dynamic", "fixed", "raw"] = "dynamic"


class Snapshot(_Manner, frozen=True, kw_only=True, tag="snapshot"):
    """Make a child of an image; a second one is a branch. Without a name it gets one as Hyper-V chooses it."""

    of: str
    name: str | None = None
    size: Size | None = None
    locators: tuple[LocatorText, ...] | None = None
    name_form: NameForm | None = None


class Write(_Payload, frozen=True, kw_only=True, tag="write"):
    """Write to the disk of an image, as its guest would."""

    image: str
    offset: Size = 0


class Fill(Step, frozen=True, kw_only=True, tag="fill"):
    """Write text that names the image (or ``label``) and the sector."""

    image: str
    length: Size
    offset: Size = 0
    label: str | None = None


class Block(_Payload, frozen=True, kw_only=True, tag="block"):
    """Plant one block exactly: its bitmap, its data also under clear bits, its place in the file."""

    image: str
    index: Count
    bitmap: Hex | None = None
    at: Size | None = None


class Resize(Step, frozen=True, kw_only=True, tag="resize"):
    """Give a disk another size."""

    image: str
    size: Size


class Copy(Step, frozen=True, kw_only=True, tag="copy"):
    """Add a second file with the bytes of an image."""

    of: str
    name: str


# ---------------------------------------------------------------------------------------------------------------- hosts


class Disk(Record, frozen=True, kw_only=True):
    """A disk of a machine."""

    name: str
    controller: Literal["IDE", "SCSI"] = "IDE"
    size: Size = SIZE
    block_size: Size = BLOCK_SIZE
    fixed: bool = False


class Machine(Step, frozen=True, kw_only=True, tag="machine"):
    """Make a machine that was installed and turned off."""

    name: str
    disks: tuple[Disk, ...] = ()
    notes: str = ""
    vss: bool = True


class Take(Step, frozen=True, kw_only=True, tag="take"):
    """Take a snapshot."""

    machine: str
    name: str
    power: Literal["off", "running", "saved"] | None = None


class Apply(Step, frozen=True, kw_only=True, tag="apply"):
    """Apply a snapshot."""

    machine: str
    snapshot: str


class Delete(Step, frozen=True, kw_only=True, tag="delete"):
    """Delete a snapshot; ``merge = false``: the machine runs, and its disk waits."""

    machine: str
    snapshot: str
    merge: bool = True


class Bring(Step, frozen=True, kw_only=True, tag="bring"):
    """Turn a machine on or off, or save its state."""

    machine: str
    power: Literal["off", "running", "saved"]


class GuestWrite(_Payload, frozen=True, kw_only=True, tag="guest-write"):
    """Let a machine's guest write to one of its disks."""

    machine: str
    disk: Count = 0
    offset: Size = 0


class GuestFill(Step, frozen=True, kw_only=True, tag="guest-fill"):
    """Let a machine's guest write text that names the disk and the sector."""

    machine: str
    length: Size
    disk: Count = 0
    offset: Size = 0
    label: str | None = None


# ---------------------------------------------------------------------------------------------------------------- files


class Damage(Step, frozen=True, kw_only=True, tag="damage"):
    """Plant the condition of a code in a finished file; ``way`` is one of the ways that the index of recipes names."""

    file: str
    code: Code
    way: str = ""


class Remove(Step, frozen=True, kw_only=True, tag="remove"):
    """Remove a finished file."""

    file: str


class Rename(Step, frozen=True, kw_only=True, tag="rename"):
    """Give a finished file another name."""

    file: str
    to: str


class Cut(Step, frozen=True, kw_only=True, tag="cut"):
    """Cut a finished file to a size."""

    file: str
    size: Size


TreeStep: TypeAlias = Create | Snapshot | Write | Fill | Block | Resize | Copy
HostStep: TypeAlias = Machine | Take | Apply | Delete | Bring | GuestWrite | GuestFill
FileStep: TypeAlias = Damage | Remove | Rename | Cut


class Host(Record, frozen=True, kw_only=True):
    r"""The host whose folder is made; drive C: becomes the folder itself. What is left out is as on a new host."""

    root: str | None = None
    disks: str | None = None
    version: Literal["2008", "2008 R2", "2012 R2"] = "2008 R2"


class RecipeFile(Record, frozen=True, kw_only=True):
    """A whole recipe.

    Attributes:
        about: What it is for.
        seed: Decides identifiers, junk and shuffled orders.
        dialect: Whose manner the files have.
        windows_folder: The folder in which the tree pretends to lie.
        host: Present where a host is made instead of a tree.
        expected: Whether ``expected.json`` is written beside the files of a tree.
    """

    about: str = ""
    seed: int | str = 0
    dialect: DialectName = DIALECT_NAMES[0]
    windows_folder: str | None = None
    host: Host | None = None
    expected: bool = True
    step: tuple[TreeStep | HostStep | FileStep, ...] = ()


def recipe_schema() -> dict[str, Json]:
    """Return the JSON schema (draft 2020-12) of a recipe, as a TOML parser gives it."""
    schema = msgspec.json.schema(RecipeFile)
    for definition in schema["$defs"].values():
        if "description" in definition:
            definition["description"] = inspect.cleandoc(definition["description"])
    return {"$schema": DRAFT, "title": "Recipe of vhdchain make", **schema}
