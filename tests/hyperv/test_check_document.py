"""What is told of a configuration's text: VHD815 and VHD816."""

from __future__ import annotations

import pytest

from vhdchain.errors import ConfigError
from vhdchain.findings import Location, Severity
from vhdchain.hyperv import check_document, make_key, malformed, parse_document
from vhdchain.hyperv.xml import build_document

PATH = "Virtual Machines/A.xml"
TEXT = '<?xml version="1.0" encoding="UTF-16"?>\n<configuration />\n'


def test_a_host_s_file_is_quiet() -> None:
    document = parse_document(build_document(make_key("configuration", None)), name=PATH)
    assert list(check_document(document, PATH)) == []


@pytest.mark.parametrize(
    ("data", "declared", "found"),
    [
        (TEXT.encode("ascii"), "UTF-16", "ascii"),
        (TEXT.replace("?>\n", "?>\n<!-- é -->").encode(), "UTF-16", "utf-8"),
        (TEXT.replace("UTF-16", "utf-8").encode("utf-16"), "utf-8", "utf-16-le"),
        (b"<\0" + TEXT.encode("utf-16-le")[2:].replace(b"1\x006\0", b"8\0"), "UTF-8", "utf-16-le"),
    ],
)
def test_a_declaration_that_the_bytes_do_not_keep_is_one_note(data: bytes, declared: str, found: str) -> None:
    (told,) = check_document(parse_document(data, name=PATH), PATH)
    assert (told.code, told.severity) == ("VHD815", Severity.NOTE)
    assert told.location == Location(path=PATH, structure="configuration", field="encoding")
    assert (told.expected, told.found) == (declared, found)


def test_utf_16_that_nothing_announces_is_a_note() -> None:
    document = parse_document("<configuration />\n".encode("utf-16-le"), name=PATH)
    assert [(told.expected, told.found) for told in check_document(document, PATH)] == [(None, "utf-16-le")]


def test_the_note_shows_a_hostile_declaration_on_one_line() -> None:
    data = TEXT.replace("UTF-16", "\u202e" + "x\n" * 500).encode()
    (told,) = check_document(parse_document(data, name=PATH), PATH)
    assert told.message.isprintable()
    assert len(told.message) < 600


def test_the_error_of_a_damaged_file_carries_its_finding() -> None:
    with pytest.raises(ConfigError) as raised:
        parse_document(b"<configuration>\n  <a>\n</configuration>", name=PATH)
    (told,) = raised.value.findings
    assert (told.code, told.severity) == ("VHD816", Severity.ERROR)
    assert told.location == Location(path=PATH, structure="configuration")
    assert told.message.startswith("line 3: ")
    assert str(raised.value).startswith(f"{PATH}:configuration: line 3: ")


def test_an_offset_is_told_where_one_is_known() -> None:
    error = malformed(PATH, "something is wrong", offset=0x20)
    assert error.findings[0].location.offset == 0x20
    assert str(error).startswith(f"{PATH}:configuration @0x20: something is wrong; ")
