"""The analyzer as the consumer loop sees it: decode a record, submit it to its market's queue, done when published."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from weakref import WeakValueDictionary

from broker.outages import Outages
from broker.ports import Broker, Record
from consumers.analyzer.analyze import SeriesAnalyzer
from consumers.analyzer.decode import Incoming, IncomingRequest, RefusedRequest, decode_request
from consumers.analyzer.fetch import CandleFetcher
from consumers.analyzer.market_queue import MarketQueue
from consumers.analyzer.outcome import Completed, Failed
from consumers.analyzer.publish import OutcomePublisher
from consumers.analyzer.recent import CompletedRequests
from exchanges.ports import CandleSource
from runtime import tracing
from runtime.clock import Clock
from runtime.metrics import QUEUE_WAIT
from schemas.market import Market


class Analyzer:
    """`name` is the `ce_source` of its events.

    `concurrency` bounds the fetches under way at once; requests that wait are bounded by the loop's window.
    """

    def __init__(
        self,
        *,
        broker: Broker,
        source: CandleSource,
        clock: Clock,
        exchange: str,
        concurrency: int = 16,
        outages: Outages | None = None,
        name: str = "/strandline/analyzer",
    ) -> None:
        self._clock = clock
        self._exchange = exchange
        self._fetcher = CandleFetcher(source, clock, concurrency)
        self._analyzer = SeriesAnalyzer()
        self._publisher = OutcomePublisher(broker, clock, outages, name)
        self._completed = CompletedRequests()
        # A queue lives while a `submit` of it runs.
        self._queues: WeakValueDictionary[str, MarketQueue] = WeakValueDictionary()

    def decode(self, record: Record) -> Incoming:
        """Raises Malformed."""
        return decode_request(record, exchange=self._exchange, now=self._clock.now())

    def ordering_key(self, incoming: Incoming) -> Hashable:
        """Return a key of the record's own: the market's queue keeps the order, and requests join in it."""
        return incoming.position

    def deadline(self, incoming: Incoming) -> datetime | None:
        """Return until when this request may wait for the exchange; None: not at all."""
        if isinstance(incoming, RefusedRequest):
            return None
        queue = self._queues.get(incoming.market.key)
        # Submitted twice, a request waits for its later deadline.
        waits_until = queue.deadline(incoming.request_id) if queue is not None else None
        return waits_until or incoming.request.expires_at

    async def handle(self, batch: Sequence[Incoming]) -> None:
        """Return when the broker has acknowledged an outcome for each request."""
        for incoming in batch:
            QUEUE_WAIT.observe(max(0.0, (self._clock.now() - incoming.sent_at).total_seconds()))
            if isinstance(incoming, RefusedRequest):
                await self._refuse(incoming)
            else:
                await self._complete(incoming)

    async def _complete(self, incoming: IncomingRequest) -> None:
        key = (incoming.coalescing_key, incoming.request_id)
        if key in self._completed:
            return
        outcome = await self._queue(incoming.market).submit(incoming)
        if isinstance(outcome, Completed):
            self._completed.add(key)

    async def _refuse(self, refused: RefusedRequest) -> None:
        outcome = Failed(
            market=None,
            request_ids=(refused.request_id,),
            reason=refused.error.reason,
            message=str(refused.error),
            traceparent=refused.traceparent,
            key=refused.key,
        )
        with tracing.continue_trace(refused.traceparent, "refuse"):
            await self._publisher.publish(outcome)

    def _queue(self, market: Market) -> MarketQueue:
        queue = self._queues.get(market.key)
        if queue is None:
            queue = self._queues[market.key] = MarketQueue(
                self._clock, self._fetcher, self._analyzer, self._publisher
            )
        return queue
