"""Identifiers that the client makes, so that sending twice is the same as sending once."""

import secrets
import time
from threading import Lock
from uuid import UUID

_lock = Lock()
_last = 0
_RANDOM_BITS = 74
_LOW = (1 << 62) - 1


def uuid7() -> UUID:
    """Return a new UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then random bits.

    Those of one process rise strictly, also within a millisecond, so rows written together keep their order. The time
    serves the index; no rule reads it back.
    """
    global _last
    fresh = (time.time_ns() // 1_000_000 & (1 << 48) - 1) << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    with _lock:
        _last = value = max(fresh, _last + 1)
    high, low = value >> 62, value & _LOW
    stamp, middle = high >> 12, high & 0xFFF
    return UUID(int=stamp << 80 | 0x7 << 76 | middle << 64 | 0x2 << 62 | low)
