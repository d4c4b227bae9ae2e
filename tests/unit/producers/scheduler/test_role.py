"""The scheduler in turns: what it publishes, what it leaves, and what trouble makes of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import DeliveryUnknown, Edge
from producers.requests.publisher import RequestPublisher
from producers.role_process import RoleProcess
from producers.scheduler.__main__ import LONGEST_NAP, LONGEST_TURN, Scheduler, run
from producers.scheduler.market_lists import KnownMarkets
from producers.scheduler.schedule import Pace
from producers.scheduler.watchlist import Entry, Listed
from runtime.settings import Settings
from schemas.requests import AnalysisRequested
from schemas.tables import metadata
from schemas.topics import REQUESTS, TOPICS
from storage.database import open_database
from storage.jobs import record_queued
from tests.support.clock import START, ManualClock
from tests.support.deadlines import within
from tests.support.listings import ListedMarkets

HOUR = 3_600.0
PACE = Pace(delay=2, spread=30, rate=10)


class Publisher(RequestPublisher):
    """Keeps what it is given; `trouble` is raised instead, while it is set."""

    def __init__(self) -> None:
        self.requests: list[AnalysisRequested] = []
        self.trouble: Exception | None = None

    async def publish(self, request: AnalysisRequested, *, traceparent: str | None = None) -> None:
        if self.trouble:
            raise self.trouble
        self.requests.append(request)

    @property
    def ids(self) -> list[str]:
        return [request.request_id for request in self.requests]


@pytest.fixture
async def engine(sqlite_url: str) -> AsyncIterator[AsyncEngine]:
    engine = open_database(sqlite_url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    try:
        yield engine
    finally:
        await engine.dispose()


class Bench:
    def __init__(self, engine: AsyncEngine, *entries: Entry, clock: ManualClock | None = None) -> None:
        self.clock = clock or ManualClock(START + timedelta(minutes=10))
        self.publisher = Publisher()
        self.known = KnownMarkets(ListedMarkets(), engine, ("binance",), self.clock)
        self.scheduler = Scheduler(
            entries,
            known=self.known,
            publisher=self.publisher,
            engine=engine,
            clock=self.clock,
            pace=PACE,
        )

    async def lives(self, seconds: float) -> None:
        """Turns, with the naps that the scheduler asks for, until so much time has passed."""
        ends = self.clock.monotonic() + seconds
        while self.clock.monotonic() < ends:
            nap = await self.scheduler.turn()
            await self.clock.advance(min(nap, max(0.001, ends - self.clock.monotonic())))


def entry(*symbols: str, **more: object) -> Entry:
    return Entry.model_validate({"exchange": "binance", "symbols": symbols, "timeframes": ["1h"], **more})


async def test_each_candle_is_asked_for_once_just_after_it_closes(engine: AsyncEngine) -> None:
    bench = Bench(engine, entry("BTCUSDT"))
    await bench.lives(1.9 * HOUR)
    assert bench.publisher.ids == [
        f"schedule:binance:spot:BTCUSDT:1h:20260105T{hour}0000Z" for hour in (11, 12, 13)
    ]
    last = bench.publisher.requests[-1]
    asked_at = last.expires_at.timestamp() - HOUR  # its patience
    closed = datetime(2026, 1, 5, 14, tzinfo=UTC).timestamp()
    assert closed + 2 <= asked_at <= closed + 32 + 1


async def test_what_somebody_asked_for_already_is_not_published_again(engine: AsyncEngine) -> None:
    first = Bench(engine, entry("BTCUSDT", "ETHUSDT"))
    await first.lives(40)
    assert len(first.publisher.requests) == 2
    async with engine.begin() as connection:
        await record_queued(connection, first.publisher.requests[:1], at=START)
    second = Bench(engine, entry("BTCUSDT", "ETHUSDT"))
    await second.lives(40)
    assert second.publisher.ids == first.publisher.ids[1:]


async def test_a_send_of_unknown_outcome_is_repeated_under_the_same_id(engine: AsyncEngine) -> None:
    bench = Bench(engine, entry("BTCUSDT"))
    bench.publisher.trouble = DeliveryUnknown("no word")
    assert await bench.scheduler.turn() == LONGEST_NAP
    assert "STRANDLINE_KAFKA_BOOTSTRAP" in bench.scheduler.why_not_ready()[0]
    bench.publisher.trouble = None
    await bench.lives(10)
    assert bench.publisher.ids == ["schedule:binance:spot:BTCUSDT:1h:20260105T110000Z"]
    assert not bench.scheduler.why_not_ready()


async def test_after_an_outage_of_hours_each_market_is_asked_once_and_no_faster_than_the_rate(
    engine: AsyncEngine,
) -> None:
    bench = Bench(engine, entry(*(f"A{number}USDT" for number in range(100))))
    await bench.lives(40)
    bench.publisher.requests.clear()
    bench.publisher.trouble = DeliveryUnknown("no word")
    await bench.clock.advance(5.5 * HOUR)
    await bench.lives(10)
    bench.publisher.trouble = None
    for _ in range(5):
        before = len(bench.publisher.requests)
        await bench.lives(1)
        assert len(bench.publisher.requests) - before <= 2 * PACE.rate
    await bench.lives(20)
    assert len(set(bench.publisher.ids)) == len(bench.publisher.ids) == 100
    assert all(one.endswith("20260105T160000Z") for one in bench.publisher.ids)


async def test_with_the_database_away_it_asks_all_the_same() -> None:
    away = open_database("mysql+aiomysql://nobody@127.0.0.1:1/none", connect_timeout=1)
    bench = Bench(away, entry("BTCUSDT"))
    await bench.scheduler.turn()
    assert len(bench.publisher.requests) == 1
    await away.dispose()


async def test_what_a_star_means_is_asked_for_once_the_exchange_has_answered(engine: AsyncEngine) -> None:
    bench = Bench(engine, entry("*USDT", volume_above=1_000))
    await bench.scheduler.turn()
    assert "markets of binance are not known yet" in bench.scheduler.why_not_ready()[0]
    await bench.known.refresh("binance")
    await bench.lives(1)
    assert [request.symbol for request in bench.publisher.requests] == ["BTCUSDT"]
    assert not bench.scheduler.why_not_ready()


async def test_one_that_takes_no_turns_is_not_alive(engine: AsyncEngine) -> None:
    bench = Bench(engine, entry("BTCUSDT"))
    assert not bench.scheduler.why_not_alive()
    await bench.clock.advance(LONGEST_TURN + 1)
    assert "restart" in bench.scheduler.why_not_alive()[0]


async def test_the_role_asks_keeps_the_table_and_stops_when_told_to(engine: AsyncEngine) -> None:
    broker, stop, source = MemoryBroker(), asyncio.Event(), ListedMarkets()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    settings = Settings(exchanges=("binance",), schedule_delay=0, schedule_spread=0)
    entries: Sequence[Entry] = [entry("BTC*", timeframes=["1h", "4h"])]
    async with broker.read([REQUESTS.name], Edge.BEGINNING) as reader:
        task = asyncio.create_task(run(RoleProcess(settings, broker, stop), entries, engine, source))
        records = aiter(reader)
        asked = [
            AnalysisRequested.model_validate_json((await within(anext(records))).value or b"")
            for _ in range(2)
        ]
        assert {request.market.key for request in asked} == {
            "binance:spot:BTCUSDT:1h",
            "binance:spot:BTCUSDT:4h",
        }
        stop.set()
        await within(task)
    await broker.close()


async def test_the_names_of_another_run_are_at_hand_before_the_exchange_answers(engine: AsyncEngine) -> None:
    first = Bench(engine)
    await first.known.refresh("binance")
    second = Bench(engine)
    await second.known._remember("binance")
    assert set(second.known.listed["binance"]) == {
        Listed("spot", "BTCUSDT", 2_000.0),
        Listed("spot", "ETHUSDT", None),
        Listed("future", "BTCUSDT", 5.0),
    }
