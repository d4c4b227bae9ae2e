"""Requests in, results out: every request that comes in here is answered on a topic."""

import asyncio
from collections.abc import Collection, Hashable, Sequence
from datetime import datetime
from weakref import WeakValueDictionary

import structlog
from structlog.contextvars import bound_contextvars

from broker.outages import Outages
from broker.ports import Broker, Message, MessageTooLarge, Record
from broker.publish_retry import publish_until_acknowledged
from broker.retry import INTERNAL_ERROR, Fail, decide
from consumers.analyzer.answer import completed, failed
from consumers.analyzer.breaker import Breakers
from consumers.analyzer.desk import Desk
from consumers.analyzer.fetch import Fetch, OutOfPatience
from consumers.analyzer.group import Group, equal_work
from consumers.analyzer.intake import Asked, read_request
from consumers.analyzer.recent import Answered, Fetched, RecentSeries
from exchanges.ports import CandleSource, Series
from levels import Analysis, InvalidParams, Params, TooFewCandles, analyze
from runtime import tracing
from runtime.clock import Clock
from runtime.errors import Permanent
from runtime.metrics import QUEUE_WAIT, RECENT_SERIES, REQUESTS_ENDED, STAGE_SECONDS
from schemas.events import FailureReason
from schemas.market import Market, candle_period
from schemas.requests import InvalidRequest
from schemas.topics import encode_completed, encode_failed

_log = structlog.get_logger(__name__)

_PUBLISHING = {"messaging.system": "kafka"}


class Analyzer:
    """Decodes, lanes and handles for the consumer loop. `name` is the `ce_source` of its events.

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
        self._broker = broker
        self._source = source
        self._clock = clock
        self._exchange = exchange
        self._name = name
        self._outages = outages
        self._slots = asyncio.Semaphore(concurrency)
        self._breakers = Breakers()
        self._recent = RecentSeries()
        self._answered = Answered()
        # A desk lasts as long as somebody waits at it.
        self._desks: WeakValueDictionary[str, Desk] = WeakValueDictionary()

    def decode(self, record: Record) -> Asked:
        """Raises Malformed."""
        return read_request(record, exchange=self._exchange, now=self._clock.now())

    def lane(self, asked: Asked) -> Hashable:
        """A lane of its own for each: order within a market is kept, and fetches are shared, at the market's desk."""
        return asked.lane

    def deadline(self, asked: Asked) -> datetime | None:
        """Until when the exchange may be waited for on this request's behalf; None: not at all."""
        if isinstance(asked.request, InvalidRequest):
            return None
        desk = self._desks.get(asked.request.market.key)
        # Sent twice, a request waits for the later of its deadlines.
        at_desk = desk.deadline(asked.request_id) if desk is not None else None
        return at_desk or asked.request.expires_at

    async def handle(self, batch: Sequence[Asked]) -> None:
        """Answer every request. Returns when the broker has the answers."""
        for asked in batch:
            QUEUE_WAIT.observe(max(0.0, (self._clock.now() - asked.sent_at).total_seconds()))
            if isinstance(asked.request, InvalidRequest):
                await self._refuse(asked, asked.request)
            elif (equal_work(asked.request), asked.request_id) not in self._answered:
                await self._desk(asked.request.market).answered(asked, asked.request)

    def _desk(self, market: Market) -> Desk:
        desk = self._desks.get(market.key)
        if desk is None:
            desk = self._desks[market.key] = Desk(self._clock, answer=self._answer, expired=self._expire)
        return desk

    async def _answer(self, group: Group, desk: Desk) -> None:
        fetch = Fetch(self._source, group, self._clock, self._slots, self._breakers)
        told: tracing.Attributes = {
            "strandline.market": group.market.key,
            "strandline.requests": len(group.waiting),
        }
        with (
            bound_contextvars(market=group.market.key, request_id=next(iter(group.waiting), None)),
            tracing.continuing(group.traceparent, "analyze", told),
        ):
            try:
                analysis = await self._analysis(group, desk, fetch)
                if analysis is not None:
                    await self._complete(group, analysis)
            except OutOfPatience as error:
                await self._expire(group, error.request_ids, fetch)
            except Exception as error:  # noqa: BLE001 (a bug of ours must end this request, not the others)
                await self._end(group, error, fetch.attempts)

    async def _end(self, group: Group, error: Exception, attempts: int) -> None:
        """Whoever still waits is told why there will be no result."""
        decision = decide(error, attempts, now=self._clock.monotonic(), deadline=None, random=1.0)
        failure = decision if isinstance(decision, Fail) else Fail("internal", INTERNAL_ERROR)
        if failure.message == INTERNAL_ERROR:
            _log.error("analysis.broke", exc_info=error)
        await self._fail(group, group.waiting, failure.reason, failure.message, attempts=attempts)

    async def _analysis(self, group: Group, desk: Desk, fetch: Fetch) -> Analysis | None:
        """What the group asked for; None when every member expired first. Raises Permanent, OutOfPatience."""
        params = _params(group)
        key = (group.market.key, group.limit)
        period = candle_period(self._clock.now(), group.market.timeframe)
        series = self._recent.get(key, self._clock.monotonic(), period)
        RECENT_SERIES.labels("miss" if series is None else "hit").inc()
        if series is None:
            with STAGE_SECONDS.labels("fetch").time(), tracing.span("fetch"):
                series = await desk.candles(group, fetch)
            if series is None:
                return None
            self._recent.put(key, Fetched(series, self._clock.monotonic(), fetch.period))
        with STAGE_SECONDS.labels("compute").time(), tracing.span("compute"):
            return await _computed(series, params)

    async def _expire(self, group: Group, ids: Collection[str], fetch: Fetch | None) -> None:
        trouble = f"; the exchange's last word: {fetch.trouble}" if fetch and fetch.trouble else ""
        message = f"not answered before its expires_at{trouble}"
        await self._fail(group, ids, "expired", message, attempts=fetch.attempts if fetch else 0)

    async def _complete(self, group: Group, analysis: Analysis) -> None:
        ids = group.waiting
        for event in completed(analysis, group.market, ids, self._clock.now()):
            with tracing.span("publish", _PUBLISHING, tracing.SpanKind.PRODUCER):
                encoded = encode_completed(
                    event, source=self._name, traceparent=tracing.here(group.traceparent)
                )
                await self._publish(Message(*encoded))
        for request_id in ids:
            self._answered.add((group.words, request_id))
        self._tell_joined(group, ids)
        group.answered(ids)
        REQUESTS_ENDED.labels("completed").inc(len(ids))
        _log.info(
            "analysis.completed", requests=len(ids), levels=len(analysis.levels), candles=analysis.input_limit
        )

    async def _fail(
        self, group: Group, ids: Collection[str], reason: FailureReason, message: str, *, attempts: int
    ) -> None:
        now = self._clock.now()
        tracing.went_wrong(reason)
        for event in failed(ids, group.market, reason, message, attempts=attempts, failed_at=now):
            with tracing.span("publish", _PUBLISHING, tracing.SpanKind.PRODUCER):
                encoded = encode_failed(event, source=self._name, traceparent=tracing.here(group.traceparent))
                await self._publish(Message(*encoded))
        self._tell_joined(group, ids)
        group.answered(ids)
        REQUESTS_ENDED.labels(reason).inc(len(ids))
        _log.warning(
            "analysis.failed",
            request_id=next(iter(ids), None),
            requests=len(ids),
            reason=reason,
            message=message,
        )

    def _tell_joined(self, group: Group, ids: Collection[str]) -> None:
        """Each request has a trace of its own, and those that joined another's fetch end in theirs as well."""
        if tracing.enabled():
            for asked in group.joined(ids):
                told = {"strandline.request_id": asked.request_id, "strandline.market": group.market.key}
                now = self._clock.now()
                tracing.recorded(
                    asked.traceparent, "analyze, joined", asked.sent_at, now, told, link_here=True
                )

    async def _refuse(self, asked: Asked, error: InvalidRequest) -> None:
        traceparent = tracing.continued(asked.traceparent)
        now = self._clock.now()
        for event in failed([asked.request_id], None, error.reason, str(error), attempts=0, failed_at=now):
            encoded = encode_failed(event, source=self._name, traceparent=traceparent, key=asked.key)
            try:
                await self._publish(Message(*encoded))
            except MessageTooLarge:  # for its key, which is whatever the sender wrote
                await self._publish(Message(encoded.topic, None, encoded.value, encoded.headers))
        REQUESTS_ENDED.labels(error.reason).inc()
        _log.warning("request.refused", request_id=asked.request_id, reason=error.reason, message=str(error))

    async def _publish(self, message: Message) -> None:
        with STAGE_SECONDS.labels("publish").time():
            await publish_until_acknowledged(self._broker, message, self._clock, outages=self._outages)


def _params(group: Group) -> Params:
    try:
        return Params.from_dict(group.params)
    except InvalidParams as error:
        raise Permanent("invalid_request", f"params: {error}") from error


async def _computed(series: Series, params: Params) -> Analysis:
    try:
        return await asyncio.to_thread(analyze, series.closed, params, last_price=series.last_price)
    except TooFewCandles as error:
        raise Permanent("too_few_candles", str(error)) from error
