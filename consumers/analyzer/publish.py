"""Publish outcomes: encode their events and send each until the broker acknowledges it."""

import structlog

from broker.outages import Outages
from broker.ports import Broker, Message, MessageTooLarge
from broker.publish_retry import publish_until_acknowledged
from consumers.analyzer.events import build_completed, build_failed
from consumers.analyzer.outcome import Completed, Expired, Failed, Outcome
from consumers.analyzer.unchanged import PublishedLevels, identify
from runtime import tracing
from runtime.clock import Clock
from runtime.metrics import CLOSES, REQUESTS, STAGE_SECONDS
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.topics import encode_completed, encode_failed, encode_unchanged

_log = structlog.get_logger(__name__)

_SPAN_ATTRIBUTES = {"messaging.system": "kafka"}
_SECONDS = STAGE_SECONDS.labels("publish")
_COMPLETED = REQUESTS.labels("completed")
_UNCHANGED = CLOSES.labels("unchanged")

_Event = AnalysisCompleted | AnalysisFailed | AnalysisUnchanged


class OutcomePublisher:
    """`source` is the `ce_source` of the events; `publish_every`: as PublishedLevels."""

    def __init__(
        self, broker: Broker, clock: Clock, outages: Outages | None, source: str, publish_every: int = 1
    ) -> None:
        self._broker = broker
        self._clock = clock
        self._outages = outages
        self._source = source
        self._published = PublishedLevels(publish_every)

    async def publish(self, outcome: Outcome) -> None:
        """Return once every event of the outcome is acknowledged. Raises MessageTooLarge."""
        match outcome:
            case Completed():
                await self._publish_completed(outcome)
            case Expired():
                await self._publish_failed(_to_failed(outcome))
            case Failed():
                await self._publish_failed(outcome)

    async def _publish_completed(self, outcome: Completed) -> None:
        finding = identify(outcome.analysis)
        if unchanged := self._published.find_unchanged(outcome, finding, self._clock.now()):
            await self._send(unchanged, outcome)
            self._published.record_unchanged(outcome)
            _UNCHANGED.inc()
            return
        ids, analysis = outcome.request_ids, outcome.analysis
        for event in build_completed(analysis, outcome.market, ids, self._clock.now(), outcome.notes):
            await self._send(event, outcome)
        self._published.record_full(outcome, finding)
        _COMPLETED.inc(len(ids))
        _log.info(
            "analysis.completed", requests=len(ids), levels=len(analysis.levels), candles=analysis.input_limit
        )

    async def _publish_failed(self, outcome: Failed) -> None:
        tracing.mark_failed(outcome.reason)
        for event in build_failed(
            outcome.request_ids,
            outcome.market,
            outcome.reason,
            outcome.message,
            attempts=outcome.attempts,
            failed_at=self._clock.now(),
        ):
            await self._send(event, outcome)
        REQUESTS.labels(outcome.reason).inc(len(outcome.request_ids))
        _log.warning(
            "analysis.failed" if outcome.market else "request.refused",
            request_id=next(iter(outcome.request_ids), None),
            requests=len(outcome.request_ids),
            reason=outcome.reason,
            message=outcome.message,
        )

    async def _send(self, event: _Event, outcome: Completed | Failed) -> None:
        with tracing.span("publish", _SPAN_ATTRIBUTES, tracing.SpanKind.PRODUCER):
            message = self._encode(event, outcome)
            try:
                await self._send_acknowledged(message)
            except MessageTooLarge:
                if event.market is not None or message.key is None:
                    raise
                # The key of a refused request is the sender's, and may be what is too large.
                await self._send_acknowledged(Message(message.topic, None, message.value, message.headers))

    def _encode(self, event: _Event, outcome: Completed | Failed) -> Message:
        trace = tracing.current_traceparent(outcome.traceparent)
        if isinstance(event, AnalysisCompleted):
            return Message(*encode_completed(event, source=self._source, traceparent=trace))
        if isinstance(event, AnalysisUnchanged):
            return Message(*encode_unchanged(event, source=self._source, traceparent=trace))
        key = outcome.key if isinstance(outcome, Failed) else None
        return Message(*encode_failed(event, source=self._source, traceparent=trace, key=key))

    async def _send_acknowledged(self, message: Message) -> None:
        with _SECONDS.time():
            await publish_until_acknowledged(self._broker, message, self._clock, outages=self._outages)


def _to_failed(outcome: Expired) -> Failed:
    error = f"; the exchange's last error: {outcome.last_error}" if outcome.last_error else ""
    return Failed(
        outcome.market,
        outcome.request_ids,
        "expired",
        f"not answered before its expires_at{error}",
        outcome.attempts,
        outcome.traceparent,
    )
