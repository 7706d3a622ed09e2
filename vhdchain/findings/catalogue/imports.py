"""Codes 941-946: what is told of the import of a machine before it is carried out."""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD941",
        name="import-incomplete",
        title="An export was interrupted, or holds no machine",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="Journals or half-made files (`*.vhdchain-journal`, `*.vhdchain-new`) in the folder of an export, or "
            "a journal beside it that is about this folder; `related` lists them. Or a folder without the "
            "configuration of a machine: an export writes that second to last, before its record.",
            matters="What is there may be whole and may not be: a disk that is half copied has a header, too.",
            seen="Exports that ran out of room or whose connection broke, and that nobody went on with; imports in "
            "place that were stopped.",
            false_positives="A folder of disks alone is no export, and there is nothing to import from it: its disks "
            "can be attached by hand.",
            do="`vhdchain resume` on the journal goes on, or takes everything back with `--undo`. Where only the "
            "configuration lacks, get the folder once more from where it was copied from.",
        ),
    ),
    CodeInfo(
        code="VHD942",
        name="import-id-taken",
        title="The target has a machine or snapshot with this id already",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A configuration below the folder that a machine is imported to has the id of the machine, or of one "
            "of its snapshots. Other exports that lie there do not count.",
            matters="A host knows machines and snapshots by their ids alone. Of two with one id it shows one, or "
            "refuses both; and their configurations have the same name.",
            seen="Importing a machine beside the one that it was exported from, as a copy of it.",
            false_positives="What lies there may be registered with no host any more. Take it away then.",
            do="Import with `--new-id`, which gives new ids to the machine and all of its snapshots; or choose another "
            "folder.",
        ),
    ),
    CodeInfo(
        code="VHD943",
        name="import-host-form",
        title="The export is in a form that only a host of 2008 or 2008 R2 reads",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="The folder of an export holds `.exp` files in the place of configurations, as Hyper-V of 2008 and "
            "2008 R2 writes them, mostly with a `config.xml`.",
            matters="What stands in these files is documented nowhere, and no genuine one was found to look at. Its "
            "disks can be read like any others.",
            seen="Every export of such a host.",
            false_positives="None: what the file holds is not looked at.",
            do="Import it on a host of 2008 R2 or 2012; or make a new machine and attach the leaves of its disks "
            "(`vhdchain chain` shows them). Exports that `vhdchain export` makes of the host's folder itself can be "
            "imported.",
        ),
    ),
    CodeInfo(
        code="VHD944",
        name="import-unrecorded",
        title="No record says what the files of this export must be",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The folder of an export without `vhdchain-export.json`, as a host makes it, or as an import in "
            "place leaves it.",
            matters="That all files are there is known from what configurations and disks name. That their contents "
            "are those that were exported is not: no digest was made of them.",
            seen="Exports of hosts since 2012; machines' folders that were copied by hand.",
            false_positives="None: it says what was not proved.",
            do="Nothing, if the folder comes from a careful copy. `vhdchain audit --deep` reads everything that "
            "structures tell of the data.",
        ),
    ),
    CodeInfo(
        code="VHD945",
        name="import-chain-broken",
        title="A disk of the export cannot be read down to its base",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A disk of a machine that is to be imported, of which a file has an error that keeps it from being "
            "read, or whose parent is another disk than the one that it asks for. `related` lists the files from the "
            "leaf down; the message says which one it is.",
            matters="The machine would not start, or a snapshot of it could not be applied. Nothing is registered "
            "before all of its chains are whole.",
            seen="Folders into which a file of another day was put; exports that were made of a damaged machine in "
            "full knowledge of it.",
            false_positives="None: the chain is read as whoever opens the disk reads it.",
            do="`vhdchain audit` on the folder tells all that is wrong with the file. Mend the export (`repair`, "
            "`reparent`), or fetch the file once more.",
        ),
    ),
    CodeInfo(
        code="VHD946",
        name="import-path-kept",
        title="A path stays as it is stored, although the machine moves",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="A configuration of an imported machine names something beside the machine's own files: an ISO file "
            "or floppy disk in a drive, a disk of the host, or a folder in a key whose meaning is not known. Or a disk "
            "holds a locator in which nothing says how its parent's new place is called. `details` lists them.",
            matters="The path may lead nowhere on the new host: a machine does not start without the ISO file in its "
            "drive.",
            seen="Drives in which somebody left the installation's ISO file.",
            false_positives="The path may be as right on the new host as on the old one.",
            do="Eject the medium, or choose it anew, in the machine's settings.",
        ),
    ),
)
