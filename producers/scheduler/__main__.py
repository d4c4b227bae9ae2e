"""The scheduler: asks for each watched market just after its candle closes. One is enough; two cost next to nothing.

What is due is decided by `schedule.py`. A request for a candle has the same id whoever asks, and one that has a job
already is not published again.
"""

import asyncio
from collections.abc import Sequence

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.health import Reasons, serve_health
from exchanges.ccxt.source import CcxtCandleSource
from exchanges.ports import MarketLists
from producers.requests.publisher import RequestPublisher
from producers.role_process import RoleProcess, role_process
from producers.scheduler.market_lists import KnownMarkets
from producers.scheduler.schedule import Allowance, Due, Pace, due, next_moment, request_id
from producers.scheduler.watchlist import Chosen, Entry, chosen, read_watchlist
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import ConfigurationError, Transient
from runtime.settings import Settings
from runtime.tasks import cancel_and_wait
from schemas.market import Market
from schemas.requests import LEAST_CANDLES, AnalysisRequested, RequestBody
from schemas.values import to_ms
from storage.database import database_engine
from storage.database_errors import translated
from storage.jobs import known_ids

_log = structlog.get_logger(__name__)

LONGEST_NAP = 5.0
SHORTEST_NAP = 0.05
LONGEST_TURN = 120.0
"""Seconds: how long it sleeps at most and at least, and how long a turn may take before it counts as hung."""

_LONGEST_LOOK = 5.0
_LAST_WAIT = 5.0


class Scheduler:
    """Asks for what `entries` mean, as far as `known` tells. A turn does what is due now."""

    def __init__(
        self,
        entries: Sequence[Entry],
        *,
        known: KnownMarkets,
        publisher: RequestPublisher,
        engine: AsyncEngine,
        clock: Clock,
        pace: Pace,
    ) -> None:
        self._entries = entries
        self._known = known
        self._publisher = publisher
        self._engine = engine
        self._clock = clock
        self._pace = pace
        self._asked: dict[str, int] = {}
        self._markets: tuple[Market, ...] = ()
        self._allowance = Allowance(self._now(), 1.0)
        self._last_turn = clock.monotonic()
        self._trouble = ""
        self._choose()

    def why_not_alive(self) -> Reasons:
        silent = self._clock.monotonic() - self._last_turn
        return () if silent <= LONGEST_TURN else (f"no turn for {silent:.0f} s: restart this process",)

    def why_not_ready(self) -> Reasons:
        away = {entry.exchange for entry in self._entries if entry.asks_the_list} - self._known.listed.keys()
        reasons = [f"the markets of {name} are not known yet: is it reachable?" for name in sorted(away)]
        return [*reasons, self._trouble] if self._trouble else reasons

    async def run(self) -> None:
        """For ever. Raises ConfigurationError where the database is not as it should be."""
        while True:
            nap = await self.turn()
            self._last_turn = self._clock.monotonic()
            await self._clock.sleep(nap)

    async def turn(self) -> float:
        """Ask for what is due, as fast as the rate allows; the seconds until there is something to do again."""
        if self._known.changed.is_set():
            self._known.changed.clear()
            self._choose()
        now = self._now()
        waiting = due(self._markets, self._asked, now, self._pace)
        self._allowance = self._allowance.grown(now, self._pace.rate)
        batch = waiting[: int(self._allowance.left)]
        done = await self._ask(batch) if batch else 0
        metrics.SCHEDULE_WAITING.set(len(waiting) - done)
        if self._trouble:
            return LONGEST_NAP
        if len(waiting) > done:
            return max(SHORTEST_NAP, 1 / self._pace.rate)
        following = next_moment(self._markets, self._now(), self._pace)
        until = LONGEST_NAP if following is None else (following - self._now()) / 1_000
        return min(max(until, SHORTEST_NAP), LONGEST_NAP)

    async def _ask(self, batch: Sequence[Due]) -> int:
        """Publish those that nobody asked for yet; how many are done with."""
        there = await self._known_among([request_id(one) for one in batch])
        self._trouble = ""
        for done, one in enumerate(batch):
            if request_id(one) in there:
                self._settled(one, "known")
                continue
            try:
                await self._publisher.publish(self._request(one))
            except Transient as error:
                # Whether it was taken is not known: the same id goes out again, which is safe.
                _log.warning("schedule.not_published", market=one.market.key, error=str(error))
                self._trouble = "requests are not acknowledged: see STRANDLINE_KAFKA_BOOTSTRAP"
                return done
            self._allowance = self._allowance.spent(1)
            self._settled(one, "published")
            metrics.SCHEDULE_LATENESS.observe(max(0.0, (self._now() - one.at) / 1_000))
        return len(batch)

    def _settled(self, one: Due, outcome: str) -> None:
        self._asked[one.market.key] = one.candle
        metrics.SCHEDULED.labels(one.market.exchange, outcome).inc()

    def _request(self, one: Due) -> AnalysisRequested:
        body = RequestBody(
            symbol=one.market.symbol,
            exchange=one.market.exchange,
            market_type=one.market.market_type,
            timeframe=one.market.timeframe,
            limit=LEAST_CANDLES,
        )
        return AnalysisRequested.of(
            body, exchange=one.market.exchange, request_id=request_id(one), at=self._clock.now()
        )

    async def _known_among(self, request_ids: Sequence[str]) -> set[str]:
        try:
            with translated():
                async with asyncio.timeout(_LONGEST_LOOK), self._engine.connect() as connection:
                    return await known_ids(connection, request_ids)
        except Transient as error:
            # Asking twice is safe, and not asking at all is not.
            _log.warning("schedule.jobs_not_read", error=str(error))
            return set()

    def _choose(self) -> None:
        found: Chosen = chosen(self._entries, self._known.listed)
        if found.unknown:
            _log.warning("schedule.unknown_markets", markets=found.unknown[:20], count=len(found.unknown))
        if found.markets != self._markets:
            _log.info("schedule.watching", markets=len(found.markets))
        self._markets = found.markets
        metrics.SCHEDULE_MARKETS.set(len(found.markets))

    def _now(self) -> int:
        return to_ms(self._clock.now())


async def run(
    process: RoleProcess, entries: Sequence[Entry], engine: AsyncEngine, source: MarketLists
) -> None:
    """Keep what `entries` mean fresh until the process stops."""
    settings, clock = process.settings, process.clock
    known = KnownMarkets(source, engine, settings.exchanges, clock)
    # No journal: a job that is there then shows that the broker has the request, for the sink wrote it from there.
    scheduler = Scheduler(
        entries,
        known=known,
        publisher=RequestPublisher(process.broker, source="/strandline/scheduler", clock=clock),
        engine=engine,
        clock=clock,
        pace=Pace(settings.schedule_delay, settings.schedule_spread, settings.schedule_rate),
    )
    with serve_health(process.health, scheduler.why_not_alive, scheduler.why_not_ready, name="scheduler"):
        working = [asyncio.create_task(known.run()), asyncio.create_task(scheduler.run())]
        stopping = asyncio.create_task(process.stop.wait())
        try:
            done, _ = await asyncio.wait({*working, stopping}, return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                task.result()
        finally:
            for task in (*working, stopping):
                await cancel_and_wait(task)


async def main(settings: Settings) -> None:
    """Run the scheduler as a process of its own. Raises ConfigurationError without a watchlist."""
    async with role_process(settings, "scheduler") as process:
        entries = read_watchlist(settings)
        if not entries:
            raise ConfigurationError(
                "there are no markets to schedule: set STRANDLINE_WATCHLIST "
                "(such as binance:spot:*USDT:1h>10000000), or STRANDLINE_WATCHLIST_FILE"
            )
        async with database_engine(settings) as engine, CcxtCandleSource(settings) as source:
            await run(process, entries, engine, source)


if __name__ == "__main__":
    asyncio.run(main(Settings.load()))
