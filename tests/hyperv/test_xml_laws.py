"""What holds for every key tree: written and read it is the same, in canonical form and with a layout of its own."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from vhdchain.errors import ConfigError
from vhdchain.hyperv import ConfigurationDocument, Key, Remark, build_document, make_key, parse_document
from vhdchain.hyperv.encoding import HOST_ENCODING, TextEncoding
from vhdchain.hyperv.keytree import ordinal

CHARACTERS = st.characters(codec="utf-16", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | (
    st.sampled_from("\t\n\r\x7f\x85 <>&'\"]-?!")
)
TEXTS = st.text(CHARACTERS, max_size=20)
NAMES = st.builds(
    str.__add__,
    st.sampled_from("abcXYZ_ÀΩ字\U00010000"),
    st.text(st.sampled_from("abX_09.·-é字\U00010000"), max_size=3),
)
BLANKS = st.text(" \n\t", max_size=4)
TYPES = st.sampled_from(["string", "integer", "bool", "bytes"]) | TEXTS
ATTRIBUTES = st.lists(
    st.tuples(NAMES.filter(lambda name: name not in ("type", "xmlns")) | st.just("xml:space"), TEXTS),
    max_size=3,
    unique_by=lambda pair: pair[0],
).map(tuple)
VALUES = st.text() | st.integers() | st.booleans() | st.binary(max_size=200)
ENCODINGS = st.sampled_from(
    [
        HOST_ENCODING,
        TextEncoding(name="utf-16-be", bom=True, declared="UTF-16", newline="\n"),
        TextEncoding(name="utf-8", bom=True, declared="UTF-16", newline="\r\n"),
    ]
)


def _with_layout(remarks: st.SearchStrategy[Remark]) -> st.SearchStrategy[Key]:
    """Return trees in which everything stands where it likes, as far as XML tells it apart."""
    leaves = st.builds(
        Key, name=NAMES, type=st.none() | TYPES, text=TEXTS, attributes=ATTRIBUTES, before=st.none() | TEXTS
    )
    return st.recursive(leaves, lambda inner: _holders(inner, remarks), max_leaves=12)


def _holders(inner: st.SearchStrategy[Key], remarks: st.SearchStrategy[Remark]) -> st.SearchStrategy[Key]:
    items = st.lists(inner | remarks, min_size=1, max_size=4).map(tuple)
    between = st.none() | BLANKS | TEXTS
    containers = st.builds(Key, name=NAMES, attributes=ATTRIBUTES, items=items, before=between, end=between)
    typed = st.builds(
        Key, name=NAMES, type=TYPES, text=TEXTS, attributes=ATTRIBUTES, items=items, before=between, end=between
    )
    return containers | typed


def _is_comment(text: str) -> bool:
    return "--" not in text and not text.endswith("-") and "\r" not in text


def _is_instruction(text: str) -> bool:
    return "?>" not in text and "\r" not in text and text.lstrip(" \t\n") == text


REMARKS = st.builds(Remark, text=TEXTS.filter(_is_comment), before=st.none() | BLANKS) | st.builds(
    Remark,
    text=TEXTS.filter(_is_instruction),
    target=NAMES.filter(lambda name: name.lower() != "xml"),
    before=st.none() | BLANKS,
)
DOCUMENTS = st.builds(
    ConfigurationDocument,
    root=st.builds(
        lambda key, before: replace(key, name="configuration", before=before), _with_layout(REMARKS), st.none() | BLANKS
    ),
    encoding=ENCODINGS,
    prolog=st.lists(REMARKS, max_size=2).map(tuple),
    epilog=st.lists(REMARKS, max_size=2).map(tuple),
    end=st.none() | BLANKS,
)


def _canonical(key: Key) -> Key:
    """Return what a host would have written for ``key``: sorted, and without layout of its own."""
    items: list[Key | Remark] = [_canonical(child) for child in sorted(key.children, key=ordinal)]
    return replace(key, items=tuple(items), before=None, end=None, text="" if items else key.text)


def _as_read(key: Key, depth: int = 0, *, in_value: bool = False) -> Key:
    """Return ``key`` as a reader tells it, where a tree has several ways to say the same characters."""
    container = key.type is None
    before = _unless(key.before, _usual(depth, in_value=in_value))
    if not key.items:
        return replace(key, before=before, text=key.text + (key.end or ""), end=None)
    first = key.items[0]
    characters = _usual(depth + 1, in_value=not container) if first.before is None else first.before
    text = "" if container else key.text + characters
    items = [replace(first, before=key.text + characters if container else None), *key.items[1:]]
    return replace(
        key,
        before=before,
        text=text,
        items=tuple([_item_as_read(item, depth + 1, in_value=not container) for item in items]),
        end=_unless(key.end, _usual(depth, in_value=not container)),
    )


def _item_as_read(item: Key | Remark, depth: int = 0, *, in_value: bool = False) -> Key | Remark:
    if isinstance(item, Key):
        return _as_read(item, depth, in_value=in_value)
    return replace(item, before=_unless(item.before, _usual(depth, in_value=in_value)))


def _usual(depth: int, *, in_value: bool) -> str:
    return "" if in_value else "\n" + "  " * depth


def _unless(space: str | None, usual: str) -> str | None:
    return None if space == usual else space


@given(_with_layout(st.nothing()).map(lambda key: replace(key, name="configuration")))
def test_a_canonical_tree_is_read_as_it_was_built(key: Key) -> None:
    # Typed keys that hold keys are no host's; their characters stand between the keys, which a sorting would move.
    tree = _canonical(_containers(key))
    assert parse_document(build_document(tree), name="a.xml").root == tree


def _containers(key: Key) -> Key:
    items = tuple([_containers(item) for item in key.children])
    return replace(key, items=items, type=None if items else key.type)


@given(DOCUMENTS)
def test_a_document_is_read_as_it_was_written(document: ConfigurationDocument) -> None:
    data = document.to_bytes()
    read = parse_document(data, name="a.xml")
    assert read.to_bytes() == data
    assert read.root == _as_read(document.root)
    assert read.prolog == tuple([_item_as_read(remark) for remark in document.prolog])
    assert read.epilog == tuple([_item_as_read(remark) for remark in document.epilog])
    assert read.end == _unless(document.end, "\n")
    assert read.declaration == document.declaration
    assert (read.encoding.name, read.encoding.bom) == (document.encoding.name, document.encoding.bom)


@given(DOCUMENTS)
def test_building_twice_changes_nothing_more(document: ConfigurationDocument) -> None:
    built = build_document(document.root)
    assert build_document(parse_document(built, name="a.xml").root) == built


@given(st.lists(st.tuples(st.lists(NAMES, min_size=1, max_size=3).map("/".join), VALUES), max_size=6))
def test_what_was_set_is_found_and_the_tree_stays_in_order(values: list[tuple[str, str | int | bool | bytes]]) -> None:
    root, told = make_key("configuration", None), {}
    for path, value in values:
        try:
            root = root.with_value(path, value)
        except TypeError:  # the path is taken: by a value of another type, or by a container
            continue
        told[path] = value
    assert {path: key.value for path, key in root.walk() if key.type is not None} == told
    assert _canonical(root) == root
    for path in told:
        root = root.without(path)
    assert all(key.type is None for _, key in root.walk())


@given(st.dictionaries(NAMES, VALUES, max_size=6))
def test_values_come_back_through_the_file_or_are_refused(values: dict[str, str | int | bool | bytes]) -> None:
    root = make_key("configuration", None, *[make_key(name, value) for name, value in values.items()])
    try:
        data = build_document(root)
    except ConfigError:
        assert not all(_is_xml(value) for value in values.values() if isinstance(value, str))
        return
    read = parse_document(data, name="a.xml").root
    assert {key.name: key.value for key in read.children} == values


def _is_xml(text: str) -> bool:
    return all(
        character in "\t\n\r"
        or " " <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or ord(character) > 0xFFFF
        for character in text
    )


@given(st.binary(max_size=200))
def test_random_bytes_are_a_document_or_refused(data: bytes) -> None:
    for each in (data, b"<configuration>" + data + b"</configuration>", b"\xff\xfe<\0" + data):
        try:
            document = parse_document(each, name="a.xml")
        except ConfigError as error:
            codes = [told.code for told in error.findings]
        else:
            codes = ["VHD816"]
            assert parse_document(document.to_bytes(), name="a.xml").root == document.root
        assert codes == ["VHD816"]
