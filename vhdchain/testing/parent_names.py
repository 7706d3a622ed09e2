"""With which texts does a child name its parent?

Names in a tree are relative to its folder, with ``/``; the tree pretends to lie in a Windows folder. From the two names
follow the relative and absolute Windows paths, the URL, and the header's name in each of its forms.
"""

from __future__ import annotations

import posixpath

from vhdchain.structures.dynamic_header import PARENT_NAME_LENGTH, encode_parent_name
from vhdchain.structures.locator import PlatformCode, encode_locator_text
from vhdchain.testing.dialects import Locator, NameForm


def relative_path(child: str, parent: str) -> str:
    r"""Return how ``child`` names ``parent`` relative to itself: ``.\base.vhd``, ``..\base\base.vhd``."""
    path = posixpath.relpath(parent, posixpath.dirname(child) or ".")
    return (path if path.startswith("..") else f"./{path}").replace("/", "\\")


def absolute_path(windows_folder: str, name: str) -> str:
    r"""Return the Windows path of ``name``: ``C:\VMs\base.vhd``."""
    return windows_folder.rstrip("\\") + "\\" + name.replace("/", "\\")


def locator_data(locator: Locator, *, child: str, parent: str, windows_folder: str) -> bytes:
    """Return the bytes behind ``locator``.

    Raises:
        ValueError: The code holds no text and the locator gives no ``data``.
    """
    if locator.data is not None:
        return locator.data
    code = PlatformCode(locator.code)
    relative, absolute = relative_path(child, parent), absolute_path(windows_folder, parent)
    # MacX in the form that blktap writes: a file URL with a relative path.
    url = "file://" + relative.replace("\\", "/")
    default = {PlatformCode.W2KU: absolute, PlatformCode.WI2K: absolute, PlatformCode.MACX: url}
    text = locator.text if locator.text is not None else default.get(code, relative)
    slashes = relative.replace("\\", "/")
    return encode_locator_text(code, text.format(relative=relative, slashes=slashes, absolute=absolute))


def header_name(form: NameForm, *, child: str, parent: str, windows_folder: str) -> bytes:
    """Return the 512 bytes of the header's ``parent_unicode_name`` in ``form``."""
    absolute, basename = absolute_path(windows_folder, parent), posixpath.basename(parent)
    match form:
        case NameForm.BASENAME:
            return encode_parent_name(basename)
        case NameForm.FULL_PATH:
            return encode_parent_name(absolute)
        case NameForm.SLASHES:
            return encode_parent_name(absolute.partition(":")[2].replace("\\", "/"))
        case NameForm.RELATIVE:
            return encode_parent_name(relative_path(child, parent).replace("\\", "/"))
        case NameForm.LITTLE_ENDIAN:
            return basename.encode("utf-16-le").ljust(PARENT_NAME_LENGTH, b"\0")
        case NameForm.EMPTY:
            return bytes(PARENT_NAME_LENGTH)
