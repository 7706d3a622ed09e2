"""What an export of the registry proves of the VSS writer: yes, no, or nothing."""

from __future__ import annotations

import pytest

from vhdchain.audit.backup import Answer, Judgement, RegistryExport, parse_registry_export, wsb_registration

SUPPORT = r"HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT\CurrentVersion\WindowsServerBackup\Application Support"
WRITER = "{66841CD4-6DED-4F4B-8F17-FD23F8DDC3DE}"
KEY = f"{SUPPORT}\\{WRITER}"
RIGHT = '"Application Identifier"="Hyper-V"'
HOTFIX = "a hotfix can register the writer as well, so this does not prove that it is not registered"


def exported(*lines: str) -> RegistryExport:
    text = "\r\n".join(["Windows Registry Editor Version 5.00", "", *lines, "", ""])
    return parse_registry_export(b"\xff\xfe" + text.encode("utf-16-le"), name="host.reg")


def judged(*lines: str) -> Judgement:
    return wsb_registration(exported(*lines))


def test_the_value_of_the_article_is_a_yes() -> None:
    assert judged(f"[{SUPPORT}]", "", f"[{KEY}]", RIGHT) == Judgement(
        answer=Answer.YES,
        evidence=(f'host.reg, line 6: "Application Identifier" of the key {WRITER} is REG_SZ "Hyper-V"',),
    )


@pytest.mark.parametrize(
    "lines",
    [
        (f"[{KEY}]", '"APPLICATION identifier"="Hyper-V"'),
        (f"[{KEY.upper()}]", RIGHT),
        (f"[{KEY.lower()}]", RIGHT),
        (f"[{KEY.replace('HKEY_LOCAL_MACHINE', 'HKLM')}]", RIGHT),
        (f"[{KEY}]", '"Application Identifier"="wrong"', RIGHT),
        (f"[{KEY}]", '"Application Identifier"=hex(1):48,00,79,00,70,00,65,00,72,00,\\', "  2d,00,56,00,00,00"),
    ],
)
def test_the_same_value_written_otherwise_is_a_yes(lines: tuple[str, ...]) -> None:
    assert judged(*lines).answer is Answer.YES


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ('"Hyper"', 'REG_SZ "Hyper"'),
        ('""', 'REG_SZ ""'),
        ('"Hyper-V 2"', 'REG_SZ "Hyper-V 2"'),
        ("dword:00000001", "REG_DWORD 1"),
        ("hex:48,00", "REG_BINARY of 2 bytes"),
        ('"\x1b[2J"', r'REG_SZ "\x1b[2J"'),
    ],
)
def test_another_value_in_its_place_is_a_no(value: str, shown: str) -> None:
    found = judged(f"[{KEY}]", f'"Application Identifier"={value}')
    assert found == Judgement(
        answer=Answer.NO,
        evidence=(
            f'host.reg, line 4: "Application Identifier" of the key {WRITER} is {shown}',
            'Windows Server Backup needs REG_SZ "Hyper-V" there',
        ),
    )


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ('"hyper-v"', 'documented is "Hyper-V"; whether another spelling serves is not known'),
        ('"Hyper-V "', 'documented is "Hyper-V"; whether another spelling serves is not known'),
        (
            "hex(2):48,00,79,00,70,00,65,00,72,00,2d,00,56,00,00,00",
            "documented is REG_SZ; whether another type serves is not known",
        ),
    ],
)
def test_nearly_the_same_value_proves_nothing(value: str, why: str) -> None:
    found = judged(f"[{KEY}]", f'"Application Identifier"={value}')
    assert (found.answer, found.evidence[1:]) == (Answer.UNKNOWN, (why,))


@pytest.mark.parametrize(
    ("lines", "evidence"),
    [
        (
            (f"[{KEY}]", '@="x"', '"Other"="Hyper-V"'),
            f'host.reg, line 3: the key of {WRITER} has no value "Application Identifier"',
        ),
        (
            (f"[{SUPPORT}]", f"[{SUPPORT}\\{{00000000-0000-0000-0000-000000000000}}]", RIGHT),
            f"host.reg, line 3: {SUPPORT} is exported, but has no {WRITER}",
        ),
        (
            (r"[HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Windows NT]", r"[HKEY_LOCAL_MACHINE\SOFTWARE\Other]"),
            f"host.reg, line 3: {KEY[:48]} is exported, but has no {KEY[49:]}",
        ),
        (
            (r"[HKEY_LOCAL_MACHINE\SYSTEM\Setup]", RIGHT),
            rf"host.reg does not cover {KEY}: it begins with HKEY_LOCAL_MACHINE\SYSTEM\Setup",
        ),
        ((), "host.reg holds no key"),
    ],
)
def test_a_value_that_is_absent_proves_nothing(lines: tuple[str, ...], evidence: str) -> None:
    assert judged(*lines) == Judgement(answer=Answer.UNKNOWN, evidence=(evidence, HOTFIX))


def test_the_32_bit_view_is_another_key() -> None:
    key = KEY.replace(r"\SOFTWARE", r"\SOFTWARE\Wow6432Node")
    found = judged(r"[HKEY_LOCAL_MACHINE\SOFTWARE]", f"[{key}]", RIGHT)
    assert found.answer is Answer.UNKNOWN
    assert found.evidence[1] == "line 5 has the value below Wow6432Node, which is another key"
    assert judged(f"[{key}]", RIGHT, f"[{KEY}]", RIGHT).answer is Answer.YES


@pytest.mark.parametrize(
    "lines",
    [
        (f"[{KEY}]", RIGHT, r"[-HKEY_LOCAL_MACHINE\SOFTWARE\Other]"),
        (f"[{KEY}]", '"Other"=-', RIGHT),
        (f"[{KEY}]", RIGHT, f"[-{KEY}]"),
        (f"[{KEY}]", '"Application Identifier"=-'),
    ],
)
def test_a_file_that_deletes_is_no_export_and_proves_nothing(lines: tuple[str, ...]) -> None:
    found = judged(*lines)
    assert found.answer is Answer.UNKNOWN
    assert found.evidence[0].endswith("deletes: it is to be imported, and shows no host's registry")
