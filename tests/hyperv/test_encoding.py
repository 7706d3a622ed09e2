"""In what encoding the bytes of a configuration stand, whatever they declare."""

from __future__ import annotations

import codecs

import pytest

from vhdchain.hyperv import parse_document
from vhdchain.hyperv.encoding import (
    HOST_DECLARATION,
    HOST_ENCODING,
    TextEncoding,
    declaration_of,
    declared_encoding,
    decode,
    sniff,
)

BODY = '\n<configuration>\n  <name type="string">sérveur €</name>\n</configuration>\n'
PLAIN = BODY.replace("é", "e").replace("€", "E")


def _file(text: str, codec: str, mark: bytes = b"", declared: str | None = "UTF-16") -> bytes:
    declaration = "" if declared is None else f'<?xml version="1.0" encoding="{declared}"?>'
    return mark + (declaration + text).encode(codec)


@pytest.mark.parametrize(
    ("data", "name", "bom", "agrees"),
    [
        (_file(BODY, "utf-16-le", codecs.BOM_UTF16_LE), "utf-16-le", True, True),
        (_file(BODY, "utf-16-be", codecs.BOM_UTF16_BE), "utf-16-be", True, True),
        (_file(BODY, "utf-16-le"), "utf-16-le", False, True),
        (_file(BODY, "utf-16-be"), "utf-16-be", False, True),
        (_file(BODY, "utf-16-le", declared="UTF-16LE"), "utf-16-le", False, True),
        (_file(BODY, "utf-16-le", declared="UTF-16BE"), "utf-16-le", False, False),
        (_file(BODY, "utf-16-le", declared="utf-8"), "utf-16-le", False, False),
        (_file(BODY, "utf-16-le", codecs.BOM_UTF16_LE, None), "utf-16-le", True, True),
        (_file(BODY, "utf-16-le", declared=None), "utf-16-le", False, False),
        (_file(BODY, "utf-8"), "utf-8", False, False),
        (_file(BODY, "utf-8", codecs.BOM_UTF8), "utf-8", True, False),
        (_file(BODY, "utf-8", declared="UTF-8"), "utf-8", False, True),
        (_file(BODY, "utf-8", declared=None), "utf-8", False, True),
        (_file(BODY, "utf-8", declared="windows-1252"), "utf-8", False, False),
        (_file(BODY, "windows-1252", declared="Windows-1252"), "windows-1252", False, True),
        (_file(BODY.replace("€", ""), "iso-8859-1", declared="ISO-8859-1"), "iso-8859-1", False, True),
        (_file(PLAIN, "ascii"), "ascii", False, False),
        (_file(PLAIN, "ascii", declared="us-ascii"), "ascii", False, True),
        (_file(PLAIN, "ascii", declared="utf-8"), "ascii", False, True),
        (_file(PLAIN, "ascii", declared="iso-8859-15"), "ascii", False, True),
        (_file(PLAIN, "ascii", declared=None), "ascii", False, True),
        (_file(PLAIN, "ascii", codecs.BOM_UTF8, "utf-8"), "utf-8", True, True),
    ],
)
def test_the_bytes_decide_and_the_declaration_is_compared(data: bytes, name: str, bom: bool, agrees: bool) -> None:
    text, encoding = decode(data)
    assert text[text.index("\n") :] in (BODY, PLAIN, BODY.replace("€", ""))
    assert (encoding.name, encoding.bom, encoding.agrees) == (name, bom, agrees)
    assert encoding.encode(text) == data
    assert parse_document(data, name="a.xml").is_faithful(data)


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (_file(BODY, "windows-1252"), 0x4F),
        (_file(BODY, "windows-1252", declared="shift_jis"), 0x52),
        (_file(BODY, "windows-1252", declared="iso-8859-12"), 0x54),
        (b"\xef\xbb\xbf<a>\xff", 6),
        (b"\xff\xfe<\0a\0\0\xd8b\0", 6),
        (b"<\0a\0\0\xdcb\0", 4),
        (b"\xff\xfe<\0a\0>", 6),
        (b"\xfe\xff\0<\0a\0", 6),
        (b"<a>\0</a>", 3),
        ("<é>\0".encode(), 4),
        (b"\xff\xfe<\0a\0\0\0", 6),
        ("<a/>".encode("utf-32-le"), 2),
        ("<a/>".encode("utf-32-be"), 0),
    ],
)
def test_bytes_of_no_encoding_are_refused_where_they_stop_making_sense(data: bytes, offset: int) -> None:
    with pytest.raises(UnicodeDecodeError) as told:
        decode(data)
    assert told.value.start == offset


@pytest.mark.parametrize(
    ("head", "codec", "mark"),
    [
        (b"", "ascii", b""),
        (b"<", "ascii", b""),
        (b"\0\0", "ascii", b""),
        (b"\xff", "utf-8", b""),
        (b"<\0", "utf-16-le", b""),
    ],
)
def test_a_short_head_is_taken_for_something(head: bytes, codec: str, mark: bytes) -> None:
    assert sniff(head) == (codec, mark)


@pytest.mark.parametrize(
    ("text", "lines", "newline"),
    [
        ("<a>\r\n</a>\r\n", "<a>\n</a>\n", "\r\n"),
        ("<a>\n</a>", "<a>\n</a>", "\n"),
        ("<a/>", "<a/>", "\n"),
        ("\n<a/>\r\n", "\n<a/>\n", "\n"),
        ("\r\n<a/>\n", "\n<a/>\n", "\r\n"),
        ("<a>\r</a>\r", "<a>\n</a>\n", "\n"),
    ],
)
def test_line_breaks_become_line_feeds_and_the_first_names_them(text: str, lines: str, newline: str) -> None:
    decoded, encoding = decode(text.encode("ascii"))
    assert (decoded, encoding.newline) == (lines, newline)


@pytest.mark.parametrize(
    ("text", "declaration", "declared"),
    [
        (f"{HOST_DECLARATION}\n<a/>", HOST_DECLARATION, "UTF-16"),
        ("<?xml version='1.0' encoding = 'x'?><a/>", "<?xml version='1.0' encoding = 'x'?>", "x"),
        ('<?xml version="1.0"?>', '<?xml version="1.0"?>', None),
        ('<?xml-stylesheet encoding="x"?>', "", None),
        (" <?xml version='1.0'?>", "", None),
        ("<?xml version='1.0'", "", None),
        ("<a/>", "", None),
    ],
)
def test_the_declaration_is_what_the_text_begins_with(text: str, declaration: str, declared: str | None) -> None:
    assert declaration_of(text) == declaration
    assert declared_encoding(declaration) == declared


def test_a_character_that_the_encoding_lacks_is_refused_or_referred_to() -> None:
    encoding = TextEncoding(name="ascii", bom=False, declared="UTF-16", newline="\n")
    with pytest.raises(UnicodeEncodeError):
        encoding.encode("é")
    assert encoding.encode("é\n", references=True) == b"&#233;\n"


def test_what_hosts_write_agrees_with_its_declaration() -> None:
    assert HOST_ENCODING.agrees
    assert HOST_ENCODING.declared == declared_encoding(HOST_DECLARATION)
