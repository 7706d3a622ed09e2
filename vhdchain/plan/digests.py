"""Which digests can be made of what a plan writes?"""

from __future__ import annotations

import hashlib

from vhdchain.errors import ConfigError


def require_digest(name: str) -> None:
    """Refuse the name of a digest that cannot be made here.

    Args:
        name: As `hashlib` has it; empty for none.

    Raises:
        ConfigError: It is not known, or has no length of its own.
    """
    try:
        if name and not hashlib.new(name).digest_size:
            raise ConfigError(f"hash: {name} has no length of its own; choose another one")
    except ValueError:
        raise ConfigError(f"hash: {name!r} is not known here") from None
