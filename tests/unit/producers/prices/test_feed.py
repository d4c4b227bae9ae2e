"""A price feed: it polls, backs off after errors, and waits while it has no symbols."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from broker.memory.broker import MemoryBroker
from broker.ports import Edge
from producers.prices.feed import PriceFeed
from producers.prices.publisher import PricePublisher
from runtime.errors import Permanent, Transient
from runtime.tasks import cancel_and_wait
from schemas.events import PriceTicked
from schemas.topics import PRICES, TOPICS
from schemas.values import to_ms
from tests.support.deadlines import until, within
from tests.support.quotes import T0, ScriptedPrices, a_quote
from tests.support.sinks import SwiftClock

BTC = frozenset({"BTCUSDT"})


def feed_of(source: ScriptedPrices, broker: MemoryBroker, clock: SwiftClock) -> PriceFeed:
    publisher = PricePublisher(broker, None, source="/test")
    return PriceFeed(
        "sim",
        "spot",
        source=source,
        publisher=publisher,
        clock=clock,
        interval=1.0,
        stream=False,
        draw=lambda: 0.5,
    )


@asynccontextmanager
async def running(feed: PriceFeed) -> AsyncIterator[None]:
    task = asyncio.create_task(feed.run())
    try:
        yield
    finally:
        await cancel_and_wait(task)


async def a_broker() -> MemoryBroker:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    return broker


async def test_price_feed_publishes_prices_keyed_by_market() -> None:
    broker = await a_broker()
    source = ScriptedPrices([a_quote(100.0)], [a_quote(101.0, at=T0 + 1_000)])
    feed = feed_of(source, broker, SwiftClock())
    feed.set_symbols(BTC)
    async with broker.read([PRICES.name], Edge.BEGINNING) as reader, running(feed):
        records = aiter(reader)
        first, second = await within(anext(records)), await within(anext(records))
    assert (first.key, second.key) == (b"sim:spot:BTCUSDT", b"sim:spot:BTCUSDT")
    ticks = [PriceTicked.model_validate_json(record.value or b"") for record in (first, second)]
    assert [tick.price for tick in ticks] == [100.0, 101.0]
    assert ticks[0].event_id != ticks[1].event_id
    assert source.asked[0] == BTC


async def test_price_feed_backs_off_after_errors_and_resets_after_success() -> None:
    clock = SwiftClock()
    error = Transient("away")
    source = ScriptedPrices(*[error] * 9, [a_quote(100.0)], Transient("asked", retry_after=60.0), [])
    feed = feed_of(source, await a_broker(), clock)
    feed.set_symbols(BTC)
    async with running(feed):
        await until(lambda: len(clock.slept) >= 12)
    # Half of 1, 2, 4 and 5 s, but never less than the interval; then the interval; then what the exchange asked for.
    assert clock.slept[:12] == [1.0, 1.0, 2.0, *[2.5] * 6, 1.0, 60.5, 1.0]


async def test_price_feed_pauses_for_minutes_after_a_permanent_error() -> None:
    clock = SwiftClock()
    feed = feed_of(ScriptedPrices(Permanent("internal", "it has none"), []), await a_broker(), clock)
    feed.set_symbols(BTC)
    async with running(feed):
        await until(lambda: len(clock.slept) >= 1)
    assert clock.slept[0] >= 60


async def test_price_feed_waits_while_it_has_no_symbols() -> None:
    source = ScriptedPrices([a_quote(100.0)])
    feed = feed_of(source, await a_broker(), SwiftClock())
    async with running(feed):
        await asyncio.sleep(0)
        assert not source.asked
        feed.set_symbols(BTC)
        await within(source.called.wait())


async def test_price_feed_publishes_a_future_price_with_the_present_time() -> None:
    broker, clock = await a_broker(), SwiftClock()
    tomorrow = clock.now() + timedelta(days=1)
    source = ScriptedPrices([a_quote(100.0, at=to_ms(tomorrow))], [a_quote(101.0, at=to_ms(clock.now()) + 1)])
    feed = feed_of(source, broker, clock)
    feed.set_symbols(BTC)
    now = clock.now()
    async with broker.read([PRICES.name], Edge.BEGINNING) as reader, running(feed):
        record = await within(anext(aiter(reader)))
    assert PriceTicked.model_validate_json(record.value or b"").at == now
