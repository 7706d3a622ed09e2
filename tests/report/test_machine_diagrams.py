"""Do diagrams hold machines with their states, and are their names no syntax?"""

from __future__ import annotations

import re

from tests.hyperv.machines import configuration
from tests.report.machines import chain, host, kept, key, machine_of, now
from vhdchain.findings import Location, Severity, finding
from vhdchain.hyperv import NOW, FoundPath, PathOutcome, SnapshotTree
from vhdchain.report.diagrams import dot_text, mermaid_text

DISKS = {"x/a.vhd": None, "x/b.avhd": "x/a.vhd"}


def test_dot_frames_a_machine_s_states_with_arrows_to_what_they_were_made_from_and_their_files() -> None:
    created = 129487680000000000
    machine = machine_of(now("x/b.avhd", "?gone.vhd"), kept(1, "x/a.vhd", created=created))
    error = finding("VHD404", Location(path=kept(1).path), "details", severity=Severity.ERROR)
    assert dot_text(host(DISKS, machine), [error]).splitlines()[3:] == [
        '  d0 [label="a.vhd\\nin x\\ndynamic, 4 MiB, file 2.5 KiB"];',
        '  d1 [label="b.avhd\\nin x\\ndifferencing, 4 MiB, file 3.5 KiB"];',
        '  m0 [label="gone.vhd\\nmissing", style=dashed, color=red];',
        "  subgraph cluster_v0 {",
        '    label="srv\\nprobably off when copied";',
        '    s0 [label="snapshot 1\\n2011-05-02 00:00:00 UTC", style=rounded, color=red];',
        '    s1 [label="now", style="rounded,bold"];',
        "  }",
        "  d1 -> d0;",
        "  s1 -> s0;",
        "  s0 -> d0 [style=dashed, arrowhead=open];",
        "  s1 -> d1 [style=dashed, arrowhead=open];",
        "  s1 -> m0 [style=dashed, arrowhead=open];",
        "}",
    ]


def test_mermaid_frames_a_machine_s_states_likewise() -> None:
    machine = machine_of(now("x/b.avhd"), kept(1, "x/a.vhd"))
    error = finding("VHD404", Location(path=configuration().path), "details", severity=Severity.ERROR)
    assert mermaid_text(host(DISKS, machine), [error]).splitlines()[3:] == [
        '  d0["a.vhd<br/>in x<br/>dynamic, 4 MiB, file 2.5 KiB"]',
        '  d1["b.avhd<br/>in x<br/>differencing, 4 MiB, file 3.5 KiB"]',
        '  subgraph v0["srv<br/>probably off when copied"]',
        '    s0("snapshot 1")',
        '    s1(["now"]):::damaged',
        "  end",
        "  d1 --> d0",
        "  s1 --> s0",
        "  s0 -.-> d0",
        "  s1 -.-> d1",
    ]


def test_a_file_that_several_states_miss_has_one_box() -> None:
    machine = machine_of(now("?gone.vhd"), kept(1, "?gone.vhd"), kept(2, "?other.vhd"))
    dot = dot_text(host({}, machine), [])
    assert re.findall(r"^  (m\d)", dot, re.MULTILINE) == ["m0", "m1"]
    uses = re.findall(r"^  (s\d) -> (\w+) \[style", dot, re.MULTILINE)
    assert uses == [("s0", "m0"), ("s1", "m1"), ("s2", "m0")]


def test_what_is_not_here_or_not_known_is_said_in_its_box() -> None:
    refused = FoundPath(stored="C:\\x\\", outcome=PathOutcome.REFUSED)
    tree = SnapshotTree(parents={key(2): key(9)}, unknown={key(1): "nobody knows"})
    machine = machine_of(None, kept(1, "locked.vhd"), kept(2, refused), tree=tree)
    dot = dot_text(host({}, machine, derive=False), [])
    boxes = dict(re.findall(r"(\w+) \[label=\"([^\"]*)\"", dot))
    assert boxes == {
        "m0": "locked.vhd\\nnot read",
        "m1": "C:\\\\x\\\\\\nrefused",
        "s0": "snapshot 1\\nparent unknown",
        "s1": "snapshot 2",
    }
    assert '    label="srv\\nits configuration is not here";' in dot


def test_states_of_several_machines_have_keys_of_their_own() -> None:
    first, second = chain(2)[1], machine_of(now("d.vhd"), kept(1, "d.vhd"), name="two", id="2")
    keys = re.findall(r"^    (s\d+) ", dot_text(host(chain(2)[0], first, second), []), re.MULTILINE)
    assert keys == ["s0", "s1", "s2", "s3", "s4"]


def test_names_of_machines_and_snapshots_are_quoted_for_their_language() -> None:
    name = 'a"];x->y;\\ <b>#1`\n\u202e'
    machine = machine_of(now(), kept(1, name=name), name=name, tree=SnapshotTree(parents={NOW: key(1), key(1): None}))
    inventory = host({}, machine, derive=False)
    dot, mermaid = dot_text(inventory, []), mermaid_text(inventory, [])
    quoted = 'a\\"];x->y;\\\\ <b>#1`\\\\n\\\\u202e'
    assert f'    label="{quoted}\\nprobably off when copied";' in dot.splitlines()
    assert f'    s0 [label="{quoted}", style=rounded];' in dot.splitlines()
    coded = "a#quot;];x-#gt;y;#92; #lt;b#gt;#35;1#96;#92;n#92;u202e"
    assert f'  subgraph v0["{coded}<br/>probably off when copied"]' in mermaid.splitlines()
    assert f'    s0("{coded}")' in mermaid.splitlines()
    assert all(line.isprintable() for text in (dot, mermaid) for line in text.splitlines())


def test_a_circle_of_snapshots_is_drawn_as_it_is() -> None:
    tree = SnapshotTree(parents={key(1): key(2), key(2): key(1)})
    lines = dot_text(host({}, machine_of(None, kept(1), kept(2), tree=tree), derive=False), []).splitlines()
    assert lines[-3:] == ["  s0 -> s1;", "  s1 -> s0;", "}"]
