"""Exports spans to the OTLP collector at STRANDLINE_OTLP_ENDPOINT.

The SDK also reads OpenTelemetry's own variables (OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS, ...).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from runtime import tracing
from runtime.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

_EXPORT_TIMEOUT = 5
_SHUTDOWN_TIMEOUT = 5.0


@contextmanager
def export_traces(settings: Settings, role: str) -> Iterator[None]:
    """Export the spans of this process while inside, as service `strandline-<role>`. Once per process.

    An unreachable collector loses spans and delays the exit by at most 5 s; nothing else waits for it.
    """
    if settings.otlp_endpoint is None:
        yield
        return
    provider = _build_provider(str(settings.otlp_endpoint), role)
    tracing.enable(provider)
    try:
        yield
    finally:
        # The exporter's own deadline is 30 s, longer than a graceful stop may take.
        last = threading.Thread(target=provider.shutdown, name="last spans", daemon=True)
        last.start()
        last.join(_SHUTDOWN_TIMEOUT)


def _build_provider(endpoint: str, role: str) -> "TracerProvider":
    # Imported here so that a process without tracing does not load the SDK.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    provider = TracerProvider(resource=Resource.create({"service.name": f"strandline-{role}"}))
    exporter = OTLPSpanExporter(f"{endpoint.rstrip('/')}/v1/traces", timeout=_EXPORT_TIMEOUT)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1_000))
    return provider
