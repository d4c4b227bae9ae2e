"""Publishes requests; no other code does."""

from typing import Protocol

from structlog.contextvars import bound_contextvars

from broker.ports import Broker, Message
from runtime.clock import Clock
from runtime.tracing import SpanKind, current_traceparent, span
from schemas.requests import AnalysisRequested
from schemas.topics import encode_request


class Journal(Protocol):
    """Where an accepted request is written, so that its job can be read at once."""

    async def record(self, request: AnalysisRequested) -> None: ...


class RequestPublisher:
    """Writes a request into the journal, if there is one, then publishes it.

    In this order every acknowledged request is in the journal. One whose publication failed is *queued* in it, which
    is all that is known: the broker may have it, and sending it again is safe.
    """

    def __init__(self, broker: Broker, *, source: str, clock: Clock, journal: Journal | None = None) -> None:
        self._broker = broker
        self._source = source
        self._clock = clock
        self._journal = journal

    async def publish(self, request: AnalysisRequested, *, traceparent: str | None = None) -> None:
        """Return once the broker has it. Raises what `Broker.publish` and the journal raise."""
        attributes = {"strandline.market": request.market.key, "strandline.request_id": request.request_id}
        with (
            bound_contextvars(market=request.market.key, request_id=request.request_id),
            span("publish request", attributes, SpanKind.PRODUCER),
        ):
            if self._journal is not None:
                await self._journal.record(request)
            encoded = encode_request(
                request,
                source=self._source,
                at=self._clock.now(),
                traceparent=current_traceparent(traceparent),
            )
            await self._broker.publish(Message(*encoded))
