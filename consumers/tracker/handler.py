"""Turn results and prices into the events of levels: load the states, apply, save, publish, then save again.

Of a close nothing is kept in memory. A state is saved with the events that lead to it before they are published, and
without them once they are acknowledged: what a crash kept back is published when the market is loaded again, with the
same ids, also where the results are gone with the process. A live event is saved
before it is published, and published again by the tracker that loads it, until a close resolves it.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.outages import Outages
from broker.ports import Broker, Message, Partition, Record
from broker.publish_retry import publish_until_acknowledged
from broker.retry import attempts
from consumers.tracker.closes import Close, apply_result, apply_unchanged
from consumers.tracker.decode import Incoming, IncomingPrice, IncomingResult, decode
from consumers.tracker.events import to_live_event
from consumers.tracker.live import OpenEvent
from consumers.tracker.live_levels import LiveLevels
from consumers.tracker.market_state import MarketState
from consumers.tracker.open_events import load_open_events, save_open_events, to_open_event, to_open_record
from consumers.tracker.standing.engine import StandingEngine
from consumers.tracker.state_repository import load_states, save_states
from runtime import metrics
from runtime.clock import Clock
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted
from schemas.level_events import AnyLevelEvent, read_level_event
from schemas.topics import encode_level_event, encode_watch_event
from schemas.watch_events import WatchFired

_log = structlog.get_logger(__name__)

SOURCE = "/strandline/tracker"

_MAX_UNSENT = 25_000
"""Bytes of events of a market that are saved at once, and one close more: MySQL's TEXT holds 65,535."""

T = TypeVar("T")


class Tracker:
    """Decodes and handles results and prices for the consumer loop, which reports every assignment to `on_assigned`."""

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
        self._live = LiveLevels(engine, clock)
        self._standing = StandingEngine(engine, clock)
        self._is_reassigned = False

    def decode(self, record: Record) -> Incoming:
        """Decode a record of the results or the prices topic. Raises Malformed."""
        return decode(record)

    def ordering_key(self, _item: Incoming) -> Hashable:
        """Give all records one key: one batch at a time, with everything that arrived during the last one."""
        return "tracker"

    def on_assigned(self, _partitions: Sequence[Partition]) -> None:
        """Discard what is known of prices before the next batch: other trackers may have had these partitions since."""
        self._is_reassigned = True

    async def handle(self, batch: Sequence[Incoming]) -> None:
        """Return once all events of these records are published and saved, however long that takes."""
        if self._is_reassigned:
            self._is_reassigned = False
            self._live.clear()
            self._standing.clear()
        if results := [item for item in batch if isinstance(item, IncomingResult)]:
            await self._handle_results(results)
        if prices := [item for item in batch if isinstance(item, IncomingPrice)]:
            await self._handle_prices(prices)

    async def _handle_results(self, batch: Sequence[IncomingResult]) -> None:
        while batch:
            batch = batch[await self._handle_some(batch) :]

    async def _handle_some(self, batch: Sequence[IncomingResult]) -> int:
        """Handle results until the events of a market are as much as its row may hold; return how many they were."""
        keys = {item.event.market.key for item in batch if item.event is not None}
        states = await self._retry(lambda: load_states(self._engine, keys))
        open_rows = await self._retry(lambda: load_open_events(self._engine, keys))
        changed = {key: replace(state, unsent=()) for key, state in states.items() if state.unsent}
        outgoing = {key: to_messages(read_unsent(states[key]), None) for key in changed}
        resolved: set[str] = set()
        handled = 0
        for handled, item in enumerate(batch, start=1):  # noqa: B007 - the number is returned
            if item.event is None:
                continue
            key = item.event.market.key
            waiting = [row for row in open_rows.get(key, ()) if row["event_id"] not in resolved]
            close = _apply(states.get(key), item.event, [to_open_event(row) for row in waiting])
            if close is None:
                continue
            states[key] = changed[key] = close.state
            resolved.update(row["event_id"] for row in waiting if row["candle_at"] <= close.state.candle_at)
            outgoing.setdefault(key, []).extend(to_messages(close.events, item.traceparent))
            if sum(len(message.value or b"") for message in outgoing[key]) > _MAX_UNSENT:
                break
        if any(outgoing.values()):
            unsent = {key: hold_unsent(state, outgoing.get(key, ())) for key, state in changed.items()}
            await self._retry(lambda: save_states(self._engine, unsent, resolved))
            await self._publish(outgoing.values())
        if changed:
            await self._retry(lambda: save_states(self._engine, changed, resolved))
        self._live.forget_closed({key.rpartition(":")[0] for key in changed})
        return handled

    async def _handle_prices(self, batch: Sequence[IncomingPrice]) -> None:
        ticks = [(price.instrument, price.tick) for price in batch if price.tick is not None]
        left_over = await self._retry(lambda: self._live.load({instrument for instrument, _ in ticks}))
        await self._publish_live([read_level_event(row["event"].encode()) for row in left_over])
        hits = [hit for instrument, tick in ticks for hit in self._live.get(instrument).advance(tick)]
        if hits:
            events = [to_live_event(hit) for hit in hits]
            rows = [to_open_record(hit, event) for hit, event in zip(hits, events, strict=True)]
            await self._retry(lambda: save_open_events(self._engine, rows))
            await self._publish_live(events)
        await self._retry(self._standing.refresh)
        await self._retry(lambda: self._standing.advance(ticks, self._live.get))
        await self._retry(lambda: self._standing.publish_due(self._publish_fires))

    async def _publish_fires(self, fires: Sequence[WatchFired]) -> None:
        for fire in fires:
            metrics.WATCH_FIRES.labels(fire.condition).inc()
        await self._publish([[Message(*encode_watch_event(fire, source=SOURCE))] for fire in fires])

    async def _publish_live(self, events: Sequence[AnyLevelEvent]) -> None:
        outgoing: dict[str, list[Message]] = {}
        for event in events:
            outgoing.setdefault(event.market.key, []).extend(to_messages([event], None))
        await self._publish(outgoing.values())

    async def _publish(self, markets: Iterable[Sequence[Message]]) -> None:
        async with asyncio.TaskGroup() as publishing:
            for messages in markets:
                publishing.create_task(self._publish_in_order(messages))

    async def _publish_in_order(self, messages: Sequence[Message]) -> None:
        """Publish the events of one market one after the other, so that a repeated send does not change their order."""
        for message in messages:
            await publish_until_acknowledged(self._broker, message, self._clock, outages=self._outages)

    async def _retry(self, work: Callable[[], Awaitable[T]]) -> T:
        """Run `work` until it succeeds, while the database is unreachable."""
        async for attempt in attempts(self._clock, outages=self._outages, draw=self._draw):
            with attempt:
                result = await work()
            if attempt.error:
                _log.warning("tracker.retry", **attempt.log_fields)
        return result


def _apply(
    state: MarketState | None, event: AnalysisCompleted | AnalysisUnchanged, open_events: Sequence[OpenEvent]
) -> Close | None:
    if isinstance(event, AnalysisUnchanged):
        return apply_unchanged(state, event, open_events)
    return apply_result(state, event, open_events)


def hold_unsent(state: MarketState, messages: Sequence[Message]) -> MarketState:
    """Return a state with the events that lead to it, as long as they are not acknowledged."""
    return replace(state, unsent=tuple(message.value.decode() for message in messages if message.value))


def read_unsent(state: MarketState) -> list[AnyLevelEvent]:
    """Return the events that a tracker saved, and may not have published before it ended."""
    return [read_level_event(text.encode()) for text in state.unsent]


def to_messages(events: Sequence[AnyLevelEvent], traceparent: str | None) -> list[Message]:
    """Return the records of events, and count them."""
    for event in events:
        metrics.LEVEL_EVENTS.labels(event.type).inc()
    return [Message(*encode_level_event(event, source=SOURCE, traceparent=traceparent)) for event in events]
