"""Requests in, results out: every request that comes in here is answered on a topic."""

import asyncio
from collections.abc import Hashable, Iterable, Sequence

import structlog

from consumers.analyzer.answer import completed, failed
from consumers.analyzer.fetch import Fetch
from consumers.analyzer.group import Group, equal_work, grouped
from consumers.analyzer.intake import Asked, read_request
from consumers.analyzer.recent import Answered, Fetched, RecentSeries
from levels import Analysis, InvalidParams, Params, TooFewCandles, analyze
from runtime.broker.acknowledged import publish_until_acknowledged
from runtime.broker.ports import Broker, Message, Record
from runtime.clock import Clock
from runtime.errors import Permanent
from runtime.markets.ports import CandleSource, Series
from runtime.tracing import continued
from schemas.events import FailureReason
from schemas.market import TIMEFRAMES, Market
from schemas.requests import AnalysisRequested, InvalidRequest
from schemas.topics import encode_completed, encode_failed
from schemas.values import to_ms

_log = structlog.get_logger(__name__)


class Analyzer:
    """Decodes, lanes and handles for the consumer loop. `name` is the `ce_source` of its events."""

    def __init__(
        self,
        *,
        broker: Broker,
        source: CandleSource,
        clock: Clock,
        exchange: str,
        name: str = "/strandline/analyzer",
    ) -> None:
        self._broker = broker
        self._source = source
        self._clock = clock
        self._exchange = exchange
        self._name = name
        self._recent = RecentSeries()
        self._answered = Answered()

    def decode(self, record: Record) -> Asked:
        """Raises Malformed."""
        return read_request(record, exchange=self._exchange, now=self._clock.now())

    def lane(self, asked: Asked) -> Hashable:
        return asked.lane

    async def handle(self, batch: Sequence[Asked]) -> None:
        """Answer every request of one lane. Returns when the broker has the answers."""
        fresh: list[tuple[Asked, AnalysisRequested]] = []
        for asked in batch:
            if isinstance(asked.request, InvalidRequest):
                await self._refuse(asked, asked.request)
            elif (equal_work(asked.request), asked.request_id) not in self._answered:
                fresh.append((asked, asked.request))
        for group in grouped(fresh):
            with structlog.contextvars.bound_contextvars(
                market=group.market.key, request_id=group.waiting[0]
            ):
                await self._answer(group)

    async def _answer(self, group: Group) -> None:
        fetch = Fetch(self._source, group, self._clock)
        try:
            analysis = await self._analysis(group, fetch)
        except InvalidParams as error:
            await self._fail(group, group.waiting, "invalid_request", f"params: {error}", attempts=0)
        except TooFewCandles as error:
            await self._fail(group, group.waiting, "too_few_candles", str(error), attempts=fetch.attempts)
        except Permanent as error:
            await self._fail(group, group.waiting, error.reason, str(error), attempts=fetch.attempts)
        except Exception:  # noqa: BLE001 (a bug of ours must end this request, not the others)
            _log.exception("analysis.broke")
            message = "an error of ours; the analyzer's log has it under this request id"
            await self._fail(group, group.waiting, "internal", message, attempts=fetch.attempts)
        else:
            if analysis is not None:
                await self._complete(group, analysis)

    async def _analysis(self, group: Group, fetch: Fetch) -> Analysis | None:
        """What the group asked for; None when every member expired first."""
        params = Params.from_dict(group.params)
        try:
            series = await self._candles(group, fetch)
        finally:
            await fetch.stop()
        if series is None:
            return None
        return await asyncio.to_thread(analyze, series.closed, params, last_price=series.last_price)

    async def _candles(self, group: Group, fetch: Fetch) -> Series | None:
        """The group's candles, fetched or joined; None when every member expired first."""
        key = (group.market.key, group.limit)
        while group.waiting:
            await self._expire(group, fetch)
            joined = self._recent.get(key, self._clock.monotonic(), self._period(group.market))
            series = joined or await fetch.until_expiry()
            if series is not None and joined is None:
                self._recent.put(key, Fetched(series, self._clock.monotonic(), self._period(group.market)))
            if series is not None:
                return series
        return None

    async def _expire(self, group: Group, fetch: Fetch) -> None:
        expired = group.expire(self._clock.now())
        if expired:
            trouble = f"; the exchange's last word: {fetch.trouble}" if fetch.trouble else ""
            message = f"not answered before its expires_at{trouble}"
            await self._fail(group, expired, "expired", message, attempts=fetch.attempts)

    async def _complete(self, group: Group, analysis: Analysis) -> None:
        traceparent = continued(group.traceparent)
        ids = group.waiting
        for event in completed(analysis, group.market, ids, self._clock.now()):
            await self._publish(Message(*encode_completed(event, source=self._name, traceparent=traceparent)))
        for request_id in ids:
            self._answered.add((group.work, request_id))
        _log.info(
            "analysis.completed", requests=len(ids), levels=len(analysis.levels), candles=analysis.input_limit
        )

    async def _fail(
        self, group: Group, ids: Iterable[str], reason: FailureReason, message: str, *, attempts: int
    ) -> None:
        traceparent = continued(group.traceparent)
        now = self._clock.now()
        for event in failed(ids, group.market, reason, message, attempts=attempts, failed_at=now):
            await self._publish(Message(*encode_failed(event, source=self._name, traceparent=traceparent)))
        _log.warning("analysis.failed", reason=reason, message=message)

    async def _refuse(self, asked: Asked, error: InvalidRequest) -> None:
        traceparent = continued(asked.traceparent)
        now = self._clock.now()
        for event in failed([asked.request_id], None, error.reason, str(error), attempts=0, failed_at=now):
            encoded = encode_failed(event, source=self._name, traceparent=traceparent, key=asked.key)
            await self._publish(Message(*encoded))
        _log.warning("request.refused", request_id=asked.request_id, reason=error.reason, message=str(error))

    async def _publish(self, message: Message) -> None:
        await publish_until_acknowledged(self._broker, message, clock=self._clock)

    def _period(self, market: Market) -> int:
        return to_ms(self._clock.now()) // TIMEFRAMES[market.timeframe]
