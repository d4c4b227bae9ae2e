"""The only code that publishes requests."""

from typing import Protocol

from structlog.contextvars import bound_contextvars

from broker.ports import Broker, Message
from runtime.clock import Clock
from runtime.tracing import SpanKind, here, span
from schemas.requests import AnalysisRequested
from schemas.topics import encode_request


class Journal(Protocol):
    """Where an accepted request is written down, so that whoever asks for its job finds it at once."""

    async def queued(self, request: AnalysisRequested) -> None: ...


class RequestPublisher:
    """Puts requests on their topic, and into the journal first if there is one.

    Journal first: a request that was acknowledged is then surely in it. One whose publishing did not succeed
    stands in it as *queued*, which is what is known: it may have been taken, and sending it again is safe.
    """

    def __init__(self, broker: Broker, *, source: str, clock: Clock, journal: Journal | None = None) -> None:
        self._broker = broker
        self._source = source
        self._clock = clock
        self._journal = journal

    async def publish(self, request: AnalysisRequested, *, traceparent: str | None = None) -> None:
        """Return once the broker has it. Raises what `Broker.publish` does, and what the journal does."""
        told = {"strandline.market": request.market.key, "strandline.request_id": request.request_id}
        with (
            bound_contextvars(market=request.market.key, request_id=request.request_id),
            span("publish request", told, SpanKind.PRODUCER),
        ):
            if self._journal is not None:
                await self._journal.queued(request)
            encoded = encode_request(
                request, source=self._source, at=self._clock.now(), traceparent=here(traceparent)
            )
            await self._broker.publish(Message(*encoded))
