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
            "a configuration (bytes, keys, levels). The message gives the line or the offset where one is known.",
            matters="What the file says about its machine or snapshot is not known: its disks, its saved state and its "
            "place among the snapshots. A disk that only this configuration names looks unused.",
            seen="Files cut short when a volume was full or a copy broke off; files full of zeros after a crash of the "
            "host; mistakes of editing by hand. Document types and entities are unknown as the work of a host.",
            false_positives="Another program's XML whose root has the same name, `configuration`, and which is damaged "
            "or has namespaces.",
            do="Take the file from a backup. If there is none, the disks themselves still tell their chains, and a new "
            "machine can be made for them.",
        ),
    ),
)
