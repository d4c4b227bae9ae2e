"""Rows that exchanges send and that are no candles as they stand: through real ccxt, on several exchanges."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from exchanges.ports import Series
from runtime.errors import Transient
from tests.contract.exchanges.bench import Bench, make_bar, now_ms, open_bench
from tests.contract.exchanges.endpoints import HOUR, Bar
from tests.contract.exchanges.test_history import assert_series, known

some_exchanges = pytest.mark.parametrize(
    "exchange", ["binance", "bybit", "okx", "bitget", "coinbase", "bitfinex"]
)

Change = Callable[[Sequence[Bar]], Sequence[Bar]]


async def fetch(exchange: str, change: Change) -> tuple[Series, list[Bar]]:
    """Return a series of changed rows, and the bars that are right."""
    async with open_bench(exchange, "spot") as bench:
        expected = known(bench, 2_000)
        bench.history = change(bench.history)
        return await bench.candles(), expected


@some_exchanges
@pytest.mark.parametrize("hours", [1, 5 * 8_760])
async def test_rows_of_the_future_are_dropped_and_noted(exchange: str, hours: int) -> None:
    def add(bars: Sequence[Bar]) -> Sequence[Bar]:
        return [*bars, make_bar(bars[-1].time + hours * HOUR)._replace(open=1, high=2, low=1, close=1.5)]

    async with open_bench(exchange, "spot") as bench:
        expected = known(bench, 1_999)
        rows = bench.history = add(bench.history)
        endpoint = bench.table.spot
        assert endpoint is not None
        # The endpoint answers by time; a row of the future is sent as if it were the newest of now.
        bench.table = replace(
            bench.table, spot=replace(endpoint, write=lambda bars: _write(bench, bars, rows))
        )
        series = await bench.candles()
    assert series.closed.time[-1] == expected[-1].time
    assert series.last_price > 10_000
    assert any("opened in the future" in note for note in series.notes)


def _write(bench: Bench, bars: Sequence[Bar], rows: Sequence[Bar]) -> object:
    endpoint = type(bench).table_of(bench.exchange).spot
    assert endpoint is not None
    newest = max((bar.time for bar in bars), default=0)
    if newest == rows[-2].time:
        bars = [rows[-1], *bars] if endpoint.newest_first else [*bars, rows[-1]]
    return endpoint.write(bars)


@some_exchanges
async def test_rows_without_volume_are_kept(exchange: str) -> None:
    def blank(bars: Sequence[Bar]) -> Sequence[Bar]:
        return [bar._replace(volume=None) if i % 3 == 0 else bar for i, bar in enumerate(bars)]

    series, expected = await fetch(exchange, blank)
    assert_series(series, expected)
    assert any("no volume" in note for note in series.notes)


@some_exchanges
async def test_rows_with_an_open_outside_their_range_are_widened(exchange: str) -> None:
    def shift(bars: Sequence[Bar]) -> Sequence[Bar]:
        return [bar._replace(open=bar.high + 1) if i % 10 == 0 else bar for i, bar in enumerate(bars)]

    series, expected = await fetch(exchange, shift)
    assert series.closed.time.tolist() == [bar.time for bar in expected]
    assert not series.gaps
    assert any("widened" in note for note in series.notes)


@some_exchanges
async def test_rows_of_five_minutes_are_refused(exchange: str) -> None:
    def shorten(bars: Sequence[Bar]) -> Sequence[Bar]:
        newest = now_ms() // 300_000 * 300_000
        return [bar._replace(time=newest - i * 300_000) for i, bar in enumerate(reversed(bars))][::-1]

    with pytest.raises(Transient, match="5m apart where 1h was requested"):
        await fetch(exchange, shorten)


@some_exchanges
async def test_rows_end_with_the_newest_closed_candle_where_none_is_running(exchange: str) -> None:
    async with open_bench(exchange, "spot") as bench:
        expected = known(bench, 2_001)[-2_000:]
        bench.history = bench.history[:-1]
        series = await bench.candles()
    assert series.closed.time[-1] == expected[-1].time
    assert series.unclosed is None


@some_exchanges
async def test_rows_are_closed_by_two_clocks_against_one_that_is_an_hour_ahead(exchange: str) -> None:
    async with open_bench(exchange, "spot") as bench:
        client = bench.source._client(exchange)._ccxt

        async def ahead() -> int:
            return now_ms() + HOUR

        if client.has.get("fetchTime"):
            client.fetch_time = ahead
        assert_series(await bench.candles(), known(bench, 2_000))


@pytest.mark.parametrize("exchange", ["binance", "poloniex", "whitebit", "lbank", "bybit", "krakenfutures"])
@pytest.mark.parametrize("cap", [60, 150, 333])
async def test_rows_of_short_pages_are_all_fetched(exchange: str, cap: int) -> None:
    """Exchanges that send less than they declare, from either end of the window."""
    kind = "future" if exchange == "krakenfutures" else "spot"
    async with open_bench(exchange, kind) as bench:
        endpoint = bench.table.endpoint(kind)
        assert endpoint is not None
        bench.table = replace(bench.table, **{kind: replace(endpoint, cap=cap)})
        series = await bench.candles()
        assert_series(series, known(bench, 2_000)[-len(series.closed) :])
        assert len(series.closed) >= 1_999
        assert not series.gaps


@pytest.mark.parametrize("exchange", ["binance", "phemex", "coinbase", "gate", "gemini"])
async def test_rows_since_a_time_come_in_one_call_of_an_allowed_size(exchange: str) -> None:
    async with open_bench(exchange, "spot") as bench:
        await bench.candles(10)
        series = await bench.source.candles_since(bench.market, bench.history[-15].time)
        assert_series(series, known(bench, len(series.closed) + 1))
        assert len(series.closed) >= 14
