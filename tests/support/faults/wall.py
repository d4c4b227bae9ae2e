"""A wall clock to step under processes that run: libfaketime, told by a file. Their monotonic clock is left."""

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
# Not the one for a single thread: analyses run in others.
_READ_CLOCKS = "import time; print(time.time(), time.monotonic())"


class ClockReading(NamedTuple):
    """Seconds, as one process sees them."""

    wall: float
    monotonic: float


class SteppedClock:
    """`environ` puts a process under this clock. `ahead` is how far it is before the true one, in seconds."""

    def __init__(self, library: Path, file: Path) -> None:
        self._file = file
        self.ahead = 0
        self._write()
        self.environ: Mapping[str, str] = {
            "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",  # its older name
        }

    def step_to(self, ahead: int) -> None:
        """At once, for every process under it."""
        self.ahead = ahead
        self._write()

    def _write(self) -> None:
        """In one step: a reader never sees half of it."""
        written = self._file.with_suffix(".next")
        written.write_text(f"{self.ahead:+d}\n")
        written.replace(self._file)

    async def seen(self) -> ClockReading:
        """What a process under it reads now."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-S", "-c", _READ_CLOCKS),
            env=os.environ | self.environ,
            stdout=asyncio.subprocess.PIPE,
        )
        told, _ = await process.communicate()
        wall, monotonic = told.split()
        return ClockReading(float(wall), float(monotonic))


def find_faketime() -> Path | None:
    """The library of Debian's package `libfaketime`, if it is installed."""
    found: Iterable[Path] = (at for pattern in _LIBRARIES for at in Path("/").glob(pattern.lstrip("/")))
    return next(iter(found), None)
