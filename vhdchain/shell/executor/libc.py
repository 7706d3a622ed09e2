"""Which calls of the operating system does Python not offer?

A rename that never replaces, holes, and writing to the disk without waiting for it. Each is asked for by name and may
be missing: the caller has another way then.
"""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache
from typing import Any

_HERE = -100  # AT_FDCWD: relative to the working folder, as every other call
_NO_REPLACE = 1
_KEEP_SIZE, _PUNCH_HOLE = 1, 2
_WAIT_FOR_EARLIER, _START_WRITING = 1, 2

MISSING = frozenset({errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP, errno.ENOTTY})
"""What a system or a file system says that does not know a call."""


@cache
def _libc() -> Any:  # noqa: ANN401  # a library has no type
    return ctypes.CDLL(None, use_errno=True)


def rename_without_replacing(path: str, to: str) -> bool:
    """Give a file another name that must be free; return False where the system has no such call.

    Raises:
        OSError: The name is taken (`FileExistsError`), or another fault.
    """
    function = getattr(_libc(), "renameat2", None)
    if function is None:
        return False
    if function(_HERE, os.fsencode(path), _HERE, os.fsencode(to), _NO_REPLACE) == 0:
        return True
    number = ctypes.get_errno()
    if number in MISSING:
        return False
    raise OSError(number, os.strerror(number), path, None, to)


def punch_hole(descriptor: int, offset: int, length: int) -> bool:
    """Make a part of a file a hole; return False where the file system has none.

    Raises:
        OSError: Another fault.
    """
    function = getattr(_libc(), "fallocate64", None) or getattr(_libc(), "fallocate", None)
    if function is None:
        return False
    arguments = (ctypes.c_int(_PUNCH_HOLE | _KEEP_SIZE), ctypes.c_int64(offset), ctypes.c_int64(length))
    if function(ctypes.c_int(descriptor), *arguments) == 0:
        return True
    number = ctypes.get_errno()
    if number in MISSING:
        return False
    raise OSError(number, os.strerror(number))


def start_writing(descriptor: int) -> bool:
    """Start writing to the disk, and wait for what was started before; return False where there is no such call.

    Raises:
        OSError: Another fault.
    """
    function = getattr(_libc(), "sync_file_range", None)
    if function is None:
        return False
    everything = (ctypes.c_int64(0), ctypes.c_int64(0))
    if function(ctypes.c_int(descriptor), *everything, ctypes.c_uint(_WAIT_FOR_EARLIER | _START_WRITING)) == 0:
        return True
    number = ctypes.get_errno()
    if number in MISSING:
        return False
    raise OSError(number, os.strerror(number))
