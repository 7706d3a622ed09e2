"""Stored paths: one table of texts and what each of them is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.locate import PathKind, collapse, fold_case, parse_file_url, parse_path, shortened

KINDS: list[tuple[str, PathKind, str, tuple[str, ...]]] = [
    (r".\base.vhd", PathKind.RELATIVE, "", ("base.vhd",)),
    ("base.vhd", PathKind.RELATIVE, "", ("base.vhd",)),
    ("./sub/base.vhd", PathKind.RELATIVE, "", ("sub", "base.vhd")),
    (r"..\base\base.vhd", PathKind.RELATIVE, "", ("..", "base", "base.vhd")),
    (r"a\.\\b/c.vhd", PathKind.RELATIVE, "", ("a", "b", "c.vhd")),
    (r"D:\VMs\base.vhd", PathKind.DRIVE, "D:", ("VMs", "base.vhd")),
    ("d:/VMs/base.vhd", PathKind.DRIVE, "D:", ("VMs", "base.vhd")),
    (r"\\?\D:\VMs\base.vhd", PathKind.DRIVE, "D:", ("VMs", "base.vhd")),
    (r"\VMs\base.vhd", PathKind.ROOTED, "", ("VMs", "base.vhd")),
    (r"\\server\share\VMs\base.vhd", PathKind.UNC, r"\\server\share", ("VMs", "base.vhd")),
    ("//server/share/base.vhd", PathKind.UNC, r"\\server\share", ("base.vhd",)),
    ("/var/run/sr-mount/base.vhd", PathKind.POSIX, "", ("var", "run", "sr-mount", "base.vhd")),
    (r"/var/a:b\c.vhd", PathKind.POSIX, "", ("var", r"a:b\c.vhd")),
    ("base.vhd. . ", PathKind.RELATIVE, "", ("base.vhd",)),
]


@pytest.mark.parametrize(("text", "kind", "anchor", "parts"), KINDS)
def test_a_path_is_taken_apart_by_the_rules_of_its_system(
    text: str, kind: PathKind, anchor: str, parts: tuple[str, ...]
) -> None:
    path = parse_path(text)
    assert (path.kind, path.anchor, path.parts, path.problem) == (kind, anchor, parts, None)
    assert path.text == text


NEVER_FOLLOWED: list[tuple[str, PathKind]] = [
    ("", PathKind.RELATIVE),
    ("   ", PathKind.RELATIVE),
    ("base\x01.vhd", PathKind.RELATIVE),
    ("base\n.vhd", PathKind.RELATIVE),
    (r"\\?\PhysicalDrive0", PathKind.DEVICE),
    (r"\\.\PhysicalDrive0", PathKind.DEVICE),
    (r"\\.\pipe\x", PathKind.DEVICE),
    ("//./pipe/x", PathKind.DEVICE),
    (r"\\?\UNC\server\share\x.vhd", PathKind.DEVICE),
    (r"\\?\Volume{01234567-89ab-cdef-0123-456789abcdef}\x.vhd", PathKind.DEVICE),
    (r"\??\C:\x.vhd", PathKind.DEVICE),
    ("C:base.vhd", PathKind.DRIVE_RELATIVE),
    ("base.vhd:stream", PathKind.RELATIVE),
    (r"C:\VMs\base.vhd:stream:$DATA", PathKind.DRIVE),
    ("NUL", PathKind.RELATIVE),
    (r".\con.vhd", PathKind.RELATIVE),
    (r"C:\VMs\COM1", PathKind.DRIVE),
    (r"C:\aux \base.vhd", PathKind.DRIVE),
    ("lpt².txt", PathKind.RELATIVE),
    (r"a\...\b.vhd", PathKind.RELATIVE),
]


@pytest.mark.parametrize(("text", "kind"), NEVER_FOLLOWED)
def test_a_path_that_must_not_be_followed_says_why(text: str, kind: PathKind) -> None:
    path = parse_path(text)
    assert path.kind is kind
    assert path.problem is not None


@pytest.mark.parametrize("text", ["console.vhd", "nullify.vhd", "com10.vhd", "auxiliary.vhd", "com.vhd"])
def test_names_that_only_begin_like_a_device_are_names(text: str) -> None:
    assert parse_path(text).problem is None


URLS: list[tuple[str, PathKind, str, tuple[str, ...]]] = [
    ("file://./x.vhd", PathKind.RELATIVE, "", ("x.vhd",)),
    ("file://../base/x.vhd", PathKind.RELATIVE, "", ("..", "base", "x.vhd")),
    ("file:x.vhd", PathKind.RELATIVE, "", ("x.vhd",)),
    ("file://localhost/Volumes/VMs/x.vhd", PathKind.POSIX, "", ("Volumes", "VMs", "x.vhd")),
    ("FILE:///Volumes/My%20VMs/x.vhd", PathKind.POSIX, "", ("Volumes", "My VMs", "x.vhd")),
    ("file:/Volumes/x.vhd", PathKind.POSIX, "", ("Volumes", "x.vhd")),
    ("file:///D:/VMs/x.vhd", PathKind.DRIVE, "D:", ("VMs", "x.vhd")),
    ("file://server/share/x.vhd", PathKind.UNC, r"\\server\share", ("x.vhd",)),
    ("file://./100%.vhd", PathKind.RELATIVE, "", ("100%.vhd",)),
    ("file://./a%zz%20b.vhd", PathKind.RELATIVE, "", ("a%zz%20b.vhd",)),
    ("file://./%ff.vhd", PathKind.RELATIVE, "", ("%ff.vhd",)),
    ("file://./M%C3%BCller.vhd", PathKind.RELATIVE, "", ("Müller.vhd",)),
    ("./no-url.vhd", PathKind.RELATIVE, "", ("no-url.vhd",)),
]


@pytest.mark.parametrize(("text", "kind", "anchor", "parts"), URLS)
def test_a_file_url_is_the_path_behind_it(text: str, kind: PathKind, anchor: str, parts: tuple[str, ...]) -> None:
    path = parse_file_url(text)
    assert (path.text, path.kind, path.anchor, path.parts, path.problem) == (text, kind, anchor, parts, None)


@pytest.mark.parametrize(
    ("text", "parts"),
    [("file://./%2e%2e/x.vhd", ("..", "x.vhd")), ("file://./a%2Fb.vhd", ("a", "b.vhd"))],
)
def test_escapes_hide_no_step_upwards(text: str, parts: tuple[str, ...]) -> None:
    assert parse_file_url(text).parts == parts


@pytest.mark.parametrize("text", ["file://./a%00.vhd", "file:////./pipe/x", "file:file:x.vhd", "file:"])
def test_a_url_with_a_forbidden_path_says_why(text: str) -> None:
    assert parse_file_url(text).problem is not None


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (("a", "..", "b"), ("b",)),
        (("..", "..", "etc", "passwd"), ("etc", "passwd")),
        (("a", "b", "..", "..", "..", "c"), ("c",)),
        ((), ()),
    ],
)
def test_steps_upwards_are_taken_back_as_text_and_stop_at_the_root(
    parts: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    assert collapse(parts) == expected


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Base.VHD", "bASE.vhd", True),
        ("Müller", "MÜLLER", True),
        ("Mu\u0308ller", "Müller", True),
        ("straße", "STRASSE", False),
        ("base", "base2", False),
    ],
)
def test_names_are_compared_as_windows_does(one: str, other: str, same: bool) -> None:
    assert (fold_case(one) == fold_case(other)) is same


def test_the_last_name_of_a_path_is_its_basename() -> None:
    assert parse_path(r"C:\VMs\base.vhd").basename == "base.vhd"
    assert parse_path("C:\\").basename is None
    assert parse_path(r"a\..").basename is None


def test_texts_from_files_are_escaped_and_cut_for_messages() -> None:
    assert shortened("a\nb\x1b[31m\u202ec") == "a\\nb\\x1b[31m\\u202ec"
    assert shortened("x" * 1000) == "x" * 240 + "…"
    assert shortened("x" * 240) == "x" * 240


def test_a_text_is_cut_by_what_its_escapes_take_and_between_them() -> None:
    assert shortened("\u202e" * 240) == "\\u202e" * 40 + "…"
    assert shortened("abc\u202e\u202e", 10) == "abc\\u202e…"
    assert shortened("abcd\u202e", 10) == "abcd\\u202e"
    assert shortened("\u202e", 5) == "…"


# Pieces of paths, so that random texts are more often nearly right than noise.
_PIECES = ["..", ".", "/", "\\", "\\\\", "C:", "file:", "//", "%2e", "%", "?", "NUL", ":", "a", " ", "é", "\0", "\n"]
_TEXTS = st.lists(st.sampled_from(_PIECES) | st.text(max_size=4), max_size=12).map("".join)


@given(_TEXTS)
def test_any_text_is_taken_apart_and_no_part_is_a_path_of_its_own(text: str) -> None:
    for path in (parse_path(text), parse_file_url(text)):
        assert path.text == text
        separators = "/" if path.kind is PathKind.POSIX else "/\\"
        if path.problem is None:
            assert not [part for part in path.parts if part in ("", ".") or set(part) & set(separators)]
            assert not any(ord(letter) < 32 for part in path.parts for letter in part)
        assert ".." not in collapse(path.parts)
