"""Live candles are provably those of the exchange's history, whatever happens to the stream."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from broker.kafka.connect import connect_kafka
from broker.memory.broker import MemoryBroker
from broker.ports import Broker
from runtime.settings import Settings
from schemas.topics import TOPICS
from schemas.values import to_ms
from simulator import SimulatorOptions
from storage.database import open_database
from storage.migrations import upgrade
from tests.support.feeding import FACTOR, START, Feeding, feeding
from tests.support.simulated import simulated
from tests.support.speed_clock import SpeedClock

MINUTE = 60_000
FIRST = to_ms(START) // MINUTE * MINUTE
FAULTS = {
    "BTCUSDT": "drop",
    "ETHUSDT": "double",
    "BNBUSDT": "never_close",
    "SOLUSDT": "delay",
    "XRPUSDT": "revise",
    "DOGEUSDT": "stale_clock",
}


@pytest.fixture(params=["embedded", "kafka"])
async def broker(request: pytest.FixtureRequest, unique: Callable[[str], str]) -> AsyncIterator[Broker]:
    if request.param == "embedded":
        opened: Broker = MemoryBroker()
    else:
        bootstrap = request.getfixturevalue("kafka_bootstrap")
        # A prefix of its own: other tests' candles have the same times.
        prefix = unique("feed") + "."
        opened = connect_kafka(
            Settings.load(kafka_bootstrap=bootstrap, session_timeout=6, topic_prefix=prefix)
        )
    await opened.create_topics(TOPICS, partitions=3, replication=1)
    yield opened
    await opened.close()


@asynccontextmanager
async def open_feeding(broker: Broker, database_url: str, *, trades: bool = False) -> AsyncIterator[Feeding]:
    """Open the simulated exchange with its clock, and what the roles run on."""
    await upgrade(database_url)
    engine = open_database(database_url)
    clock = SpeedClock(FACTOR, START)
    symbols = dict.fromkeys(FAULTS, ("1m", "3m", "1h"))
    async with (
        simulated(SimulatorOptions(), clock) as exchange,
        feeding(broker, engine, exchange, clock, symbols, trades=trades) as found,
    ):
        yield found
    await engine.dispose()


async def test_every_hash_equals_that_of_rest_under_faults_of_the_stream(
    broker: Broker, sqlite_url: str
) -> None:
    async with open_feeding(broker, sqlite_url) as fed:
        await run_under_faults(fed)


async def run_under_faults(fed: Feeding) -> None:
    for symbol, kind in FAULTS.items():
        await fed.exchange.fault(kind, symbol=symbol, path="@kline", count=2)
    async with fed.analyzer(), fed.feed():
        await fed.wait_for_candle(FIRST + 2 * MINUTE)
        await fed.exchange.fault("cut", seconds=100)
        await fed.wait_for_candle(FIRST + 7 * MINUTE)
    assert await fed.find_differences(FIRST + 5 * MINUTE) == []
    assert fed.find_gaps("1m") == []
    assert fed.find_gaps("3m") == []
    assert any(one["revision"] for one in fed.candles if one["symbol"] == "XRPUSDT")


async def test_minutes_of_a_market_without_klines_are_built_from_its_trades(sqlite_url: str) -> None:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    async with open_feeding(broker, sqlite_url, trades=True) as fed, fed.feed():
        await fed.wait_for_source("stream")
        assert next(one["source"] for one in fed.candles if one["symbol"] == "BTCUSDT") == "rest"


async def test_feed_that_was_away_publishes_what_it_missed(sqlite_url: str) -> None:
    broker = MemoryBroker()
    await broker.create_topics(TOPICS, partitions=3, replication=1)
    async with open_feeding(broker, sqlite_url) as fed, fed.analyzer(), fed.sink():
        async with fed.feed():
            await fed.wait_for_candle(FIRST)
            await fed.wait_for_row(FIRST)
        await fed.clock.sleep(150)
        async with fed.feed():
            await fed.wait_for_candle(FIRST + 5 * MINUTE)
        assert await fed.find_differences(FIRST + 4 * MINUTE) == []
        assert fed.find_gaps("1m") == []
    await broker.close()
