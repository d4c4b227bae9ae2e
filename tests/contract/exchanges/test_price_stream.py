"""Prices over ccxt's websockets from the simulated exchange."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ccxt.ticker_stream import CcxtPriceStream
from exchanges.ports import PriceStream, Quote
from runtime.errors import Transient
from schemas.market import MarketType
from tests.support.deadlines import until, within
from tests.support.simulated import NOW, Simulated, simulated

PATIENCE = 15.0
BOTH = {"BTCUSDT", "ETHUSDT"}


@pytest.fixture
async def exchange() -> AsyncIterator[Simulated]:
    async with simulated() as running:
        yield running


@pytest.fixture
async def source(exchange: Simulated) -> AsyncIterator[CcxtCandleSource]:
    async with CcxtCandleSource(exchange.settings()) as opened:
        yield opened


async def opened(source: CcxtCandleSource, market_type: MarketType = "spot") -> PriceStream:
    stream = await source.price_stream("sim", market_type, {*BOTH, "NOSUCH"})
    assert stream is not None
    return stream


async def next_quote(stream: PriceStream, price: float | None = None) -> Quote:
    """The next quote of BTCUSDT, or the next at that price."""
    async with asyncio.timeout(30):
        while True:
            for quote in await stream.next(PATIENCE):
                if quote.market.symbol == "BTCUSDT" and price in {None, quote.price}:
                    return quote


@pytest.mark.parametrize("market_type", ["spot", "future"])
async def test_price_stream_yields_quotes_of_the_right_market(
    exchange: Simulated, source: CcxtCandleSource, market_type: MarketType
) -> None:
    stream = await opened(source, market_type)
    try:
        first = await next_quote(stream)
        assert (first.market.exchange, first.market.market_type) == ("sim", market_type)
        assert NOW <= first.at < NOW + 120_000
        (polled,) = await source.prices("sim", market_type, {"BTCUSDT"})
        assert abs(first.price / polled.price - 1) < 0.01
        await exchange.push("BTCUSDT", 12_345.5)
        await next_quote(stream, 12_345.5)
    finally:
        await stream.close()


async def test_price_stream_returns_changes_between_calls(
    exchange: Simulated, source: CcxtCandleSource
) -> None:
    stream = await source.price_stream("sim", "spot", {"BTCUSDT"})
    assert isinstance(stream, CcxtPriceStream)
    try:
        await next_quote(stream)
        # It stands still from then on, so that nothing else is pushed.
        await exchange.push("BTCUSDT", 12_345.5)
        await until(lambda: stream._exchange.tickers["BTC/USDT"]["last"] == 12_345.5)
        await within(next_quote(stream, 12_345.5), 5)
    finally:
        await stream.close()


async def test_price_stream_raises_transient_when_the_exchange_fails(
    exchange: Simulated, source: CcxtCandleSource
) -> None:
    stream = await opened(source)
    try:
        await next_quote(stream)
        await exchange.fault("5xx", path="/ws")
        with pytest.raises(Transient):
            await within(until_it_raises(stream))
        again = await opened(source)
        with pytest.raises(Transient):
            await within(again.next(PATIENCE))
        await within(again.close())
    finally:
        await within(stream.close())


async def test_price_stream_raises_transient_on_silence(
    exchange: Simulated, source: CcxtCandleSource
) -> None:
    await exchange.fault("timeout", path="/ws")
    stream = await opened(source)
    try:
        with pytest.raises(Transient, match="pushed no price"):
            await within(stream.next(0.5))
    finally:
        await within(stream.close())


async def test_price_stream_is_none_for_unknown_markets(source: CcxtCandleSource) -> None:
    assert await source.price_stream("sim", "spot", {"NOSUCH"}) is None


async def until_it_raises(stream: PriceStream) -> None:
    while True:
        await stream.next(PATIENCE)
