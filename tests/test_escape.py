"""Is nothing left in shown text that a terminal would obey?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vhdchain.escape import printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("base.vhd", "base.vhd"),
        ("", ""),
        ("C:\\VMs\\änderung 日本.vhd", "C:\\VMs\\änderung 日本.vhd"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("two\nlines\r\tand a tab", "two\\nlines\\r\\tand a tab"),
        ("\0\x7f\x9b", "\\x00\\x7f\\x9b"),
        ("fdp.\u202edhv", "fdp.\\u202edhv"),
        ("zero\u200bwidth\u2028line", "zero\\u200bwidth\\u2028line"),
        ("no\xa0break", "no\\xa0break"),
        ("byte \udcff of a name", "byte \\xff of a name"),
        ("lone \ud800", "lone \\ud800"),
        ("\U000e0001", "\\U000e0001"),
        ("[bold]markup[/bold] :smile:", "[bold]markup[/bold] :smile:"),
    ],
)
def test_text_is_shown_as(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_every_text_becomes_one_printable_line_and_stays_it(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown
    shown.encode("utf-8")
