"""Prices in, fires out. The deciding is the desk's; this loads it, feeds it, and publishes what follows.

After every assignment it begins anew from table and topics: what another watcher did meanwhile is found there.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextlib import ExitStack
from datetime import UTC, timedelta
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.outages import Outages
from broker.ports import Broker, Message, Partition, Record
from broker.publish_retry import publish_until_acknowledged
from broker.retry import retry_delay
from consumers.watcher import listing
from consumers.watcher.desk import Desk
from consumers.watcher.intake import Told, read_price
from consumers.watcher.recovery import hear_events, heard_from, look_back
from consumers.watcher.watch import Fire
from runtime import metrics
from runtime.clock import Clock
from runtime.errors import Transient
from runtime.tracing import current_traceparent
from schemas.events import WatchExpired, WatchFired
from schemas.topics import PRICES, WATCH_EVENTS, encode_watch_event
from schemas.values import from_ms, to_ms

_log = structlog.get_logger(__name__)

SOURCE = "/strandline/watcher"
EVERY = 1.0
"""Seconds between two looks at the table."""

_OVERLAP = timedelta(seconds=30)
"""A change may be committed so long after the time it bears, and by a clock that is behind."""

_AT_ONCE = 500

T = TypeVar("T")


class Watcher:
    """Decodes, lanes and handles for the consumer loop, which tells it of every assignment."""

    def __init__(
        self,
        *,
        broker: Broker,
        engine: AsyncEngine,
        clock: Clock,
        outages: Outages | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._broker = broker
        self._engine = engine
        self._clock = clock
        self._outages = outages or Outages(clock)
        self._draw = draw
        self._desk = Desk()
        self._assigned: frozenset[Partition] = frozenset()
        self._assignment = 0
        self._loaded_for = 0
        self._looked_back: set[Partition] = set()
        self._loading = asyncio.Lock()
        self._seen_until = clock.now()
        self._not_at_work: dict[str, int] = {}

    def decode(self, record: Record) -> Told:
        """Raises Malformed."""
        return read_price(record, self._clock.now())

    def ordering_key(self, _told: Told) -> Hashable:
        """Everything in one lane: deciding takes no time, and no two batches meet half-way through loading."""
        return "watcher"

    def assigned(self, partitions: Sequence[Partition]) -> None:
        """What is known so far is of the past: others may have had these partitions."""
        self._assigned = frozenset(partitions)
        self._assignment += 1

    async def handle(self, batch: Sequence[Told]) -> None:
        """Returns once every fire of these prices is published, however long that takes.

        Raises ConfigurationError where the table is not there.
        """
        desk = await self._ready()
        fires = await self._look_back(desk, batch)
        fires += [fire for told in batch if told.tick for fire in desk.tick(told.place, told.tick)]
        metrics.WATCH_TICKS.inc(len(batch))
        await self._tell(fires)

    async def follow(self) -> None:
        """Once a second: take in what changed in the table, tell what expired. Until cancelled."""
        while True:
            await self._clock.sleep(EVERY)
            if self._assigned:
                await self.turn()

    async def turn(self) -> None:
        """One look at the table. What does not go well is tried again at the next."""
        desk = await self._ready()
        try:
            fires = await self._take_changes(desk)
            await self._keep_armed(desk)
        except Transient as error:
            _log.warning("watcher.table_unread", seconds=EVERY, error=str(error))
            fires = []
        metrics.WATCHES.set(len(desk))
        await self._tell(fires)
        if Partition(PRICES.name, 0) in self._assigned:
            # One of all watchers has it: so each end is told by one.
            await self._publish(desk.expired(to_ms(self._clock.now())))

    async def _ready(self) -> Desk:
        """The desk for what is assigned now."""
        async with self._loading:
            while self._loaded_for != self._assignment:
                assignment = self._assignment
                self._desk = await self._patiently(self._loaded)
                self._looked_back = set()
                self._loaded_for = assignment
            return self._desk

    async def _loaded(self) -> Desk:
        desk, seen_until = Desk(), self._clock.now()
        watches = await listing.all_at_work(self._engine)
        await hear_events(self._broker, desk, heard_from(watches, seen_until))
        for number, listed in enumerate(watches):
            desk.put(listed)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)  # a great many must not hold up heartbeats, nor the API inside `up`
        self._seen_until, self._not_at_work = seen_until, {}
        desk.looked(to_ms(seen_until))
        metrics.WATCHES.set(len(desk))
        _log.info("watcher.loaded", watches=len(desk))
        return desk

    async def _look_back(self, desk: Desk, batch: Sequence[Told]) -> list[Fire]:
        firsts: dict[Partition, int] = {}
        for told in batch:
            if told.partition not in self._looked_back:
                firsts.setdefault(told.partition, told.offset)
        fires: list[Fire] = []
        if not firsts:
            return fires
        first_told = from_ms(min(told.sent_ms for told in batch))
        await self._patiently(
            lambda: look_back(self._broker, desk, firsts, first_told, self._clock.now(), fires.extend)
        )
        if desk is self._desk:
            self._looked_back.update(firsts)
        return fires

    async def _take_changes(self, desk: Desk) -> list[Fire]:
        began = self._clock.now()
        versions = await listing.versions_since(self._engine, self._seen_until - _OVERLAP)
        changed = {
            watch_id
            for watch_id, version in versions.items()
            if version not in {desk.version(watch_id), self._not_at_work.get(watch_id)}
        }
        at_work = {listed.watch.id: listed for listed in await listing.at_work(self._engine, changed)}
        fires = [fire for listed in at_work.values() for fire in desk.put(listed)]
        for watch_id in changed - at_work.keys():
            desk.remove(watch_id)
        ended = changed - at_work.keys() | self._not_at_work.keys() & versions.keys() - at_work.keys()
        self._not_at_work = {watch_id: versions[watch_id] for watch_id in ended}
        self._seen_until = began
        desk.looked(to_ms(began))
        return fires

    async def _keep_armed(self, desk: Desk) -> None:
        armed = desk.armed()
        await listing.keep_armed(self._engine, armed)
        for watch_id, (_, armed_at) in armed.items():
            desk.kept(watch_id, armed_at)

    async def _tell(self, fires: Sequence[Fire]) -> None:
        await self._publish([fire.event() for fire in fires])
        for fire in fires:
            metrics.WATCH_FIRES.labels(fire.watch.condition).inc()
            delay = self._clock.now().astimezone(UTC).timestamp() - fire.tick.told / 1_000
            metrics.WATCH_FIRE_SECONDS.observe(max(0.0, delay))

    async def _publish(self, events: Sequence[WatchFired | WatchExpired]) -> None:
        for start in range(0, len(events), _AT_ONCE):
            async with asyncio.TaskGroup() as publishing:
                for event in events[start : start + _AT_ONCE]:
                    publishing.create_task(self._publish_one(event))

    async def _publish_one(self, event: WatchFired | WatchExpired) -> None:
        message = Message(*encode_watch_event(event, source=SOURCE, traceparent=current_traceparent()))
        await publish_until_acknowledged(self._broker, message, self._clock, outages=self._outages)
        _log.info("watch." + event.type, watch_id=event.watch_id, id=event.event_id, topic=WATCH_EVENTS.name)

    async def _patiently(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do it until it is done, while broker or database is away."""
        attempt = 0
        with ExitStack() as outage:
            while True:
                try:
                    return await work()
                except Transient as error:
                    attempt += 1
                    if attempt == 1:
                        outage.enter_context(self._outages.waiting())
                    seconds = retry_delay(attempt, random=self._draw(), retry_after=error.retry_after)
                    _log.warning(
                        "watcher.retry", attempt=attempt, seconds=round(seconds, 2), error=str(error)
                    )
                    await self._clock.sleep(seconds)
