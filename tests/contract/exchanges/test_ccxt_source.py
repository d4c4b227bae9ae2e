"""ccxt against the simulated exchange: what the candle source promises, and how it takes each misbehaviour."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import ccxt.async_support as ccxt
import numpy as np
import pytest

from exchanges.ccxt.client import MARKETS_AGE
from exchanges.ccxt.factory import replace_base_url
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import BudgetExceeded, Series, Tradable
from exchanges.rate_limit.limiter import open_limiter
from runtime.clock import SystemClock
from runtime.errors import Permanent, Transient
from schemas.market import Market
from simulator import SimulatorOptions
from tests.support.clock import ManualClock
from tests.support.deadlines import within
from tests.support.simulated import NOW, Simulated, simulated

HOUR = 3_600_000
OPEN_HOUR = NOW - NOW % HOUR
BTC = Market.of("sim", "BTCUSDT")
BTC_FUTURE = Market.of("sim", "BTCUSDT", "future")


@pytest.fixture
async def exchange() -> AsyncIterator[Simulated]:
    async with simulated() as running:
        yield running


@pytest.fixture
async def source(exchange: Simulated) -> AsyncIterator[CcxtCandleSource]:
    async with CcxtCandleSource(exchange.settings()) as opened:
        yield opened


def assert_same(one: Series, other: Series) -> None:
    assert np.array_equal(one.closed.time, other.closed.time)
    assert np.array_equal(one.closed.close, other.closed.close)


class TestUnmodifiedCcxt:
    @pytest.fixture
    async def binance(self, exchange: Simulated) -> AsyncIterator[Any]:
        opened = ccxt.binance({"enableRateLimit": False})
        opened.urls["api"] = replace_base_url(opened.urls["api"], exchange.url)
        try:
            await opened.load_markets()
            yield opened
        finally:
            await opened.close()

    async def test_ccxt_finds_spot_markets_and_linear_perpetuals(self, binance: Any) -> None:
        assert binance.markets["BTC/USDT"]["spot"]
        assert binance.markets["BTC/USDT:USDT"]["linear"]
        assert not any(market["inverse"] for market in binance.markets.values())
        assert binance.markets["LUNA/USDT"]["active"] is False

    @pytest.mark.parametrize("symbol", ["BTC/USDT", "SHIB/USDT:USDT"])
    async def test_ccxt_fetches_candles_by_every_parameter(self, binance: Any, symbol: str) -> None:
        newest = await binance.fetch_ohlcv(symbol, "1h", limit=10)
        assert [row[0] for row in newest] == [OPEN_HOUR - i * HOUR for i in reversed(range(10))]
        until = await binance.fetch_ohlcv(symbol, "1h", limit=4, params={"until": OPEN_HOUR - 3 * HOUR})
        assert until == newest[3:7]
        since = await binance.fetch_ohlcv(symbol, "1h", since=OPEN_HOUR - 5 * HOUR - 1, limit=2)
        assert since == newest[4:6]
        window = {"startTime": OPEN_HOUR - 6 * HOUR, "endTime": OPEN_HOUR - 4 * HOUR}
        assert await binance.fetch_ohlcv(symbol, "1h", limit=10, params=window) == newest[3:6]

    async def test_ccxt_reads_time_and_tickers(self, binance: Any) -> None:
        assert NOW <= await binance.fetch_time() < NOW + 60_000
        ticker = await binance.fetch_ticker("ETH/USDT")
        candle = (await binance.fetch_ohlcv("ETH/USDT", "1m", limit=1))[0]
        assert candle[3] <= ticker["last"] <= candle[2]
        both = await binance.fetch_tickers(["ETH/USDT", "BTC/USDT"])
        assert set(both) == {"ETH/USDT", "BTC/USDT"}
        assert len(await binance.fetch_tickers(params={"subType": "linear", "type": "swap"})) > 30

    async def test_ccxt_raises_for_wrong_parameters(self, binance: Any) -> None:
        with pytest.raises(ccxt.BadSymbol, match="-1121"):
            await binance.publicGetKlines({"symbol": "NOPE", "interval": "1h"})
        with pytest.raises(ccxt.BadRequest, match="-1120"):
            await binance.publicGetKlines({"symbol": "BTCUSDT", "interval": "7h"})


class TestCandles:
    @pytest.mark.parametrize("market", [BTC, BTC_FUTURE], ids=str)
    async def test_source_fetches_two_thousand_in_two_pages(
        self, exchange: Simulated, source: CcxtCandleSource, market: Market
    ) -> None:
        series = await source.candles(market, 2_000)
        assert len(series.closed) == 1_999
        assert series.unclosed is not None
        assert series.unclosed.time == OPEN_HOUR
        assert np.all(np.diff(series.closed.time) == HOUR)
        assert series.closed.time[-1] == OPEN_HOUR - HOUR
        assert series.gaps == ()
        assert [call["query"]["limit"] for call in await exchange.calls("klines")] == ["1000", "1000"]

    @pytest.mark.parametrize(("into_the_second", "closed"), [(HOUR // 2, 1), (HOUR, 2), (2 * HOUR, 2)])
    async def test_source_closes_the_newest_candle_by_exchange_time(
        self, tmp_path: Path, into_the_second: int, closed: int
    ) -> None:
        rows = f"{OPEN_HOUR},1,2,1,2,5\n{OPEN_HOUR + HOUR},2,3,2,3,5\n"
        (tmp_path / "binance_BTCUSDT_1h.csv").write_text("timestamp_ms,open,high,low,close,volume\n" + rows)
        options = SimulatorOptions(replay=tmp_path, now=OPEN_HOUR + HOUR + into_the_second)
        async with simulated(options) as exchange, CcxtCandleSource(exchange.settings()) as source:
            series = await source.candles(BTC, 2_000)
        assert len(series.closed) == closed
        assert (series.unclosed is None) == (closed == 2)

    async def test_source_fetches_adjacent_older_candles(self, source: CcxtCandleSource) -> None:
        newest = await source.candles(BTC, 1_500)
        older = await source.candles_before(BTC, int(newest.closed.time[500]), 500)
        assert len(older.closed) == 500
        assert np.array_equal(older.closed.close, newest.closed.close[:500])
        assert older.unclosed is None

    async def test_source_returns_nothing_before_the_history(self, source: CcxtCandleSource) -> None:
        series = await source.candles_before(BTC, 1_400_000_000_000, 500)
        assert len(series.closed) == 0
        assert series.unclosed is None

    async def test_source_returns_a_short_history(self, source: CcxtCandleSource) -> None:
        weekly = await source.candles(Market.of("sim", "ETHUSDT", timeframe="1w"), 2_000)
        assert 400 < len(weekly.closed) < 500

    async def test_source_uses_any_address_for_any_exchange(self, exchange: Simulated) -> None:
        async with CcxtCandleSource(exchange.settings("binance")) as source:
            series = await source.candles(Market.of("binance", "BTCUSDT"), 100)
        assert len(series.closed) == 99

    async def test_source_lists_tradable_markets(self, source: CcxtCandleSource) -> None:
        found = await source.tradables("sim")
        names = {(of.market_type, of.symbol) for of in found}
        assert {("spot", "BTCUSDT"), ("future", "BTCUSDT")} <= names
        assert ("spot", "LUNAUSDT") not in names

    async def test_source_returns_quote_volumes_by_type(
        self, exchange: Simulated, source: CcxtCandleSource
    ) -> None:
        for kind, root in (("spot", "/api/v3"), ("future", "/fapi/v1")):
            found = await source.volumes("sim", kind)
            ticker = (await exchange.get(f"{root}/ticker/24hr", symbol="BTCUSDT")).json()
            assert found[Tradable("sim", kind, "BTCUSDT")] == pytest.approx(
                float(ticker["quoteVolume"]), rel=0.01
            )
            assert {market.market_type for market in found} == {kind}

    async def test_source_shares_one_client_per_exchange(
        self, exchange: Simulated, source: CcxtCandleSource
    ) -> None:
        symbols = ("BTCUSDT", "ETHUSDT", "SOLUSDT", "XRPUSDT")
        found = await within(asyncio.gather(*(source.candles(Market.of("sim", s), 50) for s in symbols)))
        assert [len(series.closed) for series in found] == [49] * 4
        assert len(await exchange.calls("exchangeInfo")) == 2

    async def test_source_returns_a_pushed_price_as_last_price(
        self, exchange: Simulated, source: CcxtCandleSource
    ) -> None:
        before = await source.candles(BTC, 50)
        await exchange.push("BTCUSDT", 70_000.5)
        after = await source.candles(BTC, 50)
        assert after.last_price == 70_000.5
        assert after.unclosed is not None
        assert after.unclosed.high == 70_000.5
        assert_same(before, after)
        ticker = await exchange.get("/api/v3/ticker/price", symbol="BTCUSDT")
        assert float(ticker.json()["price"]) == 70_000.5


class TestRefusals:
    @pytest.mark.parametrize(
        ("market", "reason", "advice"),
        [
            (Market.of("kraken", "BTCUSDT"), "unknown_exchange", "STRANDLINE_EXCHANGES"),
            (Market.of("__class__", "BTCUSDT"), "unknown_exchange", "none of sim"),
            (Market.of("sim", "BTCUSD"), "unknown_symbol", "BTCUSDT"),
            (Market.of("sim", "LUNAUSDT"), "unknown_symbol", "UNIUSDT|write base and quote|similar"),
            (Market(exchange="sim", symbol="BTCUSDT", timeframe="7h"), "bad_timeframe", "1h"),
        ],
        ids=str,
    )
    async def test_source_refuses_impossible_markets_with_advice(
        self, source: CcxtCandleSource, market: Market, reason: str, advice: str
    ) -> None:
        with pytest.raises(Permanent, match=advice) as refused:
            await source.candles(market, 2_000)
        assert refused.value.reason == reason

    async def test_source_raises_too_few_candles_without_any(self, tmp_path: Path) -> None:
        row = "1700000000000,1,2,1,2,5\n"
        (tmp_path / "binance_BTCUSDT_1h.csv").write_text("timestamp_ms,open,high,low,close,volume\n" + row)
        async with (
            simulated(SimulatorOptions(replay=tmp_path)) as exchange,
            CcxtCandleSource(exchange.settings()) as source,
        ):
            with pytest.raises(Permanent) as refused:
                await source.candles(Market.of("sim", "BTCUSDT", timeframe="5m"), 2_000)
        assert refused.value.reason == "too_few_candles"

    async def test_source_raises_after_close(self, exchange: Simulated) -> None:
        source = CcxtCandleSource(exchange.settings())
        await source.candles(BTC, 10)
        await source.close()
        await source.close()
        with pytest.raises(Transient, match="closed"):
            await source.candles(BTC, 10)


class TestFaults:
    """Each fault is set when the markets are loaded already, so that it hits the candles."""

    @pytest.fixture(autouse=True)
    async def loaded(self, source: CcxtCandleSource) -> None:
        await source.candles(BTC, 1)

    @pytest.mark.parametrize("kind", ["429", "418"])
    async def test_source_obeys_retry_after(
        self, exchange: Simulated, source: CcxtCandleSource, kind: str
    ) -> None:
        await exchange.fault(kind, path="klines", count=1, seconds=70)
        with pytest.raises(Transient, match=kind) as refused:
            await source.candles(BTC, 100)
        assert refused.value.retry_after is not None
        assert 68 <= refused.value.retry_after <= 70
        with pytest.raises(BudgetExceeded) as refused:
            await source.candles(BTC, 100)
        assert 65 <= (refused.value.retry_after or 0) <= 70
        assert [call["status"] for call in await exchange.calls("klines")] == [200, int(kind)]
        assert len((await source.candles(BTC_FUTURE, 100)).closed) == 99

    async def test_source_raises_transient_on_an_outage(
        self, exchange: Simulated, source: CcxtCandleSource
    ) -> None:
        await exchange.fault("5xx", symbol="BTCUSDT")
        with pytest.raises(Transient):
            await source.candles(BTC, 100)
        assert len((await source.candles(Market.of("sim", "ETHUSDT"), 100)).closed) == 99
        await exchange.heal()
        assert len((await source.candles(BTC, 100)).closed) == 99

    async def test_source_raises_transient_on_a_timeout(self, exchange: Simulated) -> None:
        async with CcxtCandleSource(exchange.settings(timeout=0.2)) as source:
            await source.candles(BTC, 1)
            await exchange.fault("timeout", path="klines", count=1)
            with pytest.raises(Transient):
                await within(source.candles(BTC, 100))
        assert (await exchange.calls("klines"))[-1]["status"] is None

    @pytest.mark.parametrize("count", [1, 2, None])
    async def test_source_continues_after_a_truncated_page(
        self, exchange: Simulated, source: CcxtCandleSource, count: int | None
    ) -> None:
        whole = await source.candles(BTC, 2_000)
        await exchange.fault("truncated", path="klines", **({"count": count} if count else {}))
        assert_same(await source.candles(BTC, 2_000), whole)

    async def test_source_raises_transient_on_a_foreign_page(
        self, exchange: Simulated, source: CcxtCandleSource
    ) -> None:
        whole = await source.candles(BTC, 2_000)
        await exchange.fault("garbage", path="klines", count=1)
        with pytest.raises(Transient):
            await source.candles(BTC, 2_000)
        assert_same(await source.candles(BTC, 2_000), whole)

    async def test_source_reports_missing_candles(
        self, exchange: Simulated, source: CcxtCandleSource
    ) -> None:
        await exchange.fault("gap", path="klines", count=1)
        series = await source.candles(BTC, 2_000)
        assert len(series.closed) == 1_999
        assert [gap.missing for gap in series.gaps] == [100]
        assert series.gaps[0].time not in series.closed.time
        assert series.gaps[0].time - HOUR in series.closed.time

    async def test_source_deduplicates_candles(self, exchange: Simulated, source: CcxtCandleSource) -> None:
        whole = await source.candles(BTC, 2_000)
        await exchange.fault("duplicate", path="klines")
        assert_same(await source.candles(BTC, 2_000), whole)

    async def test_source_accepts_a_late_answer(self, exchange: Simulated, source: CcxtCandleSource) -> None:
        await exchange.fault("delay", path="klines", count=1, seconds=0.05)
        assert len((await source.candles(BTC, 100)).closed) == 99


class TestMarketListFailures:
    async def test_market_list_truncated_is_transient(
        self, exchange: Simulated, source: CcxtCandleSource
    ) -> None:
        """And not "unknown symbol", which is not retried."""
        await exchange.fault("truncated", path="/fapi/v1/exchangeInfo", count=1)
        with pytest.raises(Transient, match="truncated"):
            await source.candles(BTC_FUTURE, 100)
        assert len((await source.candles(BTC_FUTURE, 100)).closed) == 99

    async def test_market_list_failure_is_shared_by_waiting_callers(
        self, exchange: Simulated, source: CcxtCandleSource
    ) -> None:
        await exchange.fault("5xx", path="/api/v3/exchangeInfo")
        attempts = (source.candles(BTC, 100) for _ in range(5))
        outcomes = await within(asyncio.gather(*attempts, return_exceptions=True))
        assert all(isinstance(outcome, Transient) for outcome in outcomes)
        assert len(await exchange.calls("/api/v3/exchangeInfo")) == 1

    async def test_market_list_survives_a_cancelled_caller(
        self, exchange: Simulated, source: CcxtCandleSource
    ) -> None:
        await exchange.fault("delay", path="/api/v3/exchangeInfo", count=1, seconds=60)
        first = asyncio.create_task(source.candles(BTC, 100))
        second = asyncio.create_task(source.candles(BTC, 100))
        await within(exchange.asked("/api/v3/exchangeInfo"))
        first.cancel()
        assert len((await within(second)).closed) == 99
        with pytest.raises(asyncio.CancelledError):
            await first

    async def test_source_close_ends_calls_under_way(self, exchange: Simulated) -> None:
        source = CcxtCandleSource(exchange.settings())
        await source.candles(BTC, 10)
        await exchange.fault("delay", path="klines", seconds=60)
        await exchange.forget_calls()
        waiting = asyncio.create_task(source.candles(BTC, 10))
        await within(exchange.asked("klines"))
        await source.close()
        with pytest.raises(Transient):
            await within(waiting)


class TestMarketListAge:
    async def test_market_list_is_refreshed_and_kept_on_failure(self, exchange: Simulated) -> None:
        clock, settings = ManualClock(), exchange.settings()
        async with CcxtCandleSource(settings, clock, open_limiter(settings, SystemClock())) as source:
            await source.candles(BTC, 10)
            await clock.advance(MARKETS_AGE)
            await source.candles(BTC, 10)
            assert len(await exchange.calls("/api/v3/exchangeInfo")) == 1
            await exchange.fault("5xx", path="exchangeInfo")
            await clock.advance(1)
            await source.candles(BTC, 10)
            await source.candles(BTC, 10)
            assert len(await exchange.calls("/api/v3/exchangeInfo")) == 2


@pytest.fixture
def recordings() -> Path:
    directory = os.environ.get("STRANDLINE_TEST_DATA")
    if not directory:
        pytest.skip("STRANDLINE_TEST_DATA is not set: nothing recorded was replayed")
    return Path(directory)


class TestReplay:
    async def test_replay_returns_recorded_candles_unchanged(self, recordings: Path) -> None:
        path = recordings / "binance_BTCUSDT_1h.csv"
        rows = np.loadtxt(path, delimiter=",", skiprows=1)[-2_000:]
        async with (
            simulated(SimulatorOptions(replay=recordings)) as exchange,
            CcxtCandleSource(exchange.settings("binance")) as source,
        ):
            series = await source.candles(Market.of("binance", "BTC/USDT"), 2_000)
        assert series.unclosed is None
        columns = (series.closed.time, series.closed.open, series.closed.high, series.closed.low)
        assert np.array_equal(np.stack((*columns, series.closed.close, series.closed.volume), axis=1), rows)

    async def test_replay_reports_a_hole_as_a_gap(self, recordings: Path) -> None:
        async with (
            simulated(SimulatorOptions(replay=recordings)) as exchange,
            CcxtCandleSource(exchange.settings("binance")) as source,
        ):
            series = await source.candles(Market.of("binance", "LUNAUSDT"), 4_500)
        assert len(series.closed) == 4_500
        assert max(gap.missing for gap in series.gaps) == 437

    async def test_replay_clock_may_start_in_the_middle(self, recordings: Path) -> None:
        now = 1_690_000_200_000
        async with (
            simulated(SimulatorOptions(replay=recordings, now=now)) as exchange,
            CcxtCandleSource(exchange.settings("binance")) as source,
        ):
            series = await source.candles(Market.of("binance", "SOLUSDT"), 2_000)
        assert series.unclosed is not None
        assert series.unclosed.time == now - now % HOUR
        assert len(series.closed) == 1_999
