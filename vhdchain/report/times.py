"""Which moment does a stored number mean?

FILETIMEs count 100 ns since 1601, file systems ns since 1970, both in UTC. Numbers that no calendar holds mean none:
hostile files have them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_FILETIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_UNIX_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VHD_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def from_filetime(filetime: int | None) -> datetime | None:
    """Return the time that a FILETIME means, in UTC and microseconds; None where there is none, 0 (never) included."""
    return None if not filetime else _since(_FILETIME_EPOCH, filetime // 10)


def from_unix_ns(nanoseconds: int) -> datetime | None:
    """Return the time of so many nanoseconds since 1970, in UTC and microseconds."""
    return _since(_UNIX_EPOCH, nanoseconds // 1000)


def from_vhd_seconds(seconds: int) -> datetime | None:
    """Return the time of so many seconds since 2000, as images and plans count them, in UTC."""
    return _since(_VHD_EPOCH, seconds * 1_000_000)


def iso(time: datetime | None) -> str | None:
    """Return a time as documents have it: ISO 8601."""
    return None if time is None else time.isoformat()


def _since(epoch: datetime, microseconds: int) -> datetime | None:
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    if (first - epoch) // _MICROSECOND <= microseconds <= (last - epoch) // _MICROSECOND:
        return epoch + timedelta(microseconds=microseconds)
    return None
