"""What the package offers, and that the reader of XML comes only with its names."""

from __future__ import annotations

import subprocess
import sys

import pytest

from vhdchain import hyperv
from vhdchain.hyperv import xml


def test_every_name_that_is_offered_is_there() -> None:
    assert all(getattr(hyperv, name) is not None for name in hyperv.__all__)
    assert hyperv.parse_document is xml.parse_document


def test_others_are_not() -> None:
    with pytest.raises(AttributeError, match="no attribute 'parse_everything'"):
        _ = hyperv.parse_everything  # type: ignore[attr-defined]  # what a type checker says, too


def test_lxml_is_loaded_when_it_is_asked_for() -> None:
    code = (
        "import sys, vhdchain.hyperv as h; a = 'lxml' in sys.modules; h.parse_document; print(a, 'lxml' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
        == "False True\n"
    )
