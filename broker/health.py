"""Whether a role is alive, and whether it is ready.

Alive is the loop that turns, and whose handlers end. Retrying, an open breaker, paused partitions and a commit that
does not move are alive: a restart would mend none of them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from broker.consumer.loop import LoopState
from broker.ports import Partition
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.ops import Check, HealthRegistry, Reasons

__all__ = [
    "Reasons",
    "consumer_check",
    "serve_consumer_health",
    "serve_health",
    "why_not_alive",
    "why_not_ready",
]

MAX_POLL_GAP = 60.0
"""Seconds. A turn polls for one; trouble with the broker makes it a few."""

MAX_OVERRUN = 180.0
"""Seconds of work beyond what was waited for: an analysis, a publishing, a transaction take far less, or fail."""

_LAG_SECONDS = 3.0


def why_not_alive(state: LoopState, now: float) -> Reasons:
    """Empty for a loop that turns and gets its work done; `now` is on the clock's monotonic scale."""
    if state.draining:
        return ()
    reasons: list[str] = []
    if (silent := now - state.last_poll_at) > MAX_POLL_GAP:
        reasons.append(f"the consumer loop has not turned for {silent:.0f} s: restart this process")
    if state.overrun is not None and state.overrun.seconds > MAX_OVERRUN:
        late, place = state.overrun
        reasons.append(f"the work on {place} is {late:.0f} s past its deadline: restart this process")
    return reasons


def why_not_ready(state: LoopState, *, database: bool | None) -> Reasons:
    """Empty where work is taken. `database` is None for a role that needs none."""
    reasons: list[str] = []
    if state.draining:
        reasons.append("stopping")
    if state.flood:
        reasons.append(state.flood)
    if not state.assigned:
        reasons.append("no partition is assigned: Kafka is away, or there are more members than partitions")
    if database is False:
        reasons.append("the database is not reachable: see STRANDLINE_DATABASE_URL")
    return reasons


@contextmanager
def serve_consumer_health(
    health: HealthRegistry,
    group: str,
    state: Callable[[], LoopState],
    clock: Clock,
    database: Callable[[], Awaitable[bool]] | None = None,
    *,
    lag: Callable[[], Awaitable[Mapping[Partition, int]]] | None = None,
) -> Iterator[None]:
    """Report a consuming role's health on the ops port while inside. `lag` is the loop's, for its metric."""
    with health.register(consumer_check(group, state, clock, database, lag)):
        yield


@contextmanager
def serve_health(
    health: HealthRegistry, alive: Callable[[], Reasons], ready: Callable[[], Reasons], *, name: str = "role"
) -> Iterator[None]:
    """Report the health of a role that consumes nothing on the ops port while inside."""

    async def readiness() -> Reasons:
        return ready()

    with health.register(Check(name, alive, readiness)):
        yield


def consumer_check(
    group: str,
    state: Callable[[], LoopState],
    clock: Clock,
    database: Callable[[], Awaitable[bool]] | None = None,
    lag: Callable[[], Awaitable[Mapping[Partition, int]]] | None = None,
) -> Check:
    """What is asked of a consuming role."""

    async def ready() -> Reasons:
        return why_not_ready(state(), database=await database() if database else None)

    async def measure() -> None:
        _show(group, state())
        if lag is not None:
            await _show_lag(group, lag)

    return Check(group, lambda: why_not_alive(state(), clock.monotonic()), ready, measure)


def _show(group: str, state: LoopState) -> None:
    metrics.LOOP_IN_FLIGHT.labels(group).set(state.in_flight)
    metrics.LOOP_PARTITIONS.labels(group, "assigned").set(len(state.assigned))
    metrics.LOOP_PARTITIONS.labels(group, "paused").set(len(state.paused))
    metrics.LOOP_RECORDS_LOST.labels(group).set(state.lost)


async def _show_lag(group: str, lag: Callable[[], Awaitable[Mapping[Partition, int]]]) -> None:
    """Left out where it is not known: a number from before would look like one."""
    with suppress(Transient, TimeoutError):
        async with asyncio.timeout(_LAG_SECONDS):
            for (topic, number), records in (await lag()).items():
                metrics.CONSUMER_LAG.labels(group, topic, str(number)).set(records)
