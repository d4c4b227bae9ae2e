"""Publishes a request for each watched market just after its candle closes. One scheduler is enough; two cost little.

`schedule.py` decides what is due. A request for a candle has the same id in every scheduler, and one that has a job
already is not published again; `standby.py` keeps schedulers from publishing at the same moment.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Sequence, Set

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.health import Reasons
from producers.requests.publisher import RequestPublisher
from producers.scheduler.agenda import Agenda
from producers.scheduler.phases import load_phases
from producers.scheduler.schedule import DueRequest, SchedulePolicy, TokenBucket, request_id_of
from producers.scheduler.standby import Standby
from producers.watchlist.selection import WatchlistSelection
from producers.watchlist.watchlist import Watchlist
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Transient
from schemas.market import Market
from schemas.requests import MIN_CANDLES, AnalysisRequested, RequestBody
from schemas.values import to_ms
from storage.candle_times import load_candle_times
from storage.database_errors import translate_errors
from storage.jobs import find_existing_ids

_log = structlog.get_logger(__name__)

MAX_PAUSE = 5.0
MIN_PAUSE = 0.05
"""Seconds between two rounds."""

MAX_ROUND_GAP = 120.0
"""Seconds: a scheduler whose last round ended longer ago hangs."""

_LOOKUP_TIMEOUT = 5.0

_PHASES_SECONDS = 600.0
"""Between two looks at where the candles of stored results begin."""

_PUBLISH_CONCURRENCY = 64
"""Requests in flight at once: one at a time, each would wait for the acknowledgement of the one before."""


class Scheduler:
    """Keeps the markets of the watchlist fresh. Each round publishes what is due."""

    def __init__(
        self,
        watchlist: Watchlist,
        *,
        publisher: RequestPublisher,
        engine: AsyncEngine,
        clock: Clock,
        policy: SchedulePolicy,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._watchlist = watchlist
        self._publisher = publisher
        self._engine = engine
        self._clock = clock
        self._policy = policy
        self._agenda = Agenda(policy)
        self._markets: tuple[Market, ...] = ()
        self._bucket = TokenBucket(self._now_ms(), 1.0)
        self._standby = Standby(self._now_ms(), draw)
        self._last_round_at = clock.monotonic()
        self._publish_error = ""
        self._phases_due_at = clock.monotonic()

    def why_not_alive(self) -> Reasons:
        silent = self._clock.monotonic() - self._last_round_at
        return () if silent <= MAX_ROUND_GAP else (f"no round for {silent:.0f} s: restart this process",)

    def why_not_ready(self) -> Reasons:
        missing = self._watchlist.missing_lists
        reasons = [f"the markets of {name} are not known yet: is it reachable?" for name in missing]
        return [*reasons, self._publish_error] if self._publish_error else reasons

    async def run(self) -> None:
        """Run rounds until cancelled. Raises ConfigurationError where the database is not as it should be."""
        while True:
            pause = await self.run_round()
            self._last_round_at = self._clock.monotonic()
            await self._clock.sleep(pause)

    async def run_round(self) -> float:
        """Publish what is due, as fast as the rate allows; return the seconds until the next round."""
        if (selection := self._watchlist.take_selection()) is not None:
            self._watch(selection)
        await self._learn_phases()
        now = self._now_ms()
        self._bucket = self._bucket.refill(now, self._policy.rate)
        batch = self._agenda.take(int(self._bucket.tokens), now - self._standby_ms())
        if batch:
            await self._request_batch(batch)
        metrics.SCHEDULE_WAITING.set(len(self._agenda))
        return self._pause()

    async def _learn_phases(self) -> None:
        """Take the phases of candles from stored results, now and then; the last known ones while that fails."""
        if self._clock.monotonic() < self._phases_due_at:
            return
        self._phases_due_at = self._clock.monotonic() + _PHASES_SECONDS
        try:
            with translate_errors():
                async with asyncio.timeout(_LOOKUP_TIMEOUT), self._engine.connect() as connection:
                    self._agenda.set_phases(await load_phases(connection), self._now_ms())
        except Transient as error:
            _log.warning("schedule.phases_not_read", error=str(error))

    def _pause(self) -> float:
        if self._publish_error:
            return MAX_PAUSE
        if len(self._agenda):
            return max(MIN_PAUSE, 1 / self._policy.rate)
        next_at = self._agenda.next_at()
        seconds = MAX_PAUSE if next_at is None else (next_at + self._standby_ms() - self._now_ms()) / 1_000
        return min(max(seconds, MIN_PAUSE), MAX_PAUSE)

    async def _request_batch(self, batch: Sequence[DueRequest]) -> None:
        """Publish the requests that have no job yet, several at once; what fails is due again."""
        batch = await self._leave_out_current(batch)
        known_jobs = await self._find_known_jobs([request_id_of(due) for due in batch])
        self._publish_error = ""
        waiting = deque(batch)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(len(batch), _PUBLISH_CONCURRENCY)):
                    group.create_task(self._publish_from(waiting, known_jobs))
        finally:
            for due in waiting:
                self._agenda.put_back(due)

    async def _leave_out_current(self, batch: Sequence[DueRequest]) -> Sequence[DueRequest]:
        """Return the requests whose candle no row has yet; where a feed follows a market its rows have it already."""
        try:
            with translate_errors():
                async with asyncio.timeout(_LOOKUP_TIMEOUT), self._engine.connect() as connection:
                    times = await load_candle_times(connection, [due.market for due in batch])
        except Transient as error:
            _log.warning("schedule.rows_not_read", error=str(error))
            return batch
        for due in batch:
            if times.get(due.market.key, -1) >= due.candle:
                self._record(due, "current")
        return [due for due in batch if times.get(due.market.key, -1) < due.candle]

    async def _publish_from(self, waiting: deque[DueRequest], known_jobs: Set[str]) -> None:
        """Publish from the left until none waits, or until the broker does not acknowledge one."""
        while waiting and not self._publish_error:
            due = waiting.popleft()
            if request_id_of(due) in known_jobs:
                self._record(due, "known")
            elif await self._publish(due):
                self._record(due, "published")
            else:
                self._agenda.put_back(due)

    async def _publish(self, due: DueRequest) -> bool:
        """Return whether the broker acknowledged the request."""
        self._bucket = self._bucket.take(1)
        try:
            await self._publisher.publish(self._build_request(due))
        except Transient as error:
            # The broker may have it: the same id goes out again, which is safe.
            _log.warning("schedule.not_published", market=due.market.key, error=str(error))
            self._publish_error = "requests are not acknowledged: see STRANDLINE_KAFKA_BOOTSTRAP"
            return False
        metrics.SCHEDULE_LATENESS.observe(max(0.0, (self._now_ms() - due.at) / 1_000))
        return True

    def _record(self, due: DueRequest, outcome: str) -> None:
        self._agenda.record(due)
        self._standby.record(due.at, is_known=outcome != "published")
        metrics.SCHEDULED.labels(due.market.exchange, outcome).inc()

    def _build_request(self, due: DueRequest) -> AnalysisRequested:
        body = RequestBody(
            symbol=due.market.symbol,
            exchange=due.market.exchange,
            market_type=due.market.market_type,
            timeframe=due.market.timeframe,
            limit=MIN_CANDLES,
        )
        return AnalysisRequested.of(
            body, exchange=due.market.exchange, request_id=request_id_of(due), at=self._clock.now()
        )

    async def _find_known_jobs(self, request_ids: Sequence[str]) -> set[str]:
        """Return those of the ids that have a job; none where the database does not answer."""
        try:
            with translate_errors():
                async with asyncio.timeout(_LOOKUP_TIMEOUT), self._engine.connect() as connection:
                    return await find_existing_ids(connection, request_ids)
        except Transient as error:
            # A second request is safe, a missing one is not.
            _log.warning("schedule.jobs_not_read", error=str(error))
            return set()

    def _watch(self, selection: WatchlistSelection) -> None:
        if selection.markets != self._markets:
            _log.info("schedule.watching", markets=len(selection.markets))
        self._markets = selection.markets
        self._agenda.watch(selection.markets, self._now_ms(), selection.priorities)
        metrics.SCHEDULE_MARKETS.set(len(selection.markets))

    def _standby_ms(self) -> int:
        return int(self._standby.delay * 1_000)

    def _now_ms(self) -> int:
        return to_ms(self._clock.now())
