"""Codes 801-839: are the configurations of machines and snapshots what they say, and is there what they name?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD815",
        name="configuration-encoding",
        title="A configuration declares an encoding that its bytes are not in",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The first line of the configuration names another encoding than the one that its bytes are in. "
            "Hyper-V writes UTF-16 and declares it; what was found is usually ASCII or UTF-8 under the same "
            "declaration.",
            matters="The configuration was written again by something other than the host. It is read here by what its "
            "bytes are, but XML parsers that believe the declaration refuse it; whether a host would take it is "
            "unknown.",
            seen="Configurations that went through a text editor, a script, or a version control system that keeps "
            "text as UTF-8.",
            false_positives="None: both encodings are in the file.",
            do="Nothing, if it is read here only. Before the file goes back to a host, take the original from a "
            "backup, or store the text as UTF-16 with a byte order mark.",
        ),
    ),
    CodeInfo(
        code="VHD816",
        name="configuration-malformed",
        title="A configuration cannot be read",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="A file that should be a configuration is not well-formed XML, is in no encoding that configurations "
            "are found in, has a document type, entities or namespaces, or goes beyond the bounds of what is read as "
            "a configuration (bytes, keys, levels). The message gives the line or the offset where one is known. A "
            "file should be one where it is called by an id in `Virtual Machines` or `Snapshots`, where it begins "
            "with the section of a device, and where it was named on the command line.",
            matters="What the file says about its machine or snapshot is not known: its disks, its saved state and its "
            "place among the snapshots. A disk that only this configuration names looks unused.",
            seen="Files cut short when a volume was full or a copy broke off; files full of zeros after a crash of the "
            "host; mistakes of editing by hand. Document types and entities are unknown as the work of a host.",
            false_positives="Another program's file that is called by an id and lies in a folder of such a name. Its "
            "XML elsewhere is passed over, also where its root is called `configuration`.",
            do="Take the file from a backup. If there is none, the disks themselves still tell their chains, and a new "
            "machine can be made for them.",
        ),
    ),
    CodeInfo(
        code="VHD817",
        name="snapshot-list-size",
        title="A machine lists another number of snapshots than are here",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The machine's configuration stores the size of its list of snapshots, and another number of "
            "snapshots' configurations with the machine's id was found.",
            matters="Where the list is longer, snapshots lie outside of what was scanned, or their configurations are "
            "lost: what they kept cannot be named, and their disks look like leftovers. Where it is shorter, files of "
            "snapshots are here that the host does not know.",
            seen="Folders that were copied without `Snapshots`, or before a snapshot was deleted; scans of a single "
            "file. How a host of 2008 R2 fills the list is known only for machines without snapshots.",
            false_positives="The snapshots are stored in another folder: scan that one together with this. One that "
            "cannot be read is VHD816, and a link without its file VHD835.",
            do="Look for the folder that the key `global_settings/snapshots/data_root` names, on the host or in the "
            "backup, and scan it as well.",
        ),
    ),
    CodeInfo(
        code="VHD818",
        name="machine-id-duplicate",
        title="Several configurations have the same machine's id",
        severity=Severity.ERROR,
        since="0.1.0",
        page=Page(
            finds="Two or more configurations of machines store the same `global_id`. `related` lists all of them. "
            "It is a note where the files are equal byte for byte and lead to the same disks.",
            matters="The id is all that ties snapshots to their machine. A host takes one machine of an id; which of "
            "the files is the true one, and which snapshots belong to which, the files do not say.",
            seen="Machines that were copied by hand, where an import would give a new id; a backup or an export beside "
            "the original; copies of host folders that followed the links by which machines are registered.",
            false_positives="A backup or an export inside the scanned tree. Scan one of the two alone.",
            do="Keep the copy apart from the original. For a second machine, export and import it with a new id.",
        ),
    ),
    CodeInfo(
        code="VHD820",
        name="configuration-name",
        title="A configuration's file is not called by the id in it",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The name of the file, without `.xml`, differs from the `global_id` of the machine or snapshot in "
            "it, letter case ignored.",
            matters="A host calls each configuration by its id and looks for saved states in a folder of that name. "
            "A renamed file, or one with another's contents, is found by people and missed by the host.",
            seen="Configurations renamed so that people recognise them, files attached to tickets, contents pasted "
            "into another machine's file.",
            false_positives="A single file that was taken out of its folder to be read.",
            do="Before it goes back to a host, give the file the name under `expected`, unless a file of that name is "
            "there: then compare the two.",
        ),
    ),
    CodeInfo(
        code="VHD835",
        name="configuration-elsewhere",
        title="Files that stand for configurations were not read as such",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="Files in `Snapshots Cache` or `Virtual Machines Cache`; links, and files of 0 bytes in their place, "
            "that register a machine or snapshot stored elsewhere; files of an export by 2008 or 2008 R2 (`.exp`, and "
            "`config.xml` beside a folder `Virtual Machines`). One finding for each folder and kind; `related` lists "
            "the files, the details say where a link's configuration was found.",
            matters="None of these files tells what its machine is. Of a link that came without its target, the "
            "machine or snapshot is missing in all that is said of this folder; of an export, all machines are: what "
            "its files hold is not known.",
            seen="Hosts of 2008 R2 have the caches. Machines stored outside of the default folder are registered by "
            "symbolic links, which many copies turn into empty files or leave dangling.",
            false_positives="An empty file may also be a configuration that a crash of the host cut to nothing.",
            do="Scan the folder in which the machine is really stored together with this one. An export can be "
            "imported on a host; its disks can be read here as they are.",
        ),
    ),
    CodeInfo(
        code="VHD836",
        name="snapshot-without-machine",
        title="Snapshots belong to a machine that is not here",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="Configurations of snapshots name a machine of which no configuration was read. One finding for each "
            "machine; `related` lists the snapshots' files, the details name files that have the machine's id and are "
            "no readable configuration.",
            matters="What the machine is now is not known: which disk it runs on, whether it has a saved state. Disks "
            "that only its present state uses look unused.",
            seen="A folder `Snapshots` that was copied without `Virtual Machines`, machines that were removed from the "
            "host while their snapshots' files stayed, scans of one folder of two.",
            false_positives="The machine's configuration lies outside of what was scanned.",
            do="Scan the folder that holds `Virtual Machines` of this host as well. Delete nothing that looks unused "
            "before.",
        ),
    ),
)
