"""Candles of every exchange in the tables: all of them, in their order, in the calls that the table states."""

import numpy as np
import pytest

from exchanges.ports import Series
from schemas.market import MarketType
from tests.contract.exchanges.bench import Bench, make_history, now_ms, open_bench
from tests.contract.exchanges.endpoints import HOUR, Bar
from tests.contract.exchanges.tables import CALLS, TABLES

CASES: list[tuple[str, MarketType]] = [
    (name, kind) for name, table in TABLES.items() for kind in ("spot", "future") if table.endpoint(kind)
]

every_exchange = pytest.mark.parametrize(("exchange", "market_type"), CASES)


def known(bench: Bench, wanted: int, before: int | None = None) -> list[Bar]:
    """Return the closed bars among the newest `wanted` that the exchange keeps."""
    endpoint = bench.table.endpoint(bench.market.market_type)
    assert endpoint is not None
    kept = [*bench.history[-endpoint.retention :]] if endpoint.retention else [*bench.history]
    kept = [bar for bar in kept if before is None or bar.time < before][-wanted:]
    return [bar for bar in kept if bar.time + HOUR <= now_ms()]


def assert_series(series: Series, bars: list[Bar]) -> None:
    assert series.closed.time.tolist() == [bar.time for bar in bars]
    for name in ("open", "high", "low", "close"):
        assert np.allclose(getattr(series.closed, name), [getattr(bar, name) for bar in bars]), name


@every_exchange
async def test_history_of_two_thousand_is_complete_and_costs_the_stated_calls(
    exchange: str, market_type: MarketType
) -> None:
    async with open_bench(exchange, market_type) as bench:
        series = await bench.candles()
        assert_series(series, known(bench, 2_000))
        first, bench.calls = bench.calls, 0
        assert_series(await bench.candles(), known(bench, 2_000))
        assert (first, bench.calls) == CALLS[exchange, market_type][:2]
        assert len(series.closed) in {CALLS[exchange, market_type][2] - 1, CALLS[exchange, market_type][2]}


@every_exchange
async def test_history_of_ten_thousand_is_complete(exchange: str, market_type: MarketType) -> None:
    async with open_bench(exchange, market_type) as bench:
        found = known(bench, 10_000)
        series = await bench.candles(10_000)
        if exchange == "gate":  # refuses what is 10,000 candles old
            found = found[-len(series.closed) :]
            assert len(found) >= 9_000
        assert_series(series, found)


@every_exchange
async def test_history_before_a_time_is_adjacent(exchange: str, market_type: MarketType) -> None:
    async with open_bench(exchange, market_type) as bench:
        before = bench.history[-3_000].time
        series = await bench.source.candles_before(bench.market, before, 500)
        assert_series(series, known(bench, 500, before))


@every_exchange
async def test_history_of_a_sparse_market_is_complete(exchange: str, market_type: MarketType) -> None:
    def thin_out(bench: Bench) -> None:
        newest = bench.history[-1].time
        bench.history = [
            bar
            for bar in bench.history
            if hash((bar.time // HOUR * 7919) % 97) % 3 == 0 or bar.time == newest
        ]

    async with open_bench(exchange, market_type, thin_out) as bench:
        assert_series(await bench.candles(1_000), known(bench, 1_000))


@every_exchange
async def test_history_of_a_market_that_rested_for_days_goes_on_behind(
    exchange: str, market_type: MarketType
) -> None:
    def rest(bench: Bench) -> None:
        bench.history = [*bench.history[:-700], *bench.history[-200:]]

    async with open_bench(exchange, market_type, rest) as bench:
        expected = known(bench, 1_500)
        series = await bench.candles(1_500)
        assert_series(series, expected)
        assert sum(gap.missing for gap in series.gaps) == (500 if len(expected) > 200 else 0)


@every_exchange
async def test_history_of_a_short_listing_ends_where_it_begins(
    exchange: str, market_type: MarketType
) -> None:
    def list_late(bench: Bench) -> None:
        bench.history = make_history(300, now_ms())

    async with open_bench(exchange, market_type, list_late) as bench:
        assert_series(await bench.candles(), known(bench, 2_000))
        assert bench.calls <= 8
