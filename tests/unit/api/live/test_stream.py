"""The live stream on the in-process broker: one reader, many clients."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import pytest

from api.live.events import EventFilter, StreamEvent
from api.live.listener import StreamListener
from api.live.stream import LiveStream, TopicEvent
from broker.memory.broker import MemoryBroker
from broker.ports import Edge, Message, Reader
from exchanges.ports import Tradable
from runtime.errors import Transient
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, AnalysisFailed, PriceTicked
from schemas.market import Market
from schemas.topics import (
    RESULTS,
    encode_completed,
    encode_failed,
    encode_price,
    encode_unchanged,
    encode_watch_event,
)
from tests.support.events import make_expired, make_fired
from tests.unit.api.fakes import NOW, JumpingClock

PATIENCE = 60.0
HOUR = timedelta(hours=1)


def make_completed(symbol: str = "BTCUSDT") -> AnalysisCompleted:
    return AnalysisCompleted(
        request_ids=("r-1",),
        market=Market.of("binance", symbol),
        input_limit=1999,
        last_price=65432.1,
        candle_at=NOW,
        analyzed_at=NOW,
        support_levels=(64000.5,),
        resistance_levels=(),
        levels=(),
        algorithm="strandline/1",
        params_hash="p",
        candles_hash="c",
    )


def make_unchanged(symbol: str = "BTCUSDT") -> AnalysisUnchanged:
    return AnalysisUnchanged(
        market=Market.of("binance", symbol),
        candle_at=NOW + HOUR,
        last_price=65433.0,
        input_limit=1999,
        analyzed_at=NOW + HOUR,
        candles_hash="c",
        levels_hash="l",
        levels_at=NOW,
        levels_request_id="r-1",
    )


def make_failed(symbol: str = "BTCUSDT") -> AnalysisFailed:
    market = Market.of("binance", symbol)
    return AnalysisFailed(
        request_ids=("r-2",), market=market, reason="expired", message="late", attempts=1, failed_at=NOW
    )


def make_price(price: float = 101.0, symbol: str = "BTCUSDT", at: datetime = NOW) -> PriceTicked:
    return PriceTicked(exchange="sim", market_type="spot", symbol=symbol, price=price, at=at)


async def publish_event(broker: MemoryBroker, event: TopicEvent) -> None:
    match event:
        case AnalysisCompleted():
            encoded = encode_completed(event, source="test")
        case AnalysisUnchanged():
            encoded = encode_unchanged(event, source="test")
        case AnalysisFailed():
            encoded = encode_failed(event, source="test")
        case PriceTicked():
            encoded = encode_price(event, source="test")
        case _:
            encoded = encode_watch_event(event, source="test")
    await broker.publish(Message(*encoded))


async def next_event(listener: StreamListener) -> StreamEvent:
    happening = await listener.next(PATIENCE)
    assert happening is not None
    return happening


@asynccontextmanager
async def run_stream(live: LiveStream) -> AsyncIterator[StreamListener]:
    """Run the stream; yield a listener that has received its first reset."""
    task = asyncio.create_task(live.run())
    try:
        with live.listen(EventFilter()) as listener:
            assert (await next_event(listener)).kind == "reset"
            yield listener
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_stream_sends_results_and_failures_with_payloads(broker: MemoryBroker) -> None:
    async with run_stream(LiveStream(broker, JumpingClock())) as listener:
        await publish_event(broker, make_completed())
        first = await next_event(listener)
        await publish_event(broker, make_failed())
        second = await next_event(listener)
    assert (first.kind, AnalysisCompleted.model_validate_json(first.data)) == ("result", make_completed())
    assert (second.kind, AnalysisFailed.model_validate_json(second.data)) == ("failure", make_failed())


async def test_stream_sends_prices_and_watch_events(broker: MemoryBroker) -> None:
    async with run_stream(LiveStream(broker, JumpingClock())) as listener:
        for event, kind in ((make_price(), "price"), (make_fired(), "watch"), (make_expired(), "watch")):
            await publish_event(broker, event)
            happening = await next_event(listener)
            assert (happening.kind, happening.instrument) == (kind, "sim:spot:BTCUSDT")
            assert json.loads(happening.data) == event.model_dump(mode="json")
        assert json.loads(happening.data)["type"] == "expired"


async def test_stream_sends_closes_without_change_and_keeps_none(broker: MemoryBroker) -> None:
    live = LiveStream(broker, JumpingClock(), max_events=1)
    async with run_stream(live) as listener:
        await publish_event(broker, make_completed())
        result = await next_event(listener)
        await publish_event(broker, make_unchanged())
        close = await next_event(listener)
        assert (close.kind, close.market, close.id) == ("unchanged", "binance:spot:BTCUSDT:1h", result.id)
        assert AnalysisUnchanged.model_validate_json(close.data) == make_unchanged()
        with live.listen(EventFilter(), close.id) as again:
            assert await again.next(0) is None


async def test_stream_prices_do_not_displace_kept_events(broker: MemoryBroker) -> None:
    live = LiveStream(broker, JumpingClock(), max_events=1)
    async with run_stream(live) as listener:
        await publish_event(broker, make_price(1.0))
        before = await next_event(listener)
        await publish_event(broker, make_completed())
        result = await next_event(listener)
        for price in (2.0, 3.0, 4.0):
            await publish_event(broker, make_price(price))
            after = await next_event(listener)
        with live.listen(EventFilter(), before.id) as again:
            assert await next_event(again) == result
        with live.listen(EventFilter(), after.id) as again:
            assert await again.next(0) is None


async def test_stream_prices_expire(broker: MemoryBroker) -> None:
    clock = JumpingClock()
    live = LiveStream(broker, clock)
    btc = Tradable("sim", "spot", "BTCUSDT")
    eth = Tradable("sim", "spot", "ETHUSDT")
    async with run_stream(live) as listener:
        for event in (
            make_price(1.0),
            make_price(2.0),
            make_price(3.0, at=NOW - HOUR),
            make_price(4.0, "ETHUSDT"),
        ):
            await publish_event(broker, event)
            await next_event(listener)
        known = live.prices.get_prices([btc, eth, Tradable("sim", "future", "BTCUSDT")])
        assert {market: price.price for market, price in known.items()} == {btc: 2.0, eth: 4.0}
        clock.passed += 61
        assert live.prices.get_prices([btc, eth]) == {}


async def test_stream_ids_count_up_within_an_instance(broker: MemoryBroker) -> None:
    async with run_stream(LiveStream(broker, JumpingClock())) as listener:
        await publish_event(broker, make_completed())
        await publish_event(broker, make_failed())
        ids = [(await next_event(listener)).id.rpartition("-") for _ in range(2)]
    assert ids[0][0] == ids[1][0]
    assert int(ids[1][2]) == int(ids[0][2]) + 1


async def test_stream_resumes_after_the_last_id(broker: MemoryBroker) -> None:
    live = LiveStream(broker, JumpingClock())
    async with run_stream(live) as listener:
        await publish_event(broker, make_completed("BTCUSDT"))
        last = await next_event(listener)
        for symbol in ("ETHUSDT", "SOLUSDT"):
            await publish_event(broker, make_completed(symbol))
            await next_event(listener)
        with live.listen(EventFilter(), last.id) as again:
            missed = [await next_event(again) for _ in range(2)]
        with live.listen(EventFilter(), live.position) as uptodate:
            assert await uptodate.next(0) is None
    assert [one.instrument for one in missed] == ["binance:spot:ETHUSDT", "binance:spot:SOLUSDT"]


@pytest.mark.parametrize(
    "last_id", ["other-1", "{instance}-999", "{instance}-0", "{instance}-x", "odd", "-", ""]
)
async def test_stream_answers_an_unknown_id_with_a_reset(broker: MemoryBroker, last_id: str) -> None:
    live = LiveStream(broker, JumpingClock(), max_events=1)
    async with run_stream(live) as listener:
        for _ in range(3):
            await publish_event(broker, make_completed())
            await next_event(listener)
        instance = live.position.rpartition("-")[0]
        with live.listen(EventFilter(), last_id.format(instance=instance)) as again:
            event = await next_event(again)
    assert (event.kind, event.id) == ("reset", live.position)


async def test_stream_skips_invalid_records_and_tombstones(broker: MemoryBroker) -> None:
    async with run_stream(LiveStream(broker, JumpingClock())) as listener:
        await broker.publish(Message(RESULTS.name, b"k", b"{odd"))
        await broker.publish(Message(RESULTS.name, b"k", None))
        await publish_event(broker, make_completed())
        assert (await next_event(listener)).kind == "result"


class FlakyBroker:
    """A broker whose first reads raise `failures`."""

    def __init__(self, broker: MemoryBroker, failures: list[Exception]) -> None:
        self._broker = broker
        self._failures = failures

    @asynccontextmanager
    async def read(self, topics: Sequence[str], start: Edge | datetime) -> AsyncIterator[Reader]:
        if self._failures:
            raise self._failures.pop(0)
        async with self._broker.read(topics, start) as reader:
            yield reader


async def test_stream_reconnects_after_errors_and_sends_a_reset(broker: MemoryBroker) -> None:
    clock = JumpingClock()
    away = FlakyBroker(broker, [Transient("away"), RuntimeError("odd"), Transient("away")])
    async with run_stream(LiveStream(away, clock)) as listener:
        await publish_event(broker, make_completed())
        assert (await next_event(listener)).kind == "result"
    assert clock.slept == [1.0, 2.0, 4.0]


async def test_stream_close_ends_every_listener(broker: MemoryBroker) -> None:
    live = LiveStream(broker, JumpingClock())
    async with run_stream(live) as listener:
        live.close()
        assert await listener.next(PATIENCE) is None
        assert listener.is_done


async def test_stream_forgets_a_listener_that_left(broker: MemoryBroker) -> None:
    live = LiveStream(broker, JumpingClock())
    with live.listen(EventFilter()):
        assert live.listener_count == 1
    assert live.listener_count == 0
