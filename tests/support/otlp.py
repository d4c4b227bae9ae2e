"""A small OTLP collector that stores the spans it receives over HTTP in protobuf."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from runtime.serving import serve_app


@dataclass(frozen=True, slots=True)
class Span:
    """`service` is the sender; ids are hex; `parent` is empty for the root of a trace."""

    service: str
    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, str]
    links: tuple[str, ...] = ()
    failed: bool = False


@dataclass
class Collector:
    """`url` is the value for STRANDLINE_OTLP_ENDPOINT."""

    url: str = ""
    spans: list[Span] = field(default_factory=list)

    def find_trace(self, name: str, **attributes: str) -> list[Span]:
        """Return the spans of the trace with a span of this name and these attributes; empty without one."""
        traces = [
            span.trace
            for span in self.spans
            if span.name == name and attributes.items() <= span.attributes.items()
        ]
        return [span for span in self.spans if span.trace in traces[:1]]

    async def receive(self, request: Request) -> Response:
        request_body = ExportTraceServiceRequest.FromString(await request.body())
        for resource in request_body.resource_spans:
            service = next(
                one.value.string_value for one in resource.resource.attributes if one.key == "service.name"
            )
            for scope in resource.scope_spans:
                self.spans.extend(_to_span(service, span) for span in scope.spans)
        return Response(b"", media_type="application/x-protobuf")


@asynccontextmanager
async def run_collector() -> AsyncIterator[Collector]:
    collector = Collector()
    app = Starlette(routes=[Route("/v1/traces", collector.receive, methods=["POST"])])
    async with serve_app(app, host="127.0.0.1", port=0, lifespan=False, drain=1) as server:
        collector.url = server.url
        yield collector


def _to_span(service: str, span: object) -> Span:
    return Span(
        service,
        span.name,  # type: ignore[attr-defined]
        span.trace_id.hex(),  # type: ignore[attr-defined]
        span.span_id.hex(),  # type: ignore[attr-defined]
        span.parent_span_id.hex(),  # type: ignore[attr-defined]
        {one.key: _to_text(one.value) for one in span.attributes},  # type: ignore[attr-defined]
        tuple(link.trace_id.hex() for link in span.links),  # type: ignore[attr-defined]
        span.status.code == 2,  # type: ignore[attr-defined]
    )


def _to_text(value: object) -> str:
    kind = value.WhichOneof("value")  # type: ignore[attr-defined]
    return str(getattr(value, kind)) if kind else ""
