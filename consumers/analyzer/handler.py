"""The analyzer as the consumer loop sees it: decode a record, submit it to its market's queue, done when published."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from weakref import WeakValueDictionary

from broker.outages import Outages
from broker.ports import Broker, Record
from consumers.analyzer.analysis_process import AnalysisProcess
from consumers.analyzer.analyze import SeriesAnalyzer
from consumers.analyzer.closes import CloseHandler
from consumers.analyzer.decode import (
    Incoming,
    IncomingCandle,
    IncomingRequest,
    RefusedRequest,
    decode_candle,
    decode_request,
)
from consumers.analyzer.fetch import CandleFetcher
from consumers.analyzer.market_queue import MarketQueue
from consumers.analyzer.outcome import Completed, Failed, Outcome
from consumers.analyzer.publish import OutcomePublisher
from consumers.analyzer.recent import CompletedRequests
from consumers.analyzer.series_at_hand import analyze_at_hand
from exchanges.ports import CandleJoiner, CandleSource, Series
from runtime import tracing
from runtime.clock import Clock
from runtime.metrics import QUEUE_WAIT
from schemas.market import Market
from schemas.topics import CANDLES


class Analyzer:
    """`name` is the `ce_source` of its events.

    `concurrency` bounds the fetches under way at once; requests that wait are bounded by the loop's window. A
    market whose closes change nothing is published in full at each `publish_every`-th.
    """

    def __init__(
        self,
        *,
        broker: Broker,
        source: CandleSource,
        joiner: CandleJoiner | None = None,
        clock: Clock,
        exchange: str,
        concurrency: int = 16,
        outages: Outages | None = None,
        name: str = "/strandline/analyzer",
        publish_every: int = 1,
        processes: Sequence[AnalysisProcess] = (),
    ) -> None:
        self._clock = clock
        self._exchange = exchange
        self._fetcher = CandleFetcher(source, clock, concurrency)
        self._analyzer = SeriesAnalyzer(processes=processes)
        self._publisher = OutcomePublisher(broker, clock, outages, name, publish_every)
        self._completed = CompletedRequests()
        self._closes = CloseHandler(
            joiner, self._fetcher, clock, self._submit, self._analyze_at_hand, self._has_requests
        )
        # A queue lives while a `submit` of it runs.
        self._queues: WeakValueDictionary[str, MarketQueue] = WeakValueDictionary()

    def decode(self, record: Record) -> Incoming:
        """Decode a record of the requests or the candles topic. Raises Malformed, and UnknownEventType."""
        if record.topic == CANDLES.name:
            return decode_candle(record, now=self._clock.now())
        return decode_request(record, exchange=self._exchange, now=self._clock.now())

    def ordering_key(self, incoming: Incoming) -> Hashable:
        """Return the market of a candle, and a key of a request's own: its market's queue keeps the order."""
        return incoming.market.key if isinstance(incoming, IncomingCandle) else incoming.position

    def deadline(self, incoming: Incoming) -> datetime | None:
        """Return until when this request may wait for the exchange; None: not at all."""
        if isinstance(incoming, RefusedRequest):
            return None
        if isinstance(incoming, IncomingCandle):
            return self._closes.deadline(incoming.market)
        queue = self._queues.get(incoming.market.key)
        # Submitted twice, a request waits for its later deadline.
        waits_until = queue.deadline(incoming.request_id) if queue is not None else None
        return waits_until or incoming.request.expires_at

    async def handle(self, batch: Sequence[Incoming]) -> None:
        """Return when the broker has acknowledged an outcome for each request, and for the candles of the batch."""
        candles = [incoming for incoming in batch if isinstance(incoming, IncomingCandle)]
        if candles:
            await self._closes.handle(candles)
        for incoming in batch:
            if isinstance(incoming, IncomingCandle):
                continue
            QUEUE_WAIT.observe(max(0.0, (self._clock.now() - incoming.sent_at).total_seconds()))
            if isinstance(incoming, RefusedRequest):
                await self._refuse(incoming)
            else:
                await self._complete(incoming)

    async def _complete(self, incoming: IncomingRequest) -> None:
        key = (incoming.coalescing_key, incoming.request_id)
        if key in self._completed:
            return
        outcome = await self._submit(incoming)
        if isinstance(outcome, Completed):
            self._completed.add(key)

    async def _submit(self, incoming: IncomingRequest) -> Outcome:
        return await self._queue(incoming.market).submit(incoming)

    async def _analyze_at_hand(self, market: Market, request_id: str, series: Series) -> Outcome:
        return await analyze_at_hand(market, request_id, series, self._analyzer, self._publisher)

    def _has_requests(self, market: Market) -> bool:
        return market.key in self._queues

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
