"""The thread that ties a request to its result: W3C's `traceparent`, handed on from header to header.

Where an exporter is set up (`trace_export`) every step is a span of it; without one, spans are nothing and headers
are handed on all the same.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

__all__ = [
    "Attributes",
    "SpanKind",
    "continued",
    "continuing",
    "enabled",
    "here",
    "new_traceparent",
    "recorded",
    "span",
    "went_wrong",
]

_FORM = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_PROPAGATOR = TraceContextTextMapPropagator()

Attributes = Mapping[str, str | int | float | bool]


def new_traceparent() -> str:
    """A trace of its own, not sampled: https://www.w3.org/TR/trace-context/#traceparent-header."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def continued(traceparent: str | None) -> str:
    """The same trace seen from a new span; a new trace where there was none that can be read."""
    if traceparent is None or not _FORM.fullmatch(traceparent):
        return new_traceparent()
    version, trace_id, _, flags = traceparent.split("-")
    return f"{version}-{trace_id}-{secrets.token_hex(8)}-{flags}"


def enabled() -> bool:
    """Whether spans go anywhere."""
    return not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)


def here(otherwise: str | None = None) -> str:
    """What to hand on from inside a span; without one, `otherwise` continued."""
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return continued(otherwise)
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


@contextmanager
def span(
    name: str, attributes: Attributes | None = None, kind: SpanKind = SpanKind.INTERNAL
) -> Iterator[None]:
    """A step within the current one; the beginning of a trace where there is none."""
    with _tracer().start_as_current_span(name, attributes=dict(attributes or {}), kind=kind):
        yield


@contextmanager
def continuing(
    traceparent: str | None,
    name: str,
    attributes: Attributes | None = None,
    kind: SpanKind = SpanKind.CONSUMER,
) -> Iterator[None]:
    """A step that follows from what a header tells, whatever else is under way here."""
    context = _extracted(traceparent)
    with _tracer().start_as_current_span(name, context, kind=kind, attributes=dict(attributes or {})):
        yield


def recorded(
    traceparent: str | None,
    name: str,
    began: datetime,
    ended: datetime,
    attributes: Attributes | None = None,
    *,
    link_here: bool = False,
) -> None:
    """A step that is over, for work done for many at once. `link_here`: it was done in the current span."""
    links = [Link(trace.get_current_span().get_span_context())] if link_here else []
    step = _tracer().start_span(
        name,
        _extracted(traceparent),
        kind=SpanKind.CONSUMER,
        attributes=dict(attributes or {}),
        links=links,
        start_time=_nanoseconds(began),
    )
    step.end(_nanoseconds(ended))


def went_wrong(reason: str) -> None:
    """The current step did not come to a good end."""
    trace.get_current_span().set_status(Status(StatusCode.ERROR, reason))


def _tracer() -> trace.Tracer:
    return trace.get_tracer("strandline")


def _extracted(traceparent: str | None) -> Context:
    """From nothing but the header: what happens to be current does not enter."""
    carrier = {"traceparent": traceparent} if traceparent is not None else {}
    return _PROPAGATOR.extract(carrier, Context())


def _nanoseconds(time: datetime) -> int:
    return int(time.timestamp() * 1_000_000) * 1_000
