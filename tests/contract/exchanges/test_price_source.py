"""Prices through ccxt from the simulated exchange: one call for all, as of the exchange's own time."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from exchanges.ccxt.source import CcxtCandleSource
from runtime.errors import Transient
from schemas.market import MarketType
from schemas.values import from_ms
from simulator import SimulatorOptions
from tests.support.events import NOON
from tests.support.simulated import NOW, Simulated, simulated
from tests.support.sinks import SwiftClock


@pytest.fixture
async def exchange() -> AsyncIterator[Simulated]:
    async with simulated() as running:
        yield running


@pytest.fixture
async def source(exchange: Simulated) -> AsyncIterator[CcxtCandleSource]:
    async with CcxtCandleSource(exchange.settings()) as opened:
        yield opened


@pytest.mark.parametrize("market_type", ["spot", "future"])
async def test_prices_of_all_symbols_cost_one_light_call(
    exchange: Simulated, source: CcxtCandleSource, market_type: MarketType
) -> None:
    quotes = await source.prices("sim", market_type, {"BTCUSDT", "ETHUSDT", "LUNAUSDT", "NOSUCH"})
    assert {quote.market.symbol for quote in quotes} == {"BTCUSDT", "ETHUSDT"}  # LUNA is closed
    assert {quote.market.market_type for quote in quotes} == {market_type}
    assert all(NOW <= quote.at < NOW + 60_000 for quote in quotes)
    (call,) = await exchange.calls("ticker")
    assert call["weight"] <= 4


async def test_prices_include_a_pushed_price(exchange: Simulated, source: CcxtCandleSource) -> None:
    await exchange.push("BTCUSDT", 12_345.5)
    for market_type in ("spot", "future"):
        (quote,) = await source.prices("sim", market_type, {"BTCUSDT"})
        assert quote.price == 12_345.5


async def test_prices_of_no_known_symbol_cost_no_call(exchange: Simulated, source: CcxtCandleSource) -> None:
    assert list(await source.prices("sim", "spot", {"NOSUCH"})) == []
    assert await exchange.calls("ticker") == []


async def test_prices_raise_transient_on_a_truncated_answer(
    exchange: Simulated, source: CcxtCandleSource
) -> None:
    await exchange.fault("truncated", path="ticker")
    with pytest.raises(Transient):
        await source.prices("sim", "spot", {"BTCUSDT"})


async def test_prices_of_the_next_minute_are_not_dated_into_the_one_before() -> None:
    clock = SwiftClock(NOON + timedelta(seconds=58))
    async with (
        simulated(SimulatorOptions(now=None), clock) as exchange,
        CcxtCandleSource(exchange.settings(), clock) as source,
    ):
        await exchange.fault("delay", path="ticker", seconds=4.0, count=1)
        (quote,) = await source.prices("sim", "spot", {"BTCUSDT"})
        assert len(await exchange.calls("ticker")) == 2
        assert NOON + timedelta(seconds=60) <= from_ms(quote.at) <= clock.now()
        await exchange.fault("delay", path="ticker", seconds=60.0)
        assert list(await source.prices("sim", "spot", {"BTCUSDT"})) == []
