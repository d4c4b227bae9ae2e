"""Turn results into the events of their levels: load the states, apply the results, publish, then save the states.

Nothing is kept in memory between two batches. After a crash the same results meet the same states, so that what is
published again has the same ids; a result whose state is saved has all of its events on the topic.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.outages import Outages
from broker.ports import Broker, Message, Record
from broker.publish_retry import publish_until_acknowledged
from broker.retry import attempts
from consumers.tracker.closes import apply_result
from consumers.tracker.decode import IncomingResult, decode_result
from consumers.tracker.market_state import MarketState
from consumers.tracker.state_repository import load_states, save_states
from runtime import metrics
from runtime.clock import Clock
from schemas.level_events import AnyLevelEvent
from schemas.topics import encode_level_event

_log = structlog.get_logger(__name__)

SOURCE = "/strandline/tracker"

T = TypeVar("T")


class Tracker:
    """Decodes and handles results for the consumer loop."""

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

    def decode(self, record: Record) -> IncomingResult:
        """Decode a record of the results topic. Raises Malformed."""
        return decode_result(record)

    def ordering_key(self, _item: IncomingResult) -> Hashable:
        """Give all results one key: one batch at a time, with everything that arrived during the last one."""
        return "tracker"

    async def handle(self, batch: Sequence[IncomingResult]) -> None:
        """Return once the events of these results are published and their states saved, however long that takes."""
        keys = {item.event.market.key for item in batch if item.event is not None}
        states = await self._retry(lambda: load_states(self._engine, keys))
        changed: dict[str, MarketState] = {}
        outgoing: dict[str, list[Message]] = {}
        for item in batch:
            if item.event is None:
                continue
            key = item.event.market.key
            close = apply_result(states.get(key), item.event)
            if close is not None:
                states[key] = changed[key] = close.state
                outgoing.setdefault(key, []).extend(_to_messages(close.events, item.traceparent))
        async with asyncio.TaskGroup() as publishing:
            for messages in outgoing.values():
                publishing.create_task(self._publish(messages))
        if changed:
            await self._retry(lambda: save_states(self._engine, changed))

    async def _publish(self, messages: Sequence[Message]) -> None:
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


def _to_messages(events: Sequence[AnyLevelEvent], traceparent: str | None) -> list[Message]:
    for event in events:
        metrics.LEVEL_EVENTS.labels(event.type).inc()
    return [Message(*encode_level_event(event, source=SOURCE, traceparent=traceparent)) for event in events]
