"""The HTTP API as one application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.routing import Route
from starlette.types import Lifespan

from api.access.body_limit import BodyLimitMiddleware
from api.access.counters import open_counters
from api.access.middleware import install_middleware
from api.access.scopes import REQUIRE_ENQUEUE, REQUIRE_READ, REQUIRE_STREAM
from api.candles import routes as candles
from api.chart_image import routes as chart_image
from api.connections import Connections
from api.dead_letters import routes as dead_letters
from api.exchanges import routes as exchanges
from api.export import routes as export
from api.fires import routes as fires
from api.health import routes as health
from api.http.compression import CompressionMiddleware
from api.http.conditional import ConditionalMiddleware
from api.http.dependencies import Dependencies
from api.http.document import DocumentedApi
from api.http.problems import install_problem_handlers, problem_responses
from api.http.ready_answers import LookAheadMiddleware, ReadyAnswerMiddleware
from api.http.timing import TimingMiddleware
from api.jobs import routes as jobs
from api.levels import routes as levels
from api.levels import stream_routes as level_stream
from api.live import routes as live
from api.markets import routes as markets
from api.mcp.endpoint import McpEndpoint
from api.pages.routes import install_pages
from api.pipeline import routes as pipeline
from api.push import routes as push
from api.requests import routes as requests
from api.results import routes as results
from api.service import routes as service
from api.standing import routes as standing
from api.targets import routes as targets
from api.tradingview import routes as tradingview
from api.watches import routes as watches
from api.watchlist import routes as watchlist
from runtime.tasks import cancel_and_wait

_FEATURES = (
    results,
    requests,
    dead_letters,
    exchanges,
    export,
    jobs,
    candles,
    chart_image,
    markets,
    pipeline,
    targets,
    push,
    watches,
    fires,
    levels,
    standing,
    watchlist,
)

_UNTRACED = frozenset({"/api/v1/stream", "/api/v1/stream/near", "/health"})
"""Paths without spans: a stream lasts for hours, a health check is of no interest."""

# FastAPI creates a span for each call, where an exporter is configured. Metrics and logs are done by us.
_TELEMETRY: TelemetryConfig = {
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
    "exclude": lambda scope: scope["path"] in _UNTRACED,
}


def create_app(
    connections: Connections,
    *,
    service_only: bool = False,
    load_early: bool = False,
    on_shutdown: AsyncExitStack | None = None,
) -> FastAPI:
    """Build the application; with `service_only` it has `/analyze`, `/results` and `/health` only, without keys.

    With `load_early` it loads what its first questions for near levels would otherwise wait for.

    The application does not close `connections`: their opener does, or `on_shutdown`, which is closed at the end.
    """
    deps = Dependencies.build(connections)
    cache = deps.cache
    shared = cache.redis if cache is not None else None
    counters = open_counters(deps.settings.redis_url, deps.clock, shared)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with on_shutdown or AsyncExitStack() as stack:
            stack.push_async_callback(counters.close)
            stack.push_async_callback(deps.close)
            if not service_only:
                await stack.enter_async_context(deps.live.run_in_background())
                await stack.enter_async_context(deps.rows.symbols.run_in_background())
                stack.push_async_callback(mcp.close)
                if load_early:
                    loading = asyncio.create_task(deps.near.load_early(), name="near levels")
                    stack.push_async_callback(cancel_and_wait, loading)
            yield

    app = build_routes(service_only=service_only, lifespan=lifespan)
    mcp = McpEndpoint(app)
    app.state.dependencies = deps
    if cache is not None and not service_only:
        app.add_middleware(ReadyAnswerMiddleware, cache=cache, access=deps.access, clock=deps.clock)
    # Inside the compression and the limits: it sees bodies as they are, and its answers are counted.
    app.add_middleware(ConditionalMiddleware)
    if not service_only:
        app.router.routes.append(Route("/mcp", mcp))
        install_middleware(app, deps.settings, deps.access, counters)
        if cache is not None:
            app.add_middleware(LookAheadMiddleware, cache=cache, reads=deps.cached_reads, clock=deps.clock)
    app.add_middleware(CompressionMiddleware)
    # Outermost, so that refused requests are measured as well.
    app.add_middleware(TimingMiddleware)
    return app


def build_routes(*, service_only: bool = False, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Build the routes and the handlers of errors without dependencies: enough for the OpenAPI document."""
    app = DocumentedApi(
        title="Strandline",
        version=version("strandline"),
        description="Support and resistance levels of markets: read them, request them, follow them.",
        # Their pages load scripts from other sites; the document itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
        openapi_url=None if service_only else "/openapi.json",
        lifespan=lifespan,
        telemetry=_TELEMETRY,
    )
    app.add_middleware(BodyLimitMiddleware)
    install_problem_handlers(app)
    app.include_router(health.router)
    if service_only:
        app.include_router(service.router)
        app.include_router(service.enqueue_router)
        return app
    refusals = problem_responses(401, 403, 429)
    app.include_router(service.router, dependencies=[REQUIRE_READ], responses=refusals)
    app.include_router(service.enqueue_router, dependencies=[REQUIRE_ENQUEUE], responses=refusals)
    for feature in _FEATURES:
        app.include_router(feature.router, dependencies=[REQUIRE_READ], responses=refusals)
    app.include_router(tradingview.router, dependencies=[REQUIRE_READ])
    app.include_router(tradingview.pine_router, dependencies=[REQUIRE_READ], responses=refusals)
    app.include_router(live.router, dependencies=[REQUIRE_STREAM], responses=refusals)
    app.include_router(level_stream.router, dependencies=[REQUIRE_STREAM], responses=refusals)
    app.include_router(live.ticket_router, responses=refusals)
    install_pages(app)
    return app
