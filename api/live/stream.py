"""The live stream: one reader of the broker per process, and its events for every client of the process.

Recent events are kept, so that a client that reconnects gets what it missed. Ids are `<instance>-<sequence>`: another
process, or this one after a restart, does not know them and answers `reset`.
"""

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Protocol

import structlog
from pydantic import ValidationError

from api.live.events import LATEST_ONLY, EventFilter, EventKind, StreamEvent, build_reset
from api.live.listener import StreamListener
from api.prices.live_prices import LivePrices
from broker.ports import Broker, Edge, Record
from broker.retry import Attempt, Backoff, attempts, no_jitter
from runtime.clock import Clock
from runtime.errors import StrandlineError, Transient
from runtime.metrics import STREAM_CLIENTS
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.event_types import find_unknown_type
from schemas.events import AnalysisCompleted, AnalysisFailed, PriceTicked
from schemas.level_events import AnyLevelEvent, LevelEventBase, read_level_event
from schemas.market import instrument_key
from schemas.topics import FAILURES, LEVELS, PRICES, RESULTS, UNCHANGED, WATCH_EVENTS
from schemas.watch_events import AnyWatchEvent, read_watch_event

TopicEvent = (
    AnalysisCompleted | AnalysisUnchanged | AnalysisFailed | PriceTicked | AnyWatchEvent | AnyLevelEvent
)

_PARSERS: dict[str, tuple[EventKind, Callable[[bytes], TopicEvent]]] = {
    RESULTS.name: ("result", AnalysisCompleted.model_validate_json),
    UNCHANGED.name: ("unchanged", AnalysisUnchanged.model_validate_json),
    FAILURES.name: ("failure", AnalysisFailed.model_validate_json),
    PRICES.name: ("price", PriceTicked.model_validate_json),
    WATCH_EVENTS.name: ("watch", read_watch_event),
    LEVELS.name: ("level", read_level_event),
}
_MAX_EVENTS = 1_000
_BACKOFF = Backoff(initial=1.0, maximum=30.0)
_STOP_TIMEOUT = 5.0
_log = structlog.get_logger(__name__)


class ResultFollower(Protocol):
    """Follows the results of the stream inside this process."""

    def update(self, event: AnalysisCompleted) -> None:
        """Receive a result."""
        ...

    def mark_interrupted(self) -> None:
        """Receive that results were missed."""
        ...


class LiveStream:
    """`max_events` bounds the recent events that are kept, and those that wait for one client.

    Prices and closes without change are not kept, because newer ones follow: they carry the id of the last other event.
    """

    def __init__(self, broker: Broker, clock: Clock, *, max_events: int = _MAX_EVENTS) -> None:
        self._broker = broker
        self._clock = clock
        self._max_events = max_events
        self._instance = secrets.token_hex(4)
        self._sequence = 0
        self._recent: deque[tuple[int, StreamEvent]] = deque(maxlen=max_events)
        self._listeners: set[StreamListener] = set()
        self.prices = LivePrices(clock)
        self._followers: list[ResultFollower] = []

    def add_follower(self, follower: ResultFollower) -> None:
        """Pass every result from now on to `follower`."""
        self._followers.append(follower)

    @property
    def position(self) -> str:
        """The id of the last event."""
        return f"{self._instance}-{self._sequence}"

    @property
    def has_opened(self) -> bool:
        """Whether the broker has been reached: from then on every gap is announced by a `reset`."""
        return self._sequence > 0

    @property
    def listener_count(self) -> int:
        return len(self._listeners)

    def count_listeners_of(self, client: str) -> int:
        """Return how many streams `client` has open."""
        return sum(listener.client == client for listener in self._listeners)

    @asynccontextmanager
    async def run_in_background(self) -> AsyncIterator[None]:
        """Run inside this context; at its end all listeners are closed."""
        task = asyncio.create_task(self.run(), name="live stream")
        try:
            yield
        finally:
            self.close()
            task.cancel()
            await asyncio.wait({task}, timeout=_STOP_TIMEOUT)

    async def run(self) -> None:
        """Read the topics of the broker until cancelled; retry while that fails."""
        async for attempt in attempts(self._clock, _BACKOFF, draw=no_jitter):
            with attempt:
                await self._read_topics(attempt)
            if attempt.error:
                _log.warning("stream.interrupted", **attempt.log_fields)

    async def _read_topics(self, attempt: Attempt) -> None:
        """Broadcast what is published from now on; `attempt` is reset once the topics are open. Raises Transient."""
        try:
            async with self._broker.read(tuple(_PARSERS), Edge.END) as reader:
                attempt.reset()
                # Clients that are connected may have missed what was published until now.
                self._broadcast_reset("the stream was interrupted")
                async for record in reader:
                    self._broadcast(record)
        except StrandlineError as error:
            raise Transient(str(error)) from error
        except Exception as error:  # logged and retried, see below
            # If the task ended here, clients would take the silence for a healthy stream.
            _log.exception("stream.failed")
            raise Transient(f"{type(error).__name__}: see the traceback above") from error
        raise Transient("the reader ended")

    @contextmanager
    def listen(
        self, wanted: EventFilter, last_id: str | None = None, *, client: str = ""
    ) -> Iterator[StreamListener]:
        """Open a listener for the events after `last_id`, or from now on."""
        listener = StreamListener(wanted, self._max_events, client)
        for event in self._events_since(last_id):
            listener.enqueue(event)
        self._listeners.add(listener)
        try:
            with STREAM_CLIENTS.track_inprogress():
                yield listener
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """Close all listeners, so that a server that stops need not wait for their streams."""
        for listener in self._listeners:
            listener.close()

    def _broadcast(self, record: Record) -> None:
        if record.value is None:  # a tombstone, which compaction uses to delete a market
            return
        if unknown := find_unknown_type(record.headers):
            _log.warning("event.skipped", topic=record.topic, offset=record.offset, type=unknown[:100])
            return
        kind, parse = _PARSERS[record.topic]
        try:
            payload = parse(record.value)
        except (ValidationError, OverflowError):
            _log.warning("event.unreadable", topic=record.topic, offset=record.offset)
            return
        if isinstance(payload, PriceTicked):
            self.prices.update(payload)
        if kind not in LATEST_ONLY:
            self._sequence += 1
        elif not self._listeners:
            return
        if isinstance(payload, AnalysisCompleted):
            for follower in self._followers:
                follower.update(payload)
        instrument, market = _locate(payload)
        event = StreamEvent(self.position, kind, instrument, market, payload.model_dump_json())
        if kind not in LATEST_ONLY:
            self._recent.append((self._sequence, event))
        for listener in self._listeners:
            listener.enqueue(event)

    def _broadcast_reset(self, reason: str) -> None:
        self._sequence += 1
        # There is a gap between the events that are kept and those that follow.
        self._recent.clear()
        for follower in self._followers:
            follower.mark_interrupted()
        for listener in self._listeners:
            listener.enqueue(build_reset(self.position, reason))

    def _events_since(self, last_id: str | None) -> list[StreamEvent]:
        if last_id is None:
            return []
        instance, _, number = last_id.rpartition("-")
        oldest = self._recent[0][0] - 1 if self._recent else self._sequence
        if (
            instance != self._instance
            or not number.isdecimal()
            or not oldest <= int(number) <= self._sequence
        ):
            return [build_reset(self.position, "this Last-Event-ID is not known here")]
        return [event for sequence, event in self._recent if sequence > int(number)]


def _locate(event: TopicEvent) -> tuple[str | None, str | None]:
    """Return the instrument and the market key of an event, where it has them."""
    if isinstance(event, AnalysisCompleted | AnalysisUnchanged | AnalysisFailed | LevelEventBase):
        market = event.market
        return (market.instrument, market.key) if market is not None else (None, None)
    return instrument_key(event.exchange, event.market_type, event.symbol), None
