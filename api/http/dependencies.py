"""What the routes use: the connections of the process, and what one application builds on them."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, fields
from typing import Annotated, Self, cast

from fastapi import Depends, FastAPI, Request

from api.access.access_control import AccessControl
from api.access.keyring import KeyRing
from api.candles import kline_store
from api.candles.kline_cache import KlineCache
from api.chart_image.painter import ChartPainter
from api.connections import Connections
from api.health.check import HEALTH_SECONDS, check_health
from api.http.cached_call import CachedCall
from api.http.next_flight import NextFlight
from api.http.ready_answers import RememberedReads
from api.levels.near_levels import NearLevels
from api.live.stream import LiveStream
from api.pipeline.status import STATUS_SECONDS, collect_status
from api.prices.lookup import PriceLookup
from api.results.row_reader import RowReader
from exchanges.latest_prices import open_latest_prices
from runtime.lru import LruDict
from schemas.http.health import HealthStatus
from schemas.http.pipeline import PipelineStatus

_MAX_ACCEPTED_IDS = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies(Connections):
    """One for each application. `close` closes what it has built, and leaves the connections open."""

    access: AccessControl
    accepted_ids: LruDict[str, str]
    """Market key by request id of callers' own ids that this process accepted."""
    live: LiveStream
    klines: KlineCache
    prices: PriceLookup
    rows: RowReader
    reads: NextFlight[tuple[str, str], bytes]
    """Reads of rows, which equal calls that wait share."""
    exports: asyncio.Semaphore
    """One export at a time: it takes a core for seconds."""
    painter: ChartPainter
    cached_reads: RememberedReads
    near: NearLevels
    pipeline_status: CachedCall[PipelineStatus]
    health_status: CachedCall[HealthStatus]

    @classmethod
    def build(cls, of: Connections) -> Self:
        """Build on `of`. Nothing connects before its first use. Raises ConfigurationError for an invalid Redis URL."""
        settings, clock = of.settings, of.clock
        live = LiveStream(of.broker, clock)
        near = NearLevels(of.engine, live.prices, clock)
        live.add_follower(near)
        latest = open_latest_prices(settings.redis_url, clock)
        return cls(
            **{field.name: getattr(of, field.name) for field in fields(Connections)},
            access=AccessControl(settings, KeyRing(of.engine, clock), clock),
            accepted_ids=LruDict(_MAX_ACCEPTED_IDS),
            live=live,
            klines=KlineCache(of.candles, kline_store.open_store(settings.redis_url, clock), clock),
            exports=asyncio.Semaphore(1),
            painter=ChartPainter(),
            near=near,
            prices=PriceLookup(live.prices, latest, of.engine),
            rows=RowReader(of.reader, clock),
            reads=NextFlight(),
            cached_reads=RememberedReads(),
            pipeline_status=CachedCall(lambda: collect_status(of), clock, STATUS_SECONDS),
            health_status=CachedCall(lambda: check_health(of), clock, HEALTH_SECONDS),
        )

    async def close(self) -> None:
        """Cancel calls in flight and close the connections to Redis."""
        async with AsyncExitStack() as stack:
            for closable in (
                self.pipeline_status,
                self.health_status,
                self.klines,
                self.prices,
                self.painter,
                self.reads,
            ):
                stack.push_async_callback(closable.close)


def get_dependencies(app: FastAPI) -> Dependencies:
    """Return the dependencies of an application made by `create_app`."""
    return cast(Dependencies, app.state.dependencies)


async def _from_request(request: Request) -> Dependencies:
    return get_dependencies(request.app)  # a coroutine, as FastAPI runs a plain function in a thread


Deps = Annotated[Dependencies, Depends(_from_request)]
