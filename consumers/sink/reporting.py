"""Metrics and spans of a committed batch."""

from collections.abc import Sequence
from datetime import datetime

from consumers.sink.batch import latest_per_market
from consumers.sink.decode import SinkEvent
from consumers.sink.quiet_closes import MovedRow
from runtime import tracing
from runtime.metrics import RESULT_DELAY, RESULTS_WRITTEN
from schemas.cloudevents import traceparent
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.market import Market, candle_end
from schemas.values import to_ms


def count_results(items: Sequence[SinkEvent], moved: Sequence[MovedRow], now: datetime) -> None:
    """Count the results written, and observe how long after its candle's close each was committed.

    A close that changed nothing is observed too, where it moved a row on: that is as fresh.
    """
    results = latest_per_market(item.event for item in items if isinstance(item.event, AnalysisCompleted))
    for written in results:
        RESULTS_WRITTEN.labels(written.market.timeframe).inc()
        _observe_delay(written.market, written.candle_at, now)
    for _, close in moved:
        _observe_delay(close.market, close.candle_at, now)


def _observe_delay(market: Market, candle_at: datetime, now: datetime) -> None:
    closed_at = candle_end(to_ms(candle_at), market.timeframe)
    RESULT_DELAY.labels(market.timeframe).observe(max(0.0, (to_ms(now) - closed_at) / 1_000))


def record_spans(items: Sequence[SinkEvent], started_at: datetime, now: datetime) -> None:
    """Give the trace of each event a span of the transaction's length: one transaction belongs to many traces."""
    if not tracing.is_enabled():
        return
    for item in items:
        if isinstance(item.event, AnalysisCompleted | AnalysisFailed):
            attributes: tracing.Attributes = {
                "strandline.market": item.event.market.key if item.event.market is not None else "",
                "strandline.requests": len(item.event.request_ids),
            }
            tracing.record_span(traceparent(item.record.headers), "write row", started_at, now, attributes)
