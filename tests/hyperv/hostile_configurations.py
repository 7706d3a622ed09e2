"""Which files try to make the reader of configurations hang, swell, open something or fall over?

Each case is a function, so that a file of 200 MB exists only while it is tried. As a program it tries them all with
little memory: ``python -m tests.hyperv.hostile_configurations`` prints the name of each that it survived.
"""

# ruff: noqa: T201 - a program that prints what it survived

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import TypeAlias

from vhdchain.errors import ConfigError
from vhdchain.hyperv import ConfigurationDocument, is_configuration, parse_document

Case: TypeAlias = Callable[[], bytes]

PATH = "Virtual Machines/A.xml"
MEMORY_ALLOWED = 192 << 20
"""How many bytes reading may take beside the file itself."""

SIZE = 8 * 1024 * 1024 - 1024
"""Just below what is read at all."""


def inside(text: str) -> bytes:
    """Return a configuration with ``text`` as the value of its one key."""
    return f'<configuration><a type="string">{text}</a></configuration>'.encode()


def _wide(text: str, mark: bytes = b"\xff\xfe") -> bytes:
    return mark + text.encode("utf-16-le", "surrogatepass")


def _laughs(levels: int) -> str:
    tens = [f"&l{level};" * 10 for level in range(levels - 1)]
    entities = "".join(f'<!ENTITY l{level} "{text}">' for level, text in enumerate(["lol", *tens]))
    return f'<?xml version="1.0"?><!DOCTYPE configuration [{entities}]><configuration>&l{levels - 1};</configuration>'


def _attributes(count: int) -> bytes:
    return b"<configuration %s/>" % b" ".join(b"a%06d=''" % number for number in range(count))


REFUSED: dict[str, Case] = {
    "empty": lambda: b"",
    "nothing but a mark": lambda: b"\xff\xfe",
    "zeros": lambda: bytes(SIZE),
    "white space": lambda: b" " * SIZE,
    "200 MB of nesting": lambda: b"<a>" * 66_000_000,
    "200 MB of zeros": lambda: bytes(200_000_000),
    "nesting": lambda: b"<configuration>" + b"<a>" * (SIZE // 3),
    "nesting that closes": lambda: b"<configuration>" + b"<a>" * 30_000 + b"</a>" * 30_000 + b"</configuration>",
    "keys": lambda: b"<configuration>" + b"<a/>" * (SIZE // 4) + b"</configuration>",
    "attributes": lambda: _attributes(SIZE // 12),
    "attributes within bounds": lambda: _attributes(60_000),
    "billion laughs": lambda: _laughs(10).encode(),
    "billion laughs in UTF-16": lambda: _wide(_laughs(10)),
    "a type behind comments": lambda: b"<!-- -->\n<?a?>\n<!DOCTYPE configuration []><configuration/>",
    "a type in lower case": lambda: b"<!doctype configuration><configuration/>",
    "a type inside of the root": lambda: b"<configuration><!DOCTYPE a><a/></configuration>",
    "an entity that nobody declared": lambda: inside("&undeclared;"),
    "a reference to NUL": lambda: inside("&#0;"),
    "a reference to a surrogate": lambda: inside("&#xD800;"),
    "a reference beyond Unicode": lambda: inside("&#x110000;"),
    "NUL": lambda: inside("a\0b"),
    "NUL behind the root": lambda: b"<configuration/>\0<",
    "NUL in UTF-16": lambda: _wide("<configuration>\0</configuration>"),
    "a control character": lambda: inside("\x1b[2J"),
    "half a surrogate": lambda: _wide("<configuration>\ud800</configuration>"),
    "the other half": lambda: _wide("<configuration>\udc00</configuration>"),
    "surrogates the wrong way around": lambda: _wide("<configuration>\udc00\ud800</configuration>"),
    "a surrogate in UTF-8": lambda: b"<configuration>\xed\xa0\x80</configuration>",
    "overlong UTF-8": lambda: b"<configuration>\xc0\xbc</configuration>",
    "half a character": lambda: _wide("<configuration/>") + b"\n",
    "UTF-32": lambda: "<configuration/>".encode("utf-32"),
    "UTF-16 under the wrong mark": lambda: _wide("<configuration/>", b"\xfe\xff"),
    "UTF-7": lambda: b"<?xml version='1.0' encoding='UTF-7'?>+ADw-configuration/+AD4-",
    "cut in a tag": lambda: b"<configuration><a typ",
    "cut between tags": lambda: b"<configuration><a></a>",
    "cut in the declaration": lambda: b"<?xml version='1.0'",
    "two roots": lambda: b"<configuration/><configuration/>",
    "another root": lambda: b"<configurations/>",
    "two declarations": lambda: b"<?xml version='1.0'?><?xml version='1.0'?><configuration/>",
    "a declaration behind white space": lambda: b"\n<?xml version='1.0'?><configuration/>",
    "a namespace": lambda: b"<configuration xmlns='urn:a'/>",
    "a namespace below": lambda: b"<configuration><a xmlns:b='urn:a'/></configuration>",
    "a prefix": lambda: b"<configuration><b:a/></configuration>",
    "the prefix of XML": lambda: b"<configuration><xml:a/></configuration>",
    "XInclude": lambda: b"<configuration xmlns:i='http://www.w3.org/2001/XInclude'><i:include href='/etc/passwd'/>",
    "a long name": lambda: b"<configuration><" + b"a" * SIZE + b"/></configuration>",
    "a long declaration": lambda: b"<?xml " + b"a " * (SIZE // 2),
    "a long declaration of question marks": lambda: b"<?xml " + b"? " * (SIZE // 2),
    "an instruction without end": lambda: b"<?a " + b"? " * (SIZE // 2),
    "a comment without end": lambda: b"<!--" + b"- " * (SIZE // 2),
    "comments without end": lambda: b"<!-- " * 60_000,
}
"""Files that end in a `ConfigError`."""

READ: dict[str, Case] = {
    "many keys": lambda: b"<configuration>" + b"<a/>" * 32_000 + b"</configuration>",
    "many comments": lambda: b"<configuration>" + b"<!---->" * 60_000 + b"</configuration>",
    "many comments in front": lambda: b"<!---->" * 60_000 + b"<configuration/>",
    "many comments behind": lambda: b"<configuration/>" + b" <!---->" * 60_000,
    "many instructions": lambda: b"<?a  b?>" * 30_000 + b"<configuration/>" + b"<?a   b?>" * 30_000,
    "white space behind": lambda: b"<configuration/>" + b" " * (SIZE // 2),
    "white space in an instruction behind": lambda: b"<configuration/><?a" + b" " * (SIZE // 2) + b"b?>",
    "a long text": lambda: inside("a" * (SIZE // 2)),
    "a long text beyond ASCII": lambda: _wide("<configuration>" + "\U0001f600" * (SIZE // 8) + "</configuration>"),
    "a long integer": lambda: b'<configuration><a type="integer">' + b"9" * (SIZE // 2) + b"</a></configuration>",
    "long base64": lambda: b'<configuration><a type="bytes">' + b"AAA\n" * (SIZE // 8) + b"</a></configuration>",
    "many references": lambda: inside("&amp;" * (SIZE // 16)),
    "one byte an encoding": lambda: b"<?xml version='1.0' encoding='windows-1252'?><configuration>\x80</configuration>",
    "an encoding that does not exist": lambda: b"<?xml version='1.0' encoding='../../etc/passwd'?><configuration/>",
    "a style sheet": lambda: b"<?xml-stylesheet href='file:///etc/passwd'?><configuration/>",
    "a schema": lambda: b"<configuration schemaLocation='file:///etc/passwd' href='http://127.0.0.1/'/>",
}
"""Files that are odd and can be read."""

_TOKENS = (
    b"<!DOCTYPE configuration [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>",
    b"&a;",
    b"&#0;",
    b"&#55296;",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?xml version='1.0'?>",
    b"<?a?>",
    b"<",
    b">",
    b"/",
    b'"',
    b" xmlns:a='b'",
    b"\0",
    b"\r",
    b"\xff\xfe",
    b"\xd8\x00",
)


def mutated(data: bytes, number: int) -> bytes:
    """Return ``data`` with a few damages that follow from ``number``."""
    random = Random(number)
    wide = data.startswith(b"\xff\xfe") and random.random() < 0.8
    for _ in range(random.randint(1, 4)):
        at, other = sorted(random.randrange(len(data) + 1) for _ in range(2))
        token = random.choice(_TOKENS)
        match random.randrange(6):
            case 0:
                data = data[:at] + bytes([random.randrange(256)]) + data[at + 1 :]
            case 1:
                data = data[:at]
            case 2:
                data = data[:at] + data[min(other, at + 50) :]
            case 3:
                data = data[:at] + data[at : at + 50] * random.randint(1, 3) + data[at:]
            case _:
                place = at & ~1 if wide else at
                data = data[:place] + (token.decode("latin-1").encode("utf-16-le") if wide else token) + data[place:]
    return data


def read(data: bytes) -> ConfigurationDocument | None:
    """Return the document, after its values were asked for; None where the file is refused as it should be."""
    is_configuration(data[:4096])
    try:
        document = parse_document(data, name=PATH)
    except ConfigError as error:
        refused = error
    else:
        assert all(key.value is None or key.type is not None for _, key in document.root.walk())
        return document
    assert [(told.code, told.location.path) for told in refused.findings] == [("VHD816", PATH)]
    assert str(refused).isprintable()
    return None


def within_memory(name: str, case: Case) -> None:
    """Read what ``case`` gives with a limit to the memory of this process."""
    data = case()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    limit = pages * resource.getpagesize() + MEMORY_ALLOWED
    resource.setrlimit(resource.RLIMIT_AS, (limit, resource.RLIM_INFINITY))
    assert (read(data) is None) is (name in REFUSED)
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


if __name__ == "__main__":
    read(b"<configuration/>")
    for each, its_case in (REFUSED | READ).items():
        within_memory(each, its_case)
        print(each, flush=True)
