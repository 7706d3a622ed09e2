"""Can a file that pretends to be a configuration make the reader hang, swell, fall over or open something?"""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.hyperv.hostile_configurations import PATH, READ, REFUSED, mutated, read
from vhdchain.hyperv import build_document, make_key, parse_document

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS_ALLOWED = 3.0
TREE = make_key(
    "configuration",
    None,
    make_key("manifest", None, make_key("size", 1), make_key("vdev001", None, make_key("name", "Müller & Söhne"))),
    make_key("properties", None, make_key("creation_time", bytes(60)), make_key("name", "srv <1>")),
    make_key("savedstate", None, make_key("in_progress", False)),
)
SEEDS = (
    build_document(TREE),
    build_document(TREE)[2:].decode("utf-16-le").replace("\r\n", "\n").encode(),
    b"<configuration>\n  <!-- a -->\n  <a type='string' b=\"c\">d<![CDATA[e]]>&amp;</a>\n  <?f g?>\n</configuration>\n",
)


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_file_is_refused_in_bounded_time(name: str) -> None:
    data = REFUSED[name]()
    begin = time.process_time()
    assert read(data) is None
    assert time.process_time() - begin < SECONDS_ALLOWED


@pytest.mark.parametrize("name", READ)
def test_an_odd_file_is_read_in_bounded_time(name: str) -> None:
    data = READ[name]()
    begin = time.process_time()
    document = read(data)
    assert document is not None
    again = document.to_bytes()
    assert time.process_time() - begin < 2 * SECONDS_ALLOWED
    assert read(again) == document


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the address space is measured as Linux tells it")
def test_no_hostile_file_takes_memory_without_bound() -> None:
    # In a process of its own: libxml2's memory is seen by no tool of Python, only by a limit for all of it.
    done = subprocess.run(
        [sys.executable, "-m", "tests.hyperv.hostile_configurations"], capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [*REFUSED, *READ]


class _Watch:
    """Tells whether a file is opened, by whomever in this process: libxml2 does not ask Python (inotify)."""

    OPENED = 0x20

    def __init__(self, path: Path) -> None:
        self._library = ctypes.CDLL(None, use_errno=True)
        self.number = self._library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        assert self.number >= 0
        assert self._library.inotify_add_watch(self.number, os.fsencode(path), self.OPENED) >= 0

    def was_opened(self) -> bool:
        try:
            return bool(os.read(self.number, 4096))
        except BlockingIOError:
            return False


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[tuple[Path, _Watch]]:
    if not sys.platform.startswith("linux"):
        pytest.skip("files are watched by inotify")
    path = tmp_path / "secret.xml"
    path.write_text("<secret/>", encoding="ascii")
    watch = _Watch(path)
    yield path, watch
    os.close(watch.number)


def _references(target: str) -> list[str]:
    return [
        f'<!DOCTYPE configuration SYSTEM "{target}"><configuration/>',
        f'<!DOCTYPE configuration [<!ENTITY a SYSTEM "{target}">]><configuration>&a;</configuration>',
        f'<!DOCTYPE configuration [<!ENTITY % a SYSTEM "{target}"> %a;]><configuration/>',
        f'<!-- --><!DOCTYPE configuration PUBLIC "-//A//B//C" "{target}"><configuration/>',
        f'<?xml-stylesheet type="text/xsl" href="{target}"?><configuration/>',
        f'<?xml-model href="{target}"?><configuration/>',
        f'<configuration xmlns:x="http://www.w3.org/2001/XInclude"><x:include href="{target}"/></configuration>',
        f'<configuration xmlns:x="http://www.w3.org/2001/XMLSchema-instance" x:schemaLocation="a {target}"/>',
        f'<configuration href="{target}"><a type="string">{target}</a></configuration>',
    ]


def test_no_file_that_a_configuration_names_is_opened(watched: tuple[Path, _Watch]) -> None:
    path, watch = watched
    for target in (str(path), path.as_uri(), path.name):
        for text in _references(target):
            for codec in ("utf-8", "utf-16"):
                read(text.encode(codec))
    assert not watch.was_opened()


def test_the_watch_sees_a_file_that_is_opened(watched: tuple[Path, _Watch]) -> None:
    path, watch = watched
    path.read_bytes()
    assert watch.was_opened()


def test_no_host_that_a_configuration_names_is_asked() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        for text in _references(f"http://127.0.0.1:{server.getsockname()[1]}/a.dtd"):
            read(text.encode())
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("first", range(0, 3_000, 500))
def test_a_damaged_configuration_is_a_document_or_refused(first: int) -> None:
    documents = 0
    for number in range(first, first + 500):
        document = read(mutated(SEEDS[number % len(SEEDS)], number))
        if document is not None:
            documents += 1
            again = parse_document(document.to_bytes(), name=PATH)
            assert (again.root, again.prolog, again.epilog) == (document.root, document.prolog, document.epilog)
            built = parse_document(build_document(document.root), name=PATH)
            assert build_document(built.root) == build_document(document.root)
    assert 0 < documents < 500
