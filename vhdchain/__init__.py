"""Which names does ``vhdchain`` offer?

The public names, nothing else. Each resolves on first use (PEP 562), so that ``import vhdchain`` loads neither NumPy
nor networkx, lxml, construct, click or rich: a pytest plugin or an import for types costs nothing.

This module knows where a name lives, never what it does.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOME: dict[str, str] = {}
"""Public name -> the module that defines it, in the order of the flow."""

__all__ = ["__version__"]


def __getattr__(name: str) -> object:
    try:
        home = _HOME[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value: object = getattr(import_module(home, __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
