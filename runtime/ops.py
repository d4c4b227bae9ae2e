"""Health and metrics on STRANDLINE_OPS_PORT: `/livez`, `/readyz`, `/metrics`.

Each role of a process registers a check; the port reports on all of them.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runtime import metrics
from runtime.serving import serve_app
from runtime.settings import Settings

Reasons = Sequence[str]
"""Why a role is not alive or not ready; empty when it is."""


async def _measure_nothing() -> None:
    """Do nothing: most checks have no gauge to set."""


@dataclass(frozen=True, slots=True, eq=False)
class Check:
    """The health of one role. `measure` sets gauges of the present moment just before `/metrics` is rendered."""

    name: str
    alive: Callable[[], Reasons]
    ready: Callable[[], Awaitable[Reasons]]
    measure: Callable[[], Awaitable[None]] = _measure_nothing


class HealthRegistry:
    """The checks of the roles that run in this process."""

    def __init__(self, *checks: Check) -> None:
        self.checks = list(checks)

    @contextmanager
    def register(self, check: Check) -> Iterator[None]:
        """Include `check` in the ops pages while inside."""
        self.checks.append(check)
        try:
            yield
        finally:
            self.checks.remove(check)


@asynccontextmanager
async def aggregate_health(settings: Settings) -> AsyncIterator[HealthRegistry]:
    """Serve the ops pages of every registered check while inside; without a port, only collect the checks.

    Raises PortTaken.
    """
    registry = HealthRegistry()
    if settings.ops_port is None:
        yield registry
        return
    async with serve_app(
        ops_app(registry),
        host=settings.http_host,
        port=settings.ops_port,
        setting="STRANDLINE_OPS_PORT",
        drain=1,
        lifespan=False,
    ):
        yield registry


def render_metrics() -> bytes:
    """Return the metrics of this process in Prometheus's text format."""
    return generate_latest(metrics.REGISTRY)


def ops_app(health: HealthRegistry, collect: Callable[[], bytes] = render_metrics) -> Starlette:
    """Build the application of the three pages."""

    async def livez(_: Request) -> Response:
        return _health_response(_merge_reasons([(each.name, each.alive()) for each in health.checks]))

    async def readyz(_: Request) -> Response:
        if not health.checks:
            return _health_response(["no role is running: it is starting or stopping"])
        return _health_response(
            _merge_reasons([(each.name, await each.ready()) for each in list(health.checks)])
        )

    async def metrics_page(_: Request) -> Response:
        metrics.CONSUMER_LAG.clear()  # partitions are assigned and revoked
        metrics.CONSUMER_LAG_SECONDS.clear()
        for check in list(health.checks):
            await check.measure()
        return Response(collect(), media_type=CONTENT_TYPE_LATEST)

    return Starlette(
        routes=[Route("/livez", livez), Route("/readyz", readyz), Route("/metrics", metrics_page)]
    )


def _merge_reasons(by_role: Sequence[tuple[str, Reasons]]) -> Reasons:
    """Return all reasons, each prefixed with its role where there are several roles."""
    if len(by_role) == 1:
        return by_role[0][1]
    return [f"{name}: {reason}" for name, reasons in by_role for reason in reasons]


def _health_response(reasons: Reasons) -> Response:
    return JSONResponse({"ok": not reasons, "reasons": list(reasons)}, status_code=503 if reasons else 200)
