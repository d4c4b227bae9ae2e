"""The scheduler in rounds: what it publishes, what it skips, and how it handles failures."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import DeliveryUnknown, Edge
from producers.requests.publisher import RequestPublisher
from producers.role_process import RoleProcess
from producers.scheduler.__main__ import run
from producers.scheduler.schedule import SchedulePolicy
from producers.scheduler.scheduler import MAX_PAUSE, MAX_ROUND_GAP, Scheduler
from producers.watchlist.entries import WatchlistEntry
from producers.watchlist.market_lists import KnownMarkets
from producers.watchlist.selection import ListedMarket
from producers.watchlist.watchlist import Watchlist
from runtime.settings import Settings
from schemas.records import WatchlistChangeRecord
from schemas.requests import AnalysisRequested
from schemas.tables import metadata
from schemas.topics import REQUESTS, TOPICS
from storage.database import open_database
from storage.jobs import record_queued
from storage.watchlist import store_change
from tests.support.clock import START, ManualClock
from tests.support.deadlines import within
from tests.support.listings import ListedMarkets

HOUR = 3_600.0
POLICY = SchedulePolicy(delay=2, spread=30, rate=10)


class Publisher(RequestPublisher):
    """Records requests; raises `error` instead while it is set."""

    def __init__(self) -> None:
        self.requests: list[AnalysisRequested] = []
        self.error: Exception | None = None

    async def publish(self, request: AnalysisRequested, *, traceparent: str | None = None) -> None:
        if self.error:
            raise self.error
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
    def __init__(
        self,
        engine: AsyncEngine,
        *entries: WatchlistEntry,
        clock: ManualClock | None = None,
        draw: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.clock = clock or ManualClock(START + timedelta(minutes=10))
        self.publisher = Publisher()
        self.known = KnownMarkets(ListedMarkets(), engine, ("binance",), self.clock)
        self.watchlist = Watchlist(
            entries,
            role="scheduler",
            known=self.known,
            engine=engine,
            settings=Settings(exchanges=("binance",)),
            clock=self.clock,
        )
        self.scheduler = Scheduler(
            self.watchlist,
            publisher=self.publisher,
            engine=engine,
            clock=self.clock,
            policy=POLICY,
            draw=draw,
        )

    async def run_for(self, seconds: float) -> None:
        """Run rounds, with the pauses that the scheduler asks for, until `seconds` have passed."""
        ends = self.clock.monotonic() + seconds
        while self.clock.monotonic() < ends:
            pause = await self.scheduler.run_round()
            await self.clock.advance(min(pause, max(0.001, ends - self.clock.monotonic())))


def entry(*symbols: str, **more: object) -> WatchlistEntry:
    return WatchlistEntry.model_validate(
        {"exchange": "binance", "symbols": symbols, "timeframes": ["1h"], **more}
    )


async def test_scheduler_requests_each_candle_once_after_its_close(engine: AsyncEngine) -> None:
    bench = Bench(engine, entry("BTCUSDT"))
    await bench.run_for(1.9 * HOUR)
    assert bench.publisher.ids == [
        f"schedule:binance:spot:BTCUSDT:1h:20260105T{hour}0000Z" for hour in (11, 12, 13)
    ]
    last = bench.publisher.requests[-1]
    asked_at = last.expires_at.timestamp() - HOUR  # less its default time to wait
    closed = datetime(2026, 1, 5, 14, tzinfo=UTC).timestamp()
    assert closed + 2 <= asked_at <= closed + 32 + 1


async def test_scheduler_skips_a_request_that_has_a_job(engine: AsyncEngine) -> None:
    first = Bench(engine, entry("BTCUSDT", "ETHUSDT"))
    await first.run_for(40)
    assert len(first.publisher.requests) == 2
    async with engine.begin() as connection:
        await record_queued(connection, first.publisher.requests[:1], at=START)
    second = Bench(engine, entry("BTCUSDT", "ETHUSDT"))
    await second.run_for(40)
    assert second.publisher.ids == first.publisher.ids[1:]


async def test_scheduler_repeats_an_unknown_send_under_the_same_id(engine: AsyncEngine) -> None:
    bench = Bench(engine, entry("BTCUSDT"))
    bench.publisher.error = DeliveryUnknown("the broker did not answer")
    assert await bench.scheduler.run_round() == MAX_PAUSE
    assert "STRANDLINE_KAFKA_BOOTSTRAP" in bench.scheduler.why_not_ready()[0]
    bench.publisher.error = None
    await bench.run_for(10)
    assert bench.publisher.ids == ["schedule:binance:spot:BTCUSDT:1h:20260105T110000Z"]
    assert not bench.scheduler.why_not_ready()


async def test_scheduler_requests_each_market_once_at_its_rate_after_an_outage(
    engine: AsyncEngine,
) -> None:
    bench = Bench(engine, entry(*(f"A{number}USDT" for number in range(100))))
    await bench.run_for(40)
    bench.publisher.requests.clear()
    bench.publisher.error = DeliveryUnknown("the broker did not answer")
    await bench.clock.advance(5.5 * HOUR)
    await bench.run_for(10)
    bench.publisher.error = None
    for _ in range(5):
        before = len(bench.publisher.requests)
        await bench.run_for(1)
        assert len(bench.publisher.requests) - before <= 2 * POLICY.rate
    await bench.run_for(20)
    assert len(set(bench.publisher.ids)) == len(bench.publisher.ids) == 100
    assert all(one.endswith("20260105T160000Z") for one in bench.publisher.ids)


async def test_scheduler_publishes_without_the_database() -> None:
    away = open_database("mysql+aiomysql://nobody@127.0.0.1:1/none", connect_timeout=1)
    bench = Bench(away, entry("BTCUSDT"))
    await bench.scheduler.run_round()
    assert len(bench.publisher.requests) == 1
    await away.dispose()


async def test_scheduler_resolves_a_star_once_the_exchange_has_answered(engine: AsyncEngine) -> None:
    bench = Bench(engine, entry("*USDT", volume_above=1_000))
    await bench.scheduler.run_round()
    assert "markets of binance are not known yet" in bench.scheduler.why_not_ready()[0]
    await bench.known.refresh("binance")
    await bench.run_for(1)
    assert [request.symbol for request in bench.publisher.requests] == ["BTCUSDT"]
    assert not bench.scheduler.why_not_ready()


async def test_scheduler_without_rounds_is_not_alive(engine: AsyncEngine) -> None:
    bench = Bench(engine, entry("BTCUSDT"))
    assert not bench.scheduler.why_not_alive()
    await bench.clock.advance(MAX_ROUND_GAP + 1)
    assert "restart" in bench.scheduler.why_not_alive()[0]


async def test_schedulers_beside_each_other_publish_few_requests_twice(engine: AsyncEngine) -> None:
    clock = ManualClock(START + timedelta(minutes=10))
    symbols = [f"COIN{number}USDT" for number in range(20)]
    markets = entry(*symbols, timeframes=["5m"])
    first, second = (Bench(engine, markets, clock=clock, draw=random.Random(seed).random) for seed in (1, 2))
    stored = 0

    async def run_for(seconds: int, *benches: Bench) -> list[str]:
        """Run rounds twice a second; jobs are stored half a second after their requests are published."""
        nonlocal stored
        for _ in range(2 * seconds):
            published = first.publisher.requests + second.publisher.requests
            async with engine.begin() as connection:
                await record_queued(connection, published[stored:])
            stored = len(published)
            for bench in benches:
                await bench.scheduler.run_round()
            await clock.advance(0.5)
        ids = first.publisher.ids + second.publisher.ids
        first.publisher.requests.clear()
        second.publisher.requests.clear()
        stored = 0
        return ids

    await run_for(900, first, second)
    together = await run_for(900, first, second)
    assert len(set(together)) == 3 * len(symbols)
    assert len(together) - len(set(together)) <= 0.05 * len(together)
    for last in (first, second):
        alone = await run_for(600, last)
        assert len(set(alone)) == len(alone) == 2 * len(symbols)
        await run_for(300, first, second)


async def test_scheduler_role_publishes_and_stops(engine: AsyncEngine) -> None:
    broker, stop, source = MemoryBroker(), asyncio.Event(), ListedMarkets()
    await broker.create_topics(TOPICS, partitions=1, replication=1)
    settings = Settings(exchanges=("binance",), schedule_delay=0, schedule_spread=0, canary="off")
    entries: Sequence[WatchlistEntry] = [entry("BTC*", timeframes=["1h", "4h"])]
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


async def test_known_markets_load_the_stored_list_before_the_exchange_answers(engine: AsyncEngine) -> None:
    first = Bench(engine)
    await first.known.refresh("binance")
    second = Bench(engine)
    await second.known.load("binance")
    assert set(second.known.listed["binance"]) == {
        ListedMarket("spot", "BTCUSDT", 2_000.0),
        ListedMarket("spot", "ETHUSDT", None),
        ListedMarket("future", "BTCUSDT", 5.0),
    }


async def test_scheduler_requests_what_was_added_while_it_runs(engine: AsyncEngine) -> None:
    bench = Bench(engine, entry("BTCUSDT"))
    await bench.run_for(40)
    for name, wanted in (("ETHUSDT", True), ("BTCUSDT", False)):
        change = WatchlistChangeRecord(
            entry=f"binance:spot:{name}:1h",
            is_followed=wanted,
            priority=0,
            changed_at=START.replace(tzinfo=None),
        )
        await store_change(engine, change)
    await bench.watchlist.load()
    await bench.run_for(HOUR)
    assert bench.publisher.ids == [
        "schedule:binance:spot:BTCUSDT:1h:20260105T110000Z",
        "schedule:binance:spot:ETHUSDT:1h:20260105T110000Z",
        "schedule:binance:spot:ETHUSDT:1h:20260105T120000Z",
    ]
