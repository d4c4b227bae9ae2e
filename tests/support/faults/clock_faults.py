"""The nemesis of the wall clock: stepped forward and back under roles that work."""

import asyncio
import time
from random import Random

from tests.support.faults.faults import Fault
from tests.support.faults.stand import FaultEnvironment
from tests.support.faults.wall import SteppedClock

STEP_SECONDS = 600
"""Further than candle periods and retries; not so far that a request which has PATIENCE would end meanwhile."""
_STAY_SECONDS = 4.0
_SLACK = 60.0  # seconds that a busy machine may take to start a process


async def step_clock(stand: FaultEnvironment, _chance: Random) -> None:
    """Ahead, from there to behind, and true again."""
    wall = stand.owned.wall
    assert wall is not None, "this fault needs roles under a clock of its own"
    assert all("libfaketime" in worker.mapped for worker in stand.crew.processes)
    try:
        for ahead in (STEP_SECONDS, -STEP_SECONDS):
            wall.step_to(ahead)
            await _expect_step(wall)
            await asyncio.sleep(_STAY_SECONDS)
    finally:
        wall.step_to(0)


async def _expect_step(wall: SteppedClock) -> None:
    """A nemesis that struck nothing would prove nothing."""
    seen, true = await wall.seen(), time.time()
    assert abs(seen.wall - (true + wall.ahead)) < _SLACK, f"the clock was not stepped: {seen}"
    assert 0 <= time.monotonic() - seen.monotonic < _SLACK, f"the monotonic clock was: {seen}"


STEP_CLOCK = Fault(
    "step-clock", step_clock, 2 * _STAY_SECONDS, frozenset({"wall"}), behind=float(STEP_SECONDS)
)
