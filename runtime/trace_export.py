"""Spans to an OTLP collector, where STRANDLINE_OTLP_ENDPOINT names one.

What OpenTelemetry's own variables say besides (OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS, ...) its SDK reads.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from opentelemetry import trace

from runtime.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_EXPORT_SECONDS = 5
_LAST_SECONDS = 5.0


@contextmanager
def export_traces(settings: Settings, role: str) -> Iterator[None]:
    """Export what this process traces while inside, as service `strandline-<role>`; one a process.

    A collector that is away costs spans and a log line, and at the end a few seconds; nothing else waits for it.
    """
    if settings.otlp_endpoint is None:
        yield
        return
    provider = _provider(str(settings.otlp_endpoint), role)
    trace.set_tracer_provider(provider)
    try:
        yield
    finally:
        # Its own deadline is half a minute, for which a stop has no time.
        last = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
        last.start()
        last.join(_LAST_SECONDS)


def _provider(endpoint: str, role: str) -> "TracerProvider":
    # Here, for whoever does not trace need not load it.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": f"strandline-{role}"}))
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_SECONDS)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1_000))
    return provider
