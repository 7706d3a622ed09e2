"""Are lines wrapped where they may be, and nowhere else?"""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vhdchain.report.lines import Role, Span, labelled, line, plain_text, span, wrapped


def test_a_span_is_printable_from_its_making_on() -> None:
    assert span("a\nb", Role.PATH) == Span(text="a\\nb", role=Role.PATH)
    assert line("a\x1b", span("b")) == (Span(text="a\\x1b"), Span(text="b"))


def test_plain_text_has_no_trailing_spaces() -> None:
    assert plain_text([line("a ", " "), line(), line(" b")]) == "a\n\n b\n"


def test_prose_is_wrapped_at_spaces_and_hangs() -> None:
    text = plain_text(wrapped("one two three four", width=11, first="- ", rest="  "))
    assert text == "- one two\n  three\n  four\n"


def test_without_a_width_nothing_is_wrapped() -> None:
    assert plain_text(wrapped("word " * 100, width=None)) == ("word " * 100).rstrip() + "\n"


def test_a_path_stays_whole_with_what_adjoins_it() -> None:
    path = span("C:\\Virtual Hard Disks\\base.vhd", Role.PATH)
    assert plain_text(wrapped("see ", path, ", please", width=12)) == "see\nC:\\Virtual Hard Disks\\base.vhd,\nplease\n"


def test_a_quoted_text_stays_whole_and_an_apostrophe_quotes_nothing() -> None:
    text = "the child's parent 'Hard Disks\\a b.vhd' isn't the parent's"
    assert plain_text(wrapped(text, width=10)).splitlines() == [
        "the",
        "child's",
        "parent",
        "'Hard Disks\\a b.vhd'",
        "isn't the",
        "parent's",
    ]


def test_roles_survive_wrapping() -> None:
    lines = list(wrapped("a ", span("bad thing", Role.ERROR), width=5))
    assert lines == [
        (Span(text="a"), Span(text=" "), Span(text="bad", role=Role.ERROR)),
        (Span(text="thing", role=Role.ERROR),),
    ]


def test_a_labelled_value_hangs_below_its_beginning() -> None:
    assert plain_text(labelled("size", "one two", width=20, column=16)) == "  size          one\n                two\n"


@given(st.lists(st.text(alphabet="ab'\\c", min_size=1), min_size=1), st.integers(1, 40))
def test_wrapping_loses_no_word_and_breaks_none_that_fits(words: list[str], width: int) -> None:
    lines = plain_text(wrapped(" ".join(words), width=width)).splitlines()
    assert " ".join(lines).split() == words
    quotes = any("'" in word for word in words)
    assert quotes or all(len(each) <= width or " " not in each for each in lines)
