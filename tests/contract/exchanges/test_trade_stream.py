"""Trades over ccxt's websockets from the simulated exchange."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import Trade, TradeStream
from runtime.errors import Transient
from schemas.market import MarketType
from simulator import SimulatorOptions
from tests.support.simulated import Simulated, simulated
from tests.support.speed_clock import SpeedClock

FACTOR = 30.0
START = datetime(2026, 1, 5, 12, 20, tzinfo=UTC)


@pytest.fixture
async def exchange() -> AsyncIterator[Simulated]:
    async with simulated(SimulatorOptions(), SpeedClock(FACTOR, START)) as running:
        yield running


@pytest.fixture
async def source(exchange: Simulated) -> AsyncIterator[CcxtCandleSource]:
    async with CcxtCandleSource(exchange.settings(), SpeedClock(FACTOR, START)) as opened:
        yield opened


async def open_stream(source: CcxtCandleSource, market_type: MarketType) -> TradeStream:
    stream = await source.trade_stream("sim", market_type, {"BTCUSDT", "ETHUSDT", "NOSUCH"})
    assert stream is not None
    return stream


async def collect(stream: TradeStream, count: int) -> list[Trade]:
    """Return the trades of BTCUSDT, at least `count`."""
    found: list[Trade] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            found += [one for one in await stream.next(15.0) if one.market.symbol == "BTCUSDT"]
    return found


@pytest.mark.parametrize("market_type", ["spot", "future"])
async def test_trade_stream_yields_every_trade_of_the_right_market(
    source: CcxtCandleSource, market_type: MarketType
) -> None:
    stream = await open_stream(source, market_type)
    try:
        trades = await collect(stream, 10)
        ids = [int(one.id or "") for one in trades]
        assert ids == list(range(ids[0], ids[0] + len(ids)))
        assert {(one.market.exchange, one.market.market_type) for one in trades} == {("sim", market_type)}
        assert (stream.has_consecutive_ids, stream.empty_minutes) == (True, "carried")
        (polled,) = await source.prices("sim", market_type, {"BTCUSDT"})
        assert abs(trades[-1].price / polled.price - 1) < 0.01
    finally:
        await stream.close()


async def test_lost_trade_stream_ends_with_an_error(exchange: Simulated, source: CcxtCandleSource) -> None:
    stream = await open_stream(source, "spot")
    try:
        await collect(stream, 1)
        await exchange.fault("cut")
        with pytest.raises(Transient):
            await collect(stream, 1_000)
    finally:
        await stream.close()


async def test_exchange_that_is_followed_by_its_trades_has_no_klines(exchange: Simulated) -> None:
    settings = exchange.settings().model_copy(update={"feed_trades": ("sim",)})
    async with CcxtCandleSource(settings) as opened:
        assert await opened.kline_stream("sim", "spot", {"BTCUSDT"}) is None
