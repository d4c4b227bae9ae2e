"""Liveness and readiness of a role.

A role is alive while its loop polls and its handlers end in time. Retries, an open breaker, paused partitions and a
commit that does not advance count as alive: a restart would cure none of them.
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
    "build_consumer_check",
    "serve_consumer_health",
    "serve_health",
    "why_not_alive",
    "why_not_ready",
]

MAX_POLL_GAP = 60.0
"""Seconds between two polls. A poll takes one; an unavailable broker makes it a few."""

MAX_OVERRUN = 180.0
"""Working seconds past a deadline: an analysis, a publish or a transaction takes far less, or fails."""

_LAG_SECONDS = 3.0

ReadLag = Callable[[], Awaitable[Mapping[Partition, int]]]
ReadLagSeconds = Callable[[float], Awaitable[Mapping[Partition, float]]]
"""Gets a timeout in seconds, and returns the ages of those partitions that lag."""


def why_not_alive(state: LoopState, now: float) -> Reasons:
    """Return why the loop needs a restart, empty if it does not; `now` is on the clock's monotonic scale."""
    if state.draining:
        return ()
    reasons: list[str] = []
    if (silent := now - state.last_poll_at) > MAX_POLL_GAP:
        reasons.append(f"the consumer loop has not polled for {silent:.0f} s: restart this process")
    if state.overrun is not None and state.overrun.seconds > MAX_OVERRUN:
        late, position = state.overrun
        reasons.append(f"the work on {position} is {late:.0f} s past its deadline: restart this process")
    return reasons


def why_not_ready(state: LoopState, *, database: bool | None) -> Reasons:
    """Return why no work is accepted, empty if it is; `database` is whether it is reachable (None: not used)."""
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
    lag: ReadLag | None = None,
    lag_seconds: ReadLagSeconds | None = None,
) -> Iterator[None]:
    """Report a consuming role's health on the ops port while inside; `lag` and `lag_seconds` feed its lag metrics."""
    with health.register(build_consumer_check(group, state, clock, database, lag, lag_seconds)):
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


def build_consumer_check(
    group: str,
    state: Callable[[], LoopState],
    clock: Clock,
    database: Callable[[], Awaitable[bool]] | None = None,
    lag: ReadLag | None = None,
    lag_seconds: ReadLagSeconds | None = None,
) -> Check:
    """Build the health check of a consuming role."""

    async def ready() -> Reasons:
        return why_not_ready(state(), database=await database() if database else None)

    async def measure() -> None:
        _update_metrics(group, state())
        if lag is not None:
            await _update_lag(group, lag, lag_seconds)

    return Check(group, lambda: why_not_alive(state(), clock.monotonic()), ready, measure)


def _update_metrics(group: str, state: LoopState) -> None:
    metrics.LOOP_IN_FLIGHT.labels(group).set(state.in_flight)
    metrics.LOOP_PARTITIONS.labels(group, "assigned").set(len(state.assigned))
    metrics.LOOP_PARTITIONS.labels(group, "paused").set(len(state.paused))
    metrics.LOOP_RECORDS_LOST.labels(group).set(state.lost)


async def _update_lag(group: str, lag: ReadLag, lag_seconds: ReadLagSeconds | None) -> None:
    """Set the lag metrics; they are absent while the lag is unknown, since an old number would look current."""
    with suppress(Transient, TimeoutError):
        async with asyncio.timeout(_LAG_SECONDS):
            found = await lag()
            for (topic, number), records in found.items():
                metrics.CONSUMER_LAG.labels(group, topic, str(number)).set(records)
            ages = {at: 0.0 for at, records in found.items() if not records}
            if lag_seconds is not None and len(ages) < len(found):
                ages.update(await lag_seconds(_LAG_SECONDS))
            for (topic, number), seconds in ages.items():
                metrics.CONSUMER_LAG_SECONDS.labels(group, topic, str(number)).set(seconds)
