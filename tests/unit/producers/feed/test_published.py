"""A feed that starts reads where a former one stopped: from the topic, which a row may be ahead of."""

from sqlalchemy.ext.asyncio import create_async_engine

from broker.memory.broker import MemoryBroker
from broker.ports import Message
from exchanges.ports import Candle, Tradable
from producers.feed.demand import group_published
from producers.feed.published import PublishedCandles, read_candle
from producers.feed.publisher import CandlePublisher
from producers.feed.rollup import ClosedCandle
from runtime.clock import SystemClock
from schemas.market import Market
from schemas.topics import CANDLES

BTC = Tradable("sim", "spot", "BTCUSDT")
MINUTE = 60_000
START = 1_767_614_400_000


async def test_last_candle_on_the_topic_counts_although_its_rows_cannot_be_read() -> None:
    broker, clock = MemoryBroker(), SystemClock()
    await broker.create_topics([CANDLES], partitions=2, replication=1)
    publisher = CandlePublisher(broker, clock, "/test")
    for number in (0, 1, 2, 1):
        candle = Candle(START + number * MINUTE, 1.0, 1.0, 1.0, 1.0, 1.0)
        await publisher.publish([(BTC, ClosedCandle("1m", candle, "stream"))])
    await broker.publish(Message(CANDLES.name, None, b"no candle"))
    engine = create_async_engine("sqlite+aiosqlite:////nowhere/at/all.sqlite3")
    market = Market.of("sim", "BTCUSDT", "spot", "1m")
    published = await PublishedCandles(broker, engine, clock).load([market])
    await engine.dispose()
    await broker.close()
    assert group_published(published, "sim", "spot") == {"BTCUSDT": {"1m": START + 2 * MINUTE}}


def test_record_of_others_has_no_market() -> None:
    for value in (None, b"", b"[]", b"{}", b'{"exchange": "sim", "open_at": 7}', b"\xff"):
        assert read_candle(value) == ("", 0)
