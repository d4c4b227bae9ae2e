"""Whether a role is alive, whether it is ready, and what it counts: `/livez`, `/readyz`, `/metrics`.

Alive is the loop that turns, and whose handlers end. Retrying, an open breaker, paused partitions and a commit that
does not move are alive: a restart would mend none of them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runtime import metrics
from runtime.broker.loop import LoopState
from runtime.clock import Clock
from runtime.serving import serving
from runtime.settings import Settings

LONGEST_TURN = 60.0
"""Seconds. A turn polls for one; trouble with the broker makes it a few."""

LONGEST_OVERTIME = 180.0
"""Seconds of work beyond what was waited for: an analysis, a publishing, a transaction take far less, or fail."""

Reasons = Sequence[str]


def why_not_alive(state: LoopState, now: float) -> Reasons:
    """Empty for a loop that turns and gets its work done; `now` is on the clock's monotonic scale."""
    if state.draining:
        return ()
    reasons: list[str] = []
    if (silent := now - state.last_turn) > LONGEST_TURN:
        reasons.append(f"the consumer loop has not turned for {silent:.0f} s: restart this process")
    if state.overtime is not None and state.overtime.seconds > LONGEST_OVERTIME:
        late, place = state.overtime
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


@asynccontextmanager
async def watched(
    settings: Settings,
    group: str,
    state: Callable[[], LoopState],
    clock: Clock,
    database: Callable[[], Awaitable[bool]] | None = None,
) -> AsyncIterator[None]:
    """Serve a consuming role's health on STRANDLINE_OPS_PORT while inside, as `probed` does."""
    async with _served(settings, lambda: ops_app(group, state, clock, database)):
        yield


@asynccontextmanager
async def probed(
    settings: Settings, alive: Callable[[], Reasons], ready: Callable[[], Reasons]
) -> AsyncIterator[None]:
    """Serve a role's health on STRANDLINE_OPS_PORT while inside; nothing where that is not set. Raises PortTaken.

    `alive` and `ready` tell what speaks against it: nothing is all well.
    """

    async def readiness() -> Reasons:
        return ready()

    async with _served(settings, lambda: probes(alive, readiness)):
        yield


@asynccontextmanager
async def _served(settings: Settings, app: Callable[[], Starlette]) -> AsyncIterator[None]:
    if settings.ops_port is None:
        yield
        return
    async with serving(
        app(),
        host=settings.http_host,
        port=settings.ops_port,
        setting="STRANDLINE_OPS_PORT",
        drain=1,
        lifespan=False,
    ):
        yield


def ops_app(
    group: str,
    state: Callable[[], LoopState],
    clock: Clock,
    database: Callable[[], Awaitable[bool]] | None = None,
) -> Starlette:
    """The three pages of a consuming role as an application."""

    async def ready() -> Reasons:
        return why_not_ready(state(), database=await database() if database else None)

    return probes(
        lambda: why_not_alive(state(), clock.monotonic()), ready, measure=lambda: _measure(group, state())
    )


def probes(
    alive: Callable[[], Reasons],
    ready: Callable[[], Awaitable[Reasons]],
    measure: Callable[[], None] = lambda: None,
) -> Starlette:
    """The three pages; `measure` sets the gauges that are read off something else."""

    async def livez(_: Request) -> Response:
        return _answer(alive())

    async def readyz(_: Request) -> Response:
        return _answer(await ready())

    async def counted(_: Request) -> Response:
        measure()
        return Response(generate_latest(metrics.REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", counted)])


def _answer(reasons: Reasons) -> Response:
    return JSONResponse({"ok": not reasons, "reasons": list(reasons)}, status_code=503 if reasons else 200)


def _measure(group: str, state: LoopState) -> None:
    metrics.LOOP_IN_FLIGHT.labels(group).set(state.in_flight)
    metrics.LOOP_PARTITIONS.labels(group, "assigned").set(len(state.assigned))
    metrics.LOOP_PARTITIONS.labels(group, "paused").set(len(state.paused))
    metrics.LOOP_RECORDS_LOST.labels(group).set(state.lost)
