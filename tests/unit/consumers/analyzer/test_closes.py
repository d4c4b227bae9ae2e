"""A closed candle starts an analysis, without a fetch where the market's candles are cached."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from broker.ports import Record
from consumers.analyzer.handler import Analyzer
from consumers.analyzer.outcome import Completed
from consumers.analyzer.unchanged import PublishedLevels, identify
from exchanges.candle_cache.entry import CachedSeries
from exchanges.candle_cache.shared_series import SharedSeries
from exchanges.candle_cache.source import CachedCandleSource
from exchanges.ports import Candle, Series, Tradable
from exchanges.series import to_bars
from levels import Analysis
from producers.feed.publisher import to_event
from producers.feed.rollup import ClosedCandle
from runtime.errors import Malformed
from schemas.market import Market
from schemas.topics import CANDLES, REQUESTS, encode_candle
from tests.support.analyzing import RecordingBroker
from tests.support.clock import ManualClock
from tests.support.deadlines import within
from tests.support.events import NOON, make_market
from tests.support.markets import HOUR, ScriptedSource, series

BTC = Tradable("binance", "spot", "BTCUSDT")


class CloseBench:
    """An analyzer with a candle cache, on a broker that records."""

    def __init__(
        self, source: ScriptedSource, publish_every: int = 1, shared: SharedSeries | None = None
    ) -> None:
        self.clock = ManualClock()
        self.source = source
        self.broker = RecordingBroker()
        cached = CachedCandleSource(source, self.clock, 10_000_000, shared=shared)
        self.analyzer = Analyzer(
            broker=self.broker,  # type: ignore[arg-type]
            source=cached,
            joiner=cached,
            clock=self.clock,
            exchange="binance",
            publish_every=publish_every,
        )

    def record(self, closed: ClosedCandle) -> Record:
        encoded = encode_candle(to_event(BTC, closed), source="/feed", at=self.clock.now())
        return Record(encoded.topic, 0, 0, encoded.key, encoded.value, encoded.headers, 0)

    async def close(self, *closed: ClosedCandle) -> None:
        """Handle the candles as one batch."""
        await within(self.analyzer.handle([self.analyzer.decode(self.record(one)) for one in closed]))

    async def request(self, request_id: str = "warm") -> None:
        value = json.dumps({"symbol": "BTCUSDT", "request_id": request_id}).encode()
        record = Record(REQUESTS.name, 0, 0, None, value, (), 0)
        await within(self.analyzer.handle([self.analyzer.decode(record)]))

    @property
    def results(self) -> list[dict[str, Any]]:
        return self.broker.payloads("strandline.results.v1")

    @property
    def unchanged(self) -> list[dict[str, Any]]:
        return self.broker.payloads("strandline.unchanged.v1")


def following(known: Series, number: int = 1, price: float = 101.0) -> ClosedCandle:
    """Return the candle that closes `number` candles after the last closed one of `known`."""
    time = int(known.closed.time[-1]) + number * HOUR
    return ClosedCandle("1h", Candle(time, 100.0, 102.0, 99.0, price, 10.0), "stream")


def revised(closed: ClosedCandle, price: float, revision: int) -> ClosedCandle:
    candle = closed.candle
    changed = Candle(candle.time, candle.open, candle.high, candle.low, price, candle.volume)
    return ClosedCandle(closed.timeframe, changed, "rest", revision)


async def test_close_of_a_cached_market_is_analysed_without_a_fetch() -> None:
    known = series(last_price=100.5)
    bench = CloseBench(ScriptedSource(known))
    await bench.request()
    await bench.close(following(known))
    assert bench.source.calls == [("binance:spot:BTCUSDT:1h", 2_000)]
    result = bench.results[-1]
    assert result["last_price"] == 101.0
    assert result["input_limit"] == len(known.closed) + 1
    assert result["request_ids"] == ["close:binance:spot:BTCUSDT:1h:20260105T120000Z"]


async def test_close_of_an_unknown_market_is_fetched_once() -> None:
    known = series()
    bench = CloseBench(ScriptedSource(known))
    await bench.close(following(known, 0, float(known.closed.close[-1])))
    await bench.close(following(known))
    await bench.close(following(known, 2))
    assert len(bench.source.calls) == 1
    assert [result["input_limit"] for result in bench.results] == [400, 401, 402]


class OneShared(SharedSeries):
    """Shares one series, and writes nothing."""

    def __init__(self, known: Series | None) -> None:
        self.known = known
        self.lookups = 0

    def record_series(self, market_key: str, entry: CachedSeries) -> None: ...

    def record_candles(self, market_key: str, candles: Sequence[Candle], entry: CachedSeries) -> None: ...

    async def load(self, market: Market) -> CachedSeries | None:
        self.lookups += 1
        return None if self.known is None else CachedSeries(self.known, 2_000, 0.0, unconfirmed=False)


async def test_close_of_a_market_that_another_analyzer_had_is_analysed_without_a_fetch() -> None:
    known = series()
    shared = OneShared(known)
    bench = CloseBench(ScriptedSource(known), shared=shared)
    await bench.close(following(known))
    await bench.close(following(known, 2))
    assert bench.source.calls == []
    assert [result["input_limit"] for result in bench.results] == [401, 402]
    assert shared.lookups == 1


async def test_close_after_a_hole_in_the_shared_candles_is_fetched() -> None:
    known = series()
    shared = OneShared(known)
    bench = CloseBench(ScriptedSource(known), shared=shared)
    await bench.close(following(known, 3))
    assert bench.source.calls != []
    assert len(bench.results) == 1


async def test_close_of_a_market_that_is_not_shared_is_looked_up_once() -> None:
    known = series()
    shared = OneShared(None)
    bench = CloseBench(ScriptedSource(known), shared=shared)
    await bench.close(following(known))
    await bench.close(following(known, 2))
    assert shared.lookups == 1
    assert len(bench.source.calls) == 1


async def test_exchange_that_lacks_the_closed_candle_yet_is_not_the_last_word() -> None:
    known = series(last_price=100.5)
    bench = CloseBench(ScriptedSource(known))
    await bench.close(following(known))
    assert [result["input_limit"] for result in bench.results] == [400, 401]


async def test_close_joins_the_requests_that_wait_for_its_market() -> None:
    known = series(last_price=100.5)
    bench = CloseBench(ScriptedSource(known))
    await bench.request()
    await bench.clock.advance(10)
    await asyncio.gather(bench.request("waits"), bench.close(following(known)))
    close = "close:binance:spot:BTCUSDT:1h:20260105T120000Z"
    assert [result["request_ids"] for result in bench.results[1:]] == [["waits", close]]


async def test_candle_that_comes_twice_is_analysed_once() -> None:
    known = series(last_price=100.5)
    bench = CloseBench(ScriptedSource(known))
    await bench.request()
    await bench.close(following(known))
    await bench.close(following(known))
    assert len(bench.results) == 2


async def test_backlog_of_a_market_is_one_analysis() -> None:
    known = series(last_price=100.5)
    bench = CloseBench(ScriptedSource(known))
    await bench.request()
    await bench.close(*(following(known, number) for number in (1, 2, 3)))
    assert [result["input_limit"] for result in bench.results] == [400, 403]


async def test_revised_candle_is_analysed_again_and_an_older_revision_is_ignored() -> None:
    known = series(last_price=100.5)
    bench = CloseBench(ScriptedSource(known))
    await bench.request()
    first = following(known)
    await bench.close(first)
    await bench.close(revised(first, 100.0, 1))
    await bench.close(first)
    assert [result["last_price"] for result in bench.results] == [100.5, 101.0, 100.0]
    assert bench.results[1]["candles_hash"] != bench.results[2]["candles_hash"]
    assert to_bars(known).close[-1] == 100.5


async def test_closes_that_were_analysed_with_a_revised_candle_are_analysed_again() -> None:
    known = series(last_price=100.5)
    bench, right = CloseBench(ScriptedSource(known)), CloseBench(ScriptedSource(known))
    for one in (bench, right):
        await one.request()
    first = following(known)
    for closed in (first, following(known, 2), following(known, 3)):
        await bench.close(closed)
    for closed in (revised(first, 99.5, 0), following(known, 2), following(known, 3)):
        await right.close(closed)
    await bench.close(revised(first, 99.5, 1))
    again = bench.results[-3:]
    assert [one["candles_hash"] for one in again] == [one["candles_hash"] for one in right.results[-3:]]
    assert [one["candle_at"] for one in again] == [one["candle_at"] for one in right.results[-3:]]
    await bench.close(following(known, 3))
    assert bench.results[-3:] == again


async def test_missing_candles_are_fetched() -> None:
    known = series(last_price=100.5)
    bench = CloseBench(ScriptedSource(known))
    await bench.request()
    await bench.clock.advance(10)
    await bench.close(following(known, 3))
    assert len(bench.source.calls) == 2


async def test_close_that_changes_no_level_is_published_in_short() -> None:
    known = series(last_price=100.5)
    bench = CloseBench(ScriptedSource(known), publish_every=3)
    await bench.request()
    whole = CloseBench(ScriptedSource(known))
    await whole.request()
    for number in range(1, 7):
        await bench.close(following(known, number))
        await whole.close(following(known, number))
    assert len(bench.unchanged) > 0
    assert len(bench.results) + len(bench.unchanged) == len(whole.results)
    hashes = {one["candle_at"]: one["candles_hash"] for one in whole.results}
    full = {one["candle_at"]: one for one in bench.results}
    for short in bench.unchanged:
        assert short["candles_hash"] == hashes[short["candle_at"]]
        assert short["levels_request_id"] in full[short["levels_at"]]["request_ids"]


async def test_close_is_published_in_full_where_it_changes_levels_or_a_request_waits() -> None:
    known = series(last_price=100.5)
    bench = CloseBench(ScriptedSource(known), publish_every=1_000)
    await bench.request()
    await bench.close(following(known))
    await bench.close(following(known, 2, price=100.0))
    before = len(bench.results)
    await bench.close(revised(following(known, 2), 99.5, 1))
    assert len(bench.results) == before + 1
    await bench.clock.advance(10)
    await bench.request("again")
    assert len(bench.results) == before + 2


def completed(candle_at: int) -> Completed:
    analysis = Analysis((), 100.0, candle_at, 2_000, "strandline/3", "p", f"c{candle_at}")
    return Completed(make_market(), (f"close:{candle_at}",), analysis)


FOUND = identify(completed(1).analysis)


def test_close_after_a_revised_older_one_is_published_in_full() -> None:
    memory = PublishedLevels(1_000)
    memory.record_full(completed(3), FOUND)
    memory.record_full(completed(2), FOUND)
    assert memory.find_unchanged(completed(3), FOUND, NOON) is None
    assert memory.find_unchanged(completed(4), FOUND, NOON) is None
    memory.record_full(completed(4), FOUND)
    unchanged = memory.find_unchanged(completed(5), FOUND, NOON)
    assert unchanged is not None
    assert unchanged.levels_request_id == "close:4"


async def test_invalid_candle_is_malformed() -> None:
    bench = CloseBench(ScriptedSource())
    for value in (b"{}", None, b"\xff", b'{"exchange": "binance", "timeframe": "7h"}'):
        with pytest.raises(Malformed):
            bench.analyzer.decode(Record(CANDLES.name, 0, 0, None, value, (), 0))
