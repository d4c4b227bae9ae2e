"""Analyses a series that needs no fetch, and publishes the outcome: no queue, since nothing waits or expires."""

from structlog.contextvars import bound_contextvars

from consumers.analyzer.analyze import DEFAULT_PARAMS, SeriesAnalyzer
from consumers.analyzer.outcome import Completed, Outcome, build_failed
from consumers.analyzer.publish import OutcomePublisher
from exchanges.ports import Series
from runtime import tracing
from runtime.metrics import STAGE_SECONDS
from schemas.market import Market

_COMPUTE_SECONDS = STAGE_SECONDS.labels("compute")


async def analyze_at_hand(
    market: Market, request_id: str, series: Series, analyzer: SeriesAnalyzer, publisher: OutcomePublisher
) -> Outcome:
    """Return the outcome, under this id, once it is published."""
    attributes: tracing.Attributes = {"strandline.market": market.key, "strandline.requests": 1}
    with (
        bound_contextvars(market=market.key, request_id=request_id),
        tracing.continue_trace(None, "analyze", attributes),
    ):
        outcome: Outcome
        try:
            with _COMPUTE_SECONDS.time(), tracing.span("compute"):
                analysis = await analyzer.analyze(series, DEFAULT_PARAMS)
            outcome = Completed(market, (request_id,), analysis, None, series.notes)
        except Exception as error:  # noqa: BLE001 (a bug ends this analysis, and no other)
            outcome = build_failed(market, (request_id,), error)
        await publisher.publish(outcome)
    return outcome
