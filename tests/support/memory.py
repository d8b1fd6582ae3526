"""Where the tests keep what they throw away: in memory where there is room; most of their time was waiting for disks.

Every write of the desk waits until the disk has it (10 ms and more on a busy machine), and the tests make thousands.
What they prove survives a process, not a power cut, so memory serves as well.
"""

import os
import tempfile
from pathlib import Path

SHARED = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that must be free: a whole run needs less than a tenth, and a machine's other programs want some too."""


def keep_in_memory() -> None:
    """Send temporary files to memory, here and in the processes started from here, unless TMPDIR names a place.

    A place that runs no programs is left alone: a copy of the database server's is started from there.
    """
    if "TMPDIR" in os.environ or not os.access(SHARED, os.W_OK | os.X_OK):
        return
    place = os.statvfs(SHARED)
    if place.f_bavail * place.f_frsize >= ROOM and not place.f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = str(SHARED)
        tempfile.tempdir = None  # it was perhaps asked for already
