"""Faults of the wall clock: it is stepped forward and back while roles are working."""

import asyncio
import time
from random import Random

from tests.support.faults.faults import Fault
from tests.support.faults.stand import FaultEnvironment
from tests.support.faults.wall import SteppedClock

STEP_SECONDS = 600
"""Longer than candle periods and retries, but not so long that requests with LONG_TIMEOUT expire."""
_STAY_SECONDS = 4.0
_SLACK = 60.0  # a busy machine may take this long to start a process


async def step_clock(stand: FaultEnvironment, _chance: Random) -> None:
    """Step ahead, then behind, then back to the true time."""
    wall = stand.owned.wall
    assert wall is not None, "this fault needs roles under a clock of its own"
    assert all("libfaketime" in worker.loaded_files for worker in stand.crew.processes)
    try:
        for ahead in (STEP_SECONDS, -STEP_SECONDS):
            wall.step_to(ahead)
            await _expect_step(wall)
            await asyncio.sleep(_STAY_SECONDS)
    finally:
        wall.step_to(0)


async def _expect_step(wall: SteppedClock) -> None:
    """Check that the step took effect: otherwise the round would prove nothing."""
    seen, true = await wall.read(), time.time()
    assert abs(seen.wall - (true + wall.ahead)) < _SLACK, f"the clock was not stepped: {seen}"
    assert 0 <= time.monotonic() - seen.monotonic < _SLACK, f"the monotonic clock was: {seen}"


STEP_CLOCK = Fault(
    "step-clock", step_clock, 2 * _STAY_SECONDS, frozenset({"wall"}), behind=float(STEP_SECONDS)
)
