"""Paths of the host in copies of all kinds, and the files that they mean, as a table."""

from __future__ import annotations

from dataclasses import dataclass

from tests.hyperv.machines import SRV, configuration, snapshot
from vhdchain.hyperv import PathRule, SavedState, Viewpoint

AVHD = "srv_1CE6964B-29B6-4D37-97AA-E847195217F3.avhd"
DEFAULT = "copy/ProgramData/Microsoft/Windows/Hyper-V"
DISKS = "copy/Users/Public/Documents/Hyper-V/Virtual Hard Disks"
STORED = r"C:\Users\Public\Documents\Hyper-V\Virtual Hard Disks\srv.vhd"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A path in a copy; the configuration is a machine's unless ``snapshot`` says otherwise.

    Attributes:
        about: What is special.
        folder: The folder that holds ``Virtual Machines`` or ``Snapshots``.
        data_root: What the configuration stores, likewise ``snapshot_root`` and ``saved``.
        files: The files of the scan.
        stored: The path.
        found: The file that it means, or the files among which nothing decides; None: none.
        rule: The rule that led to it.
        doubt: Whether the answer is told as not exact.
    """

    about: str
    folder: str = DEFAULT
    data_root: str = ""
    snapshot_root: str = ""
    saved: str = ""
    snapshot: bool = False
    files: tuple[str, ...] = ()
    stored: str = STORED
    found: str | tuple[str, ...] | None = None
    rule: PathRule | None = PathRule.SAME_PLACE
    doubt: bool = False

    @property
    def viewpoint(self) -> Viewpoint:
        fields = {
            "data_root": self.data_root,
            "snapshot_root": self.snapshot_root,
            "saved_state": SavedState(devices=self.saved),
        }
        if self.snapshot:
            return Viewpoint.of(snapshot(1, path=f"{self.folder}/Snapshots/x.xml", **fields))
        return Viewpoint.of(configuration(path=f"{self.folder}/Virtual Machines/{SRV}.xml", **fields))


CASES = (
    # ------------------------------------------------------------------------------------ folders kept as they were
    Case(about="default root, drive C: is the copy", files=(f"{DISKS}/srv.vhd",), found=f"{DISKS}/srv.vhd"),
    Case(
        about="the copy has any name and depth",
        folder="/mnt/7/image of C/ProgramData/Microsoft/Windows/Hyper-V",
        files=("/mnt/7/image of C/Users/Public/Documents/Hyper-V/Virtual Hard Disks/srv.vhd", "/mnt/7/srv.vhd"),
        found="/mnt/7/image of C/Users/Public/Documents/Hyper-V/Virtual Hard Disks/srv.vhd",
    ),
    Case(
        about="other letter case",
        folder="COPY/programdata/MICROSOFT/windows/hyper-v",
        files=("COPY/USERS/public/DOCUMENTS/hyper-V/virtual hard DISKS/SRV.vhd",),
        found="COPY/USERS/public/DOCUMENTS/hyper-V/virtual hard DISKS/SRV.vhd",
    ),
    Case(
        about="decomposed letters, as a copy by way of a Mac has them",
        data_root="D:\\Büro",
        folder="copy/Bu\u0308ro",
        files=("copy/Bu\u0308ro/Kästen/x.vhd".replace("ä", "a\u0308"),),
        stored="D:\\BÜRO\\Kästen\\x.vhd",
        found="copy/Bu\u0308ro/Ka\u0308sten/x.vhd",
    ),
    Case(
        about="names with backslashes, as archives of Windows leave them",
        folder="copy\\VMs\\srv",
        data_root=r"D:\VMs\srv",
        files=("copy\\VMs\\srv\\srv.vhd",),
        stored=r"D:\VMs\srv\srv.vhd",
        found="copy\\VMs\\srv\\srv.vhd",
    ),
    Case(
        about="a custom root",
        folder="copy/srv",
        data_root=r"D:\VMs\srv",
        files=("copy/srv/srv.vhd", "copy/other/srv/srv.vhd"),
        stored=r"D:\VMs\srv\srv.vhd",
        found="copy/srv/srv.vhd",
    ),
    Case(
        about="a renamed root",
        folder="copy/old",
        data_root=r"D:\VMs\srv",
        files=("copy/old/disks/srv.vhd", "copy/srv/disks/srv.vhd"),
        stored=r"D:\VMs\srv\disks\srv.vhd",
        found="copy/old/disks/srv.vhd",
    ),
    Case(
        about="above and beside a renamed root",
        folder="copy/old",
        data_root=r"D:\VMs\srv",
        files=("copy/bases/base.vhd",),
        stored=r"D:\VMs\bases\base.vhd",
        found="copy/bases/base.vhd",
    ),
    Case(
        about="a root that is a drive",
        folder="copy",
        data_root="D:\\",
        files=("copy/srv.vhd",),
        stored=r"D:\srv.vhd",
        found="copy/srv.vhd",
    ),
    Case(
        about="a snapshot has the other root",
        snapshot=True,
        folder="copy/snaps",
        data_root=r"C:\x\y",
        snapshot_root=r"D:\snaps",
        files=("copy/srv/srv.vhd",),
        stored=r"D:\srv\srv.vhd",
        found="copy/srv/srv.vhd",
    ),
    Case(
        about="a root that is not stored, and not the default one, is known by the snapshots'",
        folder="copy/srv",
        snapshot_root=r"D:\VMs\srv",
        files=("copy/srv/srv.vhd",),
        stored=r"D:\VMs\srv\srv.vhd",
        found="copy/srv/srv.vhd",
    ),
    Case(
        about="... or by the saved state",
        folder="copy/srv",
        saved=rf"E:\all\srv\Virtual Machines\{SRV}\{SRV}.vsv",
        files=("copy/srv/srv.vhd",),
        stored=r"E:\all\srv\srv.vhd",
        found="copy/srv/srv.vhd",
    ),
    Case(
        about="a shared volume of a cluster",
        folder="copy/Volume1/srv",
        data_root=r"C:\ClusterStorage\Volume1\srv",
        files=("copy/Volume1/srv/disk.vhd", "copy/Volume2/srv/disk.vhd"),
        stored=r"C:\ClusterStorage\Volume2\srv\disk.vhd",
        found="copy/Volume2/srv/disk.vhd",
    ),
    Case(
        about="a share",
        folder="copy/srv",
        data_root=r"\\files\vms\srv",
        files=("copy/srv/srv.vhd",),
        stored=r"\\FILES\vms\srv\srv.vhd",
        found="copy/srv/srv.vhd",
    ),
    Case(
        about="a volume without a letter",
        folder="copy/srv",
        data_root=r"\\?\Volume{26a21bda-a627-11d7-9931-806e6f6e6963}\srv",
        files=("copy/srv/srv.vhd",),
        stored=r"\\?\VOLUME{26A21BDA-A627-11D7-9931-806E6F6E6963}\srv\srv.vhd",
        found="copy/srv/srv.vhd",
    ),
    Case(
        about="another drive, both have folders",
        folder="copy/C/ProgramData/Microsoft/Windows/Hyper-V",
        files=("copy/D/VMs/srv.vhd", "copy/E/VMs/srv.vhd"),
        stored=r"D:\VMs\srv.vhd",
        found="copy/D/VMs/srv.vhd",
    ),
    Case(
        about="another drive, whose folder is called with the colon",
        folder="copy/C:/ProgramData/Microsoft/Windows/Hyper-V",
        files=("copy/D:/srv.vhd",),
        stored=r"D:\srv.vhd",
        found="copy/D:/srv.vhd",
    ),
    Case(
        about="another drive, the first is the copy itself",
        files=("copy/D/srv.vhd",),
        stored=r"D:\srv.vhd",
        found="copy/D/srv.vhd",
    ),
    Case(
        about="dots, slashes, double separators, white space around",
        files=(f"{DISKS}/srv.vhd",),
        stored="\n  c:/Users//Public/x/../Documents/./Hyper-V/Virtual Hard Disks\\srv.vhd\n",
        found=f"{DISKS}/srv.vhd",
    ),
    Case(
        about="a copy that lies in a copy",
        folder=f"copy/old/{DEFAULT}",
        files=(f"{DISKS}/srv.vhd", f"copy/old/{DISKS}/srv.vhd"),
        found=f"copy/old/{DISKS}/srv.vhd",
    ),
    Case(
        about="letter case alone tells them apart",
        files=(f"{DISKS}/srv.vhd", f"{DISKS}/SRV.VHD"),
        found=(f"{DISKS}/SRV.VHD", f"{DISKS}/srv.vhd"),
    ),
    # ----------------------------------------------------------------------------------------------- rearranged copies
    Case(
        about="two names in common",
        folder="copy/configurations",
        files=("copy/disks/Virtual Hard Disks/srv.vhd", "copy/else/srv.vhd"),
        found="copy/disks/Virtual Hard Disks/srv.vhd",
        rule=PathRule.SUFFIX,
    ),
    Case(
        about="the longest end counts, in the own tree",
        folder="copy",
        files=("copy/a/Hyper-V/Virtual Hard Disks/srv.vhd", "copy/b/Virtual Hard Disks/srv.vhd"),
        found="copy/a/Hyper-V/Virtual Hard Disks/srv.vhd",
        rule=PathRule.SUFFIX,
    ),
    Case(
        about="the own tree comes before a longer end",
        folder="one",
        files=("one/x/Virtual Hard Disks/srv.vhd", "two/Documents/Hyper-V/Virtual Hard Disks/srv.vhd"),
        found="one/x/Virtual Hard Disks/srv.vhd",
        rule=PathRule.SUFFIX,
    ),
    Case(
        about="the nearer of two with the same end, in doubt",
        folder="all/one/cfg",
        files=("all/one/disks/srv/disk.vhd", "all/two/disks/srv/disk.vhd"),
        stored=r"D:\VMs\srv\disk.vhd",
        found="all/one/disks/srv/disk.vhd",
        rule=PathRule.SUFFIX,
        doubt=True,
    ),
    Case(
        about="the nearer of two in the own tree, in doubt",
        folder="all",
        files=("all/srv/disk.vhd", "all/old/srv/disk.vhd"),
        stored=r"D:\VMs\srv\disk.vhd",
        found="all/srv/disk.vhd",
        rule=PathRule.SUFFIX,
        doubt=True,
    ),
    Case(
        about="equally near",
        folder="all/cfg",
        files=("all/one/srv/disk.vhd", "all/two/srv/disk.vhd"),
        stored=r"D:\VMs\srv\disk.vhd",
        found=("all/one/srv/disk.vhd", "all/two/srv/disk.vhd"),
        rule=PathRule.SUFFIX,
    ),
    Case(
        about="one file with two names",
        folder="all/cfg",
        files=("all/one/srv/disk.vhd=same", "all/two/srv/disk.vhd=same"),
        stored=r"D:\VMs\srv\disk.vhd",
        found="same",
        rule=PathRule.SUFFIX,
    ),
    Case(
        about="moved: its folder is here, and does not hold it",
        folder="copy/srv",
        data_root=r"D:\VMs\srv",
        files=("copy/srv/disks/other.vhd", "copy/backup/disks/disk.vhd"),
        stored=r"D:\VMs\srv\disks\disk.vhd",
        found="copy/backup/disks/disk.vhd",
        rule=PathRule.SUFFIX,
        doubt=True,
    ),
    Case(
        about="moved: the folder of the configuration itself is its folder",
        folder="copy/srv",
        data_root=r"D:\VMs\srv",
        files=("copy/backup/srv/disk.vhd",),
        stored=r"D:\VMs\srv\disk.vhd",
        found="copy/backup/srv/disk.vhd",
        rule=PathRule.SUFFIX,
        doubt=True,
    ),
    Case(
        about="moved on a drive that is here",
        folder="copy/C/ProgramData/Microsoft/Windows/Hyper-V",
        files=("copy/D/old/srv/disk.vhd", "copy/D/VMs/x.vhd"),
        stored=r"D:\VMs\srv\disk.vhd",
        found="copy/D/old/srv/disk.vhd",
        rule=PathRule.SUFFIX,
        doubt=True,
    ),
    Case(
        about="an export's folder of disks",
        folder="exports/srv",
        data_root=r"D:\VMs\srv",
        files=(
            "exports/srv/Virtual Hard Disks/disk.vhd",
            "exports/web/Virtual Hard Disks/disk.vhd",
            "VMs/srv/disk.vhd",
        ),
        stored=r"D:\VMs\srv\disk.vhd",
        found="exports/srv/Virtual Hard Disks/disk.vhd",
        rule=PathRule.DISKS_FOLDER,
    ),
    Case(
        about="beside the configuration",
        folder="flat",
        files=("flat/Virtual Machines/disk.vhd", "else/disk.vhd"),
        stored=r"D:\VMs\srv\disk.vhd",
        found="flat/Virtual Machines/disk.vhd",
        rule=PathRule.BESIDE,
        doubt=True,
    ),
    Case(
        about="the only one with this name",
        files=("copy/disk.vhd",),
        stored=r"D:\VMs\srv\disk.vhd",
        found="copy/disk.vhd",
        rule=PathRule.NAME,
        doubt=True,
    ),
    Case(
        about="a usual name says nothing of which is meant, however near one is",
        folder="copy/one",
        files=("copy/one/x/disk.vhd", "copy/two/disk.vhd"),
        stored=r"D:\VMs\srv\disk.vhd",
        found=("copy/one/x/disk.vhd", "copy/two/disk.vhd"),
        rule=PathRule.NAME,
    ),
    Case(
        about="of a snapshot's file the nearest copy is meant",
        folder="copy/one",
        files=(f"copy/one/x/{AVHD}", f"copy/two/{AVHD}"),
        stored=rf"D:\VMs\srv\{AVHD}",
        found=f"copy/one/x/{AVHD}",
        rule=PathRule.NAME,
        doubt=True,
    ),
    Case(about="nothing of this name", files=("copy/other.vhd",), rule=None),
    Case(about="no files at all", rule=None),
    Case(
        about="relative paths have no place, but ends",
        files=("copy/VMs/srv.vhd",),
        stored=r"VMs\srv.vhd",
        found="copy/VMs/srv.vhd",
        rule=PathRule.SUFFIX,
    ),
    Case(
        about="so have paths of other systems",
        files=("copy/vms/srv.vhd",),
        stored="/srv/vms/srv.vhd",
        found="copy/vms/srv.vhd",
        rule=PathRule.SUFFIX,
    ),
)
