r"""From where are the paths of a configuration looked at, in a copy of the host's folders?

A configuration lies in ``Virtual Machines`` or ``Snapshots``, below a folder that it calls its root. Where the copy
kept the host's folders, whatever it names lies in the same place relative to that root, whichever name the root has
here: upwards, downwards, and on other drives, which a copy keeps as folders called ``D`` beside the first drive's.
Which folder of the host the root is, a configuration says in several keys that may be missing; each that is there is
tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vhdchain.hyperv.folders import DISKS_FOLDER, MACHINES_FOLDER, SNAPSHOTS_FOLDER
from vhdchain.hyperv.known_files import Names, common_start, names_of
from vhdchain.locate import LONGEST_PATH, collapse, fold_case, parse_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vhdchain.hyperv.records import Configuration

DEFAULT_ROOT = r"C:\ProgramData\Microsoft\Windows\Hyper-V"
"""Where a host keeps its machines unless it is told otherwise."""

_HOST_FOLDERS = frozenset(fold_case(name) for name in (MACHINES_FOLDER, SNAPSHOTS_FOLDER))
_DISKS_FOLDER = fold_case(DISKS_FOLDER)
_VOLUME = "\\\\?\\VOLUME{"
_TOO_LONG = f"the path has more than {LONGEST_PATH} characters"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostPath:
    r"""A path of the host, as far as text tells.

    Attributes:
        names: The folded names, ``..`` taken back; before them, for an absolute path, that of the drive (``D:``), share
            or volume.
        is_absolute: Whether the first name is that of a drive, share or volume.
        problem: Why it is no path that a file can have, as one clause; empty where it is one.
    """

    names: Names = ()
    is_absolute: bool = False
    problem: str = ""

    @property
    def below(self) -> Names:
        """The names without that of the drive."""
        return self.names[1:] if self.is_absolute else self.names


def host_path(stored: str, *, is_folder: bool = False) -> HostPath:
    r"""Return what a path in a configuration says; white space around it, as pretty-printing leaves it, is ignored.

    A volume without a drive's letter (``\\?\Volume{...}\VMs\srv.vhd``) is as good as a drive here: nothing is opened
    because of it.

    Args:
        stored: The path.
        is_folder: Whether it is a folder's, which may be a drive as a whole.
    """
    text = stored.strip()
    if len(text) > LONGEST_PATH:
        return HostPath(problem=_TOO_LONG)
    volume = ""
    if text[: len(_VOLUME)].upper() == _VOLUME and "}\\" in text:
        volume, _, rest = text.partition("}\\")
        text = f"\\{rest}"
    path = parse_path(text)
    if path.problem or (path.basename is None and not is_folder):
        return HostPath(problem=path.problem or "the path names no file")
    anchor = volume or path.anchor
    below = tuple([fold_case(name) for name in collapse(path.parts)])
    return HostPath(names=(fold_case(anchor), *below) if anchor else below, is_absolute=bool(anchor))


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewpoint:
    """From where the paths of one configuration are looked at.

    Attributes:
        folder: The folded names of the folder in which the configuration lies here.
        root: Those of the folder that plays the part of the host's root: the one above ``Virtual Machines``.
        stored_roots: What the host may call that folder, the most certain first: names as of `HostPath`.
        alone: Whether the root is that of one machine only, as in an export folder.
        only_copy: Whether no other copy of the configuration is known.
    """

    folder: Names
    root: Names
    stored_roots: tuple[Names, ...]
    alone: bool = True
    only_copy: bool = True

    @classmethod
    def of(cls, configuration: Configuration, *, place: Names | None = None) -> Viewpoint:
        """Return the viewpoint of a configuration of which no other copy is known, nor another machine in its root.

        Args:
            configuration: The configuration.
            place: Where its file lies; by default where its path says.
        """
        folder = (names_of(configuration.path) if place is None else place)[:-1]
        in_host_folder = bool(folder) and folder[-1] in _HOST_FOLDERS
        return cls(
            folder=folder,
            root=folder[:-1] if in_host_folder else folder,
            stored_roots=tuple(dict.fromkeys(_stored_roots(configuration))),
        )

    def likely_places(self, target: HostPath) -> Iterator[Names]:
        """Yield the places where a path of the host may be looked for without any search."""
        if not target.problem:
            yield from self.places(target)
            for folder in (self.folder, *self.disks_folders):
                yield (*folder, target.names[-1])

    @property
    def is_at_home(self) -> bool:
        """Whether the root is called here as the host calls it."""
        return any(self.root[-1:] == stored[-1:] for stored in self.stored_roots)

    @property
    def disks_folders(self) -> tuple[Names, ...]:
        """The folders ``Virtual Hard Disks`` beside and below the configuration's, as exports have it."""
        return tuple(dict.fromkeys((*folder, _DISKS_FOLDER) for folder in (self.root, self.folder)))

    def places(self, target: HostPath) -> Iterator[Names]:
        """Yield the places that a path of the host has here if this copy kept the host's folders."""
        for above in self.stored_roots if target.is_absolute else ():
            shared = common_start(above, target.names)
            up = len(above) - shared
            if shared == len(target.names):
                continue
            if shared:
                if up <= len(self.root):
                    yield (*self.root[: len(self.root) - up], *target.names[shared:])
            else:
                yield from self._on_other_drive(up, target)

    def _on_other_drive(self, up: int, target: HostPath) -> Iterator[Names]:
        """Yield the places below a folder that is called like the drive.

        It lies where the first drive has its folder, or, where the first drive's became the copy itself, in that.
        """
        drive = target.names[0]
        if len(drive) == len("D:"):
            for steps in (up, up - 1):
                if steps <= len(self.root):
                    start = self.root[: len(self.root) - steps]
                    yield from ((*start, folder, *target.below) for folder in (drive[:1], drive))


def _stored_roots(configuration: Configuration) -> Iterator[Names]:
    """Yield what the host may call the root of a configuration."""
    saved = configuration.saved_state
    for stored in (saved.devices, saved.memory):
        names = host_path(stored).names
        # ...\Virtual Machines\<id>\<id>.vsv
        if len(names) > len(("folder", "id", "file")) and names[-2] == configuration.id and names[-3] in _HOST_FOLDERS:
            yield names[:-3]
    roots = [configuration.data_root, configuration.snapshot_root]
    if configuration.is_snapshot:
        roots.reverse()
    if not roots[0].strip():
        roots.append(DEFAULT_ROOT)
    for root in roots:
        path = host_path(root, is_folder=True)
        if path.is_absolute:
            yield path.names
