"""What a key tree says and how it is changed, without any codec."""

from __future__ import annotations

import pytest

from vhdchain.hyperv import Key, KeyKind, Remark, make_key

TREE = make_key(
    "configuration",
    None,
    make_key("properties", None, make_key("name", "srv"), make_key("version", 512), make_key("global_id", "A")),
    make_key("metrics", None, Key(name="guid", type="string", text="1"), Key(name="guid", type="string", text="2")),
    make_key("savedstate", None),
)


def _typed(key_type: str, text: str) -> Key:
    return Key(name="x", type=key_type, text=text)


@pytest.mark.parametrize(
    ("key_type", "kind"),
    [
        (None, KeyKind.CONTAINER),
        ("string", KeyKind.STRING),
        ("integer", KeyKind.INTEGER),
        ("bool", KeyKind.BOOL),
        ("bytes", KeyKind.BYTES),
        ("double", KeyKind.OTHER),
        ("String", KeyKind.OTHER),
        ("", KeyKind.OTHER),
    ],
)
def test_the_kind_follows_from_the_stored_type(key_type: str | None, kind: KeyKind) -> None:
    assert Key(name="x", type=key_type).kind is kind


@pytest.mark.parametrize(
    ("key_type", "text", "value"),
    [
        ("string", "  a b\n", "  a b\n"),
        ("string", "", ""),
        ("integer", "512", 512),
        ("integer", " -7\n", -7),
        ("integer", "+7", 7),
        ("integer", "0042", 42),
        ("integer", "130288151286217131", 130288151286217131),
        ("integer", "340282366920938463463374607431768211456", 1 << 128),
        ("bool", "True", True),
        ("bool", "FALSE ", False),
        ("bool", "true", True),
        ("bytes", "j3iz2977zwE=\n", bytes.fromhex("8f78b3dbdefbcf01")),
        ("bytes", " j3iz\r\n2977\tzwE= ", bytes.fromhex("8f78b3dbdefbcf01")),
        ("bytes", "", b""),
    ],
)
def test_a_text_that_fits_its_type_has_a_value(key_type: str, text: str, value: object) -> None:
    found = _typed(key_type, text).value
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("key_type", "text"),
    [
        ("integer", ""),
        ("integer", "1_000"),
        ("integer", "0x10"),
        ("integer", "1.5"),
        ("integer", "٣"),
        ("integer", "9" * 10_000),
        ("bool", "1"),
        ("bool", ""),
        ("bool", "yes"),
        ("bytes", "j3iz2977zwE"),
        ("bytes", "j3iz*977zwE="),
        ("bytes", "é"),
        ("double", "1.5"),
    ],
)
def test_a_text_that_does_not_fit_its_type_has_none(key_type: str, text: str) -> None:
    assert _typed(key_type, text).value is None


def test_a_container_has_no_value_whatever_characters_it_holds() -> None:
    assert Key(name="x", text="srv").value is None


def test_a_comment_inside_of_a_value_is_no_part_of_it() -> None:
    items = (Remark(text="why"), Remark(text="more", before="34"))
    assert Key(name="x", type="integer", text="12", items=items, end="56").value == 123456


def test_find_gives_the_first_of_find_all() -> None:
    assert [key.text for key in TREE.find_all("metrics/guid")] == ["1", "2"]
    assert TREE.find("metrics/guid") == TREE.find_all("metrics/guid")[0]
    assert TREE.find("") is TREE
    assert TREE.find("metrics/guid/x") is None
    assert TREE.find("Metrics") is None


def test_a_path_leads_through_whichever_of_equal_names_has_the_rest() -> None:
    tree = make_key("r", None, make_key("a", None), make_key("a", None, make_key("b", 1)))
    assert tree.integer_at("a/b") == 1
    changed = tree.with_value("a/b", 2)
    assert [key.children for key in changed.children] == [(), (make_key("b", 2),)]


def test_walk_yields_every_key_in_stored_order_with_the_path_that_finds_it() -> None:
    assert [path for path, _ in TREE.walk()] == [
        "metrics",
        "metrics/guid",
        "metrics/guid",
        "properties",
        "properties/global_id",
        "properties/name",
        "properties/version",
        "savedstate",
    ]
    assert all(key in TREE.find_all(path) for path, key in TREE.walk())


def test_a_value_is_given_only_where_the_type_is_the_one_asked_for() -> None:
    tree = make_key("r", None, make_key("t", "x"), make_key("i", 3), make_key("b", True), make_key("d", b"\1"))
    assert [tree.text_at(name, "-") for name in "tibdx"] == ["x", "-", "-", "-", "-"]
    assert [tree.integer_at(name) for name in "tibdx"] == [None, 3, None, None, None]
    assert [tree.bool_at(name) for name in "tibdx"] == [None, None, True, None, None]
    assert [tree.bytes_at(name) for name in "tibdx"] == [None, None, None, b"\1", None]


@pytest.mark.parametrize(
    ("value", "key_type", "text"),
    [
        ("a\nb", "string", "a\nb"),
        (-5, "integer", "-5"),
        (True, "bool", "True"),
        (False, "bool", "False"),
        (b"", "bytes", ""),
        (b"\0" * 48, "bytes", "A" * 64 + "\n"),
        (b"\0" * 49, "bytes", "A" * 64 + "\nAA==\n"),
    ],
)
def test_a_made_key_has_the_text_that_a_host_writes(value: str | int | bool | bytes, key_type: str, text: str) -> None:
    key = make_key("x", value)
    assert (key.type, key.text) == (key_type, text)
    assert key.value == value


def test_a_made_container_is_sorted_by_code_units_of_utf_16() -> None:
    names = ["a", "B", "_", "\uffdc", "\U00010000"]
    assert [key.name for key in make_key("x", None, *[make_key(name, 1) for name in names]).children] == [
        "B",
        "_",
        "a",
        "\U00010000",
        "\uffdc",
    ]


def test_a_key_holds_a_value_or_keys() -> None:
    with pytest.raises(TypeError):
        make_key("x", 1, make_key("y", 2))


def test_a_changed_value_keeps_the_type_attributes_and_place() -> None:
    key = Key(name="b", type="integer", text=" 1 ", attributes=(("q", "z"),), before="\n")
    tree = Key(name="r", items=(Remark(text="c"), key, make_key("a", 1)))
    changed = tree.with_value("b", 2)
    assert changed.items[0::2] == tree.items[0::2]
    assert changed.find("b") == Key(name="b", type="integer", text="2", attributes=(("q", "z"),), before="\n")
    assert tree.integer_at("b") == 1


def test_a_key_of_unknown_type_takes_its_text() -> None:
    tree = Key(name="r", items=(Key(name="d", type="double", text="1.5"),))
    assert tree.with_value("d", "2.5").children == (Key(name="d", type="double", text="2.5"),)


@pytest.mark.parametrize(("path", "value"), [("properties/version", "x"), ("properties/name", 1), ("properties", "x")])
def test_a_value_of_another_type_is_refused(path: str, value: str | int) -> None:
    with pytest.raises(TypeError):
        TREE.with_value(path, value)


def test_a_bool_is_no_integer_when_it_is_set() -> None:
    with pytest.raises(TypeError):
        TREE.with_value("properties/version", True)


def test_a_new_value_is_put_in_order_and_its_containers_are_made() -> None:
    changed = TREE.with_value("global_settings/snapshots/list/size", 0).with_value("properties/notes", "x")
    assert changed.integer_at("global_settings/snapshots/list/size") == 0
    assert [key.name for key in changed.children] == ["global_settings", "metrics", "properties", "savedstate"]
    properties = changed.find("properties")
    assert properties is not None
    assert [key.name for key in properties.children] == ["global_id", "name", "notes", "version"]


def test_none_asks_for_a_container() -> None:
    assert TREE.with_value("savedstate", None) == TREE
    assert TREE.with_value("a/b", None).find("a/b") == Key(name="b")
    with pytest.raises(TypeError):
        TREE.with_value("properties/name", None)


def test_a_key_replaces_the_one_of_its_name() -> None:
    new = make_key("savedstate", None, make_key("type", "Normal"))
    assert TREE.with_key("", new).find("savedstate") == new
    assert len(TREE.with_key("", new).children) == len(TREE.children)


def test_no_key_stands_below_a_value() -> None:
    with pytest.raises(TypeError):
        TREE.with_key("properties/name", make_key("x", 1))
    with pytest.raises(TypeError):
        TREE.with_value("properties/name/deeper/x", 1)


def test_a_key_taken_out_leaves_the_rest_as_it_was() -> None:
    without = TREE.without("metrics/guid")
    assert [key.text for key in without.find_all("metrics/guid")] == ["2"]
    assert without.find("properties") is TREE.find("properties")
    assert TREE.without("metrics/none") is TREE
    with pytest.raises(ValueError, match="root"):
        TREE.without("")


def test_a_container_that_loses_its_last_key_is_an_empty_one() -> None:
    tree = Key(name="r", items=(Key(name="a", before="   "),), end="   ")
    assert tree.without("a") == Key(name="r")


def test_the_first_key_of_a_container_replaces_its_white_space_and_no_other_characters() -> None:
    assert Key(name="r", text="\n  ").with_value("a", 1) == make_key("r", None, make_key("a", 1))
    assert Key(name="r", text="\u00a0").with_value("a", 1).text == "\u00a0"


def test_a_deep_tree_is_walked_and_changed_without_recursion() -> None:
    depth = 5_000
    tree = make_key("x", 1)
    for _ in range(depth):
        tree = Key(name="x", items=(tree,))
    assert sum(1 for _ in tree.walk()) == depth
    assert tree.integer_at("/".join("x" * depth)) == 1
