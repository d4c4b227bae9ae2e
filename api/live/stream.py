"""The live stream: one reader of the broker per process, fanned out to every client of it.

What was told lately is kept, so that a client that lost its line gets what it missed. Ids are
`<instance>-<sequence>`: another process, or this one after a restart, does not know them, and says `reset`.
"""

import secrets
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from pydantic import ValidationError

from api.live.subscriber import Happening, Interest, Kind, Listener, reset
from api.prices.board import TickedPrices
from broker.ports import Broker, Edge, Record
from broker.retry import Attempt, Backoff, attempts, no_jitter
from runtime.clock import Clock
from runtime.errors import StrandlineError, Transient
from runtime.metrics import STREAM_CLIENTS
from schemas.events import (
    AnalysisCompleted,
    AnalysisFailed,
    PriceTicked,
    WatchExpired,
    WatchFired,
    read_watch_event,
)
from schemas.market import instrument_key
from schemas.topics import FAILURES, PRICES, RESULTS, WATCH_EVENTS

Event = AnalysisCompleted | AnalysisFailed | PriceTicked | WatchFired | WatchExpired

_EVENTS: dict[str, tuple[Kind, Callable[[bytes], Event]]] = {
    RESULTS.name: ("result", AnalysisCompleted.model_validate_json),
    FAILURES.name: ("failure", AnalysisFailed.model_validate_json),
    PRICES.name: ("price", PriceTicked.model_validate_json),
    WATCH_EVENTS.name: ("watch", read_watch_event),
}
_KEPT = 1_000
_BACKOFF = Backoff(initial=1.0, maximum=30.0)
_log = structlog.get_logger(__name__)


class LiveStream:
    """`kept`: how many happenings can be told again, and how many may wait for one client.

    Prices are not told again, since the next is never far: they bear the id of what was told before them.
    """

    def __init__(self, broker: Broker, clock: Clock, *, kept: int = _KEPT) -> None:
        self._broker = broker
        self._clock = clock
        self._kept = kept
        self._instance = secrets.token_hex(4)
        self._sequence = 0
        self._recent: deque[tuple[int, Happening]] = deque(maxlen=kept)
        self._listeners: set[Listener] = set()
        self.prices = TickedPrices(clock)

    @property
    def position(self) -> str:
        """The id of what was told last."""
        return f"{self._instance}-{self._sequence}"

    @property
    def opened(self) -> bool:
        """Whether the broker was ever reached: from then on nothing is missed without a word."""
        return self._sequence > 0

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    def listeners_of(self, client: str) -> int:
        return sum(listener.client == client for listener in self._listeners)

    async def run(self) -> None:
        """Read the broker's topics until cancelled, again and again while that fails."""
        async for attempt in attempts(self._clock, _BACKOFF, draw=no_jitter):
            with attempt:
                await self._read_topics(attempt)
            if attempt.error:
                _log.warning("live stream interrupted", **attempt.log_fields)

    async def _read_topics(self, attempt: Attempt) -> None:
        """Pass on what is published from now on; `attempt` is reset once the topics are open. Raises Transient."""
        try:
            async with self._broker.read(tuple(_EVENTS), Edge.END) as reader:
                attempt.reset()
                # Whoever listens already may have missed what was published until now.
                self._tell_reset("the stream was interrupted")
                async for record in reader:
                    self._tell(record)
        except StrandlineError as error:
            raise Transient(str(error)) from error
        except Exception as error:
            # To clients, a stream that ended here would look alive for ever.
            _log.exception("live stream failed")
            raise Transient(f"{type(error).__name__}: see the traceback above") from error
        raise Transient("the reader ended")

    @contextmanager
    def listen(
        self, interest: Interest, last_id: str | None = None, *, client: str = ""
    ) -> Iterator[Listener]:
        """A client that is told what follows `last_id`, or from now on."""
        listener = Listener(interest, self._kept, client)
        for happening in self._missed_since(last_id):
            listener.offer(happening)
        self._listeners.add(listener)
        try:
            with STREAM_CLIENTS.track_inprogress():
                yield listener
        finally:
            self._listeners.discard(listener)

    def close(self) -> None:
        """End the streams of all clients, so that a server that stops need not wait for them."""
        for listener in self._listeners:
            listener.close()

    def _tell(self, record: Record) -> None:
        # No value: a market that compaction is asked to forget.
        if record.value is None:
            return
        kind, read = _EVENTS[record.topic]
        try:
            event = read(record.value)
        except (ValidationError, OverflowError):
            _log.warning("unreadable event", topic=record.topic, offset=record.offset)
            return
        if isinstance(event, PriceTicked):
            self.prices.hear(event)
            if not self._listeners:
                return
        else:
            self._sequence += 1
        place, market = _whereabouts(event)
        happening = Happening(self.position, kind, place, market, event.model_dump_json())
        if kind != "price":
            self._recent.append((self._sequence, happening))
        for listener in self._listeners:
            listener.offer(happening)

    def _tell_reset(self, reason: str) -> None:
        self._sequence += 1
        # What is kept does not lead up to what comes next: it must not be told as if it did.
        self._recent.clear()
        for listener in self._listeners:
            listener.offer(reset(self.position, reason))

    def _missed_since(self, last_id: str | None) -> list[Happening]:
        if last_id is None:
            return []
        instance, _, number = last_id.rpartition("-")
        oldest = self._recent[0][0] - 1 if self._recent else self._sequence
        if (
            instance != self._instance
            or not number.isdecimal()
            or not oldest <= int(number) <= self._sequence
        ):
            return [reset(self.position, "this Last-Event-ID is not known here")]
        return [happening for sequence, happening in self._recent if sequence > int(number)]


def _whereabouts(event: Event) -> tuple[str | None, str | None]:
    """The place and the market key of what it is about, as far as it is about one."""
    if isinstance(event, AnalysisCompleted | AnalysisFailed):
        market = event.market
        return (market.instrument, market.key) if market is not None else (None, None)
    return instrument_key(event.exchange, event.market_type, event.symbol), None
