"""How the XML of a configuration becomes a key tree, and what is written for one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from vhdchain.errors import ConfigError
from vhdchain.hyperv import (
    MAX_CONFIGURATION_BYTES,
    ConfigurationDocument,
    Key,
    Remark,
    build_document,
    is_configuration,
    make_key,
    parse_document,
)
from vhdchain.hyperv.encoding import TextEncoding
from vhdchain.hyperv.xml import MAX_KEYS
from vhdchain.hyperv.xml_writing import MAX_ATTRIBUTES, MAX_DEPTH

HOST_FILE = """\
<?xml version="1.0" encoding="UTF-16" standalone="yes"?>
<configuration>
  <_83f8638b-8dca-4152-9eda-2ca8b33039b4_>
    <controller0>
      <drive0>
        <pathname type="string">C:\\Users\\Public\\Müller &amp; Söhne\\a&lt;b&gt;.vhd</pathname>
        <type type="string">VHD</type>
      </drive0>
    </controller0>
  </_83f8638b-8dca-4152-9eda-2ca8b33039b4_>
  <properties>
    <creation_time type="bytes">j3iz2977zwE=
</creation_time>
    <name type="string"></name>
  </properties>
  <savedstate />
</configuration>
""".replace("\n", "\r\n")
HOST_BYTES = b"\xff\xfe" + HOST_FILE.encode("utf-16-le")
HOST_TREE = make_key(
    "configuration",
    None,
    make_key(
        "_83f8638b-8dca-4152-9eda-2ca8b33039b4_",
        None,
        make_key(
            "controller0",
            None,
            make_key(
                "drive0",
                None,
                make_key("pathname", "C:\\Users\\Public\\Müller & Söhne\\a<b>.vhd"),
                make_key("type", "VHD"),
            ),
        ),
    ),
    make_key(
        "properties",
        None,
        make_key("creation_time", bytes.fromhex("8f78b3dbdefbcf01")),
        make_key("name", ""),
    ),
    make_key("savedstate", None),
)
ASCII = TextEncoding(name="ascii", bom=False, declared=None, newline="\n")

# Each is what stands inside of <configuration>, and what the root holds then. All are written back as they stand.
KEPT = [
    ("", Key(name="configuration", text="")),
    ("text", Key(name="configuration", text="text")),
    ("\n", Key(name="configuration", text="\n")),
    ("\n  <a />\n", (Key(name="a"),)),
    ("<a />\n", (Key(name="a", before=""),)),
    ("\n\t<a />\n", (Key(name="a", before="\n\t"),)),
    ('\n  <a type="string"></a>\n', (Key(name="a", type="string"),)),
    ('\n  <a type="string">\n  b  \n</a>\n', (Key(name="a", type="string", text="\n  b  \n"),)),
    (
        '\n  <a type="uint64" q="&lt;&quot;&#xA;&#x9;">1</a>\n',
        (Key(name="a", type="uint64", text="1", attributes=(("q", '<"\n\t'),)),),
    ),
    ('\n  <a xml:space="preserve" />\n', (Key(name="a", attributes=(("xml:space", "preserve"),)),)),
    ("\n  <!-- b--><a />\n", (Remark(text=" b"), Key(name="a", before=""))),
    (
        "\n  <a /><?b c d?><?b?>\n",
        (Key(name="a"), Remark(target="b", text="c d", before=""), Remark(text="", target="b", before="")),
    ),
    ("\n  words <a /> and\n  <b />\n", (Key(name="a", before="\n  words "), Key(name="b", before=" and\n  "))),
    (
        '\n  <a type="string">1<!--2-->3<b />4</a>\n',
        (Key(name="a", type="string", text="1", items=(Remark(text="2"), Key(name="b", before="3")), end="4"),),
    ),
    (
        "\n  <a>\n    <b />\n</a>\n",
        (Key(name="a", items=(Key(name="b"),), end="\n"),),
    ),
    ('\n  <a type="string">&#xD;\n</a>\n', (Key(name="a", type="string", text="\r\n"),)),
]

# What means the same and is written in one way.
RESPELLED = [
    ("<a></a>", "<a />"),
    ("<a/>", "<a />"),
    ("<a type='string'/>", '<a type="string"></a>'),
    ('<a q="1" type="string">b</a >', '<a type="string" q="1">b</a>'),
    ('<a type="string"><![CDATA[<&]]>c</a>', '<a type="string">&lt;&amp;c</a>'),
    ('<a type="string">&#65;&#x42;&apos;&quot;></a>', '<a type="string">AB\'"&gt;</a>'),
    ("<?b   c?>", "<?b c?>"),
]


def test_what_a_host_writes_is_read_and_written_again() -> None:
    document = parse_document(HOST_BYTES, name="a.xml")
    assert document == ConfigurationDocument(root=HOST_TREE)
    assert document.to_bytes() == HOST_BYTES
    assert document.is_faithful(HOST_BYTES)
    assert build_document(HOST_TREE) == HOST_BYTES


@pytest.mark.parametrize(("inside", "items"), KEPT)
def test_what_a_tree_holds_is_written_as_it_was_read(inside: str, items: Key | tuple[Key | Remark, ...]) -> None:
    data = (f"<configuration>{inside}</configuration>\n" if inside else "<configuration />\n").encode("ascii")
    document = parse_document(data, name="a.xml")
    root = items if isinstance(items, Key) else Key(name="configuration", items=items)
    assert document == ConfigurationDocument(root=replace(root, before=""), encoding=ASCII, declaration="")
    assert document.to_bytes() == data


@pytest.mark.parametrize(("inside", "spelled"), RESPELLED)
def test_a_spelling_that_no_tree_holds_changes_and_is_told(inside: str, spelled: str) -> None:
    data = f"<configuration>{inside}</configuration>\n".encode("ascii")
    document = parse_document(data, name="a.xml")
    assert document.to_bytes() == f"<configuration>{spelled}</configuration>\n".encode("ascii")
    assert not document.is_faithful(data)
    assert parse_document(document.to_bytes(), name="a.xml") == document


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("", ""),
        ("\n\n", "\n\n"),
        ("\n<!-- a -->\n", "\n<!-- a -->\n"),
        ("<!--a-->  <!--<configuration>--><?b <? c?>\n", " <?b <? c?>\n\n<!-- > --><?b?>"),
        ("\n<!---> --><?b?>\n", "\n\t<?b </configuration> ?>"),
    ],
)
@pytest.mark.parametrize("declaration", ["", "<?xml version='1.0'?>", '<?xml version="1.0"\nencoding="utf-8" ?>'])
def test_what_stands_around_the_root_is_kept(before: str, behind: str, declaration: str) -> None:
    data = f"{declaration}{before}<configuration />{behind}".encode("ascii")
    document = parse_document(data, name="a.xml")
    assert document.to_bytes() == data
    assert document.declaration == declaration
    assert len(document.prolog) == before.count("<!--") + before.count("?>")
    assert len(document.epilog) == behind.count("<!--") + behind.count("?>")


def test_remarks_around_the_root_are_told_in_order() -> None:
    document = parse_document(b"<!--a--><?b c?><configuration />\n\n<!-- d --> <?e?>", name="a.xml")
    assert document.prolog == (Remark(text="a", before=""), Remark(target="b", text="c", before=""))
    assert document.epilog == (Remark(text=" d ", before="\n\n"), Remark(text="", target="e", before=" "))
    assert (document.root.before, document.end) == ("", "")


def test_line_breaks_of_more_than_one_kind_become_one() -> None:
    data = b"<configuration>\r\n  <a />\n</configuration>\r\n"
    document = parse_document(data, name="a.xml")
    assert document.root == Key(name="configuration", items=(Key(name="a"),), before="")
    assert not document.is_faithful(data)


def test_a_changed_tree_is_written_into_the_document_that_it_came_from() -> None:
    data = b"<configuration>\r\n  <!-- kept -->\r\n\t<b type='integer'>1</b>\r\n</configuration>"
    document = parse_document(data, name="a.xml")
    changed = replace(document, root=document.root.with_value("b", 2).with_value("a/c", "é"))
    assert changed.to_bytes() == (
        b'<configuration>\r\n  <!-- kept -->\r\n  <a>\r\n    <c type="string">&#233;</c>\r\n  </a>\r\n\t'
        b'<b type="integer">2</b>\r\n</configuration>'
    )
    assert parse_document(changed.to_bytes(), name="a.xml").root == changed.root


def test_a_name_that_the_encoding_lacks_is_refused() -> None:
    document = parse_document(b"<configuration />", name="a.xml")
    for root in (
        document.root.with_value("é", 1),
        document.root.with_key("", Key(name="a", attributes=(("é", ""),))),
        replace(document.root, items=(Remark(text="é"),)),
    ):
        with pytest.raises(ConfigError):
            replace(document, root=root).to_bytes()


def test_a_built_document_is_sorted_and_has_no_white_space_of_its_own() -> None:
    items = (
        Key(name="b", before=" "),
        Remark(text="of a", before=""),
        Key(name="a", items=(Key(name="d"), Key(name="c", before="")), end=""),
        Remark(text="last"),
    )
    root = Key(name="configuration", before="", items=items, end="    ")
    built = parse_document(build_document(root), name="a.xml").root
    assert built == Key(
        name="configuration",
        items=(
            Remark(text="of a"),
            Key(name="a", items=(Key(name="c"), Key(name="d"))),
            Key(name="b"),
            Remark(text="last"),
        ),
    )


def test_keys_of_equal_names_keep_their_order_when_they_are_sorted() -> None:
    items = [Key(name="g", type="string", text=text) for text in "312"]
    built = build_document(Key(name="configuration", items=(*items, Key(name="a"))))
    assert [key.text for key in parse_document(built, name="a.xml").root.find_all("g")] == ["3", "1", "2"]


@pytest.mark.parametrize(
    "key",
    [
        Key(name=""),
        Key(name="1a"),
        Key(name="a b"),
        Key(name="p:a"),
        Key(name="a>"),
        Key(name="a\n"),
        Key(name="\u3000"),
        Key(name="a", attributes=(("type", "string"),), type="string"),
        Key(name="a", attributes=(("q", "1"), ("q", "2"))),
        Key(name="a", attributes=(("xmlns", "u"),)),
        Key(name="a", attributes=(("xmlns:p", "u"),)),
        Key(name="a", attributes=(("", "u"),)),
        Key(name="a", type="string", text="\0"),
        Key(name="a", type="string", text="\x1b"),
        Key(name="a", type="string", text="\ud800"),
        Key(name="a", type="string", text="\uffff"),
        Key(name="a", type="\x08"),
        Key(name="a", before="\x01"),
        Key(name="a", items=(Remark(text="--"),)),
        Key(name="a", items=(Remark(text="a-"),)),
        Key(name="a", items=(Remark(text="a\rb"),)),
        Key(name="a", items=(Remark(text="a?>b", target="b"),)),
        Key(name="a", items=(Remark(text="a", target="XML"),)),
        Key(name="a", items=(Remark(text="a", target="a b"),)),
    ],
)
def test_what_xml_cannot_hold_is_refused(key: Key) -> None:
    with pytest.raises(ConfigError):
        build_document(Key(name="configuration", items=(key,)))


@pytest.mark.parametrize("before", ["a", "\r", "\n\u00a0"])
def test_nothing_but_white_space_stands_outside_of_the_root(before: str) -> None:
    with pytest.raises(ConfigError):
        ConfigurationDocument(root=Key(name="configuration", before=before)).to_bytes()
    with pytest.raises(ConfigError):
        ConfigurationDocument(root=HOST_TREE, epilog=(Remark(text="a", before=before),)).to_bytes()
    with pytest.raises(ConfigError):
        ConfigurationDocument(root=HOST_TREE, end=before).to_bytes()


def test_a_tree_has_as_many_levels_as_are_read() -> None:
    tree = Key(name="a")
    for _ in range(MAX_DEPTH - 1):
        tree = make_key("a", None, tree)
    tree = make_key("configuration", None, tree)
    assert parse_document(build_document(tree), name="a.xml").root == tree
    with pytest.raises(ConfigError):
        build_document(make_key("configuration", None, tree))


def test_a_file_with_more_levels_is_refused() -> None:
    for depth in (MAX_DEPTH, 1_000):
        with pytest.raises(ConfigError) as told:
            parse_document(b"<configuration>" + b"<a>" * depth + b"<b/>" + b"</a>" * depth, name="a.xml")
        assert [item.code for item in told.value.findings] == ["VHD816"]


def test_a_tree_has_as_many_keys_as_are_read() -> None:
    leaves = tuple([Key(name="a", type="bool", text="True")] * (MAX_KEYS - 1))
    tree = Key(name="configuration", items=leaves)
    assert parse_document(build_document(tree), name="a.xml").root == tree
    with pytest.raises(ConfigError):
        build_document(Key(name="configuration", items=(*leaves, Key(name="b"))))


def test_a_tree_takes_as_many_bytes_as_are_read() -> None:
    data = b'<configuration type="string">%s</configuration>\n'
    text = b"x" * (MAX_CONFIGURATION_BYTES - len(data) + len(b"%s"))
    document = parse_document(data % text, name="a.xml")
    assert document.is_faithful(data % text)
    with pytest.raises(ConfigError):
        parse_document(data % (text + b"x"), name="a.xml")
    with pytest.raises(ConfigError):
        replace(document, root=replace(document.root, text=document.root.text + "x")).to_bytes()
    assert not replace(document, root=replace(document.root, text=document.root.text + "x")).is_faithful(b"")


def test_a_key_has_as_many_attributes_as_are_read() -> None:
    for count, allowed in ((MAX_ATTRIBUTES, True), (MAX_ATTRIBUTES + 1, False)):
        attributes = tuple((f"a{number}", "") for number in range(count))
        root = Key(name="configuration", attributes=attributes)
        if allowed:
            assert parse_document(build_document(root), name="a.xml").root == root
        else:
            with pytest.raises(ConfigError):
                build_document(root)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (HOST_FILE, True),
        ("<configuration>", True),
        ("<configuration/>", True),
        ("<configuration\t>", True),
        ("<configuration", True),
        ("\n <!-- a --><?b c?>\n<configuration>", True),
        ("<!DOCTYPE configuration [", True),
        ("<configurations>", False),
        ("<Configuration>", False),
        ("<!DOCTYPE html>", False),
        ("<p:configuration>", False),
        ("<!-- <configuration>", False),
        ("<!-- <configuration> -->", False),
        ("<?xml-stylesheet <configuration>", False),
        ("configuration", False),
        ("", False),
    ],
)
def test_a_head_is_one_of_a_configuration(text: str, is_one: bool) -> None:
    for head in (text.encode("utf-8"), text.encode("utf-16-le"), b"\xff\xfe" + text.encode("utf-16-le")):
        assert is_configuration(head) is is_one
        assert is_configuration(head[:4096]) is is_one
    assert is_configuration(b"\xfe\xff" + text.encode("utf-16-be")) is is_one
    assert is_configuration(b"\xef\xbb\xbf" + text.encode()) is is_one


def test_a_head_that_ends_within_a_character_is_judged_by_what_is_there() -> None:
    assert is_configuration(HOST_BYTES[: HOST_BYTES.index(b"\xfc\0") + 1])
    assert is_configuration("<configuration>é".encode()[:-1])
    assert not is_configuration(bytes(4096))
