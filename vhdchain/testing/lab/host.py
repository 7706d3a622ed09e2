r"""How does a test get a whole host folder of which everything is known?

`HostLab` holds machines with snapshots, disks, saved states and configurations. Machines are made, written to, started
and saved; snapshots are taken, applied and deleted as Hyper-V does it; what comes out is the folder as somebody copied
it from the host. The same seed and the same calls give the same bytes on every machine.

Drive C: of the host becomes the folder itself; where a lab uses several drives, each is a folder of that letter. All
paths inside configurations and disks stay those of the host.
"""

from __future__ import annotations

import posixpath
from functools import partial
from typing import TYPE_CHECKING, TypeAlias, Unpack

from vhdchain.hyperv.xml import build_document
from vhdchain.testing.folder import Link, write_folder
from vhdchain.testing.lab.configurations import Manner, configuration_file, configuration_tree, state_folder
from vhdchain.testing.lab.exports import LabExports
from vhdchain.testing.lab.extras import cache_content, cached, exported_content, link_targets, store_content, store_path
from vhdchain.testing.lab.images import windows_path
from vhdchain.testing.lab.machine import ExportForm, LabMachine, LabSnapshot
from vhdchain.testing.lab.places import Places

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from vhdchain.hyperv.keytree import Key, Value
    from vhdchain.testing.expected import ExpectedDisk
    from vhdchain.testing.images import BuiltImage
    from vhdchain.testing.lab.options import HostOptions

Owner: TypeAlias = LabMachine | LabSnapshot
_Written: TypeAlias = "tuple[str, Callable[[], bytes], int]"  # Windows path, content when it is asked for, time


class HostLab(LabExports):
    r"""A host folder that is being built.

    Args:
        ids: Whether configurations mention ids of snapshots, under the invented names that ``configurations.py`` tells.
        store: Whether the host's folder holds ``InitialStore.xml``.
        caches: Whether it holds ``Virtual Machines Cache`` and ``Snapshots Cache``.
        options: See `HostOptions`.

    Attributes:
        copied_to: Where a Windows folder lies in the saved folder, where not in its own place: ``{r"C:\VMs": "copy"}``.

    Example:
        >>> from vhdchain.testing import LabDisk
        >>> lab = HostLab(seed=1, root=r"D:\VMs", disks=r"D:\VMs")
        >>> srv = lab.machine("srv", disks=[LabDisk("srv.vhd")])
        >>> first = lab.take(srv)
        >>> srv.expected_tree() == {first.id: None, "": first.id}
        True
        >>> [path for path in lab.files() if path.endswith(".vhd")]
        ['VMs/srv.vhd']
    """

    def __init__(
        self, *, ids: bool = True, store: bool = True, caches: bool = False, **options: Unpack[HostOptions]
    ) -> None:
        super().__init__(**options)
        self.ids = ids
        self.store = store
        self.caches = caches
        self.copied_to: dict[str, str] = {}
        self._added: dict[str, tuple[bytes, int]] = {}

    # ----------------------------------------------------------------------------------------------- configurations

    def configuration(self, owner: Owner) -> Key:
        """Return the keys of the configuration of a machine or snapshot."""
        return configuration_tree(owner, Manner(version=self.version, default_root=self.root, ids=self.ids))

    def edit(self, owner: Owner, path: str, value: Value | None) -> None:
        """Let the configuration of ``owner`` have ``value`` at ``path``, whatever happens; see `Key.with_value`."""
        owner.edits.append(lambda root: root.with_value(path, value))

    def without(self, owner: Owner, path: str) -> None:
        """Let the configuration of ``owner`` have no key at ``path``."""
        owner.edits.append(lambda root: root.without(path))

    # ------------------------------------------------------------------------------------------------- places and disks

    def configuration_path(self, owner: Owner) -> str:
        """Return the path of the configuration of ``owner`` below the saved folder."""
        return self.places().local(configuration_file(owner))

    def state_paths(self, owner: Owner) -> tuple[str, str]:
        """Return the paths of the ``.bin`` and ``.vsv`` file of ``owner``, whether or not there is a saved state."""
        places, stem = self.places(), f"{state_folder(owner)}\\{owner.id}"
        return places.local(f"{stem}.bin"), places.local(f"{stem}.vsv")

    def disk_path(self, disk: Owner | BuiltImage, number: int = 0) -> str:
        """Return the path below the saved folder of a disk: of ``owner``'s disk ``number``, or of an image."""
        image = disk.state.images[number] if isinstance(disk, LabMachine | LabSnapshot) else disk
        return self.places().local(windows_path(image.name))

    def expected(self, owner: Owner, number: int = 0) -> ExpectedDisk:
        """Return what a guest sees of the disk ``number`` of a machine or snapshot, and which file supplies it."""
        return self.images.expected(owner.state.images[number])

    def places(self) -> Places:
        """Return where the files of the host lie in the saved folder."""
        return Places([path for path, _, _ in self._written()], self.copied_to)

    # ------------------------------------------------------------------------------------------------- what comes out

    def add(self, path: str, content: bytes, *, modified: int | None = None) -> None:
        """Add any other file, by its Windows path."""
        self._added[path] = content, self.images.tick() if modified is None else modified

    def files(self) -> dict[str, bytes]:
        """Return the bytes of every file by its path below the saved folder; links are not among them."""
        places = self.places()
        return {places.local(path): content() for path, content, _ in self._written()}

    def links(self) -> dict[str, Link]:
        """Return the symbolic links by their paths, with targets relative to the link's folder."""
        places = self.places()
        found = {}
        for path, target in link_targets(self.machines, self.root, "symlink"):
            place = places.local(path)
            found[place] = Link(posixpath.relpath(places.local(target), posixpath.dirname(place)))
        return found

    def contents(self) -> dict[str, bytes | Link]:
        """Return files and links, as recipes of damages take them."""
        return {**self.files(), **self.links()}

    def folders(self) -> list[str]:
        """Return the folders that a host makes and that hold no file, in order."""
        places = self.places()
        made = {places.local(state_folder(owner)) for machine in self.machines for owner in machine.owners}
        held = {posixpath.dirname(places.local(path)) for path, _, _ in self._written()}
        return sorted(made - held)

    def modified(self) -> dict[str, int]:
        """Return when every file was modified, in seconds since 2000."""
        places = self.places()
        return {places.local(path): modified for path, _, modified in self._written()}

    def save(self, folder: Path) -> dict[str, Path]:
        """Write everything below ``folder``, as a careful copy has it: with times, and read-only.

        Returns:
            The paths of files and links by their names below ``folder``.
        """
        folder.mkdir(parents=True, exist_ok=True)
        contents = self.contents()
        write_folder(contents, folder, modified=self.modified())
        for empty in self.folders():
            (folder / empty).mkdir(parents=True, exist_ok=True)
        return {name: folder / name for name in contents}

    def _written(self) -> Iterator[_Written]:
        if self.store:
            yield store_path(self.root), store_content, self._began
        for machine in self.machines:
            for owner in machine.owners:
                yield from self._files_of(owner)
            if machine.exported is ExportForm.HOST_2008_R2:
                yield f"{machine.root}\\config.xml", partial(exported_content, machine.name), machine.state.written
        for path, _ in link_targets(self.machines, self.root, "empty"):
            yield path, bytes, self._began
        if self.caches:
            own = [machine for machine in self.machines if not machine.exported]
            for path, owner in cached(own, self.root):
                yield path, partial(cache_content, owner), owner.state.written
        for image in self.images.images:
            yield windows_path(image.name), partial(self._image, image), image.modified
        for path, (content, modified) in self._added.items():
            yield path, partial(bytes, content), modified

    def _files_of(self, owner: Owner) -> Iterator[_Written]:
        saved = owner.state.saved
        yield configuration_file(owner), partial(self._document, owner), owner.state.written
        if saved is not None:
            stem = f"{state_folder(owner)}\\{owner.id}"
            yield f"{stem}.bin", partial(bytes, saved.memory), saved.written
            yield f"{stem}.vsv", partial(bytes, saved.devices), saved.written

    def _document(self, owner: Owner) -> bytes:
        machine = owner if isinstance(owner, LabMachine) else owner.machine
        if machine.exported is ExportForm.HOST_2008_R2:
            return exported_content(owner.id)
        return build_document(self.configuration(owner))

    def _image(self, image: BuiltImage) -> bytes:
        return bytes(self.images.file(image).content)
