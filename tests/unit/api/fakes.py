"""Fakes for the connections of the API: a clock that jumps, candles from a list, a broker that is away."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.app import create_app
from api.connections import Connections
from broker.memory.broker import MemoryBroker
from broker.ports import Broker, DeliveryUnknown, Edge, Lag, Message, OldestUncommitted, Reader, Record
from exchanges.ports import Candle, Series, Tradable
from levels import Candles
from producers.requests.publisher import RequestPublisher
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.settings import Settings
from schemas.market import TIMEFRAMES, Market
from schemas.tables import analysis_jobs, analysis_results
from schemas.topics import TOPICS

NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)


class JumpingClock:
    """Sleeping takes no time; `on_sleep` is called with the number of sleeps."""

    def __init__(self) -> None:
        self.passed = 0.0
        self.slept: list[float] = []
        self.on_sleep: Any = None

    def now(self) -> datetime:
        return NOW + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        self.slept.append(seconds)
        if self.on_sleep is not None:
            await self.on_sleep(len(self.slept))
        await asyncio.sleep(0)


class AwayBroker:
    """Kafka is away. Publishing raises `error`, or (`hangs`) never returns."""

    def __init__(self, *, hangs: bool = False, error: Exception | None = None) -> None:
        self._hangs = hangs
        self._error = error or DeliveryUnknown("no acknowledgement within 30 s")

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        if self._hangs:
            await asyncio.Event().wait()
        raise self._error

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: Edge | datetime) -> AsyncIterator[Reader]:
        raise self._error
        yield

    async def lag(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> Lag:
        raise Transient("lag not known")

    async def oldest_uncommitted(
        self, groups: Mapping[str, Sequence[str]], *, timeout: float, optional: Collection[str] = ()
    ) -> OldestUncommitted:
        raise Transient("lag not known")

    async def is_reachable(self, timeout: float) -> bool:
        return False

    def subscribe(self, *_: object) -> Any:
        raise NotImplementedError

    async def create_topics(self, *_: object, **__: object) -> Sequence[str]:
        raise self._error

    async def close(self) -> None: ...


class ListedCandles:
    """Returns `count` candles and one that is open at NOW; raises `error` instead, if set."""

    def __init__(self, count: int = 3_000, error: Exception | None = None) -> None:
        self.count = count
        self.error = error
        self.asked: list[tuple[str, int, int]] = []
        self.markets = [
            Tradable("binance", kind, symbol)
            for kind in ("spot", "future")
            for symbol in ("WBTCUSDT", "BTCUSDT", "ETHUSDT", "1000BTCUSDT")
        ]

    async def candles(self, market: Market, limit: int) -> Series:
        return self._series(market, limit, None)

    async def candles_before(self, market: Market, before_ms: int, limit: int) -> Series:
        return self._series(market, limit, before_ms)

    async def tradables(self, exchange: str) -> Sequence[Tradable]:
        if self.error:
            raise self.error
        return self.markets

    async def close(self) -> None: ...

    def _series(self, market: Market, limit: int, before: int | None) -> Series:
        self.asked.append((market.key, limit, before or 0))
        if self.error:
            raise self.error
        step = TIMEFRAMES[market.timeframe]
        open_now = int(NOW.timestamp() * 1000) // step * step
        times = np.arange(open_now - self.count * step, open_now, step, dtype=np.int64)
        unclosed = Candle(open_now, 100.0, 101.0, 99.0, 100.5, 7.0)
        if before is not None:
            times = times[times < before]
            unclosed = unclosed if before > open_now else None
        times = times[-limit:]
        flat = np.full(len(times), 100.0)
        closed = Candles(time=times, open=flat, high=flat + 1, low=flat - 1, close=flat, volume=flat)
        return Series(closed, unclosed, ())


async def broker_with_topics() -> MemoryBroker:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=2, replication=1)
    return broker


def dependencies(
    engine: AsyncEngine,
    *,
    broker: Broker,
    clock: Clock | None = None,
    candles: ListedCandles | None = None,
    **settings: Any,
) -> Connections:
    clock = clock or JumpingClock()
    return Connections(
        engine=engine,
        publisher=RequestPublisher(broker, source="test", clock=clock),
        candles=candles or ListedCandles(),
        broker=broker,
        settings=Settings(_env_file=None, **settings),
        clock=clock,
    )


@asynccontextmanager
async def client_of(deps: Connections, *, service_only: bool = False) -> AsyncIterator[AsyncClient]:
    async with client_of_app(create_app(deps, service_only=service_only)) as client:
        yield client


@asynccontextmanager
async def client_of_app(app: FastAPI) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


async def put_result(engine: AsyncEngine, symbol: str, **columns: Any) -> int:
    """Insert a row as another backend does, without our columns unless they are given; return its id."""
    time = NOW.replace(tzinfo=None)
    row = {
        "exchange": "binance",
        "symbol": symbol,
        "market_type": "spot",
        "timeframe": "1h",
        "input_limit": 1999,
        "support_levels": [64000.5, 63000.0],
        "resistance_levels": [66010.0],
        "last_price": 65432.1,
        "created_at": time,
        "updated_at": time,
    } | columns
    async with engine.begin() as connection:
        inserted = await connection.execute(analysis_results.insert().values(**row))
    return int(inserted.inserted_primary_key[0])


async def put_job(engine: AsyncEngine, request_id: str, **columns: Any) -> None:
    row = {
        "request_id": request_id,
        "market": "binance:spot:BTCUSDT:1h",
        "status": "queued",
        "queued_at": NOW.replace(tzinfo=None),
    } | columns
    async with engine.begin() as connection:
        await connection.execute(analysis_jobs.insert().values(**row))
