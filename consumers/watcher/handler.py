"""Feed prices and changes of the table to the engine, and publish the fires and expiries that follow.

After every assignment the engine is rebuilt from table and topics, which have what other watchers did since.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Sequence
from datetime import UTC, timedelta
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.outages import Outages
from broker.ports import Broker, Message, Partition, Record
from broker.publish_retry import publish_until_acknowledged
from broker.retry import attempts
from consumers.watcher import watch_repository
from consumers.watcher.candle_checks import CandleCheck
from consumers.watcher.candle_fetch import CandleFetcher
from consumers.watcher.decode import IncomingPrice, decode_price
from consumers.watcher.engine import WatchEngine
from consumers.watcher.index import NO_SILENCE
from consumers.watcher.replay import events_start, replay_events, replay_prices
from consumers.watcher.watch import Fire
from exchanges.ports import CandleSource
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.tracing import current_traceparent
from schemas.topics import PRICES, WATCH_EVENTS, encode_watch_event
from schemas.values import from_ms, to_ms
from schemas.watch_events import AnyWatchEvent

_log = structlog.get_logger(__name__)

SOURCE = "/strandline/watcher"
REFRESH_INTERVAL = 1.0
"""Seconds between two reads of the table."""

_SAVE_INTERVAL = 5.0
"""Seconds between two writes of the last prices."""

_SIGHT_INTERVAL = 60.0
"""Seconds after a watch became blind or saw again in which prices are read at each refresh."""

_TABLE_LAG = 2 * _SAVE_INTERVAL
"""Seconds by which the last prices in the table may be behind when they are read."""

_COMMIT_OVERLAP = timedelta(seconds=30)
"""A change may be committed this long after its `updated_at`, or by a clock that is this far behind."""

_CHUNK_SIZE = 500

T = TypeVar("T")


class Watcher:
    """Decodes and handles prices for the consumer loop, which reports every assignment to `on_assigned`."""

    def __init__(
        self,
        *,
        broker: Broker,
        engine: AsyncEngine,
        clock: Clock,
        candles: CandleSource | None = None,
        max_silence: float = NO_SILENCE / 1_000,
        report_after: float = 0.0,
        blind_after: float = 60.0,
        outages: Outages | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._broker = broker
        self._database = engine
        self._clock = clock
        self._outages = outages or Outages(clock)
        self._draw = draw
        self._fetcher = CandleFetcher(candles, clock) if candles is not None else None
        self._max_silence = int(max_silence * 1_000)
        self._engine = WatchEngine()
        self._assigned: frozenset[Partition] = frozenset()
        self._assignment = 0
        self._loaded_assignment = 0
        self._replayed: set[Partition] = set()
        self._loading = asyncio.Lock()
        self._seen_until = clock.now()
        self._inactive_versions: dict[str, int] = {}
        self._prices_saved_at = -_SAVE_INTERVAL
        self._publishing = 0
        self._report_after = report_after
        self._blind_after = blind_after
        self._prices_read_at = -_SAVE_INTERVAL
        self._sight_changed_at = clock.monotonic()

    def decode(self, record: Record) -> IncomingPrice:
        """Decode a record of the prices topic. Raises Malformed."""
        return decode_price(record, self._clock.now())

    def ordering_key(self, _price: IncomingPrice) -> Hashable:
        """Give all prices one key: evaluating takes no time, and no two batches meet in the middle of loading."""
        return "watcher"

    def on_assigned(self, partitions: Sequence[Partition]) -> None:
        """Discard what is known: other watchers may have had these partitions since."""
        self._assigned = frozenset(partitions)
        self._assignment += 1

    async def handle(self, batch: Sequence[IncomingPrice]) -> None:
        """Return once every fire of these prices is published, however long that takes.

        Raises ConfigurationError where the table does not exist.
        """
        engine = await self._load_if_reassigned()
        fires = await self._replay_if_new(engine, batch)
        fires += [
            fire for price in batch if price.tick for fire in engine.apply_tick(price.instrument, price.tick)
        ]
        metrics.WATCH_TICKS.inc(len(batch))
        await self._publish_fires(fires)

    async def follow_table(self) -> None:
        """Call `refresh` every second while partitions are assigned, until cancelled."""
        while True:
            await self._clock.sleep(REFRESH_INTERVAL)
            if self._assigned:
                await self.refresh()

    async def follow_candles(self) -> None:
        """Check candles every second while partitions are assigned, until cancelled."""
        while True:
            await self._clock.sleep(REFRESH_INTERVAL)
            if self._assigned:
                await self.check_candles()

    async def check_candles(self) -> None:
        """Fetch the candles that can be checked now, and publish what they show. No-op without a source."""
        if self._fetcher is None:
            return
        engine = await self._load_if_reassigned()
        checks = self._fetcher.select_due(engine.find_checks(to_ms(self._clock.now())))
        async with asyncio.TaskGroup() as group:
            for check in checks:
                group.create_task(self._check(engine, self._fetcher, check))

    async def _check(self, engine: WatchEngine, fetcher: CandleFetcher, check: CandleCheck) -> None:
        found = await fetcher.fetch(check)
        if found is None or engine is not self._engine:
            return
        await self._publish_fires(
            engine.apply_candles(check, found.closed, found.unclosed, to_ms(self._clock.now()))
        )

    async def refresh(self) -> None:
        """Apply what changed in the table and publish expiries; what fails is repeated at the next refresh."""
        engine = await self._load_if_reassigned()
        try:
            fires = await self._apply_changes(engine)
            await self._save_armings(engine)
            await self._save_prices(engine)
        except Transient as error:
            _log.warning("watcher.table_unread", seconds=REFRESH_INTERVAL, error=str(error))
            fires = []
        metrics.WATCHES.set(len(engine))
        await self._publish_fires(fires + engine.step_overdue(to_ms(self._clock.now())))
        if Partition(PRICES.name, 0) in self._assigned:
            # Exactly one watcher has this partition, so each expiry is published by one.
            is_read = await self._read_prices(engine)
            await self._publish(engine.expire(to_ms(self._clock.now())))
            if is_read and self._report_after:
                await self._report_sight(engine)

    async def _load_if_reassigned(self) -> WatchEngine:
        """Return the engine for the present assignment."""
        async with self._loading:
            while self._loaded_assignment != self._assignment:
                assignment = self._assignment
                self._engine = await self._retry(self._load)
                self._replayed = set()
                self._loaded_assignment = assignment
            return self._engine

    async def _load(self) -> WatchEngine:
        engine, started_at = WatchEngine(self._max_silence), self._clock.now()
        engine.set_known_prices(await watch_repository.load_prices(self._database))
        watches = await watch_repository.load_active(self._database)
        await replay_events(self._broker, engine, events_start(watches, started_at))
        for number, loaded in enumerate(watches):
            engine.put(loaded)
            if number % _CHUNK_SIZE == 0:
                await asyncio.sleep(0)  # many watches must not delay heartbeats, nor the API inside `up`
        self._seen_until, self._inactive_versions = started_at, {}
        self._sight_changed_at = self._clock.monotonic()
        engine.mark_loaded(to_ms(started_at))
        metrics.WATCHES.set(len(engine))
        _log.info("watcher.loaded", watches=len(engine))
        return engine

    async def _replay_if_new(self, engine: WatchEngine, batch: Sequence[IncomingPrice]) -> list[Fire]:
        """Replay the prices before the first one of each newly assigned partition, and return their fires."""
        firsts: dict[Partition, int] = {}
        for price in batch:
            if price.partition not in self._replayed:
                firsts.setdefault(price.partition, price.offset)
        fires: list[Fire] = []
        if not firsts:
            return fires
        published = from_ms(min(price.published_at for price in batch))
        await self._retry(
            lambda: replay_prices(self._broker, engine, firsts, published, self._clock.now(), fires.extend)
        )
        if engine is self._engine:
            self._replayed.update(firsts)
        return fires

    async def _apply_changes(self, engine: WatchEngine) -> list[Fire]:
        """Put or remove the watches that changed since the last read, and return their fires."""
        started_at = self._clock.now()
        versions = await watch_repository.load_versions_since(
            self._database, self._seen_until - _COMMIT_OVERLAP
        )
        changed = {
            watch_id
            for watch_id, version in versions.items()
            if version not in {engine.version(watch_id), self._inactive_versions.get(watch_id)}
        }
        watches = await watch_repository.load_active_by_id(self._database, changed)
        active = {loaded.watch.id: loaded for loaded in watches}
        fires = [fire for loaded in active.values() for fire in engine.put(loaded)]
        for watch_id in changed - active.keys():
            engine.remove(watch_id)
        inactive = changed - active.keys() | self._inactive_versions.keys() & versions.keys() - active.keys()
        self._inactive_versions = {watch_id: versions[watch_id] for watch_id in inactive}
        self._seen_until = started_at
        engine.mark_loaded(to_ms(started_at))
        return fires

    async def _read_prices(self, engine: WatchEngine) -> bool:
        """Read the last prices of all watchers, every few seconds; return whether they were read now.

        At each call in the minute after a watch became blind, so that it sees again by the first price.
        """
        now = self._clock.monotonic()
        is_watched = now - self._sight_changed_at < _SIGHT_INTERVAL and engine.has_blind
        if now - self._prices_read_at < _SAVE_INTERVAL and not is_watched:
            return False
        self._prices_read_at = now
        try:
            engine.note_prices(await watch_repository.load_prices(self._database))
        except Transient as error:
            _log.warning("watcher.table_unread", seconds=_SAVE_INTERVAL, error=str(error))
            return False
        return True

    async def _report_sight(self, engine: WatchEngine) -> None:
        """Publish which watches have become blind or see again, by the prices that all watchers have saved.

        A price that is not in the table yet makes no watch blind.
        """
        events = engine.update_sight(
            to_ms(self._clock.now()),
            report_after=int((self._report_after + _TABLE_LAG) * 1_000),
            blind_after=int(self._blind_after * 1_000),
        )
        if events:
            self._sight_changed_at = self._clock.monotonic()
        await self._publish(events)

    async def _save_armings(self, engine: WatchEngine) -> None:
        armings = engine.find_unsaved_armings()
        await watch_repository.save_armings(self._database, armings)
        for watch_id, arming in armings.items():
            engine.mark_saved(watch_id, arming.armed_at)

    async def _save_prices(self, engine: WatchEngine) -> None:
        """Save the last prices every few seconds, and the first after a silence at once: until when watches have seen.

        Not while a fire is being published: after a crash, prices and candles are evaluated again from what is saved.
        """
        now = self._clock.monotonic()
        if self._publishing:
            return
        after_silence = int(self._blind_after * 1_000)
        if now - self._prices_saved_at >= _SAVE_INTERVAL:
            self._prices_saved_at, after_silence = now, 0
        await watch_repository.save_prices(self._database, engine.find_unsaved_prices(after_silence))

    async def _publish_fires(self, fires: Sequence[Fire]) -> None:
        self._publishing += 1
        try:
            await self._publish([fire.to_event() for fire in fires])
        finally:
            self._publishing -= 1
        for fire in fires:
            metrics.WATCH_FIRES.labels(fire.watch.condition).inc()
            if not fire.is_late:
                delay = self._clock.now().astimezone(UTC).timestamp() - fire.tick.published_at / 1_000
                metrics.WATCH_FIRE_SECONDS.observe(max(0.0, delay))

    async def _publish(self, events: Sequence[AnyWatchEvent]) -> None:
        for start in range(0, len(events), _CHUNK_SIZE):
            async with asyncio.TaskGroup() as publishing:
                for event in events[start : start + _CHUNK_SIZE]:
                    publishing.create_task(self._publish_one(event))

    async def _publish_one(self, event: AnyWatchEvent) -> None:
        message = Message(*encode_watch_event(event, source=SOURCE, traceparent=current_traceparent()))
        await publish_until_acknowledged(self._broker, message, self._clock, outages=self._outages)
        _log.info("watch." + event.type, watch_id=event.watch_id, id=event.event_id, topic=WATCH_EVENTS.name)

    async def _retry(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` until it succeeds, while broker or database is unreachable."""
        async for attempt in attempts(self._clock, outages=self._outages, draw=self._draw):
            with attempt:
                result = await work()
            if attempt.error:
                _log.warning("watcher.retry", **attempt.log_fields)
        return result
