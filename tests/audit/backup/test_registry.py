"""Exports of a registry: what is read of them, what is refused, in every encoding and in bounded memory."""

from __future__ import annotations

import re
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.audit.backup import RegistryValue, load_registry_export, parse_registry_export
from vhdchain.audit.backup.registry import RegistryKey, folded, folded_path
from vhdchain.audit.backup.registry_text import LARGEST_EXPORT, LONGEST_LINE
from vhdchain.errors import ConfigError
from vhdchain.source import BytesSource

if TYPE_CHECKING:
    from typing_extensions import Buffer

V5 = "Windows Registry Editor Version 5.00"
KEY = r"HKEY_LOCAL_MACHINE\SOFTWARE\Fabrikam"
WANTED = (KEY,)


def text_of(*lines: str, header: str = V5) -> str:
    return "\r\n".join([header, "", *lines, "", ""])


def as_regedit(*lines: str) -> bytes:
    return b"\xff\xfe" + text_of(*lines).encode("utf-16-le", "surrogatepass")


def kept(*lines: str) -> dict[str, RegistryValue]:
    """Return the values of the one wanted key, by their names as written."""
    export = parse_registry_export(as_regedit(f"[{KEY}]", *lines), name="x.reg", wanted=WANTED)
    key = export.key(KEY)
    assert key is not None
    return {value.name: value for value in key.values.values()}


def refused(data: bytes) -> str:
    """Return the message with which an export is refused: one line that names the file."""
    with pytest.raises(ConfigError) as caught:
        parse_registry_export(data, name="x.reg", wanted=WANTED)
    message = str(caught.value)
    assert message.startswith("x.reg")
    assert message.isprintable()
    return message


# ------------------------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("line", "name", "type_text", "data"),
    [
        (r'"Path"="C:\\Program Files\\\"x\""', "Path", "REG_SZ", r'C:\Program Files\"x"'),
        (r'"a\\b \"c\""="d"', r'a\b "c"', "REG_SZ", "d"),
        ('@="default"', "", "REG_SZ", "default"),
        ('"e"=""', "e", "REG_SZ", ""),
        (r'"n"="a\nb"', "n", "REG_SZ", r"a\nb"),
        ('"]"="[key]"', "]", "REG_SZ", "[key]"),
        ('"a"="x ; no comment"', "a", "REG_SZ", "x ; no comment"),
        ('"a"="x" ; comment "', "a", "REG_SZ", "x"),
        ('  "a" = "x"  ', "a", "REG_SZ", "x"),
        ('"a=b"="c=d"', "a=b", "REG_SZ", "c=d"),
        ('"ключ"="знач"', "ключ", "REG_SZ", "знач"),
        ('"d"=dword:0000000a', "d", "REG_DWORD", 10),
        ('"d"=DWORD:FFFFFFFF', "d", "REG_DWORD", 0xFFFFFFFF),
        ('"d"=dword:1 ; one', "d", "REG_DWORD", 1),
        ('"b"=hex:', "b", "REG_BINARY", b""),
        ('"b"=hex:01,fF,07', "b", "REG_BINARY", b"\x01\xff\x07"),
        ('"b"=hex: 01, 02 ', "b", "REG_BINARY", b"\x01\x02"),
        ('"s"=hex(1):48,00,79,00,00,00', "s", "REG_SZ", "Hy"),
        ('"s"=hex(1):48,00,79,00', "s", "REG_SZ", "Hy"),
        ('"s"=hex(1):48,00,00,00,79,00,00,00', "s", "REG_SZ", "H"),
        ('"s"=hex(1):48,00,79', "s", "REG_SZ", b"H\0y"),
        ('"x"=hex(2):25,00,78,00,25,00,00,00', "x", "REG_EXPAND_SZ", "%x%"),
        ('"m"=hex(7):61,00,00,00,00,00', "m", "REG_MULTI_SZ", b"a\0\0\0\0\0"),
        ('"q"=hex(b):01,00,00,00,00,00,00,00', "q", "REG_QWORD", b"\1" + bytes(7)),
        ('"w"=hex(4):01,00,00', "w", "REG_DWORD", b"\1\0\0"),
        ('"o"=hex(20001):61', "o", "type 0x20001", b"a"),
        ('"z"=hex(0):', "z", "REG_NONE", b""),
    ],
)
def test_a_value_of_every_type(line: str, name: str, type_text: str, data: str | int | bytes) -> None:
    values = kept(line)
    assert list(values) == [name]
    assert (values[name].type_text, values[name].data, values[name].line) == (type_text, data, 4)


def test_bytes_go_on_behind_a_backslash() -> None:
    values = kept('"b"=hex:01,02,\\', "  03,04,\\", "  05", '"c"="next"')
    assert (values["b"].data, values["b"].line, values["c"].line) == (b"\1\2\3\4\5", 4, 7)


def test_a_string_may_have_several_lines() -> None:
    values = kept('"a"="one', "", r"two \" \\", 'three"', '"b"="', '"', '"c"="ends \\\\"', '"d"="e"')
    assert {name: (value.data, value.line) for name, value in values.items()} == {
        "a": ('one\r\n\r\ntwo " \\\r\nthree', 4),
        "b": ("\r\n", 8),
        "c": ("ends \\", 10),
        "d": ("e", 11),
    }


def test_a_later_value_replaces_an_earlier_one_in_any_case() -> None:
    assert kept('"Name"="1"', '"NAME"="2"') == {"NAME": RegistryValue(name="NAME", type=1, data="2", line=5)}


def test_strings_that_are_no_valid_text_are_kept() -> None:
    assert kept('"a"="\ud800x"')["a"].data == "\ud800x"


# ---------------------------------------------------------------------------------------------------------------- keys


def test_only_wanted_keys_and_what_lies_below_are_kept() -> None:
    export = parse_registry_export(
        as_regedit(
            "[HKEY_LOCAL_MACHINE\\SOFTWARE]",
            '"not"="kept"',
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\FabrikamX]",
            '"a"="1"',
            "[hkey_local_machine\\Software\\FABRIKAM\\Sub]",
            '"a"="2"',
            "[HKLM\\SOFTWARE\\Fabrikam]",
            "",
            "; a comment",
            '"a"="3"',
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Wow6432Node\\Fabrikam]",
            '"a"="4"',
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\fabrikam\\sub]",
            '"b"="5"',
        ),
        name="x.reg",
        wanted=(r"HKLM\Software\Fabrikam",),
    )
    assert export.wanted == (r"HKEY_LOCAL_MACHINE\Software\Fabrikam",)
    assert [(key.path, key.line) for key in export.keys.values()] == [
        (r"hkey_local_machine\Software\FABRIKAM\Sub", 7),
        (r"HKEY_LOCAL_MACHINE\SOFTWARE\Fabrikam", 9),
    ]
    sub = export.key(KEY + r"\sub")
    assert sub is not None
    assert {name: value.data for name, value in sub.values.items()} == {"A": "2", "B": "5"}
    key = export.key(KEY)
    assert key is not None
    assert {name: value.data for name, value in key.values.items()} == {"A": "3"}
    assert (export.first_key, export.key_count, export.deleting) == (r"HKEY_LOCAL_MACHINE\SOFTWARE", 6, None)
    assert export.key(r"HKLM\SOFTWARE\Wow6432Node\Fabrikam") is None


def test_the_nearest_key_of_the_file_is_known() -> None:
    def nearest(*keys: str) -> str | None:
        data = as_regedit(*(f"[{key}]" for key in keys))
        near: RegistryKey | None = parse_registry_export(data, name="x", wanted=WANTED).nearest(KEY + r"\a\b")
        return near.path if near else None

    assert nearest() is None
    assert nearest(r"HKEY_LOCAL_MACHINE\SYSTEM", r"HKEY_LOCAL_MACHINE\SOFTWARE\Fabrika") is None
    assert nearest("HKEY_LOCAL_MACHINE", r"HKEY_LOCAL_MACHINE\Software") == r"HKEY_LOCAL_MACHINE\Software"
    assert nearest(r"HKEY_LOCAL_MACHINE\SOFTWARE", KEY, KEY + r"\a", KEY + r"\c") == KEY + r"\a"


def test_strings_of_other_keys_hide_what_looks_like_a_key() -> None:
    export = parse_registry_export(
        as_regedit(
            "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Other]",
            '"a"="a string',
            f"[{KEY}]",
            '\\"x',
            '"',
            '"b"="ends in a backslash\\\\"',
            '"c"="',
            f"[{KEY}]",
            '"',
            '"d"= "',
            f"[{KEY}]",
            '"',
            '@="quote \\"',
            f"[{KEY}]",
            '"',
            '"h"=hex:01,\\',
            "  02",
            f"[{KEY}\\Sub]",
        ),
        name="x.reg",
        wanted=WANTED,
    )
    assert [(key.path, key.line) for key in export.keys.values()] == [(KEY + "\\Sub", 20)]
    assert export.key_count == 2


def test_deletions_are_carried_out_and_told() -> None:
    def read(*lines: str) -> tuple[list[str], int | None]:
        export = parse_registry_export(as_regedit(*lines), name="x", wanted=WANTED)
        values = [f"{key.path[len(KEY) :]}:{name}" for key in export.keys.values() for name in key.values]
        return values, export.deleting

    sub = [f"[{KEY}]", '"a"="1"', '"b"="2"', f"[{KEY}\\Sub]", '"c"="3"', f"[{KEY}Other]"]
    assert read(*sub) == ([":A", ":B", r"\Sub:C"], None)
    assert read(*sub, f"[{KEY}]", '"A"=-') == ([":B", r"\Sub:C"], 10)
    assert read(*sub, f"[-{KEY}\\SUB]", '"c"="not read"') == ([":A", ":B"], 9)
    assert read(*sub, r"[-HKLM\SOFTWARE]") == ([], 9)
    assert read(*sub, f"[-{KEY}]", f"[{KEY}]", '"z"="1"') == ([":Z"], 9)
    assert read(f"[{KEY}]", "@=-") == ([], 4)


def test_letters_are_folded_as_the_registry_does() -> None:
    assert folded("aZ{é") == "AZ{É"
    assert folded("ß") == "ß"
    # Lower-case i without a dot, and a long s: in upper case these are ASCII, in the registry they are not.
    assert folded("Fabrıkam ſ") == "FABRıKAM ſ"
    assert folded_path("hklm\\a\\") == "HKEY_LOCAL_MACHINE\\A"
    assert folded_path("hkcu") == "HKEY_CURRENT_USER"


# ----------------------------------------------------------------------------------------------------------- encodings

NON_ASCII = text_of(f"[{KEY}]", '"Größe"="你好"')


@pytest.mark.parametrize(
    "data",
    [
        b"\xff\xfe" + NON_ASCII.encode("utf-16-le"),
        NON_ASCII.encode("utf-16-le"),
        b"\xfe\xff" + NON_ASCII.encode("utf-16-be"),
        NON_ASCII.encode("utf-16-be"),
        NON_ASCII.encode(),
        b"\xef\xbb\xbf" + NON_ASCII.encode(),
        NON_ASCII.replace("\r\n", "\n").encode(),
        NON_ASCII.rstrip().encode(),
        NON_ASCII.replace(V5, "REGEDIT4").encode(),
    ],
)
def test_the_encoding_is_seen(data: bytes) -> None:
    export = parse_registry_export(data, name="x", wanted=WANTED)
    key = export.key(KEY)
    assert key is not None
    assert key.values == {"GRÖßE": RegistryValue(name="Größe", type=1, data="你好", line=4)}


def test_ansi_keeps_the_bytes_that_it_cannot_read() -> None:
    data = text_of(f"[{KEY}]", '"a"="caf\xe9"', '"b"=hex(2):63,e9,00', header="REGEDIT4").encode("cp1252")
    key = parse_registry_export(data, name="x", wanted=WANTED).key(KEY)
    assert key is not None
    assert [value.data for value in key.values.values()] == ["caf\udce9", "c\udce9"]


@pytest.mark.parametrize("piece", ["\U0001f600", "é", "\ud800"])
def test_a_character_may_lie_across_two_reads(piece: str) -> None:
    fill = "x" * 17
    for shift in range(4):
        lines = [f"[{KEY}]", f'"{"y" * shift}"="{(fill + piece) * 60000}"']
        key = parse_registry_export(as_regedit(*lines), name="x", wanted=WANTED).key(KEY)
        assert key is not None
        assert [value.data for value in key.values.values()] == [(fill + piece) * 60000]


# ------------------------------------------------------------------------------------------------------- what is none


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            b"",
            'begins with an empty line, not with "Windows Registry Editor Version 5.00" or "REGEDIT4"',
        ),
        (b"\r\n" + text_of().encode(), "line 1: no registry export: it begins with an empty line"),
        (b"MZ\x90\0\x03", r'line 1: no registry export: it begins with "MZ\x90\x00\x03"'),
        (b"\x1b[2J" * 50, r'line 1: no registry export: it begins with "\x1b[2J'),
        (b"regf" + bytes(600), 'line 1: no registry export: it begins with "regf'),
        (V5.encode()[:-1], 'line 1: no registry export: it begins with "Windows Registry Editor Version 5.0"'),
        (b"\xff\xfe\0\0" + V5.encode("utf-32-le"), "line 1: no registry export"),
        (as_regedit(f"[{KEY}"), f'line 3: the key has no closing bracket: "[{KEY}"'),
        (as_regedit(f"[{KEY}]", "what"), 'line 4: neither a key, a value nor a comment: "what"'),
        (as_regedit(f"[{KEY}]", '"a'), "line 4: neither a key, a value nor a comment"),
        (as_regedit(f"[{KEY}]", '"a"'), "line 4: neither a key, a value nor a comment"),
        (as_regedit(f"[{KEY}]", '"a"='), "line 4: its data are neither a string, dword:, hex: nor -"),
        (as_regedit(f"[{KEY}]", '"a"=x'), "line 4: its data are neither"),
        (as_regedit(f"[{KEY}]", '"a"="b" c'), "line 4: there is more behind the value's data"),
        (as_regedit(f"[{KEY}]", '"a"="b"c"'), "line 4: there is more behind the value's data"),
        (as_regedit(f"[{KEY}]", '"a"=-1'), "line 4: there is more behind the value's data"),
        (as_regedit(f"[{KEY}]", '"a"=dword:'), "line 4: its data are neither"),
        (as_regedit(f"[{KEY}]", '"a"=dword:123456789'), "line 4: there is more behind the value's data"),
        (as_regedit(f"[{KEY}]", '"a"=hex:01,,02'), "line 4: its bytes are not pairs of hexadecimal digits"),
        (as_regedit(f"[{KEY}]", '"a"=hex:1'), "line 4: its bytes are not pairs"),
        (as_regedit(f"[{KEY}]", '"a"=hex:01,'), "line 4: its bytes are not pairs"),
        (as_regedit(f"[{KEY}]", '"a"=hex:,01'), "line 4: its bytes are not pairs"),
        (as_regedit(f"[{KEY}]", '"a"=hex:0 1'), "line 4: its bytes are not pairs"),
        (as_regedit(f"[{KEY}]", '"a"=hex:01 02'), "line 4: its bytes are not pairs"),
        (as_regedit(f"[{KEY}]", '"a"=hex:0102'), "line 4: its bytes are not pairs of hexadecimal digits"),
        (as_regedit(f"[{KEY}]", '"a"=hex(x):01'), "line 4: its data are neither"),
        (as_regedit(f"[{KEY}]", '"a"=hex:01,\\'), "line 4: the value that begins here is not continued"),
        (as_regedit(f"[{KEY}]", '"a"="b', "c"), "line 4: the string that begins here does not end"),
        (as_regedit("[HKLM\\Other]", '"a"="b', f"[{KEY}]"), "line 4: the string that begins here does not end"),
        (as_regedit(f"[{KEY}]")[:-1], "its text (UTF-16-LE) ends within a character: the file was cut off"),
    ],
)
def test_what_is_no_export_is_refused_in_one_line(data: bytes, message: str) -> None:
    assert message in refused(data)
    assert len(refused(data)) < 250


class _Endless(BytesSource):
    """A large export whose text repeats; nothing of it is stored. An end of its own may follow."""

    def __init__(self, head: bytes, unit: bytes, size: int) -> None:
        super().__init__(b"", name="x.reg")
        self._head, self._unit, self._size = head, unit, size

    @property
    def size(self) -> int:
        return self._size

    def read_at(self, offset: int, length: int) -> bytes:
        head = self._head[offset : offset + length]
        at = (offset + len(head) - len(self._head)) % len(self._unit)
        return head + (self._unit * (length // len(self._unit) + 2))[at : at + length - len(head)]

    def readinto_at(self, offset: int, buffer: Buffer) -> None:
        raise NotImplementedError


def test_an_export_that_is_too_large_is_not_read() -> None:
    with pytest.raises(ConfigError, match=re.escape(f"x.reg: {LARGEST_EXPORT + 1} bytes")):
        load_registry_export(_Endless(b"no\n", b"x", LARGEST_EXPORT + 1))
    with pytest.raises(ConfigError, match=re.escape("x.reg, line 1")):
        load_registry_export(_Endless(b"no\n", b"x", LARGEST_EXPORT))


LONG = 20 << 20


@pytest.mark.parametrize(
    ("head", "unit"),
    [
        # Lines, keys and values that never end, below a key that is kept and another one.
        (V5, "x"),
        (f"{V5}\n[{KEY}]\n", "x"),
        (f'{V5}\n[{KEY}]\n"a"="', "x"),
        (f'{V5}\n[{KEY}]\n"a"="', "\\"),
        (f'{V5}\n[{KEY}]\n"a"="', "\\\n"),
        (f'{V5}\n[HKLM]\n"a"="', 'xx\\"\n'),
        (f'{V5}\n[{KEY}]\n"a"=hex:', "01,\\\n"),
        (f"{V5}\n[{KEY}]\n", "[[[]"),
        # Too much that is kept.
        (f"{V5}\n[{KEY}]\n", f'"{"n" * 1000}"="x"\n'),
    ],
)
def test_hostile_lengths_are_refused_in_bounded_memory(head: str, unit: str) -> None:
    source = _Endless(head.encode(), unit.encode(), LONG)
    tracemalloc.start()
    try:
        with pytest.raises(ConfigError):
            load_registry_export(source, wanted=WANTED)
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()


def test_other_keys_cost_no_memory() -> None:
    unit = f'[HKEY_LOCAL_MACHINE\\X]\n"a"=hex:{"01," * 2000}\\\n  01\n"b"="{"x" * 2000}"\n'.encode()
    source = _Endless(f"{V5}\n".encode(), unit, 1 << 24)
    tracemalloc.start()
    try:
        export = load_registry_export(source, wanted=WANTED)
        assert tracemalloc.get_traced_memory()[1] < 12 << 20
    finally:
        tracemalloc.stop()
    assert (dict(export.keys), export.first_key) == ({}, r"HKEY_LOCAL_MACHINE\X")
    assert export.key_count == -(-((1 << 24) - len(V5) - 1) // len(unit))


def test_long_values_are_read_as_far_as_they_may_go() -> None:
    longest = "x" * (LONGEST_LINE - 100)
    assert kept(f'"a"="{longest}"')["a"].data == longest
    binary = b"\x5a" * (LONGEST_LINE // 3 - 100)
    data = as_regedit(f"[{KEY}]", f'"b"=hex:{binary.hex(",")}')
    tracemalloc.start()
    try:
        key = parse_registry_export(data, name="x.reg", wanted=WANTED).key(KEY)
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()
    assert key is not None
    assert [value.data for value in key.values.values()] == [binary]


# ------------------------------------------------------------------------------------------------------------- anything

names = st.text(st.characters(codec="utf-16-le", exclude_characters="\r\n"), max_size=8)


def _outcome(data: bytes) -> str:
    """Return the line with which an export is refused; empty where it is not."""
    try:
        parse_registry_export(data, name="x.reg", wanted=WANTED)
    except ConfigError as error:
        return str(error)
    return ""


@given(data=st.binary(max_size=300))
def test_any_bytes_are_an_export_or_refused(data: bytes) -> None:
    for head in (b"", f"{V5}\n[{KEY}]\n".encode(), as_regedit(f"[{KEY}]"), f"REGEDIT4\n[{KEY}]\n".encode()):
        assert _outcome(head + data).isprintable()


@given(text=st.text(st.sampled_from('[]-"\\=@;:,() \r\nhexdwor017a'), max_size=80))
def test_any_text_of_its_own_letters_is_an_export_or_refused(text: str) -> None:
    assert _outcome(as_regedit(f"[{KEY}]", text)).isprintable()


@given(
    values=st.dictionaries(
        names,
        st.text(st.characters(codec="utf-16-le", exclude_categories=()), max_size=30)
        | st.integers(0, 2**32 - 1)
        | st.binary(max_size=60),
        max_size=6,
    ),
    wanted=st.booleans(),
)
def test_what_is_written_as_regedit_does_is_read(values: dict[str, str | int | bytes], wanted: bool) -> None:
    lines = [f"[{KEY}]" if wanted else r"[HKEY_LOCAL_MACHINE\SOFTWARE\Other]"]
    lines += [f"{_quoted(name) if name else '@'}={_written(data)}" for name, data in values.items()]
    lines += [f"[{KEY}\\Last]", '"end"="1"']
    export = parse_registry_export(as_regedit(*lines), name="x", wanted=WANTED)
    expected = {folded(name): data for name, data in values.items()}
    key, last = export.key(KEY), export.key(KEY + r"\last")
    assert ({name: value.data for name, value in key.values.items()} if key else None) == (expected if wanted else None)
    assert last is not None
    assert [value.data for value in last.values.values()] == ["1"]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _written(data: str | int | bytes) -> str:
    if isinstance(data, str):
        return _quoted(data)
    if isinstance(data, int):
        return f"dword:{data:08x}"
    rows = [",".join(f"{byte:02x}" for byte in data[at : at + 20]) for at in range(0, len(data), 20)]
    return "hex:" + ",\\\r\n  ".join(rows)
