"""The HTTP API as one application, made of what it is given."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.types import Lifespan

from api.access import guard
from api.access.body_limit import BodyLimit
from api.access.guard import counters_of
from api.access.keyring import KeyRing
from api.access.security import ENQUEUER, READER, Gate
from api.candles import kline_store
from api.candles import routes as klines
from api.candles.kline_cache import KlineCache
from api.dead_letters import routes as dead_letters
from api.exchanges import routes as exchanges
from api.health import routes as health
from api.http import problems
from api.http.dependencies import Dependencies
from api.http.single_flight import Lately
from api.http.timing import Timing
from api.jobs import routes as jobs
from api.live import routes as stream
from api.live.stream import LiveStream
from api.markets import routes as markets
from api.pages import routes as page
from api.pipeline import routes as pipeline
from api.pipeline.pipeline import PIPELINE_SECONDS
from api.pipeline.pipeline import pipeline as pipeline_of
from api.prices.lookup import KnownPrices
from api.results import routes as analysis
from api.service import routes as service
from api.watches import routes as watches
from exchanges.latest_prices import open_latest_prices
from schemas.http.problems import Problem

_LAST_WAIT = 5.0
_UNTRACED = frozenset({"/api/v1/stream", "/health"})
"""A stream lasts for hours; a probe is of no interest."""
# FastAPI makes a span of each call, where an exporter is set up. Its metrics and logs are not ours.
_TRACED: TelemetryConfig = {
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
    "exclude": lambda scope: scope["path"] in _UNTRACED,
}


def create_app(
    dependencies: Dependencies, *, service_only: bool = False, closing: AsyncExitStack | None = None
) -> FastAPI:
    """The application; `service_only` leaves `/analyze`, `/results` and `/health`, which then ask for no key.

    It owns none of `dependencies`: whoever opened them closes them, or has `closing` closed when the server stops.
    """
    live = None if service_only else LiveStream(dependencies.broker, dependencies.clock)
    candles = None if service_only else _kline_cache(dependencies)
    prices = None if live is None else _known_prices(dependencies, live)

    counters = counters_of(dependencies.settings, dependencies.clock)
    glance = Lately(lambda: pipeline_of(dependencies), dependencies.clock, PIPELINE_SECONDS)
    looked_at = Lately(lambda: health.health_of(dependencies), dependencies.clock, health.HEALTH_SECONDS)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with closing or AsyncExitStack() as stack, _following(live):
            stack.push_async_callback(counters.close)
            stack.push_async_callback(glance.close)
            stack.push_async_callback(looked_at.close)
            if candles is not None:
                stack.push_async_callback(candles.close)
            if prices is not None:
                stack.push_async_callback(prices.close)
            yield

    app = assembled(service_only=service_only, lifespan=lifespan)
    app.state.dependencies = dependencies
    gate = app.state.gate = Gate(dependencies.settings, KeyRing(dependencies.engine, dependencies.clock))
    if not service_only:
        guard.install(app, dependencies.settings, gate, counters)
    # Outermost, so that what is refused counts as well.
    app.add_middleware(Timing)
    app.state.live = live
    app.state.klines = candles
    app.state.prices = prices
    app.state.pipeline = glance
    app.state.health = looked_at
    return app


def assembled(*, service_only: bool = False, lifespan: Lifespan[FastAPI] | None = None) -> FastAPI:
    """Routes and problems with nothing behind them: enough to be described."""
    app = _DescribedApi(
        title="Strandline",
        version=version("strandline"),
        description="The price levels that markets keep turning at: read them, ask for them, follow them.",
        # Their pages load scripts from elsewhere; the document itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
        openapi_url=None if service_only else "/openapi.json",
        lifespan=lifespan,
        telemetry=_TRACED,
    )
    app.add_middleware(BodyLimit)
    problems.install(app)
    app.include_router(health.router)
    if service_only:
        app.include_router(service.router)
        app.include_router(service.asking)
        return app
    refusals = problems.described(401, 403, 429)
    app.include_router(service.router, dependencies=[READER], responses=refusals)
    app.include_router(service.asking, dependencies=[ENQUEUER], responses=refusals)
    for room in (analysis, dead_letters, exchanges, jobs, klines, markets, pipeline, watches, stream):
        app.include_router(room.router, dependencies=[READER], responses=refusals)
    page.install(app)
    return app


class _DescribedApi(FastAPI):
    def openapi(self) -> dict[str, Any]:
        # Problems are no response model of any route (FastAPI would call them plain JSON), so they are added here.
        document = super().openapi()
        problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        document.setdefault("components", {}).setdefault("schemas", {})["Problem"] = problem
        return document


def _kline_cache(of: Dependencies) -> KlineCache:
    return KlineCache(of.candles, kline_store.opened(of.settings.redis_url, of.clock), of.clock)


def _known_prices(of: Dependencies, live: LiveStream) -> KnownPrices:
    return KnownPrices(live.prices, open_latest_prices(of.settings.redis_url, of.clock), of.engine)


@asynccontextmanager
async def _following(live: LiveStream | None) -> AsyncIterator[None]:
    if live is None:
        yield
        return
    task = asyncio.create_task(live.run(), name="live stream")
    try:
        yield
    finally:
        live.close()
        task.cancel()
        await asyncio.wait({task}, timeout=_LAST_WAIT)
