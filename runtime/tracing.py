"""Traces from a request to its result: W3C's `traceparent`, passed on in record and HTTP headers.

With an exporter (`trace_export`) every step is a span of the trace. Without one, no span is made and headers are passed
on all the same, unchanged.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from datetime import datetime

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

__all__ = [
    "Attributes",
    "SpanKind",
    "child_traceparent",
    "continue_trace",
    "current_trace_id",
    "current_traceparent",
    "enable",
    "is_enabled",
    "mark_failed",
    "new_traceparent",
    "record_span",
    "span",
]

_TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")
_RECEIVED = re.compile(r"[ \t]*([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?[ \t]*")
_PROPAGATOR = TraceContextTextMapPropagator()

_passed_on: ContextVar[str | None] = ContextVar("passed_on", default=None)
"""The traceparent of the current step where nothing is exported."""

_NO_SPAN = nullcontext()

_exported: list[trace.TracerProvider] = []
"""The provider of this process, once there is an exporter."""

Attributes = Mapping[str, str | int | float | bool]


def new_traceparent() -> str:
    """Return a new trace, not sampled: https://www.w3.org/TR/trace-context/#traceparent-header."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"


def child_traceparent(traceparent: str | None) -> str:
    """Return the same trace with a new span id; a new trace when `traceparent` is missing or malformed."""
    if traceparent is None or not _TRACEPARENT.fullmatch(traceparent):
        return new_traceparent()
    version, trace_id, _, flags = traceparent.split("-")
    return f"{version}-{trace_id}-{secrets.token_hex(8)}-{flags}"


def enable(provider: trace.TracerProvider) -> None:
    """Make spans from now on, by `provider`. Once per process."""
    trace.set_tracer_provider(provider)
    _exported.append(provider)


def is_enabled() -> bool:
    """Return whether spans are exported."""
    return bool(_exported)


def current_traceparent(fallback: str | None = None) -> str:
    """Return the traceparent of the current span; outside of one, a child of `fallback`."""
    if not is_enabled():
        return _passed_on.get() or child_traceparent(fallback)
    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return child_traceparent(fallback)
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"


def current_trace_id() -> str | None:
    """Return the id of the current trace, 32 hex digits; None outside of one."""
    if not is_enabled():
        passed_on = _passed_on.get()
        return passed_on.split("-")[1] if passed_on else None
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def span(
    name: str, attributes: Attributes | None = None, kind: SpanKind = SpanKind.INTERNAL
) -> AbstractContextManager[object]:
    """Run a step as a child of the current span, or as the root of a new trace."""
    if not is_enabled():
        return _NO_SPAN
    return _get_tracer().start_as_current_span(name, attributes=dict(attributes or {}), kind=kind)


def continue_trace(
    traceparent: str | None,
    name: str,
    attributes: Attributes | None = None,
    kind: SpanKind = SpanKind.CONSUMER,
) -> AbstractContextManager[object]:
    """Run a step as a child of `traceparent`, not of the span that is current here."""
    if not is_enabled():
        return _pass_on(traceparent)
    context = _extract_context(traceparent)
    return _get_tracer().start_as_current_span(name, context, kind=kind, attributes=dict(attributes or {}))


def _pass_on(traceparent: str | None) -> AbstractContextManager[object]:
    received = _read_traceparent(traceparent) if traceparent is not None else None
    return _NO_SPAN if received == _passed_on.get() else _replace_passed_on(received)


@contextmanager
def _replace_passed_on(traceparent: str | None) -> Iterator[None]:
    token = _passed_on.set(traceparent)
    try:
        yield
    finally:
        _passed_on.reset(token)


def _read_traceparent(traceparent: str) -> str | None:
    """Return a received header as version 00; None for what is none, by the rules of OpenTelemetry's propagator."""
    match = _RECEIVED.fullmatch(traceparent)
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == "ff" or (version == "00" and more) or not trace_id.strip("0") or not span_id.strip("0"):
        return None
    return f"00-{trace_id}-{span_id}-{flags}"


def record_span(
    traceparent: str | None,
    name: str,
    started_at: datetime,
    ended_at: datetime,
    attributes: Attributes | None = None,
    *,
    link_here: bool = False,
) -> None:
    """Record a step that has ended, of work shared by many traces. `link_here` links it to the current span."""
    links = [Link(trace.get_current_span().get_span_context())] if link_here else []
    step = _get_tracer().start_span(
        name,
        _extract_context(traceparent),
        kind=SpanKind.CONSUMER,
        attributes=dict(attributes or {}),
        links=links,
        start_time=_to_nanoseconds(started_at),
    )
    step.end(_to_nanoseconds(ended_at))


def mark_failed(reason: str) -> None:
    """Set the status of the current span to an error."""
    if is_enabled():
        trace.get_current_span().set_status(Status(StatusCode.ERROR, reason))


def _get_tracer() -> trace.Tracer:
    return trace.get_tracer("strandline")


def _extract_context(traceparent: str | None) -> Context:
    """Return the context of the header alone, independent of the current span."""
    carrier = {"traceparent": traceparent} if traceparent is not None else {}
    return _PROPAGATOR.extract(carrier, Context())


def _to_nanoseconds(time: datetime) -> int:
    return int(time.timestamp() * 1_000_000) * 1_000
