"""A wall clock that can be stepped under running processes by libfaketime; the monotonic clock is unchanged."""

import asyncio
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

_LIBRARIES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib*/faketime/libfaketimeMT.so.1")
# The multi-threaded variant, because analyses run in threads.
_READ_CLOCKS = "import time; print(time.time(), time.monotonic())"


class ClockReading(NamedTuple):
    """Seconds, as one process reads them."""

    wall: float
    monotonic: float


class SteppedClock:
    """`environ` puts a process under this clock, which is `ahead` seconds before the true one."""

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
        """Step the clock of all processes under it."""
        self.ahead = ahead
        self._write()

    def _write(self) -> None:
        """Replace the file atomically."""
        temporary = self._file.with_suffix(".next")
        temporary.write_text(f"{self.ahead:+d}\n")
        temporary.replace(self._file)

    async def read(self) -> ClockReading:
        """Return the clocks that a process under it reads now."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-S", "-c", _READ_CLOCKS),
            env=os.environ | self.environ,
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
        wall, monotonic = output.split()
        return ClockReading(float(wall), float(monotonic))


def find_faketime() -> Path | None:
    """Return the library of Debian's package `libfaketime`, or None."""
    found: Iterable[Path] = (at for pattern in _LIBRARIES for at in Path("/").glob(pattern.lstrip("/")))
    return next(iter(found), None)
