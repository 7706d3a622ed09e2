"""Codes 314-322: are the texts of the parent locators whole, and do they say what they should?"""

from __future__ import annotations

from vhdchain.findings.codes import CodeInfo, Page
from vhdchain.findings.severity import Severity

ROWS: tuple[CodeInfo, ...] = (
    CodeInfo(
        code="VHD314",
        name="locator-text-broken",
        title="The text of a parent locator is broken",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The text behind a locator cannot be decoded (a lone surrogate in UTF-16, bytes that are no UTF-8), "
            "is empty, is UTF-16 of an odd number of bytes, or ends in a NUL with more behind it. NULs alone behind "
            "the text are padding.",
            matters="A text that cannot be decoded leads nowhere. Of the others this package reads what stands before "
            "the NUL or the odd byte; readers that take the whole length see another name and do not find the file.",
            seen="Unknown as the work of a writer.",
            false_positives="What stands behind the NUL may be leftover memory of the writer.",
            do="See whether another locator leads to the parent. Reconnecting the parent with the host's tool writes "
            "the texts anew.",
        ),
    ),
    CodeInfo(
        code="VHD315",
        name="locator-text-swapped",
        title="The text of a parent locator has the wrong byte order",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The text of a `W2ru` or `W2ku` locator is UTF-16 in big-endian order, as the name in the header is; "
            "locators are little-endian.",
            matters="This package notices and reads it right. Readers of the right order see a row of unrelated "
            "characters and do not find the parent.",
            seen="Unknown as the work of a writer.",
            false_positives="A short name of unusual letters may look as if it were swapped; at least four characters "
            "are needed, half of them ASCII.",
            do="Reconnect the parent with the host's tool, which writes the locators anew.",
        ),
    ),
    CodeInfo(
        code="VHD316",
        name="locator-absolute-is-relative",
        title="A parent locator for absolute paths holds a relative one",
        severity=Severity.NOTE,
        since="0.1.0",
        page=Page(
            finds="The text of a `W2ku` (or `Wi2k`) locator is a relative path.",
            matters="A program that takes the text for a whole path looks below its own working folder instead of the "
            "disk's. Here it is read as relative to the child's folder.",
            seen="blktap (XenServer, XCP-ng) stores the relative path in both; xen-orchestra stores `W2ku` alone, with "
            "a relative path.",
            false_positives="Healthy disks of these writers have it.",
            do="Nothing on the writer's own host. For Windows reconnect the parent there.",
        ),
    ),
    CodeInfo(
        code="VHD317",
        name="locator-relative-is-absolute",
        title="A parent locator for relative paths holds an absolute one",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The text of a `W2ru` (or `Wi2r`) locator is not a relative path: it has a drive, a share, or begins "
            "at a root.",
            matters="The relative locator is what still works when a folder is moved or copied. With an absolute path "
            "in it the child stays bound to the old place: a copied folder opens the original's parent.",
            seen="Old versions of VirtualBox, which stored the parent's path as it was given to them.",
            false_positives="None known.",
            do="Reconnect the parent with the host's tool before the folder is moved.",
        ),
    ),
    CodeInfo(
        code="VHD318",
        name="locator-url",
        title="The URL in a parent locator is not in order",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The text of a `MacX` locator is no file URL, names another host, or holds a `%` that escapes "
            "nothing or escapes that are no UTF-8. The relative form of blktap, `file://./x.vhd`, is in order.",
            matters="Readers that take URLs seriously fail; those that cut off the scheme may look for another file. A "
            "host other than `localhost` sends the reader to another machine, which is never followed here without "
            "leave.",
            seen="blktap escapes nothing, so a `%` in a file's name gives such a URL.",
            false_positives="A name with a literal `%` is in order for blktap itself.",
            do="See whether another locator leads to the parent. Reconnecting the parent with the host's tool writes "
            "the locators anew.",
        ),
    ),
    CodeInfo(
        code="VHD319",
        name="locator-name-differs",
        title="A parent locator and the header name different files",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="The last name of a locator's path is not the one of the name in the header, letter case apart. "
            "Names that may have been cut to fit the header's 256 UTF-16 units are not compared.",
            matters="One of them was changed without the other: a parent was renamed, or a child reconnected by half. "
            "Programs that go by the header's name open another file than those that go by the locators.",
            seen="Parents that were renamed, and children in which a script patched one of the texts.",
            false_positives="None known among the writers' own files.",
            do="See which of the two files has the identifier that the child asks for (`vhdchain chain`), and "
            "reconnect the child to it.",
        ),
    ),
    CodeInfo(
        code="VHD321",
        name="locator-none-usable",
        title="A differencing disk has no usable parent locator",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="No locator entry is used, or none of them holds a text that can be read as a path.",
            matters="Only the name in the header and the parent's identifier are left to find the parent by; most "
            "programs give up at once.",
            seen="Damaged headers, locators lost with the end of the file, disks whose only locator is a Mac alias "
            "(`Mac `).",
            false_positives="None known.",
            do="Put the parent beside the child under the name in the header, or let the folder be scanned for its "
            "identifier; then reconnect it with the host's tool.",
        ),
    ),
    CodeInfo(
        code="VHD322",
        name="locator-relative-missing",
        title="A differencing disk has no relative Windows locator",
        severity=Severity.WARNING,
        since="0.1.0",
        page=Page(
            finds="No locator has the code `W2ru`. A warning where a `W2ku` with an absolute path is there and nothing "
            "else is relative: the child cannot be moved. A note where another text is relative, or where the writer "
            "stores no Windows locators at all.",
            matters="The relative path is what still works when a folder is moved or copied. Without it a copy of the "
            "folder opens the parent at the old place, or none.",
            seen="Virtual PC 5 stores `Wi2r` alone, Virtual PC for Mac `MacX` alone, xen-orchestra a relative `W2ku` "
            "alone.",
            false_positives="Where child and parent lie on different drives there is no relative path to store.",
            do="Reconnect the parent with the host's tool before the folder is moved.",
        ),
    ),
)
